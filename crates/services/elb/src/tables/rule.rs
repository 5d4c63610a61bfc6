//! Rules, without the default ones, which stand with their listeners.

use gantry_base::{AccountId, Region, Tags};
use gantry_elb_core::action::Action;
use gantry_elb_core::condition::Condition;
use gantry_elb_core::transform::Transform;
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region, load balancer's id, listener's id and own id.
pub const RULES: Table<Rule> = Table::new("elb.rule", 1);

/// A rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub id: String,
    pub priority: u32,
    pub conditions: Vec<Condition>,
    pub actions: Vec<Action>,
    #[serde(default)]
    pub transforms: Vec<Transform>,
    pub tags: Tags,
}

/// The key of a rule.
pub fn rule_key(account: AccountId, region: &Region, load_balancer: &str, listener: &str, id: &str) -> Key {
    key!(account, region, load_balancer, listener, id)
}

/// The prefix of a listener's rules.
pub fn rules_key(account: AccountId, region: &Region, load_balancer: &str, listener: &str) -> Key {
    key!(account, region, load_balancer, listener)
}
