//! Network interfaces.

use std::net::Ipv4Addr;

use gantry_base::{AccountId, Region, Tags, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

use crate::resource::{Kind, resource};

/// By account, region and id.
pub const NETWORK_INTERFACES: Table<NetworkInterface> = Table::new("ec2.network_interface", 1);

/// Client tokens of interfaces that exist, by account, region and token.
pub const CLIENT_TOKENS: Table<ClientToken> = Table::new("ec2.client_token", 1);

/// A network interface. What follows from subnet and address (VPC, zone, names, MAC address) is not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    pub id: String,
    pub subnet_id: String,
    pub private_ip: Ipv4Addr,
    pub public_ip: Option<PublicIp>,
    pub description: String,
    /// Ids of its security groups.
    pub groups: Vec<String>,
    pub tags: Tags,
    pub created_at: Timestamp,
    /// The service that made it and manages it. Such an interface is attached as long as it exists.
    pub requester: Option<Requester>,
    pub client_token: Option<String>,
    /// Whether it drops what is not for or from its own address.
    #[serde(default = "checked")]
    pub source_dest_check: bool,
    /// AWS's word for what it is.
    #[serde(default = "plain")]
    pub interface_type: String,
}

fn checked() -> bool {
    true
}

fn plain() -> String {
    "interface".into()
}

impl NetworkInterface {
    /// AWS's word for whether it is used.
    pub fn status(&self) -> &'static str {
        if self.requester.is_some() { "in-use" } else { "available" }
    }
}

/// A public address that leads to an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicIp {
    pub address: Ipv4Addr,
    pub association_id: String,
    /// Where it is an elastic address.
    #[serde(default)]
    pub allocation_id: Option<String>,
}

/// The service behind an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// `ecs.amazonaws.com`
    pub service: String,
    pub attachment_id: String,
}

/// What was made under a client token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientToken {
    pub network_interface_id: String,
    /// A digest of the request, as the same token may not carry another one.
    pub request: String,
}

/// The key of a client token.
pub fn client_token_key(account: AccountId, region: &Region, token: &str) -> Key {
    key!(account, region, token)
}

resource!(
    NetworkInterface,
    NETWORK_INTERFACES,
    Kind {
        name: "network-interface",
        prefix: "eni",
        noun: "networkInterface ID",
        missing: "InvalidNetworkInterfaceID.NotFound",
        malformed: "InvalidNetworkInterfaceId.Malformed",
        id_key: "ec2:NetworkInterfaceID",
    }
);
