//! ModifyLoadBalancerAttributes: sets those that are named, all or none of them.

use gantry_api_elbv2 as api;
use gantry_elb_core::attributes;
use gantry_service::{Cx, Failure};

use super::allow;
use crate::error::{ElbError, refused};
use crate::loops::LOAD_BALANCING;
use crate::tables::LOAD_BALANCERS;
use crate::{Elb, find};

/// Sets attributes; answers those that were named.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::ModifyLoadBalancerAttributesInput,
) -> Result<api::ModifyLoadBalancerAttributesOutput, Failure> {
    let arn = find::parse(&input.load_balancer_arn, "load balancer")?;
    let mut tx = elb.db.begin();
    let found = find::load_balancer(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|row| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:ModifyLoadBalancerAttributes", &arn, tags)?;
    let mut row = found.ok_or_else(|| ElbError::no_load_balancer(arn.as_str()))?;
    let pairs: Vec<(String, String)> = input
        .attributes
        .iter()
        .map(|it| (it.key.clone().unwrap_or_default(), it.value.clone().unwrap_or_default()))
        .collect();
    let known = attributes::of_load_balancer(row.kind);
    attributes::modify("Load balancer", known, &mut row.attributes, &pairs).map_err(refused)?;
    tx.put(&LOAD_BALANCERS, &row.key(), &row);
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::ModifyLoadBalancerAttributesOutput { attributes: Some(input.attributes) })
}
