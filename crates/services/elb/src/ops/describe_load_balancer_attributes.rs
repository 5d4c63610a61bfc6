//! DescribeLoadBalancerAttributes: every attribute, also those that nobody set.

use gantry_api_elbv2 as api;
use gantry_elb_core::attributes;
use gantry_service::{Cx, Failure};

use super::listing;
use crate::{Elb, find};

/// Lists attributes.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DescribeLoadBalancerAttributesInput,
) -> Result<api::DescribeLoadBalancerAttributesOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeLoadBalancerAttributes")?;
    let arn = find::parse(&cx, &input.load_balancer_arn, "load balancer")?;
    let row = find::must_load_balancer(&mut elb.db.begin(), &cx, &arn).await?;
    let all = attributes::all(attributes::of_load_balancer(row.kind), &row.attributes).into_iter();
    Ok(api::DescribeLoadBalancerAttributesOutput { attributes: Some(all.map(attribute).collect()) })
}

fn attribute((key, value): (&str, &str)) -> api::LoadBalancerAttribute {
    api::LoadBalancerAttribute { key: Some(key.to_owned()), value: Some(value.to_owned()) }
}
