//! DeleteNetworkAcl: an ACL that no subnet has goes.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::network_acl::NetworkAcl;

/// Deletes an ACL that is not the VPC's default one.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DeleteNetworkAclRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (acl, permit) =
        site.allowed::<NetworkAcl>(&cx, "ec2:DeleteNetworkAcl", &input.network_acl_id).await?;
    if acl.is_default {
        let message = format!("cannot delete default network ACL {}", acl.id);
        return Err(Ec2Error::InvalidParameterValue(message).into());
    }
    if !acl.associations.is_empty() {
        return Err(Ec2Error::depended_on("networkAcl", &acl.id).into());
    }
    end_dry_run(input.dry_run)?;
    site.delete(&acl);
    site.commit(&permit).await?;
    Ok(Unit)
}
