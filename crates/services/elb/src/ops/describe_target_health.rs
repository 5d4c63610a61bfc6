//! DescribeTargetHealth: how targets are, all of a group or those that are named.

use gantry_api_elbv2 as api;
use gantry_elb_core::health::{Health, Reason, State};
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use super::listing;
use crate::error::ElbError;
use crate::tables::target::targets_key;
use crate::tables::{HEALTH, TARGETS, Target};
use crate::{Elb, answer, find};

/// Says how targets are.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DescribeTargetHealthInput,
) -> Result<api::DescribeTargetHealthOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeTargetHealth")?;
    let arn = find::parse(&cx, &input.target_group_arn, "target group")?;
    let mut tx = elb.db.begin();
    let group = find::target_group(&mut tx, &cx, &arn).await?;
    let group = group.ok_or_else(|| ElbError::no_target_group(arn.as_str()))?;
    let used = find::uses(&mut tx, &cx).await?.contains_key(arn.as_str());
    let under = targets_key(cx.account, &cx.region, &group.id);
    let rows = tx.peek_scan(&TARGETS, &under, Scan::all()).await?;
    let known = tx.peek_scan(&HEALTH, &under, Scan::all()).await?;
    let known: std::collections::BTreeMap<_, _> = known.into_iter().collect();
    let health = |key, row: &Target| match (used, row.draining_until) {
        (_, Some(_)) => Health::because(State::Draining, Reason::DeregistrationInProgress),
        (false, None) => Health::because(State::Unused, Reason::NotInUse),
        (true, None) => known.get(key).cloned().unwrap_or_else(Health::registered),
    };
    let port = &group.check.port;
    let wanted = input.targets.unwrap_or_default();
    let mut described = Vec::new();
    if wanted.is_empty() {
        described.extend(rows.iter().map(|(key, row)| answer::target_health(row, &health(key, row), port)));
    }
    for target in wanted {
        let default = target.port.unwrap_or(group.port.into());
        let found = rows.iter().find(|(_, row)| row.id() == target.id && i32::from(row.port) == default);
        described.push(match found {
            Some((key, row)) => answer::target_health(row, &health(key, row), port),
            None => api::TargetHealthDescription {
                health_check_port: Some(if port == "traffic-port" {
                    default.to_string()
                } else {
                    port.clone()
                }),
                target: Some(api::TargetDescription { port: Some(default), ..target }),
                target_health: Some(answer::health_of(&Health::because(
                    State::Unused,
                    Reason::NotRegistered,
                ))),
                ..Default::default()
            },
        });
    }
    Ok(api::DescribeTargetHealthOutput { target_health_descriptions: Some(described) })
}
