//! Rules of security groups: from what a request says to rows, and back.
//!
//! A request may name a protocol, a range of ports and several peers at once; a row is one of each.

use std::net::Ipv6Addr;

use gantry_api_ec2 as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure};

use crate::error::Ec2Error;
use crate::network::Ipv4Block;
use crate::site::Site;
use crate::tables::security_group::{Peer, Rule, SecurityGroup, Traffic};
use crate::{arns, tags};

/// AWS's quota of rules for each direction of a group.
pub const MAX_RULES: usize = 60;

/// A rule without its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub traffic: Traffic,
    pub peer: Peer,
    pub description: Option<String>,
}

/// The members by which the older form of a request names one rule.
#[derive(Default)]
pub struct Plain {
    pub protocol: Option<String>,
    pub from: Option<i32>,
    pub to: Option<i32>,
    pub cidr: Option<String>,
    pub source_group: Option<String>,
}

/// Reads all rules of a request, in either form.
pub async fn read(
    site: &mut Site,
    group: &SecurityGroup,
    permissions: Option<Vec<api::IpPermission>>,
    plain: Plain,
) -> Result<Vec<Wanted>, Failure> {
    let mut permissions = permissions.unwrap_or_default();
    let in_plain = plain.protocol.is_some() || plain.cidr.is_some() || plain.source_group.is_some();
    if in_plain && !permissions.is_empty() {
        let message = "The parameter 'ipPermissions' may not be used in combination with 'ipProtocol'";
        return Err(Ec2Error::InvalidParameterCombination(message.into()).into());
    }
    if in_plain {
        let range = |cidr| api::IpRange { cidr_ip: Some(cidr), description: None };
        let pair = |name| api::UserIdGroupPair { group_name: Some(name), ..Default::default() };
        let of_group = plain.source_group.is_some() && plain.protocol.is_none();
        permissions.push(api::IpPermission {
            ip_protocol: if of_group { Some("-1".into()) } else { plain.protocol },
            from_port: plain.from,
            to_port: plain.to,
            ip_ranges: plain.cidr.map(|cidr| vec![range(cidr)]),
            user_id_group_pairs: plain.source_group.map(|name| vec![pair(name)]),
            ..Default::default()
        });
    }
    if permissions.is_empty() {
        return Err(Ec2Error::MissingParameter("ipPermissions").into());
    }
    let mut wanted = Vec::new();
    for permission in permissions {
        read_one(site, group, permission, &mut wanted).await?;
    }
    Ok(wanted)
}

async fn read_one(
    site: &mut Site,
    group: &SecurityGroup,
    permission: api::IpPermission,
    wanted: &mut Vec<Wanted>,
) -> Result<(), Failure> {
    let traffic = traffic(permission.ip_protocol.as_deref(), permission.from_port, permission.to_port)?;
    let before = wanted.len();
    let mut push = |peer, description: Option<String>| -> Result<(), Ec2Error> {
        check_description(description.as_deref())?;
        wanted.push(Wanted { traffic: traffic.clone(), peer, description });
        Ok(())
    };
    for range in permission.ip_ranges.unwrap_or_default() {
        push(ipv4(&range.cidr_ip.unwrap_or_default())?, range.description)?;
    }
    for range in permission.ipv6_ranges.unwrap_or_default() {
        push(ipv6(&range.cidr_ipv6.unwrap_or_default())?, range.description)?;
    }
    for list in permission.prefix_list_ids.unwrap_or_default() {
        push(prefix_list(&list.prefix_list_id.unwrap_or_default())?, list.description)?;
    }
    for pair in permission.user_id_group_pairs.unwrap_or_default() {
        let peer = referenced(site, group, &pair).await?;
        push(peer, pair.description)?;
    }
    if wanted.len() == before {
        return Err(Ec2Error::MissingParameter("cidrIp, sourceSecurityGroup or prefixListId").into());
    }
    Ok(())
}

