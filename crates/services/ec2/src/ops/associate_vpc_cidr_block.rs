//! AssociateVpcCidrBlock: a VPC gets another block of addresses.

use std::net::Ipv4Addr;

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::create_vpc::vpc_block;
use super::describe_vpcs::association;
use crate::Ec2;
use crate::error::Ec2Error;
use crate::network::Ipv4Block;
use crate::site::Site;
use crate::tables::route_table::RouteTable;
use crate::tables::vpc::{BlockAssociation, Vpc};

/// AWS's quota of blocks for a VPC.
const MOST: usize = 5;

/// The private ranges: a VPC that begins in one has no block of another.
const PRIVATE: [Ipv4Block; 3] = [
    Ipv4Block::new(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Block::new(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Block::new(Ipv4Addr::new(192, 168, 0, 0), 16),
];
/// What is within a private range and added to no VPC of it: where the VPC begins, and what is not added.
const WITHIN: [(Ipv4Block, Ipv4Block); 2] = [
    (Ipv4Block::new(Ipv4Addr::new(10, 0, 0, 0), 15), Ipv4Block::new(Ipv4Addr::new(10, 0, 0, 0), 16)),
    (PRIVATE[1], Ipv4Block::new(Ipv4Addr::new(172, 31, 0, 0), 16)),
];
/// Addresses for measurements, which only a VPC has that begins in them.
const MEASURING: Ipv4Block = Ipv4Block::new(Ipv4Addr::new(198, 19, 0, 0), 16);

/// Whether AWS adds the block to no VPC with that primary one.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions>
fn is_restricted(primary: Ipv4Block, added: Ipv4Block) -> bool {
    let range = |block: Ipv4Block| PRIVATE.iter().position(|range| range.contains(block));
    let foreign = range(added).is_some_and(|of| range(primary) != Some(of));
    let measuring = MEASURING.contains(added) && !MEASURING.contains(primary);
    foreign || measuring || WITHIN.iter().any(|(of, not)| of.contains(primary) && not.contains(added))
}

/// Adds a block that lies apart from the others.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::AssociateVpcCidrBlockRequest,
) -> Result<api::AssociateVpcCidrBlockResult, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (mut vpc, permit) = site.allowed::<Vpc>(&cx, "ec2:AssociateVpcCidrBlock", &input.vpc_id).await?;
    if input.amazon_provided_ipv6_cidr_block == Some(true) || input.ipv6_cidr_block.is_some() {
        return Err(Ec2Error::Unsupported("IPv6 in VPCs").into());
    }
    if input.ipv4_ipam_pool_id.is_some() {
        return Err(Ec2Error::Unsupported("IPAM").into());
    }
    let cidr = input.cidr_block.ok_or(Ec2Error::MissingParameter("cidrBlock"))?;
    let block = vpc_block(&cidr)?;
    let tables = site.all_guarded::<RouteTable>().await?;
    let mut routes = tables.iter().filter(|table| table.vpc_id == vpc.id).flat_map(|table| &table.routes);
    // A local route must not be wider than or the same as one that is there.
    let hidden = routes.any(|route| route.destination.bits() > 0 && block.contains(route.destination));
    if let Some(own) = vpc.blocks.iter().find(|own| own.block.overlaps(block)) {
        let message = format!("CIDR range conflicts with {} with association ID {}", own.block, own.id);
        return Err(Ec2Error::CidrConflict(message).into());
    }
    if vpc.blocks.first().is_some_and(|primary| is_restricted(primary.block, block)) {
        return Err(Ec2Error::InvalidVpcRange(format!(
            "The CIDR '{cidr}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or \
             use a publicly-routable CIDR. For additional restrictions, see \
             https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Subnets.html"
        ))
        .into());
    }
    if hidden {
        return Err(Ec2Error::InvalidVpcRange(format!("The CIDR '{cidr}' is invalid.")).into());
    }
    if vpc.blocks.len() >= MOST {
        let message = format!("This network {} has met its maximum number of allowed CIDRs: {MOST}", vpc.id);
        return Err(Ec2Error::CidrLimitExceeded(message).into());
    }
    let added = BlockAssociation { id: ec2.ids.ec2("vpc-cidr-assoc"), block };
    vpc.blocks.push(added.clone());
    site.put(&vpc);
    site.blocks_change();
    site.commit(&permit).await?;
    Ok(api::AssociateVpcCidrBlockResult {
        ipv6_cidr_block_association: None,
        cidr_block_association: Some(association(&added, "associating")),
        vpc_id: Some(vpc.id),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vpc_has_blocks_of_one_private_range_and_public_ones() {
        let restricted =
            |primary: &str, added: &str| is_restricted(primary.parse().unwrap(), added.parse().unwrap());
        for (primary, added) in [
            ("10.1.0.0/16", "192.168.0.0/16"),
            ("10.1.0.0/16", "172.16.0.0/16"),
            ("10.1.0.0/16", "10.0.0.0/16"),
            ("10.1.0.0/16", "198.19.0.0/24"),
            ("172.16.0.0/16", "172.31.0.0/20"),
            ("192.168.0.0/20", "10.0.0.0/16"),
            ("198.19.0.0/20", "10.0.0.0/16"),
            ("100.64.0.0/16", "10.0.0.0/16"),
            ("203.0.113.0/24", "192.168.0.0/16"),
        ] {
            assert!(restricted(primary, added), "{added} beside {primary}");
        }
        for (primary, added) in [
            ("10.1.0.0/16", "10.2.0.0/16"),
            ("10.4.0.0/16", "10.0.0.0/16"),
            ("10.1.0.0/16", "100.64.0.0/16"),
            ("10.1.0.0/16", "203.0.113.0/24"),
            ("172.31.0.0/16", "172.16.0.0/16"),
            ("192.168.0.0/24", "192.168.1.0/24"),
            ("203.0.113.0/24", "100.64.0.0/16"),
        ] {
            assert!(!restricted(primary, added), "{added} beside {primary}");
        }
    }
}
