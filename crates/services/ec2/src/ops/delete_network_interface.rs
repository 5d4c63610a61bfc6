//! DeleteNetworkInterface: the interface goes, and its addresses are given back.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use super::create_network_interface::service;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::{Site, permission};
use crate::tables::elastic_address::ElasticAddress;
use crate::tables::network_interface::{CLIENT_TOKENS, NetworkInterface, client_token_key};
use crate::tables::subnet::Subnet;
use crate::{Ec2, arns};

/// Deletes an interface that is not in use. A service deletes its own ones, which detaches them.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DeleteNetworkInterfaceRequest) -> Result<Unit, Failure> {
    const ACTION: &str = "ec2:DeleteNetworkInterface";
    let id = input.network_interface_id;
    let mut site = Site::open(ec2, &cx).await?;
    let found: Option<NetworkInterface> = site.get(&id).await?;
    let subnet: Option<Subnet> = match &found {
        Some(interface) => site.get(&interface.subnet_id).await?,
        None => None,
    };
    let arn = arns::arn(&cx, "network-interface", &id);
    let mut asked =
        permission(&cx, ACTION, &arn, NetworkInterface::KIND, found.as_ref().map(|one| &one.tags));
    if let Some(subnet) = &subnet {
        asked = asked
            .key("ec2:Vpc", [arns::arn(&cx, "vpc", &subnet.vpc_id).as_str()])
            .key("ec2:Subnet", [arns::arn(&cx, "subnet", &subnet.id).as_str()])
            .key("ec2:AvailabilityZone", [subnet.zone.name.as_str()]);
    }
    let permit = cx.authorize(asked)?;

    arns::check_id(&id, NetworkInterface::KIND)?;
    let interface = found.ok_or(Ec2Error::NotFound { kind: NetworkInterface::KIND, id })?;
    check_unused(&cx, &interface)?;
    end_dry_run(input.dry_run)?;

    site.delete(&interface);
    if let Some(token) = &interface.client_token {
        site.tx.delete(&CLIENT_TOKENS, &client_token_key(cx.account, &cx.region, token));
    }
    if let Some(subnet) = &subnet {
        site.private_addresses(subnet).give_back(&mut site.tx, interface.private_ip, cx.now);
    }
    match interface.public_ip {
        None => {}
        Some(public) => match public.allocation_id {
            Some(allocation) => {
                if let Some(mut elastic) = site.get::<ElasticAddress>(&allocation).await? {
                    elastic.association = None;
                    site.put(&elastic);
                }
            }
            None => {
                if let Some(pool) = site.public_addresses() {
                    pool.give_back(&mut site.tx, public.address, cx.now);
                }
            }
        },
    }
    site.commit(&permit).await?;
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
