//! DescribeTargetGroups: by load balancer, by ARN, by name, or all of a region by name.

use std::collections::BTreeSet;

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};
use gantry_store::{Scan, key};

use super::listing;
use crate::error::ElbError;
use crate::tables::{TARGET_GROUPS, TargetGroup};
use crate::{Elb, answer, find, page};

/// Lists target groups.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DescribeTargetGroupsInput,
) -> Result<api::DescribeTargetGroupsOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeTargetGroups")?;
    let arns = input.target_group_arns.unwrap_or_default();
    let names = input.names.unwrap_or_default();
    let ways = [!arns.is_empty(), !names.is_empty(), input.load_balancer_arn.is_some()];
    if ways.iter().filter(|way| **way).count() > 1 {
        return Err(ElbError::validation(
            "You must specify only one of the following: target group ARNs, target group names, or a load balancer ARN",
        )
        .into());
    }
    for arn in &arns {
        find::parse(&cx, arn, "target group")?;
    }
    let mut tx = elb.db.begin();
    let uses = find::uses(&mut tx, &cx).await?;
    let of = match &input.load_balancer_arn {
        None => None,
        Some(given) => {
            let arn = find::parse(&cx, given, "load balancer")?;
            Some(find::must_load_balancer(&mut tx, &cx, &arn).await?.arn().to_string())
        }
    };
    let all = tx.peek_scan(&TARGET_GROUPS, &key!(cx.account, cx.region), Scan::all()).await?;
    let users = |row: &TargetGroup| uses.get(row.arn().as_str());
    let rows: Vec<TargetGroup> = all
        .into_iter()
        .map(|(_, row)| row)
        .filter(|row| arns.is_empty() || arns.iter().any(|arn| *arn == row.arn().as_str()))
        .filter(|row| names.is_empty() || names.contains(&row.name))
        .filter(|row| of.as_ref().is_none_or(|of| users(row).is_some_and(|users| users.contains(of))))
        .collect();
    let known = |wanted: &[String], has: fn(&TargetGroup) -> String| {
        wanted.iter().all(|wanted| rows.iter().any(|row| has(row) == *wanted))
    };
    if !known(&arns, |row| row.arn().to_string()) || !known(&names, |row| row.name.clone()) {
        return Err(ElbError::new("TargetGroupNotFound", "One or more target groups not found").into());
    }
    if of.is_some() && rows.is_empty() {
        return Err(ElbError::new("TargetGroupNotFound", "One or more target groups not found").into());
    }
    let marker = input.marker.as_deref();
    let (rows, next) =
        page::cut(&cx, "DescribeTargetGroups", marker, input.page_size, rows, |row| row.id.clone())?;
    let nobody = BTreeSet::new();
    let answered = rows.iter().map(|row| answer::target_group(row, Some(users(row).unwrap_or(&nobody))));
    Ok(api::DescribeTargetGroupsOutput { target_groups: Some(answered.collect()), next_marker: next })
}
