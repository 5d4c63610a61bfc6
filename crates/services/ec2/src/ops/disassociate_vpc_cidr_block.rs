//! DisassociateVpcCidrBlock: a block of a VPC is taken away.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::describe_vpcs::association;
use crate::Ec2;
use crate::error::Ec2Error;
use crate::resource::Resource;
use crate::site::{Site, allow};
use crate::tables::subnet::Subnet;
use crate::tables::vpc::Vpc;

/// Takes away a block without subnets that is not the VPC's first.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DisassociateVpcCidrBlockRequest,
) -> Result<api::DisassociateVpcCidrBlockResult, Failure> {
    const ACTION: &str = "ec2:DisassociateVpcCidrBlock";
    let id = input.association_id;
    let mut site = Site::open(ec2, &cx).await?;
    let all = site.all_guarded::<Vpc>().await?;
    let found = all.into_iter().find(|vpc| vpc.blocks.iter().any(|block| block.id == id));
    let (vpc_id, tags) = found.as_ref().map_or(("*", None), |vpc| (&*vpc.id, Some(&vpc.tags)));
    let permit = allow(&cx, ACTION, Vpc::KIND, vpc_id, tags)?;
    let missing = || {
        let message = format!("The vpc CIDR block association ID '{id}' does not exist");
        Ec2Error::InvalidCidrAssociationNotFound(message)
    };
    let mut vpc = found.ok_or_else(missing)?;
    let at = vpc.blocks.iter().position(|block| block.id == id).ok_or_else(missing)?;
    if at == 0 {
        let message = format!(
            "The vpc CIDR block with association ID {id} may not be disassociated. It is the primary IPv4 CIDR \
             block of the VPC"
        );
        return Err(Ec2Error::PrimaryBlock(message).into());
    }
    let removed = vpc.blocks.remove(at);
    let subnets = site.all_guarded::<Subnet>().await?;
    if subnets.iter().any(|one| one.vpc_id == vpc.id && removed.block.contains(one.block)) {
        let message = format!(
            "The vpc CIDR block with association ID {id} has dependencies and cannot be disassociated"
        );
        return Err(Ec2Error::DependencyViolation(message).into());
    }
    site.put(&vpc);
    site.blocks_change();
    site.commit(&permit).await?;
    Ok(api::DisassociateVpcCidrBlockResult {
        ipv6_cidr_block_association: None,
        cidr_block_association: Some(association(&removed, "disassociating")),
        vpc_id: Some(vpc.id),
    })
}
