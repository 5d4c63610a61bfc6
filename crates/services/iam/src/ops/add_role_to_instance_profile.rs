//! `AddRoleToInstanceProfile`: the role that instances with the profile get. Who adds it passes it.

use gantry_api_iam::AddRoleToInstanceProfileRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::limit_exceeded;
use crate::iam::{Iam, Wish, changeable_role, put_role};
use crate::profiles::{permitted_profile, put_profile};

pub(crate) async fn run(iam: Iam, cx: Cx, input: AddRoleToInstanceProfileRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:AddRoleToInstanceProfile", &input.instance_profile_name);
    let (mut profile, permit) = permitted_profile(&mut tx, &cx, wish).await?;
    let service = format!("ec2.{}", cx.partition().domain());
    let wish = Wish::new("iam:PassRole", &input.role_name).key("iam:PassedToService", &service);
    let (mut role, _) = changeable_role(&mut tx, &cx, wish).await?;
    if profile.role.is_some() {
        return Err(limit_exceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"));
    }
    profile.role = Some(role.name.clone());
    role.profiles.push(profile.name.clone());
    role.profiles.sort();
    put_profile(&mut tx, cx.account, &profile);
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
