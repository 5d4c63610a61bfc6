//! VPCs.

use gantry_base::Tags;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::network::Ipv4Block;
use crate::resource::{Kind, resource};

/// By account, region and id.
pub const VPCS: Table<Vpc> = Table::new("ec2.vpc", 1);

/// A VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    pub id: String,
    /// Never empty; the first is the one that the VPC was made with.
    pub blocks: Vec<BlockAssociation>,
    pub is_default: bool,
    /// An id of DHCP options, or `default`: none.
    pub dhcp_options_id: String,
    /// Whether the resolver answers.
    pub dns_support: bool,
    /// Whether public addresses have names.
    pub dns_hostnames: bool,
    pub address_usage_metrics: bool,
    pub tags: Tags,
}

/// A block of a VPC, with the id by which it is taken away again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockAssociation {
    pub id: String,
    pub block: Ipv4Block,
}

impl Vpc {
    /// The block that the VPC was made with.
    pub fn block(&self) -> Ipv4Block {
        self.blocks.first().map_or(Ipv4Block::ANYWHERE, |first| first.block)
    }

    /// Whether all of the block lies in one of the VPC's.
    pub fn contains(&self, block: Ipv4Block) -> bool {
        self.blocks.iter().any(|own| own.block.contains(block))
    }
}

resource!(
    Vpc,
    VPCS,
    Kind {
        name: "vpc",
        prefix: "vpc",
        noun: "vpc ID",
        missing: "InvalidVpcID.NotFound",
        malformed: "InvalidVpcId.Malformed",
        id_key: "ec2:VpcID",
    }
);
