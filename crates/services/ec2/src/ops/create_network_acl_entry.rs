//! CreateNetworkAclEntry: an ACL decides more.

use std::net::Ipv6Addr;

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::network::Ipv4Block;
use crate::site::Site;
use crate::tables::network_acl::{AclEntry, LAST_ENTRY, NetworkAcl};

/// AWS's quota of entries for a direction can be raised to this.
const MOST: usize = 40;

/// Adds an entry under a number that is free.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::CreateNetworkAclEntryRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (mut acl, permit) =
        site.allowed::<NetworkAcl>(&cx, "ec2:CreateNetworkAclEntry", &input.network_acl_id).await?;
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
    if acl.entries.iter().any(|one| one.egress == entry.egress && one.number == entry.number) {
        let message = format!("The network acl entry identified by {} already exists.", entry.number);
        return Err(Ec2Error::NetworkAclEntryAlreadyExists(message).into());
    }
    if acl.entries.iter().filter(|one| one.egress == entry.egress).count() >= MOST {
        let message = "The maximum number of network acl entries has been reached.";
        return Err(Ec2Error::LimitExceeded(message.into()).into());
    }
    end_dry_run(input.dry_run)?;
    acl.entries.push(entry);
    site.put(&acl);
    site.commit(&permit).await?;
    Ok(Unit)
}

/// An entry as requests give it.
pub(super) struct Given {
    pub number: i32,
    pub egress: bool,
    pub action: String,
    pub protocol: String,
    pub v4: Option<String>,
    pub v6: Option<String>,
    pub ports: Option<api::PortRange>,
    pub icmp: Option<api::IcmpTypeCode>,
}

/// Reads an entry.
pub(super) fn read(given: Given) -> Result<AclEntry, Ec2Error> {
    let invalid = |value: &dyn std::fmt::Display, member: &str, why: &str| {
        let message = format!("Value ({value}) for parameter {member} is invalid. {why}");
        Ec2Error::InvalidParameterValue(message)
    };
    if !(1..LAST_ENTRY).contains(&given.number) {
        return Err(invalid(&given.number, "ruleNumber", "Rule numbers are from 1 to 32766."));
    }
    let allow = match given.action.as_str() {
        "allow" => true,
        "deny" => false,
        other => return Err(invalid(&other, "ruleAction", "It is allow or deny.")),
    };
    let protocol = match given.protocol.to_ascii_lowercase().as_str() {
        "all" => -1,
        "tcp" => 6,
        "udp" => 17,
        "icmp" => 1,
        "icmpv6" => 58,
        number => match number.parse() {
            Ok(number @ -1..=255) => number,
            _ => return Err(invalid(&given.protocol, "protocol", "Unknown protocol.")),
        },
    };
    let cidr = match (&given.v4, &given.v6) {
        (Some(text), None) => {
            let block: Result<Ipv4Block, _> = text.parse();
            block.map_err(|_| invalid(text, "cidrBlock", "This is not a valid CIDR block."))?.to_string()
        }
        (None, Some(text)) => {
            let fine = text.split_once('/').is_some_and(|(address, bits)| {
                address.parse::<Ipv6Addr>().is_ok() && bits.parse::<u8>().is_ok_and(|bits| bits <= 128)
            });
            if !fine {
                return Err(invalid(text, "ipv6CidrBlock", "This is not a valid IPv6 CIDR block."));
            }
            text.clone()
        }
        (None, None) => return Err(Ec2Error::MissingParameter("cidrBlock or ipv6CidrBlock")),
        (Some(_), Some(_)) => {
            let message = "Only one of cidrBlock and ipv6CidrBlock can be specified.";
            return Err(Ec2Error::InvalidParameterCombination(message.into()));
        }
    };
    let ports = match (protocol, &given.ports) {
        (6 | 17, None) => return Err(Ec2Error::MissingParameter("portRange")),
        (6 | 17, Some(range)) => {
            let (from, to) = (range.from.unwrap_or(-1), range.to.unwrap_or(-1));
            // -1 stands for all of them.
            let (from, to) = if (from, to) == (-1, -1) { (0, 65535) } else { (from, to) };
            if !(0..=65535).contains(&from) || !(from..=65535).contains(&to) {
                return Err(invalid(&format!("{from}-{to}"), "portRange", "Ports are from 0 to 65535."));
            }
            Some((from, to))
        }
        _ => None,
    };
    let icmp = match (protocol, given.icmp) {
        (1 | 58, None) => return Err(Ec2Error::MissingParameter("icmpTypeCode")),
        (1 | 58, Some(icmp)) => {
            let (kind, code) = (icmp.r#type.unwrap_or(-1), icmp.code.unwrap_or(-1));
            if !(-1..=255).contains(&kind) || !(-1..=255).contains(&code) {
                return Err(invalid(&format!("{kind}, {code}"), "icmpTypeCode", "Both are from -1 to 255."));
            }
            Some((kind, code))
        }
        _ => None,
    };
    Ok(AclEntry { number: given.number, egress: given.egress, allow, protocol, cidr, ports, icmp })
}
