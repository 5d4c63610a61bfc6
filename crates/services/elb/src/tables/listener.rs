//! Listeners.

use gantry_base::{AccountId, Region, Tags};
use gantry_elb_core::action::Action;
use gantry_elb_core::attributes::Set;
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region, load balancer's id and own id.
pub const LISTENERS: Table<Listener> = Table::new("elb.listener", 1);

/// A listener, with its default rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    pub id: String,
    /// `app/NAME/ID` of its load balancer.
    pub load_balancer: String,
    pub load_balancer_name: String,
    pub protocol: String,
    pub port: u16,
    pub default_rule_id: String,
    pub actions: Vec<Action>,
    /// ARNs of certificates; the first is the default one.
    pub certificates: Vec<String>,
    pub ssl_policy: Option<String>,
    pub alpn_policy: Option<String>,
    pub attributes: Set,
    pub tags: Tags,
}

impl Listener {
    /// What stands behind the account in its ARN.
    pub fn resource(&self) -> String {
        format!("listener/{}/{}", self.load_balancer, self.id)
    }

    /// The same of a rule of it.
    pub fn rule_resource(&self, rule: &str) -> String {
        format!("listener-rule/{}/{}/{rule}", self.load_balancer, self.id)
    }
}

/// The key of a listener.
pub fn listener_key(account: AccountId, region: &Region, load_balancer: &str, id: &str) -> Key {
    key!(account, region, load_balancer, id)
}

/// The prefix of a load balancer's listeners.
pub fn listeners_key(account: AccountId, region: &Region, load_balancer: &str) -> Key {
    key!(account, region, load_balancer)
}
