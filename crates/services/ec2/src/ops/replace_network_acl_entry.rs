//! ReplaceNetworkAclEntry: an entry says something else under its number.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use super::create_network_acl_entry::{Given, read};
use super::delete_network_acl_entry::no_entry;
use crate::Ec2;
use crate::error::end_dry_run;
use crate::site::Site;
use crate::tables::network_acl::NetworkAcl;

/// Changes an entry that is there.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::ReplaceNetworkAclEntryRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (mut acl, permit) =
        site.allowed::<NetworkAcl>(&cx, "ec2:ReplaceNetworkAclEntry", &input.network_acl_id).await?;
    let entry = read(Given {
        number: input.rule_number,
        egress: input.egress,
        action: input.rule_action,
        protocol: input.protocol,
        v4: input.cidr_block,
        v6: input.ipv6_cidr_block,
        ports: input.port_range,
        icmp: input.icmp_type_code,
    })?;
    let there = acl.entries.iter_mut().find(|one| one.egress == entry.egress && one.number == entry.number);
    let there = there.ok_or_else(|| no_entry(entry.number))?;
    *there = entry;
    end_dry_run(input.dry_run)?;
    site.put(&acl);
    site.commit(&permit).await?;
    Ok(Unit)
}
