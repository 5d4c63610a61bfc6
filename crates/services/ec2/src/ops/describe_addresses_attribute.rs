//! DescribeAddressesAttribute: the names by which addresses are found in reverse; nobody has set any.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::filter::Attribute;
use crate::listing::{Asked, Owned, Wanted, owned};
use crate::site::Site;
use crate::tables::elastic_address::ElasticAddress;

const NONE: &[Attribute<Owned<ElasticAddress>>] = &[];

/// Lists addresses without a name.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeAddressesAttributeRequest,
) -> Result<api::DescribeAddressesAttributeResult, Failure> {
    let asked = Asked {
        ids: ("allocationIds", input.allocation_ids),
        next_token: input.next_token,
        max_results: input.max_results,
        dry_run: input.dry_run,
        ..Default::default()
    };
    let wanted = Wanted::parse(&cx, "ec2:DescribeAddressesAttribute", asked, NONE)?;
    let mut site = Site::open(ec2, &cx).await?;
    let (rows, next_token) = wanted.select(owned(&mut site, &cx).await?)?;
    let addresses = rows.iter().map(|row| api::AddressAttribute {
        public_ip: Some(row.address.to_string()),
        allocation_id: Some(row.id.clone()),
        ..Default::default()
    });
    Ok(api::DescribeAddressesAttributeResult { addresses: Some(addresses.collect()), next_token })
}
