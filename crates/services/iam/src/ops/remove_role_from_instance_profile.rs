//! `RemoveRoleFromInstanceProfile`: the profile holds no role any more.

use gantry_api_iam::RemoveRoleFromInstanceProfileRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::{no_such, no_such_entity};
use crate::iam::{Iam, Wish, put_role};
use crate::profiles::{permitted_profile, put_profile};
use crate::tables::attachment::Entity;
use crate::tables::role::Role;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: RemoveRoleFromInstanceProfileRequest,
) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:RemoveRoleFromInstanceProfile", &input.instance_profile_name);
    let (mut profile, permit) = permitted_profile(&mut tx, &cx, wish).await?;
    let name = input.role_name;
    let role = Role::find(&mut tx, cx.account, &name).await?;
    let mut role = role.ok_or_else(|| no_such(Entity::Role, &name))?;
    if profile.role.as_ref() != Some(&role.name) {
        let held = format!("Role {name} in Instance Profile {}", profile.name);
        return Err(no_such_entity(format!("{held} cannot be found.")));
    }
    role.profiles.retain(|known| *known != profile.name);
    profile.role = None;
    put_profile(&mut tx, cx.account, &profile);
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
