//! Security groups and their rules.

use gantry_base::Tags;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::network::Ipv4Block;
use crate::resource::{Kind, Whereabouts, resource};

/// By account, region and id.
pub const SECURITY_GROUPS: Table<SecurityGroup> = Table::new("ec2.security_group", 1);

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    pub id: String,
    pub vpc_id: String,
    pub name: String,
    pub description: String,
    pub rules: Vec<Rule>,
    pub tags: Tags,
}

/// A rule: one protocol, one range of ports, one peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub id: String,
    pub egress: bool,
    #[serde(flatten)]
    pub traffic: Traffic,
    pub peer: Peer,
    pub description: Option<String>,
    pub tags: Tags,
}

/// Protocol and ports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Traffic {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, the number of another protocol, or `-1`: all.
    pub protocol: String,
    /// First port, or type of ICMP (-1: any); absent where the protocol has none.
    pub from: Option<i32>,
    /// Last port, or code of ICMP (-1: any).
    pub to: Option<i32>,
}

impl Traffic {
    /// All there is.
    pub fn all() -> Traffic {
        Traffic { protocol: "-1".into(), from: None, to: None }
    }
}

/// Who the other end is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Peer {
    Ipv4(Ipv4Block),
    Ipv6(String),
    /// The members of a group of the same account.
    Group(String),
    PrefixList(String),
}

impl SecurityGroup {
    /// The group that a VPC comes with: it lets in what comes from itself.
    pub fn is_default(&self) -> bool {
        self.name == "default"
    }

    /// The rules of one direction.
    pub fn rules_of(&self, egress: bool) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.egress == egress)
    }
}

resource!(
    SecurityGroup,
    SECURITY_GROUPS,
    Kind {
        name: "security-group",
        prefix: "sg",
        noun: "security group",
        missing: "InvalidGroup.NotFound",
        malformed: "InvalidGroupId.Malformed",
        id_key: "ec2:SecurityGroupID",
    },
    |group| Whereabouts { vpc: Some(&group.vpc_id), zone: None }
);
