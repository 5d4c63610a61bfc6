//! CreateVpc: a VPC with a security group, a network ACL and a main route table.

use std::net::Ipv4Addr;

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::describe_vpcs::answer;
use crate::Ec2;
use crate::default_network::{dhcp_options_id, with_vpc};
use crate::error::{Ec2Error, end_dry_run};
use crate::network::Ipv4Block;
use crate::resource::Resource;
use crate::site::{Making, Site, allow_making};
use crate::tables::vpc::Vpc;

/// How many VPCs a region may have: what AWS raises its quota to when asked.
pub(super) const MOST: usize = 100;

/// Makes a VPC; its tags are its own and not those of what it comes with.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::CreateVpcRequest) -> Result<api::CreateVpcResult, Failure> {
    let Making { permit, tags } =
        allow_making(&cx, "CreateVpc", "ec2:CreateVpc", Vpc::KIND, input.tag_specifications)?;
    let v6 = input.amazon_provided_ipv6_cidr_block == Some(true)
        || input.ipv6_cidr_block.is_some()
        || input.ipv6_pool.is_some()
        || input.ipv6_ipam_pool_id.is_some();
    for (given, what) in [
        (v6, "IPv6 in VPCs"),
        (input.ipv4_ipam_pool_id.is_some() || input.ipv4_netmask_length.is_some(), "IPAM"),
        (input.instance_tenancy.as_deref() == Some("dedicated"), "Dedicated tenancy"),
        (input.vpc_encryption_control.is_some(), "VPC encryption control"),
    ] {
        if given {
            return Err(Ec2Error::Unsupported(what).into());
        }
    }
    let cidr = input.cidr_block.ok_or_else(no_block)?;
    let block = vpc_block(&cidr)?;
    let mut site = Site::open(ec2, &cx).await?;
    check_quota(&mut site).await?;
    end_dry_run(input.dry_run)?;

    let options = dhcp_options_id(cx.account, &cx.region);
    let mut network = with_vpc(block, options, &mut |prefix| ec2.ids.ec2(prefix));
    network.vpc.tags = tags;
    site.put_network(&network);
    site.commit(&permit).await?;
    let vpc = api::Vpc {
        state: Some("pending".into()),
        ipv6_cidr_block_association_set: Some(Vec::new()),
        block_public_access_states: None,
        ..answer(cx.account, &network.vpc)
    };
    Ok(api::CreateVpcResult { vpc: Some(vpc) })
}

/// A region holds only so many.
pub(super) async fn check_quota(site: &mut Site) -> Result<(), Failure> {
    if site.all_guarded::<Vpc>().await?.len() >= MOST {
        let message = "The maximum number of VPCs has been reached.";
        return Err(Ec2Error::VpcLimitExceeded(message.into()).into());
    }
    Ok(())
}

/// A request that makes a network says nothing of its addresses.
pub(super) fn no_block() -> Ec2Error {
    Ec2Error::MissingOneOf("Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.".into())
}

/// Addresses that no VPC has: of this host, of the link, of groups, and of nobody. As in AWS, 100.64.0.0/10 and
/// 240.0.0.0/4 are not among them.
const RESERVED: [Ipv4Block; 4] = [
    Ipv4Block::new(Ipv4Addr::new(0, 0, 0, 0), 8),
    Ipv4Block::new(Ipv4Addr::new(127, 0, 0, 0), 8),
    Ipv4Block::new(Ipv4Addr::new(169, 254, 0, 0), 16),
    Ipv4Block::new(Ipv4Addr::new(224, 0, 0, 0), 4),
];

/// A block as a VPC may have it: between /16 and /28, and of addresses that are not reserved.
pub(super) fn vpc_block(cidr: &str) -> Result<Ipv4Block, Ec2Error> {
    let block = parse_block(cidr)?;
    if !(16..=28).contains(&block.bits()) || RESERVED.iter().any(|reserved| reserved.overlaps(block)) {
        return Err(Ec2Error::InvalidVpcRange(format!("The CIDR '{cidr}' is invalid.")));
    }
    Ok(block)
}

/// A block of IPv4 addresses as the member `cidrBlock` gives it.
pub(super) fn parse_block(cidr: &str) -> Result<Ipv4Block, Ec2Error> {
    cidr.parse().map_err(|_| {
        Ec2Error::InvalidParameterValue(format!(
            "Value ({cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        ))
    })
}
