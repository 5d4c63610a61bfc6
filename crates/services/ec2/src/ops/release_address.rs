//! ReleaseAddress: the account gives a public address back.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use super::address_of_request;
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;

/// Releases an address that leads nowhere.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::ReleaseAddressRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (elastic, permit) =
        address_of_request(&mut site, &cx, "ec2:ReleaseAddress", input.allocation_id, input.public_ip)
            .await?;
    if elastic.association.is_some() {
        let message = format!("Address {} is in use.", elastic.address);
        return Err(Ec2Error::InvalidAddressInUse(message).into());
    }
    end_dry_run(input.dry_run)?;
    site.delete(&elastic);
    if let Some(pool) = site.public_addresses() {
        pool.give_back(&mut site.tx, elastic.address, cx.now);
    }
    site.commit(&permit).await?;
    Ok(Unit)
}
