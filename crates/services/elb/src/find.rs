//! From ARNs to rows.

use std::collections::{BTreeMap, BTreeSet};

use gantry_base::Arn;
use gantry_elb_core::action::{Action, What};
use gantry_elb_core::name::Named;
use gantry_service::{Cx, Failure};
use gantry_store::{Scan, Tx, key};

use crate::error::ElbError;
use crate::tables::listener::{listener_key, listeners_key};
use crate::tables::load_balancer::load_balancer_key;
use crate::tables::rule::{rule_key, rules_key};
use crate::tables::target_group::target_group_key;
use crate::tables::{
    LISTENERS, LOAD_BALANCERS, Listener, LoadBalancer, RULES, Rule, TARGET_GROUPS, TargetGroup,
};

/// Reads an ARN of ELB, or says that it is none of this kind of resource. One of another region is none either.
pub fn parse(cx: &Cx, given: &str, what: &str) -> Result<Arn, ElbError> {
    let fits = |arn: &Arn| {
        let named = Named::parse(arn.resource());
        let of_kind = match what {
            "load balancer" => matches!(named, Some(Named::LoadBalancer { .. })),
            "listener" => matches!(named, Some(Named::Listener { .. })),
            "rule" => matches!(named, Some(Named::Rule { .. })),
            "target group" => matches!(named, Some(Named::TargetGroup { .. })),
            _ => named.is_some(),
        };
        arn.service() == "elasticloadbalancing" && arn.region() == cx.region.as_str() && of_kind
    };
    let arn = given.parse::<Arn>().ok().filter(fits);
    arn.ok_or_else(|| ElbError::validation(format!("'{given}' is not a valid {what} ARN")))
}

/// Whether an ARN is of the call's account and region; others see nothing of it.
fn own(cx: &Cx, arn: &Arn) -> bool {
    arn.account() == cx.account.as_str() && arn.region() == cx.region.as_str()
}

/// The load balancer of an ARN.
pub async fn load_balancer(tx: &mut Tx, cx: &Cx, arn: &Arn) -> Result<Option<LoadBalancer>, Failure> {
    let Some(Named::LoadBalancer { kind, name, id }) = Named::parse(arn.resource()).filter(|_| own(cx, arn))
    else {
        return Ok(None);
    };
    let row = tx.get(&LOAD_BALANCERS, &load_balancer_key(cx.account, &cx.region, name)).await?;
    Ok(row.filter(|row| row.kind == kind && row.id == id))
}

/// A load balancer that must be there.
pub async fn must_load_balancer(tx: &mut Tx, cx: &Cx, arn: &Arn) -> Result<LoadBalancer, Failure> {
    let found = load_balancer(tx, cx, arn).await?;
    found.ok_or_else(|| ElbError::no_load_balancer(arn.as_str()).into())
}

/// The target group of an ARN.
pub async fn target_group(tx: &mut Tx, cx: &Cx, arn: &Arn) -> Result<Option<TargetGroup>, Failure> {
    let Some(Named::TargetGroup { name, id }) = Named::parse(arn.resource()).filter(|_| own(cx, arn)) else {
        return Ok(None);
    };
    let row = tx.get(&TARGET_GROUPS, &target_group_key(cx.account, &cx.region, name)).await?;
    Ok(row.filter(|row| row.id == id))
}

/// The listener of an ARN, with its load balancer.
pub async fn listener(tx: &mut Tx, cx: &Cx, arn: &Arn) -> Result<Option<(LoadBalancer, Listener)>, Failure> {
    match Named::parse(arn.resource()).filter(|_| own(cx, arn)) {
        Some(Named::Listener { name, id, listener, .. }) => listener_by(tx, cx, name, id, listener).await,
        _ => Ok(None),
    }
}

async fn listener_by(
    tx: &mut Tx,
    cx: &Cx,
    name: &str,
    id: &str,
    listener: &str,
) -> Result<Option<(LoadBalancer, Listener)>, Failure> {
    let of = tx.get(&LOAD_BALANCERS, &load_balancer_key(cx.account, &cx.region, name)).await?;
    let row = tx.get(&LISTENERS, &listener_key(cx.account, &cx.region, id, listener)).await?;
    Ok(of.filter(|of| of.id == id).zip(row))
}

