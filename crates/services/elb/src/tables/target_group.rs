//! Target groups.

use gantry_base::{AccountId, Arn, Region, Tags, Timestamp};
use gantry_elb_core::attributes::Set;
use gantry_elb_core::matcher::Matcher;
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and name.
pub const TARGET_GROUPS: Table<TargetGroup> = Table::new("elb.target_group", 1);

/// A target group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetGroup {
    pub name: String,
    pub id: String,
    pub account: AccountId,
    pub region: Region,
    /// `HTTP`, `TCP`, ...
    pub protocol: String,
    /// `HTTP1`, `HTTP2`, `GRPC`; absent where the protocol is not HTTP.
    pub protocol_version: Option<String>,
    pub port: u16,
    pub vpc_id: String,
    /// `ip`, `instance`
    pub target_type: String,
    pub check: Check,
    pub attributes: Set,
    pub tags: Tags,
    pub created_at: Timestamp,
}

/// How its targets are checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub enabled: bool,
    pub protocol: String,
    /// `traffic-port` or a number.
    pub port: String,
    /// Absent where the check is a connection alone.
    pub path: Option<String>,
    pub interval_seconds: u32,
    pub timeout_seconds: u32,
    pub healthy_threshold: u32,
    pub unhealthy_threshold: u32,
    /// HTTP codes, or gRPC's where the group speaks it.
    pub matcher: Option<Matcher>,
}

impl TargetGroup {
    /// `arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID`
    pub fn arn(&self) -> Arn {
        let resource = format_args!("targetgroup/{}/{}", self.name, self.id);
        Arn::regional("elasticloadbalancing", &self.region, self.account, resource)
    }

    /// Its key.
    pub fn key(&self) -> Key {
        target_group_key(self.account, &self.region, &self.name)
    }

    /// Whether application load balancers use it.
    pub fn is_http(&self) -> bool {
        matches!(self.protocol.as_str(), "HTTP" | "HTTPS")
    }
}

/// The key of a target group.
pub fn target_group_key(account: AccountId, region: &Region, name: &str) -> Key {
    key!(account, region, name)
}
