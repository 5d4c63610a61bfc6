//! ModifySubnetAttribute: one setting of a subnet is changed.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::Ec2Error;
use crate::site::Site;
use crate::tables::subnet::Subnet;

/// Changes one attribute; AWS takes no more at a time.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::ModifySubnetAttributeRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (mut subnet, permit) =
        site.allowed::<Subnet>(&cx, "ec2:ModifySubnetAttribute", &input.subnet_id).await?;
    let on = |flag: &Option<api::AttributeBooleanValue>| {
        flag.as_ref().is_some_and(|flag| flag.value == Some(true))
    };
    for (given, what) in [
        (on(&input.assign_ipv6_address_on_creation), "IPv6 in subnets"),
        (on(&input.enable_dns64), "DNS64"),
        (on(&input.enable_resource_name_dns_aaaa_record_on_launch), "IPv6 in subnets"),
        (on(&input.map_customer_owned_ip_on_launch), "Customer-owned addresses"),
        (input.enable_lni_at_device_index.is_some(), "Local network interfaces"),
    ] {
        if given {
            return Err(Ec2Error::Unsupported(what).into());
        }
    }
    let mut changes = 0;
    let off = [
        &input.assign_ipv6_address_on_creation,
        &input.enable_dns64,
        &input.enable_resource_name_dns_aaaa_record_on_launch,
        &input.map_customer_owned_ip_on_launch,
        &input.disable_lni_at_device_index,
    ];
    changes += off.into_iter().flatten().count();
    if input.map_public_ip_on_launch.is_some() {
        subnet.map_public_ip = on(&input.map_public_ip_on_launch);
        changes += 1;
    }
    if input.enable_resource_name_dns_a_record_on_launch.is_some() {
        subnet.resource_name_dns = on(&input.enable_resource_name_dns_a_record_on_launch);
        changes += 1;
    }
    if let Some(kind) = input.private_dns_hostname_type_on_launch {
        subnet.hostname_type = kind;
        changes += 1;
    }
    match changes {
        1 => {}
        0 => return Err(Ec2Error::MissingParameter("attribute").into()),
        _ => {
            let message = "Fields for multiple attribute types specified";
            return Err(Ec2Error::InvalidParameterCombination(message.into()).into());
        }
    }
    site.put(&subnet);
    site.commit(&permit).await?;
    Ok(Unit)
}
