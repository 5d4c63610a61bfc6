//! What is stored.

pub mod interface;
pub mod listener;
pub mod load_balancer;
pub mod rule;
pub mod target;
pub mod target_group;

pub use interface::{INTERFACES, Interface};
pub use listener::{LISTENERS, Listener};
pub use load_balancer::{Elastic, LOAD_BALANCERS, LoadBalancer, Zone};
pub use rule::{RULES, Rule};
pub use target::{HEALTH, TARGETS, Target};
pub use target_group::{TARGET_GROUPS, TargetGroup};
