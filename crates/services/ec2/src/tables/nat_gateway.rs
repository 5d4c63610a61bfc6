//! NAT gateways.

use std::net::Ipv4Addr;

use gantry_base::{Tags, Timestamp};
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::client_token::MadeBy;
use crate::resource::{Kind, resource};

/// By account, region and id.
pub const NAT_GATEWAYS: Table<NatGateway> = Table::new("ec2.nat_gateway", 1);

/// A NAT gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    pub id: String,
    pub vpc_id: String,
    pub subnet_id: String,
    pub network_interface_id: String,
    pub private_ip: Ipv4Addr,
    /// Absent where it is a private one.
    pub public: Option<NatAddress>,
    pub created_at: Timestamp,
    /// It is shown for a while after its end.
    pub deleted_at: Option<Timestamp>,
    /// Where the request that made it had a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<MadeBy>,
    pub tags: Tags,
}

/// The elastic address by which a public one reaches the internet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatAddress {
    pub allocation_id: String,
    pub association_id: String,
    pub address: Ipv4Addr,
}

impl NatGateway {
    /// AWS's word for how it is.
    pub fn state(&self) -> &'static str {
        if self.deleted_at.is_some() { "deleted" } else { "available" }
    }

    /// AWS's word for what it connects to.
    pub fn connectivity(&self) -> &'static str {
        if self.public.is_some() { "public" } else { "private" }
    }
}

resource!(
    NatGateway,
    NAT_GATEWAYS,
    Kind {
        name: "natgateway",
        prefix: "nat",
        noun: "NatGateway",
        missing: "NatGatewayNotFound",
        malformed: "NatGatewayMalformed",
        id_key: "ec2:NatGatewayID",
    }
);
