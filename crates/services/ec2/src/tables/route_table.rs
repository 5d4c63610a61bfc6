//! Route tables.

use gantry_base::Tags;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::client_token::MadeBy;
use crate::network::Ipv4Block;
use crate::resource::{Kind, Whereabouts, resource};

/// By account, region and id.
pub const ROUTE_TABLES: Table<RouteTable> = Table::new("ec2.route_table", 1);

/// A route table. The routes to the VPC's own blocks are in every one, and not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    pub id: String,
    pub vpc_id: String,
    pub associations: Vec<RouteAssociation>,
    pub routes: Vec<Route>,
    pub tags: Tags,
    /// Where the request that made it had a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<MadeBy>,
}

/// Who uses a route table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteAssociation {
    pub id: String,
    /// Absent: every subnet of the VPC that has no table of its own. That is the main table.
    pub subnet_id: Option<String>,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub destination: Ipv4Block,
    pub target: Target,
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Target {
    InternetGateway(String),
    NatGateway(String),
    NetworkInterface(String),
}

impl RouteTable {
    /// Whether it is the main one of its VPC.
    pub fn is_main(&self) -> bool {
        self.associations.iter().any(|association| association.subnet_id.is_none())
    }

    /// Whether the subnet is associated with it.
    pub fn is_of(&self, subnet_id: &str) -> bool {
        self.associations.iter().any(|association| association.subnet_id.as_deref() == Some(subnet_id))
    }
}

resource!(
    RouteTable,
    ROUTE_TABLES,
    Kind {
        name: "route-table",
        prefix: "rtb",
        noun: "routeTable ID",
        missing: "InvalidRouteTableID.NotFound",
        malformed: "InvalidRouteTableId.Malformed",
        id_key: "ec2:RouteTableID",
    },
    |table| Whereabouts { vpc: Some(&table.vpc_id), zone: None }
);
