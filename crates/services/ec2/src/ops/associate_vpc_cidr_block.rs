//! AssociateVpcCidrBlock: a VPC gets another block of addresses.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::create_vpc::vpc_block;
use super::describe_vpcs::association;
use crate::Ec2;
use crate::error::Ec2Error;
use crate::site::Site;
use crate::tables::route_table::RouteTable;
use crate::tables::vpc::{BlockAssociation, Vpc};

/// AWS's quota of blocks for a VPC.
const MOST: usize = 5;

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
