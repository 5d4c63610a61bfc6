//! Network interfaces of mount targets, which EC2 makes for EFS.

use std::sync::{Arc, LazyLock};

use gantry_api_ec2 as ec2;
use gantry_iam_core::{Caller, Kind, Policy};
use gantry_service::{Cx, Failure};

use crate::error::EfsError;

/// What EFS's service-linked role may do.
static POLICY: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":[
        "ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface","ec2:Describe*",
        "ec2:ModifyNetworkInterfaceAttribute"]}]}"#;
    Arc::new(Policy::parse(Kind::Identity, policy).expect("the service's own policy is well formed"))
});

/// An interface, and where it is.
pub struct Interface {
    pub id: String,
    pub ip_address: String,
    pub security_groups: Vec<String>,
}

/// A subnet.
pub struct Subnet {
    pub vpc_id: String,
    /// Name and id of its zone.
    pub zone: (String, String),
}

/// EFS itself, which asks EC2.
pub fn as_service(cx: &Cx) -> Cx {
    cx.as_caller(Caller::service("elasticfilesystem.amazonaws.com", vec![POLICY.clone()]))
}

/// The subnet of that id.
pub async fn subnet(cx: &Cx, id: &str) -> Result<Subnet, Failure> {
    let input = ec2::DescribeSubnetsRequest { subnet_ids: Some(vec![id.to_owned()]), ..Default::default() };
    let found = cx.siblings.call::<ec2::DescribeSubnets>(&as_service(cx), input).await;
    let found = found.map_err(|failure| worded(failure, id, ""))?;
    let subnet = found.subnets.unwrap_or_default().pop();
    let subnet = subnet.ok_or_else(|| EfsError::SubnetNotFound(id.to_owned()))?;
    let zone =
        (subnet.availability_zone.unwrap_or_default(), subnet.availability_zone_id.unwrap_or_default());
    Ok(Subnet { vpc_id: subnet.vpc_id.unwrap_or_default(), zone })
}

/// Name and id of a zone of the call's region: `us-east-1a`, `use1-az1`.
pub async fn zone(cx: &Cx, name: &str) -> Result<(String, String), Failure> {
    let input = ec2::DescribeAvailabilityZonesRequest::default();
    let found = cx.siblings.call::<ec2::DescribeAvailabilityZones>(&as_service(cx), input).await?;
    let mut zones = found.availability_zones.unwrap_or_default().into_iter();
    let zone = zones.find(|zone| zone.zone_name.as_deref() == Some(name));
    let zone = zone.ok_or(EfsError::UnsupportedZone)?;
    Ok((name.to_owned(), zone.zone_id.unwrap_or_default()))
}

/// Makes an interface for a mount target. The same target makes the same interface.
pub async fn make(
    cx: &Cx,
    target: &str,
    file_system: &str,
    subnet: &str,
    address: Option<String>,
    groups: Vec<String>,
) -> Result<Interface, Failure> {
    let wanted = address.clone().unwrap_or_default();
    let input = ec2::CreateNetworkInterfaceRequest {
        subnet_id: subnet.to_owned(),
        description: Some(format!("EFS mount target for {file_system} ({target})")),
        private_ip_address: address,
        groups: Some(groups).filter(|groups| !groups.is_empty()),
        client_token: Some(target.to_owned()),
        ..Default::default()
    };
    let made = cx.siblings.call::<ec2::CreateNetworkInterface>(&as_service(cx), input).await;
    let made = made.map_err(|failure| worded(failure, subnet, &wanted))?.network_interface;
    let made = made.ok_or_else(|| Failure::internal("EC2 made no interface"))?;
    let groups = made.groups.unwrap_or_default();
    Ok(Interface {
        id: made.network_interface_id.unwrap_or_default(),
        ip_address: made.private_ip_address.unwrap_or_default(),
        security_groups: groups.into_iter().filter_map(|group| group.group_id).collect(),
    })
}

/// Removes the interface of a mount target; one that is gone already is no error.
pub async fn remove(cx: &Cx, id: &str) -> Result<(), Failure> {
    let input =
        ec2::DeleteNetworkInterfaceRequest { network_interface_id: id.to_owned(), ..Default::default() };
    match cx.siblings.call::<ec2::DeleteNetworkInterface>(&as_service(cx), input).await {
        Err(Failure::Answer(error)) if error.code == "InvalidNetworkInterfaceID.NotFound" => Ok(()),
        removed => removed.map(drop),
    }
}

/// Gives the interface of a mount target other security groups.
pub async fn set_groups(cx: &Cx, id: &str, groups: &[String]) -> Result<(), Failure> {
    let input = ec2::ModifyNetworkInterfaceAttributeRequest {
        network_interface_id: id.to_owned(),
        groups: Some(groups.to_vec()),
        ..Default::default()
    };
    let set = cx.siblings.call::<ec2::ModifyNetworkInterfaceAttribute>(&as_service(cx), input).await;
    set.map(drop).map_err(|failure| worded(failure, "", ""))
}

/// What EC2 says of an address that is not the subnet's, after the address.
const OUTSIDE: &str = "does not fall within the subnet's address range";

/// EC2's error as EFS says it.
fn worded(failure: Failure, subnet: &str, address: &str) -> Failure {
    let Failure::Answer(error) = &failure else { return failure };
    let worded = match error.code.as_ref() {
        "InvalidSubnetID.NotFound" | "InvalidSubnetID.Malformed" => {
            EfsError::SubnetNotFound(subnet.to_owned())
        }
        "InvalidGroup.NotFound" | "InvalidGroupId.Malformed" | "InvalidSecurityGroupID.NotFound" => {
            let quoted = error.message.split('\'').nth(1).unwrap_or_default();
            EfsError::SecurityGroupNotFound(quoted.to_owned())
        }
        _ if error.message.ends_with(OUTSIDE) => EfsError::bad(format!("Address {OUTSIDE}")),
        "InvalidIPAddress.InUse" => EfsError::IpAddressInUse(address.to_owned()),
        "InsufficientFreeAddressesInSubnet" => EfsError::NoFreeAddressesInSubnet(subnet.to_owned()),
        "SecurityGroupsPerInterfaceLimitExceeded" => EfsError::SecurityGroupLimitExceeded,
        _ => EfsError::bad(error.message.clone()),
    };
    worded.into()
}
