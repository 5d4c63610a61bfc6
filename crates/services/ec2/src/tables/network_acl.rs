//! Network ACLs.

use gantry_base::Tags;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::client_token::MadeBy;
use crate::resource::{Kind, Whereabouts, resource};

/// By account, region and id.
pub const NETWORK_ACLS: Table<NetworkAcl> = Table::new("ec2.network_acl", 1);

/// The number by which AWS shows the entry that denies what no other one decides.
pub const LAST_ENTRY: i32 = 32767;

/// A network ACL. The entries that deny the rest are in every one, and not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    pub id: String,
    pub vpc_id: String,
    /// Whether it is the one that the VPC came with.
    pub is_default: bool,
    /// In no order; the numbers of one direction differ.
    pub entries: Vec<AclEntry>,
    pub associations: Vec<AclAssociation>,
    pub tags: Tags,
    /// Where the request that made it had a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<MadeBy>,
}

/// The ACL of a subnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclAssociation {
    pub id: String,
    pub subnet_id: String,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclEntry {
    pub number: i32,
    pub egress: bool,
    pub allow: bool,
    /// The number of a protocol; -1: all.
    pub protocol: i32,
    /// A block of IPv4 or IPv6 addresses.
    pub cidr: String,
    pub ports: Option<(i32, i32)>,
    /// Type and code of ICMP; -1: any.
    pub icmp: Option<(i32, i32)>,
}

impl AclEntry {
    /// Lets everything through, as in the ACL that a VPC comes with.
    pub fn open(egress: bool) -> AclEntry {
        AclEntry {
            number: 100,
            egress,
            allow: true,
            protocol: -1,
            cidr: "0.0.0.0/0".into(),
            ports: None,
            icmp: None,
        }
    }

    /// Denies what no other entry decides.
    pub fn last(egress: bool) -> AclEntry {
        AclEntry { number: LAST_ENTRY, allow: false, ..AclEntry::open(egress) }
    }
}

resource!(
    NetworkAcl,
    NETWORK_ACLS,
    Kind {
        name: "network-acl",
        prefix: "acl",
        noun: "networkAcl ID",
        missing: "InvalidNetworkAclID.NotFound",
        malformed: "InvalidNetworkAclId.Malformed",
        id_key: "ec2:NetworkAclID",
    },
    |acl| Whereabouts { vpc: Some(&acl.vpc_id), zone: None }
);
