//! ModifyTargetGroup: its health check changes; what is not named stays.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};

use super::allow;
use super::health_check::{Given, check};
use crate::error::ElbError;
use crate::loops::LOAD_BALANCING;
use crate::tables::TARGET_GROUPS;
use crate::{Elb, answer, find};

/// Changes the health check of a target group.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::ModifyTargetGroupInput,
) -> Result<api::ModifyTargetGroupOutput, Failure> {
    let arn = find::parse(&cx, &input.target_group_arn, "target group")?;
    let mut tx = elb.db.begin();
    let found = find::target_group(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|row| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:ModifyTargetGroup", &arn, tags)?;
    let mut row = found.ok_or_else(|| ElbError::no_target_group(arn.as_str()))?;
    let given = Given {
        enabled: input.health_check_enabled,
        protocol: input.health_check_protocol,
        port: input.health_check_port,
        path: input.health_check_path,
        interval_seconds: input.health_check_interval_seconds,
        timeout_seconds: input.health_check_timeout_seconds,
        healthy_threshold: input.healthy_threshold_count,
        unhealthy_threshold: input.unhealthy_threshold_count,
        matcher: input.matcher,
    };
    let version = row.protocol_version.as_deref();
    row.check = check(&row.protocol, version, &row.target_type, given, Some(&row.check))?;
    let uses = find::uses(&mut tx, &cx).await?;
    tx.put(&TARGET_GROUPS, &row.key(), &row);
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    let users = uses.get(arn.as_str());
    Ok(api::ModifyTargetGroupOutput { target_groups: Some(vec![answer::target_group(&row, users)]) })
}
