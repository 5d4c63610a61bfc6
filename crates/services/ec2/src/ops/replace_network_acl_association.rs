//! ReplaceNetworkAclAssociation: a subnet has another network ACL.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::network_acl::{AclAssociation, NetworkAcl};

/// Moves an association to another ACL of the VPC, under a new id.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::ReplaceNetworkAclAssociationRequest,
) -> Result<api::ReplaceNetworkAclAssociationResult, Failure> {
    const ACTION: &str = "ec2:ReplaceNetworkAclAssociation";
    let id = input.association_id;
    let mut site = Site::open(ec2, &cx).await?;
    let (mut to, permit) = site.allowed::<NetworkAcl>(&cx, ACTION, &input.network_acl_id).await?;
    let all = site.all::<NetworkAcl>().await?;
    let missing = || Ec2Error::AssociationNotFound(format!("The association ID '{id}' does not exist"));
    let from = all.into_iter().find(|acl| acl.associations.iter().any(|one| one.id == id));
    let mut from = from.ok_or_else(missing)?;
    let at = from.associations.iter().position(|one| one.id == id).ok_or_else(missing)?;
    if from.vpc_id != to.vpc_id {
        let message = format!("Network ACL {} and association {id} belong to different networks", to.id);
        return Err(Ec2Error::InvalidParameterValue(message).into());
    }
    end_dry_run(input.dry_run)?;
    let subnet_id = from.associations.remove(at).subnet_id;
    let new = AclAssociation { id: ec2.ids.ec2("aclassoc"), subnet_id };
    match from.id == to.id {
        true => to = from,
        false => site.put(&from),
    }
    to.associations.push(new.clone());
    site.put(&to);
    site.commit(&permit).await?;
    Ok(api::ReplaceNetworkAclAssociationResult { new_association_id: Some(new.id) })
}
