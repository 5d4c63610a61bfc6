//! Subnets.

use gantry_base::Tags;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::network::{Ipv4Block, RESERVED_AT_START, Zone};
use crate::resource::{Kind, Whereabouts, resource};

/// By account, region and id.
pub const SUBNETS: Table<Subnet> = Table::new("ec2.subnet", 1);

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    pub id: String,
    pub vpc_id: String,
    pub block: Ipv4Block,
    pub zone: Zone,
    /// Whether it is the zone's default one.
    pub is_default: bool,
    /// Whether what is launched in it gets a public address when nothing else is said.
    pub map_public_ip: bool,
    pub resource_name_dns: bool,
    pub hostname_type: String,
    pub tags: Tags,
}

impl Subnet {
    /// How many interfaces it can have addresses for.
    pub fn capacity(&self) -> u64 {
        self.block.size().saturating_sub(RESERVED_AT_START + 1)
    }
}

resource!(
    Subnet,
    SUBNETS,
    Kind {
        name: "subnet",
        prefix: "subnet",
        noun: "subnet ID",
        missing: "InvalidSubnetID.NotFound",
        malformed: "InvalidSubnetID.Malformed",
        id_key: "ec2:SubnetID",
    },
    |subnet| Whereabouts { vpc: Some(&subnet.vpc_id), zone: Some(&subnet.zone.name) }
);
