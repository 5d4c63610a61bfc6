//! DeregisterTargets: targets get no new requests, and go when their group's delay is over.

use std::net::IpAddr;
use std::time::Duration;

use gantry_api_elbv2 as api;
use gantry_elb_core::attributes;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use super::allow;
use crate::error::ElbError;
use crate::loops::LOAD_BALANCING;
use crate::tables::target::targets_key;
use crate::tables::{HEALTH, TARGETS};
use crate::{Elb, find};

/// Deregisters targets. Those that are not registered are passed over.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DeregisterTargetsInput,
) -> Result<api::DeregisterTargetsOutput, Failure> {
    let arn = find::parse(&cx, &input.target_group_arn, "target group")?;
    let mut tx = elb.db.begin();
    let found = find::target_group(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|row| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:DeregisterTargets", &arn, tags)?;
    let group = found.ok_or_else(|| ElbError::no_target_group(arn.as_str()))?;
    if input.targets.is_empty() {
        return Err(ElbError::validation("At least one target must be specified").into());
    }
    let known = attributes::of_target_group(&group.protocol, &group.target_type);
    let delay = attributes::number(known, &group.attributes, "deregistration_delay.timeout_seconds");
    let used = find::uses(&mut tx, &cx).await?.contains_key(arn.as_str());
    let rows = tx.scan(&TARGETS, &targets_key(cx.account, &cx.region, &group.id), Scan::all()).await?;
    for given in input.targets {
        if group.target_type != "instance" && given.id.parse::<IpAddr>().is_err() {
            return Err(
                ElbError::new("InvalidTarget", format!("The target '{}' is not valid", given.id)).into()
            );
        }
        let mine = || rows.iter().filter(|(_, row)| row.id() == given.id);
        let wanted = given.port.and_then(|port| u16::try_from(port).ok());
        let default = mine().any(|(_, row)| row.port == group.port);
        for (key, row) in mine() {
            // Without a port the group's own is meant, or all where the address is not registered with it.
            let meant = match wanted {
                Some(port) => row.port == port,
                None => row.port == group.port || !default,
            };
            if !meant || row.draining_until.is_some() {
                continue;
            }
            if delay == 0 || !used {
                tx.delete(&TARGETS, key);
                tx.delete(&HEALTH, key);
            } else {
                let mut row = row.clone();
                row.draining_until = Some(cx.now + Duration::from_secs(delay.into()));
                tx.put(&TARGETS, key, &row);
            }
        }
    }
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::DeregisterTargetsOutput {})
}