/// The group that a rule names, by id or by name in the same VPC.
async fn referenced(
    site: &mut Site,
    group: &SecurityGroup,
    pair: &api::UserIdGroupPair,
) -> Result<Peer, Failure> {
    if pair.vpc_peering_connection_id.is_some() {
        return Err(Ec2Error::Unsupported("VPC peering").into());
    }
    match (&pair.group_id, &pair.group_name) {
        (Some(id), _) => group_peer(site, group, id).await,
        (None, Some(name)) => {
            let all = site.all::<SecurityGroup>().await?;
            let found = all.into_iter().find(|one| one.vpc_id == group.vpc_id && one.name == *name);
            let message = || {
                let vpc = &group.vpc_id;
                Ec2Error::InvalidGroupMissing(format!(
                    "The security group '{name}' does not exist in VPC '{vpc}'"
                ))
            };
            Ok(Peer::Group(found.ok_or_else(message)?.id))
        }
        (None, None) => Err(Ec2Error::MissingParameter("groupId").into()),
    }
}

async fn group_peer(site: &mut Site, group: &SecurityGroup, id: &str) -> Result<Peer, Failure> {
    let other: SecurityGroup = site.find(id).await?;
    if other.vpc_id != group.vpc_id {
        let message = format!(
            "You have specified two resources that belong to different networks: '{}' and '{id}'",
            group.id
        );
        return Err(Ec2Error::InvalidParameterValue(message).into());
    }
    Ok(Peer::Group(other.id))
}

/// The rule that a request for one rule describes.
pub async fn read_rule(
    site: &mut Site,
    group: &SecurityGroup,
    rule: api::SecurityGroupRuleRequest,
) -> Result<Wanted, Failure> {
    let traffic = traffic(rule.ip_protocol.as_deref(), rule.from_port, rule.to_port)?;
    check_description(rule.description.as_deref())?;
    let mut peers = Vec::new();
    if let Some(cidr) = &rule.cidr_ipv4 {
        peers.push(ipv4(cidr)?);
    }
    if let Some(cidr) = &rule.cidr_ipv6 {
        peers.push(ipv6(cidr)?);
    }
    if let Some(list) = &rule.prefix_list_id {
        peers.push(prefix_list(list)?);
    }
    if let Some(id) = &rule.referenced_group_id {
        peers.push(group_peer(site, group, id).await?);
    }
    match <[Peer; 1]>::try_from(peers) {
        Ok([peer]) => Ok(Wanted { traffic, peer, description: rule.description }),
        Err(peers) if peers.is_empty() => Err(Ec2Error::MissingOneOf(
            "The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId"
                .into(),
        )
        .into()),
        Err(_) => Err(Ec2Error::InvalidParameterCombination(
            "Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified".into(),
        )
        .into()),
    }
}

fn check_description(description: Option<&str>) -> Result<(), Ec2Error> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    match description {
        Some(text) if text.len() > 255 || !text.chars().all(allowed) => Err(Ec2Error::InvalidParameterValue(
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the \
                 following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
                .into(),
        )),
        _ => Ok(()),
    }
}

