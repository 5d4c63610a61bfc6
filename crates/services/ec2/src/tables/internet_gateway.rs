//! Internet gateways.

use gantry_base::Tags;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::resource::{Kind, resource};

/// By account, region and id.
pub const INTERNET_GATEWAYS: Table<InternetGateway> = Table::new("ec2.internet_gateway", 1);

/// An internet gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetGateway {
    pub id: String,
    /// The VPC that it is attached to.
    pub vpc_id: Option<String>,
    pub tags: Tags,
}

resource!(
    InternetGateway,
    INTERNET_GATEWAYS,
    Kind {
        name: "internet-gateway",
        prefix: "igw",
        noun: "internetGateway ID",
        missing: "InvalidInternetGatewayID.NotFound",
        malformed: "InvalidInternetGatewayId.Malformed",
        id_key: "ec2:InternetGatewayID",
    }
);
