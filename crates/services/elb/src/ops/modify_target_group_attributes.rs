//! ModifyTargetGroupAttributes: sets those that are named, all or none of them.

use gantry_api_elbv2 as api;
use gantry_elb_core::attributes;
use gantry_service::{Cx, Failure};

use super::allow;
use crate::error::{ElbError, refused};
use crate::loops::LOAD_BALANCING;
use crate::tables::TARGET_GROUPS;
use crate::{Elb, find};

/// Sets attributes; answers those that were named.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::ModifyTargetGroupAttributesInput,
) -> Result<api::ModifyTargetGroupAttributesOutput, Failure> {
    let arn = find::parse(&cx, &input.target_group_arn, "target group")?;
    let mut tx = elb.db.begin();
    let found = find::target_group(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|row| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:ModifyTargetGroupAttributes", &arn, tags)?;
    let mut row = found.ok_or_else(|| ElbError::no_target_group(arn.as_str()))?;
    let pairs: Vec<(String, String)> = input
        .attributes
        .iter()
        .map(|it| (it.key.clone().unwrap_or_default(), it.value.clone().unwrap_or_default()))
        .collect();
    let known = attributes::of_target_group(&row.protocol, &row.target_type);
    attributes::check_stickiness_type(&row.protocol, &pairs).map_err(refused)?;
    attributes::check_scope(&row.protocol, &row.target_type, &row.attributes, &pairs).map_err(refused)?;
    attributes::modify("Target group", known, &mut row.attributes, &pairs).map_err(refused)?;
    attributes::check_target_group(&row.protocol, &row.target_type, &row.attributes).map_err(refused)?;
    tx.put(&TARGET_GROUPS, &row.key(), &row);
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::ModifyTargetGroupAttributesOutput { attributes: Some(input.attributes) })
}
