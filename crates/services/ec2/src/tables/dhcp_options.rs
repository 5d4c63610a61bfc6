//! Sets of DHCP options.

use gantry_base::Tags;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::resource::{Kind, resource};

/// By account, region and id.
pub const DHCP_OPTIONS: Table<DhcpOptions> = Table::new("ec2.dhcp_options", 1);

/// A set of DHCP options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhcpOptions {
    pub id: String,
    pub configurations: Vec<(String, Vec<String>)>,
    pub tags: Tags,
}

resource!(
    DhcpOptions,
    DHCP_OPTIONS,
    Kind {
        name: "dhcp-options",
        prefix: "dopt",
        noun: "dhcpOption ID",
        missing: "InvalidDhcpOptionID.NotFound",
        malformed: "InvalidDhcpOptionsId.Malformed",
        id_key: "ec2:DhcpOptionsID",
    }
);
