//! DeleteNetworkInterface: the interface goes, and its addresses are given back.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::Unit;

use super::create_network_interface::service;
use crate::error::{Ec2Error, end_dry_run};
use crate::network::default_vpc;
use crate::tables::network_interface::{
    CLIENT_TOKENS, NETWORK_INTERFACES, NetworkInterface, client_token_key, network_interface_key,
};
use crate::{Ec2, arns};

/// Deletes an interface that is not in use. A service deletes its own ones, which detaches them.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DeleteNetworkInterfaceRequest) -> Result<Unit, Failure> {
    let id = input.network_interface_id;
    let key = network_interface_key(cx.account, &cx.region, &id);
    let mut tx = ec2.db.begin();
    let found = tx.get(&NETWORK_INTERFACES, &key).await?;

    let vpc = default_vpc(cx.account, &cx.region);
    let arn = arns::arn(&cx, "network-interface", &id);
    let vpc_arn = arns::arn(&cx, "vpc", &vpc.id);
    let mut permission = Permission::on("ec2:DeleteNetworkInterface", &arn)
        .key("ec2:Region", [cx.region.as_str()])
        .key("ec2:NetworkInterfaceID", [id.as_str()]);
    if let Some(interface) = &found {
        let subnet = arns::arn(&cx, "subnet", &interface.subnet_id);
        let zone = vpc.subnets.iter().find(|subnet| subnet.id == interface.subnet_id);
        permission = permission
            .resource_tags(interface.tags.iter())
            .key("ec2:Vpc", [vpc_arn.as_str()])
            .key("ec2:Subnet", [subnet.as_str()])
            .key("ec2:AvailabilityZone", zone.map(|subnet| subnet.zone.name.as_str()));
        for (tag, value) in interface.tags.iter() {
            permission = permission.key(format!("ec2:ResourceTag/{tag}"), [value]);
        }
    }
    let permit = cx.authorize(permission)?;

    arns::check_id(&id, "eni", "InvalidNetworkInterfaceId.Malformed")?;
    let interface = found.ok_or(Ec2Error::NetworkInterfaceNotFound { id })?;
    check_unused(&cx, &interface)?;
    end_dry_run(input.dry_run)?;

    tx.delete(&NETWORK_INTERFACES, &key);
    if let Some(token) = &interface.client_token {
        tx.delete(&CLIENT_TOKENS, &client_token_key(cx.account, &cx.region, token));
    }
    if let Some(subnet) = vpc.subnets.iter().find(|subnet| subnet.id == interface.subnet_id) {
        ec2.private_addresses(&cx, subnet).give_back(&mut tx, interface.private_ip, cx.now);
    }
    if let (Some(pool), Some(public)) = (ec2.public_addresses(), &interface.public_ip) {
        pool.give_back(&mut tx, public.address, cx.now);
    }
    tx.commit(&permit).await?;
    Ok(Unit)
}

fn check_unused(cx: &Cx, interface: &NetworkInterface) -> Result<(), Ec2Error> {
    match &interface.requester {
        None => Ok(()),
        Some(requester) if service(cx) == Some(&requester.service) => Ok(()),
        Some(_) => {
            let message = format!("Network interface '{}' is currently in use.", interface.id);
            Err(Ec2Error::InvalidParameterValue(message))
        }
    }
}
