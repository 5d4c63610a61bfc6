//! DeleteTargetGroup: it goes with its targets, unless a listener or rule uses it. One that is not there is deleted
//! already.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use super::allow;
use crate::error::ElbError;
use crate::tables::target::targets_key;
use crate::tables::{HEALTH, TARGET_GROUPS, TARGETS};
use crate::{Elb, find};

/// Deletes a target group.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DeleteTargetGroupInput,
) -> Result<api::DeleteTargetGroupOutput, Failure> {
    let arn = find::parse(&cx, &input.target_group_arn, "target group")?;
    let mut tx = elb.db.begin();
    let found = find::target_group(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|row| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:DeleteTargetGroup", &arn, tags)?;
    let Some(row) = found else { return Ok(api::DeleteTargetGroupOutput {}) };
    if find::uses(&mut tx, &cx).await?.contains_key(arn.as_str()) {
        let message = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(ElbError::new("ResourceInUse", message).into());
    }
    for (key, _) in tx.scan(&TARGETS, &targets_key(cx.account, &cx.region, &row.id), Scan::all()).await? {
        tx.delete(&TARGETS, &key);
        tx.delete(&HEALTH, &key);
    }
    tx.delete(&TARGET_GROUPS, &row.key());
    tx.commit(&permit).await?;
    Ok(api::DeleteTargetGroupOutput {})
}
