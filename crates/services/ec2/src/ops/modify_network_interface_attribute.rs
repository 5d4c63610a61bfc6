//! ModifyNetworkInterfaceAttribute: one setting of an interface is changed.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use super::create_network_interface::{MAX_GROUPS, service};
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::Site;
use crate::tables::network_interface::NetworkInterface;
use crate::tables::security_group::SecurityGroup;
use crate::tables::subnet::Subnet;

/// Changes one attribute; AWS takes no more at a time. What a service manages, only it changes.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::ModifyNetworkInterfaceAttributeRequest,
) -> Result<Unit, Failure> {
    const ACTION: &str = "ec2:ModifyNetworkInterfaceAttribute";
    let mut site = Site::open(ec2, &cx).await?;
    let (mut interface, permit) =
        site.allowed::<NetworkInterface>(&cx, ACTION, &input.network_interface_id).await?;
    if interface.requester.as_ref().is_some_and(|requester| service(&cx) != Some(&requester.service)) {
        return Err(Ec2Error::OperationNotPermitted.into());
    }
    for (given, what) in [
        (input.ena_srd_specification.is_some(), "ENA Express"),
        (input.enable_primary_ipv6 == Some(true), "IPv6 on network interfaces"),
        (input.connection_tracking_specification.is_some(), "ConnectionTrackingSpecification"),
        (input.associate_public_ip_address.is_some(), "AssociatePublicIpAddress"),
        (input.associated_subnet_ids.is_some(), "AssociatedSubnetIds"),
    ] {
        if given {
            return Err(Ec2Error::Unsupported(what).into());
        }
    }
    let count = [input.description.is_some(), input.source_dest_check.is_some(), input.groups.is_some()];
    let count = count.into_iter().filter(|given| *given).count() + usize::from(input.attachment.is_some());
    match count {
        1 => {}
        0 => return Err(Ec2Error::MissingParameter("attribute").into()),
        _ => {
            let message = "Fields for multiple attribute types specified";
            return Err(Ec2Error::InvalidParameterCombination(message.into()).into());
        }
    }
    if let Some(changes) = input.attachment {
        let id = changes.attachment_id.unwrap_or_default();
        let message = format!("The attachment ID '{id}' does not exist");
        return Err(Ec2Error::InvalidAttachmentNotFound(message).into());
    }
    if let Some(description) = input.description {
        interface.description = description.value.unwrap_or_default();
    }
    if let Some(check) = input.source_dest_check {
        interface.source_dest_check = check.value != Some(false);
    }
    if let Some(groups) = input.groups {
        let subnet: Subnet = site.find(&interface.subnet_id).await?;
        interface.groups = check_groups(&mut site, &subnet.vpc_id, groups).await?;
    }
    end_dry_run(input.dry_run)?;
    site.put(&interface);
    site.commit(&permit).await?;
    Ok(Unit)
}

/// Groups of the interface's VPC, each once.
pub(super) async fn check_groups(
    site: &mut Site,
    vpc_id: &str,
    mut groups: Vec<String>,
) -> Result<Vec<String>, Failure> {
    groups.sort();
    groups.dedup();
    for id in &groups {
        let group: SecurityGroup = site.find(id).await?;
        if group.vpc_id != vpc_id {
            let message = format!(
                "You have specified two resources that belong to different networks: {id} and {vpc_id}"
            );
            return Err(Ec2Error::InvalidParameterValue(message).into());
        }
    }
    if groups.is_empty() {
        return Err(Ec2Error::NotFound { kind: SecurityGroup::KIND, id: String::new() }.into());
    }
    if groups.len() > MAX_GROUPS {
        return Err(Ec2Error::TooManyGroups.into());
    }
    Ok(groups)
}
