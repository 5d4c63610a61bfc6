//! `GetServiceLinkedRoleDeletionStatus`: how a deletion goes; each that is known has succeeded.

use gantry_api_iam::{GetServiceLinkedRoleDeletionStatusRequest, GetServiceLinkedRoleDeletionStatusResponse};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;

use super::delete_service_linked_role::no_such_task;
use crate::iam::{Iam, arn};
use crate::tables::deletion::DELETIONS;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<GetServiceLinkedRoleDeletionStatusResponse, Failure> {
    let task = input.deletion_task_id;
    // `task/aws-service-role/SERVICE/ROLE/ID` is about `role/aws-service-role/SERVICE/ROLE`.
    let about =
        task.strip_prefix("task").and_then(|rest| rest.rsplit_once('/')).map_or("/*", |(role, _)| role);
    let role = arn(&cx, format_args!("role{about}"));
    cx.authorize(Permission::on("iam:GetServiceLinkedRoleDeletionStatus", &role))?;
    let found = iam.db.begin().get(&DELETIONS, &key!(cx.account, task)).await?;
    found.ok_or_else(|| no_such_task(&task))?;
    Ok(GetServiceLinkedRoleDeletionStatusResponse { status: "SUCCEEDED".to_owned(), reason: None })
}
