//! DescribeSecurityGroups: the account's security groups in the region.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::error::Ec2Error;
use crate::filter::Attribute;
use crate::listing::{Asked, Owned, Wanted, owned};
use crate::permissions;
use crate::site::Site;
use crate::tables::security_group::{Peer, Rule, SecurityGroup};
use crate::{Ec2, arns, tags};

type Row = Owned<SecurityGroup>;

fn rules(row: &Row, egress: bool, of: fn(&Rule) -> Option<String>) -> Vec<String> {
    row.rules_of(egress).filter_map(of).collect()
}

fn cidr(rule: &Rule) -> Option<String> {
    if let Peer::Ipv4(block) = &rule.peer { Some(block.to_string()) } else { None }
}

fn cidr6(rule: &Rule) -> Option<String> {
    if let Peer::Ipv6(block) = &rule.peer { Some(block.clone()) } else { None }
}

fn group(rule: &Rule) -> Option<String> {
    if let Peer::Group(id) = &rule.peer { Some(id.clone()) } else { None }
}

fn list(rule: &Rule) -> Option<String> {
    if let Peer::PrefixList(id) = &rule.peer { Some(id.clone()) } else { None }
}

fn from(rule: &Rule) -> Option<String> {
    rule.traffic.from.map(|port| port.to_string())
}

fn to(rule: &Rule) -> Option<String> {
    rule.traffic.to.map(|port| port.to_string())
}

fn protocol(rule: &Rule) -> Option<String> {
    Some(rule.traffic.protocol.clone())
}

fn users(row: &Row, egress: bool) -> Vec<String> {
    rules(row, egress, group).iter().map(|_| row.owner.to_string()).collect()
}

const ATTRIBUTES: &[Attribute<Row>] = &[
    ("description", |row| vec![row.description.clone()]),
    ("egress.ip-permission.cidr", |row| rules(row, true, cidr)),
    ("egress.ip-permission.from-port", |row| rules(row, true, from)),
    ("egress.ip-permission.group-id", |row| rules(row, true, group)),
    ("egress.ip-permission.group-name", |_| Vec::new()),
    ("egress.ip-permission.ipv6-cidr", |row| rules(row, true, cidr6)),
    ("egress.ip-permission.prefix-list-id", |row| rules(row, true, list)),
    ("egress.ip-permission.protocol", |row| rules(row, true, protocol)),
    ("egress.ip-permission.to-port", |row| rules(row, true, to)),
    ("egress.ip-permission.user-id", |row| users(row, true)),
    ("group-id", |row| vec![row.id.clone()]),
    ("group-name", |row| vec![row.name.clone()]),
    ("ip-permission.cidr", |row| rules(row, false, cidr)),
    ("ip-permission.from-port", |row| rules(row, false, from)),
    ("ip-permission.group-id", |row| rules(row, false, group)),
    ("ip-permission.group-name", |_| Vec::new()),
    ("ip-permission.ipv6-cidr", |row| rules(row, false, cidr6)),
    ("ip-permission.prefix-list-id", |row| rules(row, false, list)),
    ("ip-permission.protocol", |row| rules(row, false, protocol)),
    ("ip-permission.to-port", |row| rules(row, false, to)),
    ("ip-permission.user-id", |row| users(row, false)),
    ("owner-id", |row| vec![row.owner.to_string()]),
    ("vpc-id", |row| vec![row.vpc_id.clone()]),
];

/// Lists security groups by id, name and filter.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeSecurityGroupsRequest,
) -> Result<api::DescribeSecurityGroupsResult, Failure> {
    let asked = Asked {
        ids: ("groupIds", input.group_ids),
        filters: input.filters,
        next_token: input.next_token,
        max_results: input.max_results,
        dry_run: input.dry_run,
    };
    let wanted = Wanted::parse(&cx, "ec2:DescribeSecurityGroups", asked, ATTRIBUTES)?;
    let names = input.group_names.unwrap_or_default();
    let mut site = Site::open(ec2, &cx).await?;
    let mut all: Vec<Row> = owned(&mut site, &cx).await?;
    if !names.is_empty() {
        // Names are looked for in the default VPC, as of old.
        let vpc = super::default_vpc_of(&mut site).await?;
        all.retain(|row| vpc.as_ref().is_some_and(|vpc| vpc.id == row.vpc_id));
        for name in &names {
            if !all.iter().any(|row| row.name == *name) {
                let message = format!("The security group '{name}' does not exist in default VPC");
                return Err(Ec2Error::InvalidGroupMissing(match &vpc {
                    Some(vpc) => format!("{message} '{}'", vpc.id),
                    None => format!("The security group '{name}' does not exist"),
                })
                .into());
            }
        }
        all.retain(|row| names.contains(&row.name));
    }
    let (rows, next_token) = wanted.select(all)?;
    let groups = rows.iter().map(|row| answer(&cx, row)).collect();
    Ok(api::DescribeSecurityGroupsResult { security_groups: Some(groups), next_token })
}

/// A security group with its rules.
fn answer(cx: &Cx, group: &SecurityGroup) -> api::SecurityGroup {
    let rules = |egress| permissions::answer(cx, group.rules_of(egress));
    api::SecurityGroup {
        group_id: Some(group.id.clone()),
        ip_permissions_egress: Some(rules(true)),
        tags: tags::answer_some(&group.tags),
        vpc_id: Some(group.vpc_id.clone()),
        security_group_arn: Some(arns::arn(cx, "security-group", &group.id).to_string()),
        owner_id: Some(cx.account.to_string()),
        group_name: Some(group.name.clone()),
        description: Some(group.description.clone()),
        ip_permissions: Some(rules(false)),
    }
}