/// A protocol by its name or number, with ports or ICMP's type and code.
pub fn traffic(protocol: Option<&str>, from: Option<i32>, to: Option<i32>) -> Result<Traffic, Ec2Error> {
    let Some(given) = protocol else {
        return Err(Ec2Error::InvalidParameterValue(
            "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly."
                .into(),
        ));
    };
    let name = match given.to_ascii_lowercase().as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        "all" => "-1".to_owned(),
        other => other.to_owned(),
    };
    let invalid = |message: String| Err(Ec2Error::InvalidParameterValue(message));
    match name.as_str() {
        "-1" => Ok(Traffic::all()),
        "tcp" | "udp" => {
            let (Some(from), Some(to)) = (from, to) else {
                return invalid(
                    "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.".into(),
                );
            };
            // -1 stands for all of them.
            let (from, to) = if (from, to) == (-1, -1) { (0, 65535) } else { (from, to) };
            for (end, port) in [("from", from), ("to", to)] {
                if !(0..=65535).contains(&port) {
                    return invalid(format!("TCP/UDP ({end}) port ({port}) out of range"));
                }
            }
            if from > to {
                return invalid(format!("Invalid TCP/UDP port range ({from}:{to})"));
            }
            Ok(Traffic { protocol: name, from: Some(from), to: Some(to) })
        }
        "icmp" | "icmpv6" => {
            let (kind, code) = (from.unwrap_or(-1), to.unwrap_or(-1));
            for (what, value) in [("type", kind), ("code", code)] {
                if !(-1..=255).contains(&value) {
                    return invalid(format!("ICMP {what} ({value}) out of range"));
                }
            }
            if kind == -1 && code != -1 {
                return invalid(format!("ICMP type ({kind}) and code ({code}) are not valid"));
            }
            Ok(Traffic { protocol: name, from: Some(kind), to: Some(code) })
        }
        number if number.parse::<u8>().is_ok() => Ok(Traffic { protocol: name, from: None, to: None }),
        _ => Err(Ec2Error::InvalidPermissionMalformed(format!(
            "Unsupported IP protocol \"{given}\"  - supported: [tcp, udp, icmp]"
        ))),
    }
}

fn ipv4(text: &str) -> Result<Peer, Ec2Error> {
    let malformed = || Ec2Error::InvalidParameterValue(format!("CIDR block {text} is malformed"));
    // AWS takes an address alone for no block.
    let block: Ipv4Block = text.parse().map_err(|_| malformed())?;
    Ok(Peer::Ipv4(block))
}

fn ipv6(text: &str) -> Result<Peer, Ec2Error> {
    let parsed = text.split_once('/').and_then(|(address, bits)| {
        let address: Ipv6Addr = address.parse().ok()?;
        let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 128)?;
        let mask = if bits == 0 { 0 } else { u128::MAX << (128 - bits) };
        Some(format!("{}/{bits}", Ipv6Addr::from(u128::from(address) & mask)))
    });
    let malformed = || Ec2Error::InvalidParameterValue(format!("CIDR block {text} is malformed"));
    parsed.map(Peer::Ipv6).ok_or_else(malformed)
}

/// There are no prefix lists yet.
fn prefix_list(id: &str) -> Result<Peer, Ec2Error> {
    Err(Ec2Error::InvalidPrefixListNotFound(format!("The prefix list ID '{id}' does not exist")))
}

/// Whether a rule says the same, its description aside.
pub fn same(rule: &Rule, egress: bool, wanted: &Wanted) -> bool {
    rule.egress == egress && rule.traffic == wanted.traffic && rule.peer == wanted.peer
}

/// As AWS describes a rule that is there already.
pub fn describe(wanted: &Wanted) -> String {
    let peer = match &wanted.peer {
        Peer::Ipv4(block) => block.to_string(),
        Peer::Ipv6(text) | Peer::Group(text) | Peer::PrefixList(text) => text.clone(),
    };
    let Traffic { protocol, from, to } = &wanted.traffic;
    match (protocol.as_str(), from, to) {
        ("-1", ..) => format!("peer: {peer}, ALL, ALLOW"),
        ("icmp" | "icmpv6", Some(from), Some(to)) => format!(
            "peer: {peer}, {}, type: {}, code: {}, ALLOW",
            protocol.to_uppercase(),
            any(*from),
            any(*to)
        ),
        (_, Some(from), Some(to)) => {
            format!("peer: {peer}, {}, from port: {from}, to port: {to}, ALLOW", protocol.to_uppercase())
        }
        _ => format!("peer: {peer}, protocol: {protocol}, ALLOW"),
    }
}

fn any(number: i32) -> String {
    if number == -1 { "ALL".into() } else { number.to_string() }
}

