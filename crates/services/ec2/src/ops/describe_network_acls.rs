//! DescribeNetworkAcls: the account's network ACLs in the region.

use gantry_api_ec2 as api;
use gantry_base::AccountId;
use gantry_service::{Cx, Failure};

use crate::filter::Attribute;
use crate::listing::{Asked, Owned, Wanted, owned};
use crate::site::Site;
use crate::tables::network_acl::{AclEntry, NetworkAcl};
use crate::{Ec2, tags};

fn entries(row: &Owned<NetworkAcl>, of: fn(&AclEntry) -> Option<String>) -> Vec<String> {
    all_entries(row).iter().filter_map(of).collect()
}

const ATTRIBUTES: &[Attribute<Owned<NetworkAcl>>] = &[
    ("association.association-id", |row| row.associations.iter().map(|one| one.id.clone()).collect()),
    ("association.network-acl-id", |row| row.associations.iter().map(|_| row.id.clone()).collect()),
    ("association.subnet-id", |row| row.associations.iter().map(|one| one.subnet_id.clone()).collect()),
    ("default", |row| vec![row.is_default.to_string()]),
    ("entry.cidr", |row| entries(row, |entry| Some(entry.cidr.clone()))),
    ("entry.egress", |row| entries(row, |entry| Some(entry.egress.to_string()))),
    ("entry.icmp.code", |row| entries(row, |entry| Some(entry.icmp?.1.to_string()))),
    ("entry.icmp.type", |row| entries(row, |entry| Some(entry.icmp?.0.to_string()))),
    ("entry.ipv6-cidr", |_| Vec::new()),
    ("entry.port-range.from", |row| entries(row, |entry| Some(entry.ports?.0.to_string()))),
    ("entry.port-range.to", |row| entries(row, |entry| Some(entry.ports?.1.to_string()))),
    ("entry.protocol", |row| entries(row, |entry| Some(entry.protocol.to_string()))),
    ("entry.rule-action", |row| entries(row, |entry| Some(action(entry).into()))),
    ("entry.rule-number", |row| entries(row, |entry| Some(entry.number.to_string()))),
    ("network-acl-id", |row| vec![row.id.clone()]),
    ("owner-id", |row| vec![row.owner.to_string()]),
    ("vpc-id", |row| vec![row.vpc_id.clone()]),
];

/// Lists network ACLs by id and filter.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeNetworkAclsRequest,
) -> Result<api::DescribeNetworkAclsResult, Failure> {
    let asked = Asked {
        ids: ("networkAclIds", input.network_acl_ids),
        filters: input.filters,
        next_token: input.next_token,
        max_results: input.max_results,
        dry_run: input.dry_run,
    };
    let wanted = Wanted::parse(&cx, "ec2:DescribeNetworkAcls", asked, ATTRIBUTES)?;
    let mut site = Site::open(ec2, &cx).await?;
    let (rows, next_token) = wanted.select(owned(&mut site, &cx).await?)?;
    let acls = rows.iter().map(|row| answer(row.owner, row)).collect();
    Ok(api::DescribeNetworkAclsResult { network_acls: Some(acls), next_token })
}

fn action(entry: &AclEntry) -> &'static str {
    if entry.allow { "allow" } else { "deny" }
}

/// The entries in AWS's order, with those that stand in every ACL.
fn all_entries(acl: &NetworkAcl) -> Vec<AclEntry> {
    let mut entries = acl.entries.clone();
    entries.extend([AclEntry::last(true), AclEntry::last(false)]);
    entries.sort_by_key(|entry| (!entry.egress, entry.number));
    entries
}

/// A network ACL as answers show it.
pub(super) fn answer(owner: AccountId, acl: &NetworkAcl) -> api::NetworkAcl {
    let associations = acl.associations.iter().map(|one| api::NetworkAclAssociation {
        network_acl_association_id: Some(one.id.clone()),
        network_acl_id: Some(acl.id.clone()),
        subnet_id: Some(one.subnet_id.clone()),
    });
    api::NetworkAcl {
        associations: Some(associations.collect()),
        entries: Some(all_entries(acl).iter().map(entry).collect()),
        is_default: Some(acl.is_default),
        network_acl_id: Some(acl.id.clone()),
        tags: Some(tags::answer(&acl.tags)),
        vpc_id: Some(acl.vpc_id.clone()),
        owner_id: Some(owner.to_string()),
    }
}

fn entry(entry: &AclEntry) -> api::NetworkAclEntry {
    let v6 = entry.cidr.contains(':');
    api::NetworkAclEntry {
        cidr_block: (!v6).then(|| entry.cidr.clone()),
        egress: Some(entry.egress),
        icmp_type_code: entry
            .icmp
            .map(|(kind, code)| api::IcmpTypeCode { code: Some(code), r#type: Some(kind) }),
        ipv6_cidr_block: v6.then(|| entry.cidr.clone()),
        port_range: entry.ports.map(|(from, to)| api::PortRange { from: Some(from), to: Some(to) }),
        protocol: Some(entry.protocol.to_string()),
        rule_action: Some(action(entry).into()),
        rule_number: Some(entry.number),
    }
}
