//! Targets, and what is known of their health. Users write the one, the data plane's reports the other.

use std::net::IpAddr;

use gantry_base::{AccountId, Region, Timestamp};
use gantry_elb_core::health::Health;
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region, target group's id, address or instance's id, and port.
pub const TARGETS: Table<Target> = Table::new("elb.target", 1);

/// By the same.
pub const HEALTH: Table<Health> = Table::new("elb.target_health", 1);

/// A target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The id of the container instance that it is; none where it is an address.
    #[serde(default)]
    pub instance: Option<String>,
    /// Of an instance: where it was as it was registered.
    pub address: IpAddr,
    pub port: u16,
    /// A zone's name, or `all`.
    pub zone: String,
    /// Whether the user named the zone, so that it is answered.
    pub zone_given: bool,
    pub registered_at: Timestamp,
    /// Until when it is drained, once it was deregistered.
    pub draining_until: Option<Timestamp>,
}

impl Target {
    /// What it was registered as.
    pub fn id(&self) -> String {
        self.instance.clone().unwrap_or_else(|| self.address.to_string())
    }
}

/// The key of a target, by what it was registered as.
pub fn target_key(account: AccountId, region: &Region, group: &str, id: &str, port: u16) -> Key {
    key!(account, region, group, id, format_args!("{port:05}"))
}

/// The prefix of a group's targets.
pub fn targets_key(account: AccountId, region: &Region, group: &str) -> Key {
    key!(account, region, group)
}
