//! DisassociateAddress: an elastic address leads nowhere any more.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::{Site, allow};
use crate::tables::elastic_address::ElasticAddress;
use crate::tables::network_interface::NetworkInterface;

/// Ends an association; a NAT gateway keeps its address as long as it is.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DisassociateAddressRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let all = site.all::<ElasticAddress>().await?;
    let found = all.into_iter().find(|one| match (&input.association_id, &input.public_ip) {
        (Some(id), _) => one.association.as_ref().is_some_and(|association| association.id == *id),
        (None, Some(address)) => one.address.to_string() == *address,
        (None, None) => false,
    });
    let (id, tags) = found.as_ref().map_or(("*", None), |one| (&*one.id, Some(&one.tags)));
    let permit = allow(&cx, "ec2:DisassociateAddress", ElasticAddress::KIND, id, tags)?;
    let mut elastic = found.ok_or_else(|| match (&input.association_id, &input.public_ip) {
        (Some(id), _) => Ec2Error::AssociationNotFound(format!("The association ID '{id}' does not exist")),
        (None, Some(address)) => Ec2Error::InvalidAddressNotFound(format!("Address '{address}' not found.")),
        (None, None) => Ec2Error::MissingParameter("AssociationId"),
    })?;
    if let Some(there) = &elastic.association
        && let Some(mut interface) = site.get::<NetworkInterface>(&there.network_interface_id).await?
    {
        if interface.requester.is_some() {
            return Err(Ec2Error::OperationNotPermitted.into());
        }
        interface.public_ip = None;
        site.put(&interface);
    }
    end_dry_run(input.dry_run)?;
    elastic.association = None;
    site.put(&elastic);
    site.commit(&permit).await?;
    Ok(Unit)
}
