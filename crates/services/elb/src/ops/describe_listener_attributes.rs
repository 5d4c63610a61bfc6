//! DescribeListenerAttributes: every attribute, also those that nobody set.

use gantry_api_elbv2 as api;
use gantry_elb_core::attributes;
use gantry_service::{Cx, Failure};

use super::listing;
use crate::{Elb, find};

/// Lists attributes.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DescribeListenerAttributesInput,
) -> Result<api::DescribeListenerAttributesOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeListenerAttributes")?;
    let arn = find::parse(&cx, &input.listener_arn, "listener")?;
    let (_, row) = find::must_listener(&mut elb.db.begin(), &cx, &arn).await?;
    let all = attributes::all(attributes::of_listener(&row.protocol), &row.attributes).into_iter();
    let attribute = |(key, value): (&str, &str)| api::ListenerAttribute {
        key: Some(key.to_owned()),
        value: Some(value.to_owned()),
    };
    Ok(api::DescribeListenerAttributesOutput { attributes: Some(all.map(attribute).collect()) })
}
