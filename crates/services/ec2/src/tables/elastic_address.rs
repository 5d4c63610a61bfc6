//! Elastic addresses.

use std::net::Ipv4Addr;

use gantry_base::Tags;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::resource::{Kind, resource};

/// By account, region and allocation id.
pub const ELASTIC_ADDRESSES: Table<ElasticAddress> = Table::new("ec2.elastic_address", 1);

/// A public address that an account keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElasticAddress {
    pub id: String,
    pub address: Ipv4Addr,
    pub association: Option<AddressAssociation>,
    pub tags: Tags,
}

/// What an elastic address leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressAssociation {
    pub id: String,
    pub network_interface_id: String,
    pub private_ip: Ipv4Addr,
}

resource!(
    ElasticAddress,
    ELASTIC_ADDRESSES,
    Kind {
        name: "elastic-ip",
        prefix: "eipalloc",
        noun: "allocation ID",
        missing: "InvalidAllocationID.NotFound",
        malformed: "InvalidAllocationID.Malformed",
        id_key: "ec2:AllocationId",
    }
);
