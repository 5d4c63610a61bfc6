//! DeleteSecurityGroup: the group goes, if nothing is in it and no other one names it.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::group_of_request;
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::network_interface::NetworkInterface;
use crate::tables::security_group::{Peer, SecurityGroup};

/// Deletes a group by its id, or one of the default VPC by its name.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DeleteSecurityGroupRequest,
) -> Result<api::DeleteSecurityGroupResult, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (group, permit) =
        group_of_request(&mut site, &cx, "ec2:DeleteSecurityGroup", input.group_id, input.group_name).await?;
    if group.is_default() {
        let message =
            format!("the specified group: \"{}\" name: \"default\" cannot be deleted by a user", group.id);
        return Err(Ec2Error::CannotDelete(message).into());
    }
    let members = site.all_guarded::<NetworkInterface>().await?;
    let others = site.all_guarded::<SecurityGroup>().await?;
    let named = |other: &SecurityGroup| {
        other.id != group.id && other.rules.iter().any(|rule| rule.peer == Peer::Group(group.id.clone()))
    };
    if members.iter().any(|one| one.groups.contains(&group.id)) || others.iter().any(named) {
        let message = format!("resource {} has a dependent object", group.id);
        return Err(Ec2Error::DependencyViolation(message).into());
    }
    end_dry_run(input.dry_run)?;
    site.delete(&group);
    site.commit(&permit).await?;
    Ok(api::DeleteSecurityGroupResult { r#return: Some(true), group_id: Some(group.id) })
}
