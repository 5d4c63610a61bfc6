//! Whether a client's NFS passes the security groups between it and a file system's mount targets.

use std::collections::HashSet;
use std::net::Ipv4Addr;

use gantry_api_ec2 as ec2;
use gantry_service::{Cx, Failure, MountingFrom};

use crate::network::as_service;
use crate::tables::MountTarget;

/// Where mount targets serve NFS.
const NFS: i32 = 2049;

/// What a client finds of a file system in its VPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// No mount target: its name is not known there.
    Unknown,
    /// Security groups let nothing through: the mount is tried until its time is over.
    Filtered,
    Open,
}

/// `targets` are the file system's. A client is led to the target in its zone, where there is one.
pub async fn reach(cx: &Cx, targets: &[MountTarget], from: &MountingFrom) -> Result<Reach, Failure> {
    let all: Vec<_> = targets.iter().filter(|it| it.vpc_id == from.vpc_id).collect();
    if all.is_empty() {
        return Ok(Reach::Unknown);
    }
    let near: Vec<_> = all.iter().copied().filter(|it| it.zone.0 == from.zone).collect();
    let led_to = if near.is_empty() { all } else { near };
    let ids: HashSet<&String> =
        led_to.iter().flat_map(|it| &it.security_groups).chain(&from.security_groups).collect();
    let input = ec2::DescribeSecurityGroupsRequest {
        group_ids: Some(ids.into_iter().cloned().collect()),
        ..Default::default()
    };
    let groups = cx.siblings.call::<ec2::DescribeSecurityGroups>(&as_service(cx), input).await?;
    let groups = groups.security_groups.unwrap_or_default();
    let rules = |of: &[String], outward: bool| -> Vec<ec2::IpPermission> {
        let of = groups.iter().filter(|it| it.group_id.as_ref().is_some_and(|id| of.contains(id)));
        of.flat_map(|it| if outward { &it.ip_permissions_egress } else { &it.ip_permissions })
            .flatten()
            .cloned()
            .collect()
    };
    let out = rules(&from.security_groups, true);
    let open = led_to.iter().any(|target| {
        let address = target.ip_address.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
        out.iter().any(|rule| lets(rule, address, &target.security_groups))
            && rules(&target.security_groups, false)
                .iter()
                .any(|rule| lets(rule, from.address, &from.security_groups))
    });
    Ok(if open { Reach::Open } else { Reach::Filtered })
}

/// Whether a rule lets NFS through from or to that address and the groups of its interface.
fn lets(rule: &ec2::IpPermission, address: Ipv4Addr, groups: &[String]) -> bool {
    let passes = match rule.ip_protocol.as_deref() {
        Some("-1") => true,
        Some("tcp" | "6") => {
            let (from, to) = (rule.from_port.unwrap_or(-1), rule.to_port.unwrap_or(-1));
            from == -1 || (from..=to).contains(&NFS)
        }
        _ => false,
    };
    let mut blocks = rule.ip_ranges.iter().flatten().filter_map(|it| it.cidr_ip.as_deref());
    let mut named = rule.user_id_group_pairs.iter().flatten().filter_map(|it| it.group_id.as_ref());
    passes && (blocks.any(|block| holds(block, address)) || named.any(|group| groups.contains(group)))
}

/// Whether a block, as EC2 writes it (`10.0.0.0/8`), holds an address.
fn holds(block: &str, address: Ipv4Addr) -> bool {
    let Some((network, length)) = block.split_once('/') else { return false };
    let (Ok(network), Ok(length)) = (network.parse::<Ipv4Addr>(), length.parse::<u32>()) else {
        return false;
    };
    // No bit of a block of length 0 counts.
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(length)).unwrap_or(0);
    length <= 32 && network.to_bits() & mask == address.to_bits() & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(protocol: &str, ports: Option<(i32, i32)>, block: Option<&str>) -> ec2::IpPermission {
        ec2::IpPermission {
            ip_protocol: Some(protocol.to_owned()),
            from_port: ports.map(|it| it.0),
            to_port: ports.map(|it| it.1),
            ip_ranges: block
                .map(|it| vec![ec2::IpRange { cidr_ip: Some(it.to_owned()), ..Default::default() }]),
            ..Default::default()
        }
    }

    #[test]
    fn a_rule_lets_through_what_it_names() {
        let address = Ipv4Addr::new(172, 31, 0, 9);
        let lets = |rule: &ec2::IpPermission| lets(rule, address, &["sg-1".to_owned()]);
        assert!(lets(&rule("tcp", Some((2049, 2049)), Some("172.31.0.0/20"))));
        assert!(lets(&rule("-1", None, Some("0.0.0.0/0"))));
        assert!(!lets(&rule("tcp", Some((80, 443)), Some("0.0.0.0/0"))));
        assert!(!lets(&rule("udp", Some((2049, 2049)), Some("0.0.0.0/0"))));
        assert!(!lets(&rule("tcp", Some((2049, 2049)), Some("172.31.16.0/20"))));
        assert!(!lets(&rule("tcp", Some((2049, 2049)), None)));
        let pair = |id: &str| ec2::UserIdGroupPair { group_id: Some(id.to_owned()), ..Default::default() };
        let named =
            |id| ec2::IpPermission { user_id_group_pairs: Some(vec![pair(id)]), ..rule("-1", None, None) };
        assert!(lets(&named("sg-1")) && !lets(&named("sg-2")));
    }

    #[test]
    fn a_block_holds_its_addresses() {
        let address = Ipv4Addr::new(10, 1, 2, 3);
        assert!(holds("10.1.2.3/32", address) && holds("0.0.0.0/0", address) && holds("10.0.0.0/8", address));
        assert!(
            !holds("10.1.2.4/32", address) && !holds("10.1.2.3", address) && !holds("10.0.0.0/64", address)
        );
    }
}
