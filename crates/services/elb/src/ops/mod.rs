//! The operations, one file each, and what several of them share.

pub mod add_listener_certificates;
pub mod add_tags;
pub mod create_listener;
pub mod create_load_balancer;
pub mod create_rule;
pub mod create_target_group;
pub mod delete_listener;
pub mod delete_load_balancer;
pub mod delete_rule;
pub mod delete_target_group;
pub mod deregister_targets;
pub mod describe_account_limits;
pub mod describe_capacity_reservation;
pub mod describe_listener_attributes;
pub mod describe_listener_certificates;
pub mod describe_listeners;
pub mod describe_load_balancer_attributes;
pub mod describe_load_balancers;
pub mod describe_rules;
pub mod describe_ssl_policies;
pub mod describe_tags;
pub mod describe_target_group_attributes;
pub mod describe_target_groups;
pub mod describe_target_health;
pub mod describe_trust_store_associations;
pub mod describe_trust_store_revocations;
pub mod describe_trust_stores;
mod forwarding;
mod health_check;
pub mod modify_listener;
pub mod modify_listener_attributes;
pub mod modify_load_balancer_attributes;
pub mod modify_rule;
pub mod modify_target_group;
pub mod modify_target_group_attributes;
mod own_addresses;
pub mod register_targets;
pub mod remove_listener_certificates;
pub mod remove_tags;
mod secure;
pub mod set_ip_address_type;
pub mod set_rule_priorities;
pub mod set_security_groups;
pub mod set_subnets;
mod tagged;

use gantry_base::{Arn, Tags};
use gantry_service::{Cx, Failure, Permission, Permit};

/// An action on a resource, which has these tags if it is there.
fn allow(cx: &Cx, action: &'static str, arn: &Arn, tags: Option<&Tags>) -> Result<Permit, Failure> {
    cx.authorize(Permission::on(action, arn).resource_tags(tags.into_iter().flat_map(Tags::iter)))
}

/// An action that makes a resource, with the tags that it is to have. To give tags is an action of its own.
fn allow_making(
    cx: &Cx,
    action: &'static str,
    arn: &Arn,
    parent: Option<&Tags>,
    pairs: &[(String, String)],
) -> Result<Permit, Failure> {
    let given = || pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let of_parent = parent.into_iter().flat_map(Tags::iter);
    let permit = cx.authorize(Permission::on(action, arn).request_tags(given()).resource_tags(of_parent))?;
    if !pairs.is_empty() {
        let name = action.split_once(':').map_or(action, |(_, name)| name);
        let tagging = Permission::on("elasticloadbalancing:AddTags", arn).request_tags(given());
        cx.authorize(tagging.key("elasticloadbalancing:CreateAction", [name]))?;
    }
    Ok(permit)
}

/// An action that lists, which has no resource.
fn listing(cx: &Cx, action: &'static str) -> Result<Permit, Failure> {
    cx.authorize(Permission::of(action))
}