/// Rules as permissions: those that differ only in their peer stand together.
pub fn answer<'a>(cx: &Cx, rules: impl Iterator<Item = &'a Rule>) -> Vec<api::IpPermission> {
    let mut permissions: Vec<(Traffic, api::IpPermission)> = Vec::new();
    for rule in rules {
        let at = permissions.iter().position(|(traffic, _)| *traffic == rule.traffic);
        let at = at.unwrap_or_else(|| {
            permissions.push((rule.traffic.clone(), empty(&rule.traffic)));
            permissions.len() - 1
        });
        add_peer(cx, &mut permissions[at].1, &rule.peer, rule.description.clone());
    }
    permissions.into_iter().map(|(_, permission)| permission).collect()
}

/// One rule that was asked for and is not there.
pub fn answer_wanted(cx: &Cx, wanted: &Wanted) -> api::IpPermission {
    let mut permission = empty(&wanted.traffic);
    add_peer(cx, &mut permission, &wanted.peer, wanted.description.clone());
    permission
}

fn empty(traffic: &Traffic) -> api::IpPermission {
    api::IpPermission {
        ip_protocol: Some(traffic.protocol.clone()),
        from_port: traffic.from,
        to_port: traffic.to,
        user_id_group_pairs: Some(Vec::new()),
        ip_ranges: Some(Vec::new()),
        ipv6_ranges: Some(Vec::new()),
        prefix_list_ids: Some(Vec::new()),
    }
}

fn add_peer(cx: &Cx, permission: &mut api::IpPermission, peer: &Peer, description: Option<String>) {
    match peer {
        Peer::Ipv4(block) => {
            let range = api::IpRange { cidr_ip: Some(block.to_string()), description };
            permission.ip_ranges.get_or_insert_default().push(range);
        }
        Peer::Ipv6(cidr) => {
            let range = api::Ipv6Range { cidr_ipv6: Some(cidr.clone()), description };
            permission.ipv6_ranges.get_or_insert_default().push(range);
        }
        Peer::Group(id) => {
            let pair = api::UserIdGroupPair {
                user_id: Some(cx.account.to_string()),
                group_id: Some(id.clone()),
                description,
                ..Default::default()
            };
            permission.user_id_group_pairs.get_or_insert_default().push(pair);
        }
        Peer::PrefixList(id) => {
            let list = api::PrefixListId { prefix_list_id: Some(id.clone()), description };
            permission.prefix_list_ids.get_or_insert_default().push(list);
        }
    }
}

/// A rule with its id.
pub fn answer_rule(cx: &Cx, group_id: &str, rule: &Rule) -> api::SecurityGroupRule {
    let mut answer = api::SecurityGroupRule {
        security_group_rule_id: Some(rule.id.clone()),
        group_id: Some(group_id.to_owned()),
        group_owner_id: Some(cx.account.to_string()),
        is_egress: Some(rule.egress),
        ip_protocol: Some(rule.traffic.protocol.clone()),
        from_port: Some(rule.traffic.from.unwrap_or(-1)),
        to_port: Some(rule.traffic.to.unwrap_or(-1)),
        description: rule.description.clone(),
        tags: Some(tags::answer(&rule.tags)),
        security_group_rule_arn: Some(arns::arn(cx, "security-group-rule", &rule.id).to_string()),
        ..Default::default()
    };
    match &rule.peer {
        Peer::Ipv4(block) => answer.cidr_ipv4 = Some(block.to_string()),
        Peer::Ipv6(cidr) => answer.cidr_ipv6 = Some(cidr.clone()),
        Peer::PrefixList(id) => answer.prefix_list_id = Some(id.clone()),
        Peer::Group(id) => {
            answer.referenced_group_info = Some(api::ReferencedSecurityGroup {
                group_id: Some(id.clone()),
                user_id: Some(cx.account.to_string()),
                ..Default::default()
            });
        }
    }
    answer
}

/// A new row.
pub fn row(id: String, egress: bool, wanted: Wanted, tags: Tags) -> Rule {
    let Wanted { traffic, peer, description } = wanted;
    Rule { id, egress, traffic, peer, description, tags }
}
