//! `UpdateRole`: another description, or other sessions' length.

use gantry_api_iam::{UpdateRoleRequest, UpdateRoleResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish, changeable_role, put_role};

pub(crate) async fn run(iam: Iam, cx: Cx, input: UpdateRoleRequest) -> Result<UpdateRoleResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:UpdateRole", &input.role_name);
    let (mut role, permit) = changeable_role(&mut tx, &cx, wish).await?;
    if input.description.is_some() {
        role.description = input.description;
    }
    let asked_secs = input.max_session_duration.and_then(|secs| u32::try_from(secs).ok());
    role.max_session_secs = asked_secs.unwrap_or(role.max_session_secs);
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(UpdateRoleResponse {})
}
