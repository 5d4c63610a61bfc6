//! CreateSubnet: a part of a VPC's addresses in one zone.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::create_vpc::{no_block, parse_block};
use super::describe_subnets::{Seen, answer};
use crate::Ec2;
use crate::default_network::subnet;
use crate::error::{Ec2Error, end_dry_run};
use crate::network::{Zone, zones};
use crate::resource::{Resource, Whereabouts};
use crate::site::{Making, Site, allow, allow_making_in, new_id};
use crate::tables::network_acl::{AclAssociation, NetworkAcl};
use crate::tables::subnet::Subnet;
use crate::tables::vpc::Vpc;

const ACTION: &str = "ec2:CreateSubnet";
/// AWS's quota for a VPC.
const MOST: usize = 200;

/// Makes a subnet that uses the VPC's main route table and its default network ACL.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::CreateSubnetRequest,
) -> Result<api::CreateSubnetResult, Failure> {
    let native = check_native(&input);
    let zone = zone_of(&cx, input.availability_zone.as_deref(), input.availability_zone_id.as_deref());
    let place =
        Whereabouts { vpc: Some(&input.vpc_id), zone: zone.as_ref().ok().map(|zone| zone.name.as_str()) };
    let Making { permit, tags } =
        allow_making_in(&cx, "CreateSubnet", ACTION, Subnet::KIND, input.tag_specifications, place)?;
    let mut site = Site::open(ec2, &cx).await?;
    let found: Option<Vpc> = site.get(&input.vpc_id).await?;
    allow(&cx, ACTION, Vpc::KIND, &input.vpc_id, found.as_ref().map(Vpc::tags))?;
    let vpc = found.ok_or_else(|| Ec2Error::NotFound { kind: Vpc::KIND, id: input.vpc_id.clone() })?;
    native?;
    for (given, what) in [
        (input.ipv6_cidr_block.is_some() || input.ipv6_native == Some(true), "IPv6 in subnets"),
        (input.outpost_arn.is_some(), "Outposts"),
        (input.ipv4_ipam_pool_id.is_some() || input.ipv4_netmask_length.is_some(), "IPAM"),
    ] {
        if given {
            return Err(Ec2Error::Unsupported(what).into());
        }
    }
    let cidr = input.cidr_block.ok_or_else(no_block)?;
    let block = parse_block(&cidr)?;
    if !(16..=28).contains(&block.bits()) || !vpc.contains(block) {
        return Err(Ec2Error::InvalidSubnetRange(format!("The CIDR '{cidr}' is invalid.")).into());
    }
    let others = site.all_guarded::<Subnet>().await?;
    let mut of_vpc = others.iter().filter(|one| one.vpc_id == vpc.id);
    if of_vpc.clone().any(|one| one.block.overlaps(block)) {
        let message = format!("The CIDR '{cidr}' conflicts with another subnet");
        return Err(Ec2Error::InvalidSubnetConflict(message).into());
    }
    if of_vpc.by_ref().count() >= MOST {
        let message = "The maximum number of subnets has been reached.";
        return Err(Ec2Error::SubnetLimitExceeded(message.into()).into());
    }
    let zone = zone?;
    end_dry_run(input.dry_run)?;

    let subnet = Subnet { tags, ..subnet(new_id::<Subnet>(&*ec2.ids), &vpc.id, zone, block) };
    site.put(&subnet);
    associate_acl(ec2, &mut site, &subnet).await?;
    let seen = Seen::of(&mut site, &cx, subnet).await?;
    site.commit(&permit).await?;
    Ok(api::CreateSubnetResult { subnet: Some(answer(&seen)) })
}

/// Every subnet has a network ACL: at first the VPC's default one.
pub(super) async fn associate_acl(ec2: &Ec2, site: &mut Site, subnet: &Subnet) -> Result<(), Failure> {
    let acls = site.all::<NetworkAcl>().await?;
    let default = acls.into_iter().find(|acl| acl.vpc_id == subnet.vpc_id && acl.is_default);
    let mut acl = default.ok_or_else(|| Failure::internal("a VPC without a default network ACL"))?;
    acl.associations.push(AclAssociation { id: ec2.ids.ec2("aclassoc"), subnet_id: subnet.id.clone() });
    site.put(&acl);
    Ok(())
}

/// The zone of that name or id; the first one where none is named.
pub(super) fn zone_of(cx: &Cx, name: Option<&str>, id: Option<&str>) -> Result<Zone, Ec2Error> {
    let zones = zones(&cx.region);
    let fits = |zone: &&Zone| name.is_none_or(|name| zone.name == name) && id.is_none_or(|id| zone.id == id);
    zones.iter().find(fits).cloned().ok_or_else(|| {
        let (member, given, all): (_, _, Vec<&str>) = match (name, id) {
            (Some(name), _) => ("availabilityZone", name, zones.iter().map(|zone| &*zone.name).collect()),
            (_, id) => {
                let all = zones.iter().map(|zone| &*zone.id).collect();
                ("availabilityZoneId", id.unwrap_or_default(), all)
            }
        };
        Ec2Error::InvalidParameterValue(format!(
            "Value ({given}) for parameter {member} is invalid. Subnets can currently only be created in the \
             following availability zones: {}.",
            all.join(", ")
        ))
    })
}

/// A subnet of IPv6 alone has a block of it, and none of IPv4.
fn check_native(input: &api::CreateSubnetRequest) -> Result<(), Ec2Error> {
    if input.ipv6_native != Some(true) {
        return Ok(());
    }
    if input.ipv6_cidr_block.is_none() && input.ipv6_ipam_pool_id.is_none() {
        let message = "Either 'ipv6CidrBlock' or 'ipv6IpamPoolId' should be provided.";
        return Err(Ec2Error::MissingOneOf(message.into()));
    }
    if input.cidr_block.is_some() || input.ipv4_ipam_pool_id.is_some() {
        let message = "When specifying ipv4 parameters, cidrBlock or ipv4IpamPoolId, you cannot set ipv6Native to true.";
        return Err(Ec2Error::InvalidParameterCombination(message.into()));
    }
    Ok(())
}