/// A listener that must be there.
pub async fn must_listener(tx: &mut Tx, cx: &Cx, arn: &Arn) -> Result<(LoadBalancer, Listener), Failure> {
    let found = listener(tx, cx, arn).await?;
    found.ok_or_else(|| ElbError::no_listener(arn.as_str()).into())
}

/// A rule with what it belongs to. The default rule of its listener has no row.
pub struct Found {
    pub of: LoadBalancer,
    pub listener: Listener,
    pub rule: Option<Rule>,
}

/// The rule of an ARN.
pub async fn rule(tx: &mut Tx, cx: &Cx, arn: &Arn) -> Result<Option<Found>, Failure> {
    let Some(Named::Rule { name, id, listener, rule, .. }) =
        Named::parse(arn.resource()).filter(|_| own(cx, arn))
    else {
        return Ok(None);
    };
    let Some((of, row)) = listener_by(tx, cx, name, id, listener).await? else { return Ok(None) };
    if row.default_rule_id == rule {
        return Ok(Some(Found { of, listener: row, rule: None }));
    }
    let found = tx.get(&RULES, &rule_key(cx.account, &cx.region, id, listener, rule)).await?;
    Ok(found.map(|rule| Found { of, listener: row, rule: Some(rule) }))
}

/// A rule that must be there.
pub async fn must_rule(tx: &mut Tx, cx: &Cx, arn: &Arn) -> Result<Found, Failure> {
    rule(tx, cx, arn).await?.ok_or_else(|| ElbError::no_rule(arn.as_str()).into())
}

/// The listeners of a load balancer by port.
pub async fn listeners(tx: &mut Tx, of: &LoadBalancer) -> Result<Vec<Listener>, Failure> {
    let rows = tx.scan(&LISTENERS, &listeners_key(of.account, &of.region, &of.id), Scan::all()).await?;
    let mut rows: Vec<Listener> = rows.into_iter().map(|(_, row)| row).collect();
    rows.sort_by_key(|row| row.port);
    Ok(rows)
}

/// The rules of a listener by priority, without the default one.
pub async fn rules(tx: &mut Tx, of: &LoadBalancer, listener: &Listener) -> Result<Vec<Rule>, Failure> {
    let prefix = rules_key(of.account, &of.region, &of.id, &listener.id);
    let mut rows: Vec<Rule> =
        tx.scan(&RULES, &prefix, Scan::all()).await?.into_iter().map(|(_, row)| row).collect();
    rows.sort_by_key(|row| row.priority);
    Ok(rows)
}

/// The target groups that actions refer to.
pub fn groups(actions: &[Action]) -> impl Iterator<Item = &str> {
    actions
        .iter()
        .flat_map(|action| match &action.what {
            What::Forward(forward) => forward.target_groups.as_slice(),
            _ => &[],
        })
        .map(|group| group.arn.as_str())
}

/// Which load balancers use which target groups in the call's account and region: ARN to ARNs.
pub async fn uses(tx: &mut Tx, cx: &Cx) -> Result<BTreeMap<String, BTreeSet<String>>, Failure> {
    let place = key!(cx.account, cx.region);
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut note = |load_balancer: &str, actions: &[Action]| {
        let arn = cx.arn("elasticloadbalancing", format_args!("loadbalancer/{load_balancer}"));
        for group in groups(actions) {
            uses.entry(group.to_owned()).or_default().insert(arn.to_string());
        }
    };
    let mut paths = BTreeMap::new();
    for (_, listener) in tx.scan(&LISTENERS, &place, Scan::all()).await? {
        note(&listener.load_balancer, &listener.actions);
        paths.insert(listener.id, listener.load_balancer);
    }
    for (key, rule) in tx.scan(&RULES, &place, Scan::all()).await? {
        // Account, region, load balancer, listener, rule.
        if let Some(path) = key.parts().get(3).and_then(|listener| paths.get(listener)) {
            note(path, &rule.actions);
        }
    }
    Ok(uses)
}
