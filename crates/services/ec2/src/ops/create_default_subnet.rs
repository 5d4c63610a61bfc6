//! CreateDefaultSubnet: a default subnet for a zone of the default VPC that has none.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::create_subnet::{associate_acl, zone_of};
use super::default_vpc_of;
use super::describe_subnets::{Seen, answer};
use crate::Ec2;
use crate::default_network::default_subnet;
use crate::error::{Ec2Error, end_dry_run};
use crate::network::Ipv4Block;
use crate::resource::Resource;
use crate::site::{Making, Site, allow_making, new_id};
use crate::tables::subnet::Subnet;

/// Makes it with the first /20 of the VPC that is free.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::CreateDefaultSubnetRequest,
) -> Result<api::CreateDefaultSubnetResult, Failure> {
    let Making { permit, .. } =
        allow_making(&cx, "CreateDefaultSubnet", "ec2:CreateDefaultSubnet", Subnet::KIND, None)?;
    if input.ipv6_native == Some(true) {
        return Err(Ec2Error::Unsupported("IPv6 in subnets").into());
    }
    if input.availability_zone.is_none() && input.availability_zone_id.is_none() {
        return Err(Ec2Error::MissingParameter("AvailabilityZone").into());
    }
    let zone = zone_of(&cx, input.availability_zone.as_deref(), input.availability_zone_id.as_deref())?;
    let mut site = Site::open(ec2, &cx).await?;
    let vpc = default_vpc_of(&mut site).await?.ok_or_else(|| {
        Ec2Error::DefaultVpcDoesNotExist("There is no default VPC for this account in this region.".into())
    })?;
    let mut others = site.all_guarded::<Subnet>().await?;
    others.retain(|one| one.vpc_id == vpc.id);
    if let Some(there) = others.iter().find(|one| one.is_default && one.zone == zone) {
        let message = format!("'{}' is already the default subnet in {}.", there.id, zone.name);
        return Err(Ec2Error::DefaultSubnetAlreadyExists(message).into());
    }
    let whole = vpc.block();
    let mut blocks = (0..whole.size()).step_by(1 << 12).map(|offset| Ipv4Block::new(whole.at(offset), 20));
    let free = blocks.find(|block| !others.iter().any(|one| one.block.overlaps(*block)));
    let block = free.ok_or_else(|| {
        Ec2Error::InvalidSubnetConflict("There is no free /20 block left in the default VPC.".into())
    })?;
    end_dry_run(input.dry_run)?;
    let subnet = default_subnet(new_id::<Subnet>(&*ec2.ids), &vpc.id, zone, block);
    site.put(&subnet);
    associate_acl(ec2, &mut site, &subnet).await?;
    let seen = Seen::of(&mut site, &cx, subnet).await?;
    site.commit(&permit).await?;
    Ok(api::CreateDefaultSubnetResult { subnet: Some(answer(&seen)) })
}
