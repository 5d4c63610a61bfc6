//! `DeleteRole`: removes a role that has no policies left. Its sessions end with it.

use gantry_api_iam::DeleteRoleRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::delete_conflict;
use crate::grants::{Owner, release};
use crate::iam::{Iam, Wish, changeable_role};
use crate::last_use::forget_services;
use crate::tables::attachment::Entity;
use crate::tables::last_use::{LAST_USES, Used};
use crate::tables::role::{ROLES, Role};

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeleteRoleRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let (role, permit) = changeable_role(&mut tx, &cx, Wish::new("iam:DeleteRole", &input.role_name)).await?;
    if !role.profiles.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must remove roles from instance profile first."));
    }
    let owner = Owner { account: cx.account, entity: Entity::Role, name: &role.name };
    release(&mut tx, &role.grants, owner)?;
    tx.delete(&ROLES, &Role::key(cx.account, &role.name));
    tx.delete(&LAST_USES, &Used::role(cx.account, &role).key());
    forget_services(&mut tx, cx.account, &role.id).await?;
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
