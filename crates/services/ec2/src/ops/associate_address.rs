//! AssociateAddress: an elastic address leads to a network interface.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::address_of_request;
use super::create_network_interface::service;
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::{Site, allow};
use crate::tables::elastic_address::AddressAssociation;
use crate::tables::network_interface::{NetworkInterface, PublicIp};

const ACTION: &str = "ec2:AssociateAddress";

/// Associates an address with an interface of the user's own.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::AssociateAddressRequest,
) -> Result<api::AssociateAddressResult, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let interface: Option<NetworkInterface> = match &input.network_interface_id {
        None => None,
        Some(id) => {
            let found: Option<NetworkInterface> = site.get(id).await?;
            allow(&cx, ACTION, NetworkInterface::KIND, id, found.as_ref().map(NetworkInterface::tags))?;
            found
        }
    };
    let both = input.allocation_id.is_some() && input.public_ip.is_some();
    let (mut elastic, permit) =
        address_of_request(&mut site, &cx, ACTION, input.allocation_id, input.public_ip).await?;
    if both {
        let message = "You may specify public IP or allocation id, but not both in the same call";
        return Err(Ec2Error::InvalidParameterCombination(message.into()).into());
    }
    if let Some(id) = input.instance_id {
        let message = format!("The instance ID '{id}' does not exist");
        return Err(Ec2Error::InvalidInstanceNotFound(message).into());
    }
    let id = input.network_interface_id.ok_or_else(|| {
        Ec2Error::InvalidParameterCombination(
            "Either 'instanceId' or 'networkInterfaceId' must be specified".into(),
        )
    })?;
    let mut interface = interface.ok_or(Ec2Error::NotFound { kind: NetworkInterface::KIND, id })?;
    // A service leads addresses to its own interfaces, and nobody else does.
    if let Some(requester) = &interface.requester
        && service(&cx) != Some(&requester.service)
    {
        return Err(Ec2Error::OperationNotPermitted.into());
    }
    if input.private_ip_address.is_some_and(|asked| asked != interface.private_ip.to_string()) {
        let message = "The private IP address is not one of the network interface's";
        return Err(Ec2Error::InvalidParameterValue(message.into()).into());
    }
    let again = input.allow_reassociation != Some(false);
    if let Some(there) = &elastic.association {
        if there.network_interface_id == interface.id {
            return Ok(api::AssociateAddressResult { association_id: Some(there.id.clone()) });
        }
        if !again {
            let message =
                format!("resource {} is already associated with associate-id {}", elastic.id, there.id);
            return Err(Ec2Error::ResourceAlreadyAssociated(message).into());
        }
        if let Some(mut other) = site.get::<NetworkInterface>(&there.network_interface_id).await? {
            if other.requester.is_some() {
                return Err(Ec2Error::OperationNotPermitted.into());
            }
            other.public_ip = None;
            site.put(&other);
        }
    }
    if let Some(there) = &interface.public_ip {
        let message = format!(
            "resource {} is already associated with associate-id {}",
            interface.id, there.association_id
        );
        return Err(Ec2Error::ResourceAlreadyAssociated(message).into());
    }
    end_dry_run(input.dry_run)?;
    let association_id = ec2.ids.ec2("eipassoc");
    elastic.association = Some(AddressAssociation {
        id: association_id.clone(),
        network_interface_id: interface.id.clone(),
        private_ip: interface.private_ip,
    });
    interface.public_ip = Some(PublicIp {
        address: elastic.address,
        association_id: association_id.clone(),
        allocation_id: Some(elastic.id.clone()),
    });
    site.put(&elastic);
    site.put(&interface);
    site.commit(&permit).await?;
    Ok(api::AssociateAddressResult { association_id: Some(association_id) })
}
