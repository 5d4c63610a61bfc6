//! AllocateAddress: a public address that the account keeps.

use std::net::Ipv4Addr;

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::{Making, Site, allow_making, new_id};
use crate::tables::elastic_address::ElasticAddress;

/// As many as may be in a region.
const MOST: usize = 100;

/// Takes any free public address of this installation, or the one that is asked for.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::AllocateAddressRequest,
) -> Result<api::AllocateAddressResult, Failure> {
    let Making { permit, tags } = allow_making(
        &cx,
        "AllocateAddress",
        "ec2:AllocateAddress",
        ElasticAddress::KIND,
        input.tag_specifications,
    )?;
    match input.domain.as_deref() {
        None | Some("vpc" | "standard") => {}
        Some(other) => {
            let message = format!("Invalid value '{other}' for domain.");
            return Err(Ec2Error::InvalidParameterValue(message).into());
        }
    }
    let own_pool = input.public_ipv4_pool.as_deref().is_some_and(|pool| pool != "amazon");
    if own_pool || input.customer_owned_ipv4_pool.is_some() || input.ipam_pool_id.is_some() {
        return Err(Ec2Error::Unsupported("A pool of public addresses of your own").into());
    }
    let mut site = Site::open(ec2, &cx).await?;
    if site.all_guarded::<ElasticAddress>().await?.len() >= MOST {
        let message = "The maximum number of addresses has been reached.";
        return Err(Ec2Error::AddressLimitExceeded(message.into()).into());
    }
    end_dry_run(input.dry_run)?;
    let id = new_id::<ElasticAddress>(&*ec2.ids);
    let address = take(ec2, &mut site, &cx, &id, input.address.as_deref()).await?;
    let elastic = ElasticAddress { id, address, association: None, tags };
    site.put(&elastic);
    site.commit(&permit).await?;
    Ok(api::AllocateAddressResult {
        allocation_id: Some(elastic.id),
        public_ipv4_pool: Some("amazon".into()),
        network_border_group: Some(cx.region.to_string()),
        domain: Some("vpc".into()),
        public_ip: Some(elastic.address.to_string()),
        ..Default::default()
    })
}

async fn take(
    ec2: &Ec2,
    site: &mut Site,
    cx: &Cx,
    id: &str,
    asked: Option<&str>,
) -> Result<Ipv4Addr, Failure> {
    let none = || {
        let message = "There are no public addresses at this Gantry.";
        Ec2Error::InsufficientPublicAddresses(message.into())
    };
    let pool = site.public_addresses().ok_or_else(none)?;
    let Some(asked) = asked else {
        let taken = pool.take_any(&mut site.tx, &*ec2.ids, cx.now, id).await?;
        let full = || {
            let message = format!("There are no free public addresses left in {}.", pool.block);
            Ec2Error::InsufficientPublicAddresses(message)
        };
        return Ok(taken.ok_or_else(full)?);
    };
    let address: Option<Ipv4Addr> = asked.parse().ok().filter(|address| pool.usable(*address));
    let missing = || Ec2Error::InvalidAddressNotFound(format!("Address '{asked}' not found."));
    let address = address.ok_or_else(missing)?;
    match pool.take(&mut site.tx, address, id).await? {
        true => Ok(address),
        false => Err(Ec2Error::InvalidAddressInUse(format!("Address {address} is in use.")).into()),
    }
}
