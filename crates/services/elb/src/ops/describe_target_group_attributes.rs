//! DescribeTargetGroupAttributes: every attribute, also those that nobody set.

use gantry_api_elbv2 as api;
use gantry_elb_core::attributes;
use gantry_service::{Cx, Failure};

use super::listing;
use crate::error::ElbError;
use crate::{Elb, find};

/// Lists attributes.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DescribeTargetGroupAttributesInput,
) -> Result<api::DescribeTargetGroupAttributesOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeTargetGroupAttributes")?;
    let arn = find::parse(&cx, &input.target_group_arn, "target group")?;
    let row = find::target_group(&mut elb.db.begin(), &cx, &arn).await?;
    let row = row.ok_or_else(|| ElbError::no_target_group(arn.as_str()))?;
    let all = attributes::all(attributes::of_target_group(&row.protocol, &row.target_type), &row.attributes)
        .into_iter();
    Ok(api::DescribeTargetGroupAttributesOutput { attributes: Some(all.map(attribute).collect()) })
}

fn attribute((key, value): (&str, &str)) -> api::TargetGroupAttribute {
    api::TargetGroupAttribute { key: Some(key.to_owned()), value: Some(value.to_owned()) }
}
