//! DeleteLoadBalancer: it goes with its listeners and rules. One that is not there is deleted already.

use gantry_api_elbv2 as api;
use gantry_elb_core::attributes;
use gantry_service::{Cx, Failure};
use gantry_store::{Scan, key};

use super::allow;
use crate::error::ElbError;
use crate::loops::{INTERFACES_LOOP, LOAD_BALANCING};
use crate::tables::listener::listeners_key;
use crate::tables::{LISTENERS, LOAD_BALANCERS, RULES};
use crate::{Elb, find, interfaces};

/// Deletes a load balancer.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DeleteLoadBalancerInput,
) -> Result<api::DeleteLoadBalancerOutput, Failure> {
    let arn = find::parse(&cx, &input.load_balancer_arn, "load balancer")?;
    let mut tx = elb.db.begin();
    let found = find::load_balancer(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|row| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:DeleteLoadBalancer", &arn, tags)?;
    let Some(row) = found else { return Ok(api::DeleteLoadBalancerOutput {}) };
    let known = attributes::of_load_balancer(row.kind);
    if attributes::flag(known, &row.attributes, "deletion_protection.enabled") {
        let message =
            format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
        return Err(ElbError::new("OperationNotPermitted", message).into());
    }
    let under = listeners_key(cx.account, &cx.region, &row.id);
    for (key, _) in tx.scan(&LISTENERS, &under, Scan::all()).await? {
        tx.delete(&LISTENERS, &key);
    }
    for (key, _) in tx.scan(&RULES, &key!(cx.account, cx.region, row.id), Scan::all()).await? {
        tx.delete(&RULES, &key);
    }
    tx.delete(&LOAD_BALANCERS, &row.key());
    tx.wake(LOAD_BALANCING);
    tx.wake(INTERFACES_LOOP);
    tx.commit(&permit).await?;
    // So that its subnets and groups can be deleted next; what is left of it the loop removes.
    if let Err(failure) = interfaces::remove_all(elb, &cx, &row).await {
        tracing::warn!(load_balancer = %arn, ?failure, "the interfaces of a load balancer stay for now");
    }
    Ok(api::DeleteLoadBalancerOutput {})
}
