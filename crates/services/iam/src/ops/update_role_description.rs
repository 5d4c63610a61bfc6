//! `UpdateRoleDescription`: another description; also for roles of services.

use gantry_api_iam::{self as api, UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish, permitted_role, put_role};
use crate::shape;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: UpdateRoleDescriptionRequest,
) -> Result<UpdateRoleDescriptionResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:UpdateRoleDescription", &input.role_name);
    let (mut role, permit) = permitted_role(&mut tx, &cx, wish).await?;
    role.description = Some(input.description);
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    let role = api::Role { max_session_duration: None, ..shape::role(cx.partition(), role) };
    Ok(UpdateRoleDescriptionResponse { role: Some(role) })
}
