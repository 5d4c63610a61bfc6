//! Where actions may forward to.

use std::collections::BTreeSet;

use gantry_elb_core::action::{self, Action};
use gantry_elb_core::limits::GROUPS_PER_LOAD_BALANCER;
use gantry_elb_core::name::Kind;
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use crate::error::{ElbError, refused};
use crate::find;
use crate::tables::{LoadBalancer, TargetGroup};

/// Refuses actions that a listener of this protocol and port, or a rule of it, can't have.
pub async fn check(
    tx: &mut Tx,
    cx: &Cx,
    of: &LoadBalancer,
    protocol: &str,
    port: u16,
    actions: &[Action],
) -> Result<(), Failure> {
    action::check_all(actions, protocol, port).map_err(refused)?;
    if of.kind == Kind::Network {
        if let Some(kind) = actions.iter().map(|action| action.what.kind()).find(|kind| *kind != "forward") {
            let message = format!("The action type '{kind}' is not valid with network load balancer");
            return Err(ElbError::action(message).into());
        }
        let sticky =
            |stickiness: action::GroupStickiness| stickiness.enabled || stickiness.duration_seconds.is_some();
        if actions.iter().any(|action| {
            matches!(&action.what, action::What::Forward(forward) if forward.stickiness.is_some_and(sticky))
        }) {
            let message =
                "Target group stickiness duration cannot be configured on load balancers of type 'network'";
            return Err(ElbError::configuration(message).into());
        }
    }
    let uses = find::uses(tx, cx).await?;
    let own = of.arn().to_string();
    let mut all: BTreeSet<&str> =
        uses.iter().filter(|(_, users)| users.contains(&own)).map(|(group, _)| group.as_str()).collect();
    for given in find::groups(actions) {
        let arn = find::parse(cx, given, "target group")?;
        let group = find::target_group(tx, cx, &arn).await?;
        let group = group.ok_or_else(|| ElbError::no_target_group(given))?;
        fits(of, protocol, &group)?;
        if uses.get(given).is_some_and(|users| users.iter().any(|user| *user != own)) {
            let message = format!(
                "The following target groups cannot be associated with more than one load balancer: {given}"
            );
            return Err(ElbError::new("TargetGroupAssociationLimit", message).into());
        }
        all.insert(given);
    }
    if all.len() > GROUPS_PER_LOAD_BALANCER {
        let message = format!(
            "The quota of '{GROUPS_PER_LOAD_BALANCER}' target groups for a load balancer has been reached"
        );
        return Err(ElbError::new("TooManyUniqueTargetGroupsPerLoadBalancer", message).into());
    }
    Ok(())
}

fn fits(of: &LoadBalancer, protocol: &str, group: &TargetGroup) -> Result<(), ElbError> {
    let compatible: &[&str] = match protocol {
        "HTTP" | "HTTPS" => &["HTTP", "HTTPS"],
        "TCP" => &["TCP", "TCP_UDP"],
        "TLS" => &["TCP", "TLS"],
        "UDP" => &["UDP", "TCP_UDP"],
        _ => &["TCP_UDP"],
    };
    if !compatible.contains(&group.protocol.as_str()) {
        let message = format!(
            "The listener and the following target groups have incompatible protocols: {}",
            group.arn()
        );
        return Err(ElbError::new("IncompatibleProtocols", message));
    }
    let http2 = group.protocol_version.as_deref().is_some_and(|version| version == "GRPC");
    if http2 && protocol == "HTTP" {
        return Err(ElbError::action(
            "Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'",
        ));
    }
    if group.vpc_id != of.vpc_id {
        return Err(ElbError::configuration(format!(
            "The following target groups are in a different VPC than load balancer '{}': {}",
            of.arn(),
            group.arn()
        )));
    }
    Ok(())
}
