//! DeleteNetworkAclEntry: an ACL decides less.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::network_acl::NetworkAcl;

/// Deletes an entry; the last one, which denies the rest, stays.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DeleteNetworkAclEntryRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (mut acl, permit) =
        site.allowed::<NetworkAcl>(&cx, "ec2:DeleteNetworkAclEntry", &input.network_acl_id).await?;
    let (number, egress) = (input.rule_number, input.egress);
    let at = acl.entries.iter().position(|one| one.egress == egress && one.number == number);
    acl.entries.remove(at.ok_or_else(|| no_entry(number))?);
    end_dry_run(input.dry_run)?;
    site.put(&acl);
    site.commit(&permit).await?;
    Ok(Unit)
}

pub(super) fn no_entry(number: i32) -> Ec2Error {
    Ec2Error::InvalidNetworkAclEntryNotFound(format!(
        "The network acl entry identified by {number} does not exist."
    ))
}
