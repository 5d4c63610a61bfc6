//! `GetRole`: one role.

use std::time::Duration;

use gantry_api_iam::{self as api, GetRoleRequest, GetRoleResponse};
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use crate::document::shown_trust;
use crate::iam::{Iam, Wish, permitted_role};
use crate::shape;
use crate::tables::last_use::Used;
use crate::tables::role::Role;

/// How long a use is shown.
const TRAILING: Duration = Duration::from_secs(400 * 24 * 3600);

pub(crate) async fn run(iam: Iam, cx: Cx, input: GetRoleRequest) -> Result<GetRoleResponse, Failure> {
    let mut tx = iam.db.begin();
    let (mut role, _) = permitted_role(&mut tx, &cx, Wish::new("iam:GetRole", &input.role_name)).await?;
    role.trust = shown_trust(&mut tx, &role).await?;
    let role_last_used = Some(role_last_used(&iam, &mut tx, &cx, &role).await?);
    Ok(GetRoleResponse { role: api::Role { role_last_used, ..shape::role(cx.partition(), role) } })
}

/// When a session of the role last called; AWS sends the empty element for a role never used, and forgets after 400
/// days.
pub(crate) async fn role_last_used(
    iam: &Iam,
    tx: &mut Tx,
    cx: &Cx,
    role: &Role,
) -> Result<api::RoleLastUsed, Failure> {
    let last = iam.last_use(tx, &Used::role(cx.account, role)).await?;
    let last = last.filter(|last| cx.now < last.at || cx.now.since(last.at) < TRAILING);
    Ok(api::RoleLastUsed {
        last_used_date: last.as_ref().map(|last| last.at),
        region: last.map(|last| last.region),
    })
}
