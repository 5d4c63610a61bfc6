//! `DeleteServiceLinkedRole`: removes the role of a service, at once. The task that it answers with is done.

use gantry_api_iam::{DeleteServiceLinkedRoleRequest, DeleteServiceLinkedRoleResponse};
use gantry_service::{Cx, Failure};
use gantry_store::key;

use crate::error::{invalid_input, no_such_entity};
use crate::grants::{Owner, detach};
use crate::iam::{Iam, SERVICE_LINKED, Wish, moment, permitted_role};
use crate::tables::attachment::Entity;
use crate::tables::deletion::{DELETIONS, Deletion};
use crate::tables::role::{ROLES, Role};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: DeleteServiceLinkedRoleRequest,
) -> Result<DeleteServiceLinkedRoleResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DeleteServiceLinkedRole", &input.role_name);
    let (mut role, permit) = permitted_role(&mut tx, &cx, wish).await?;
    let Some(service) = role.path.strip_prefix(SERVICE_LINKED).map(|rest| rest.trim_end_matches('/')) else {
        return Err(invalid_input(format!("Role {} is not a service linked role", role.name)));
    };
    let task = format!("task{SERVICE_LINKED}{service}/{}/{}", role.name, iam.ids.uuid());
    let owner = Owner { account: cx.account, entity: Entity::Role, name: &input.role_name };
    for arn in role.grants.attached.clone() {
        detach(&mut tx, &mut role.grants, owner, &arn)?;
    }
    tx.delete(&ROLES, &Role::key(cx.account, &role.name));
    let deletion = Deletion { role_name: role.name, at: moment(cx.now) };
    tx.put(&DELETIONS, &key!(cx.account, task), &deletion);
    iam.commit(tx, &permit).await?;
    Ok(DeleteServiceLinkedRoleResponse { deletion_task_id: task })
}

/// There is no such task.
pub(crate) fn no_such_task(task: &str) -> Failure {
    no_such_entity(format!("Deletion task {task} cannot be found."))
}
