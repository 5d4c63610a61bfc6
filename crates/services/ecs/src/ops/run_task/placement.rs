//! Whether nodes have room for a run now. The loop places; this tells the user at once what it could not.

use std::collections::HashMap;
use std::sync::Arc;

use gantry_api_ecs as api;
use gantry_base::Timestamp;
use gantry_ecs_core::placement::{Action, Refusals, Strategy, Waiting, Wants, plan};
use gantry_ecs_core::spec::Compatibility;
use gantry_store::{Scan, key};

use crate::Ecs;
use crate::error::EcsError;
use crate::loops::placement::snapshot;
use crate::names::Place;
use crate::tables::node::NODES;
use crate::tables::queues::WAITING;
use crate::tables::task::LaunchType;

/// Most strategies in one request.
const MOST_STRATEGIES: usize = 5;

/// Most tasks that wait already and are looked at.
const MOST_AHEAD: usize = 500;

/// The request's strategy, and whether its tasks must be on distinct instances.
pub(super) fn rules(
    input: &api::RunTaskRequest,
    launch: LaunchType,
) -> Result<(Vec<Strategy>, bool), EcsError> {
    let strategies = input.placement_strategy.as_deref().unwrap_or_default();
    let constraints = input.placement_constraints.as_deref().unwrap_or_default();
    if launch == LaunchType::Fargate {
        if !strategies.is_empty() {
            return Err(EcsError::invalid(
                "Placement strategies are not supported with FARGATE launch type.",
            ));
        }
        if !constraints.is_empty() {
            return Err(EcsError::invalid(
                "Placement constraints are not supported with FARGATE launch type.",
            ));
        }
        return Ok((Vec::new(), false));
    }
    if strategies.len() > MOST_STRATEGIES {
        return Err(EcsError::invalid(format!(
            "At most {MOST_STRATEGIES} placement strategies can be given."
        )));
    }
    let mut distinct = false;
    for constraint in constraints {
        match constraint.r#type.as_deref() {
            Some("distinctInstance") => distinct = true,
            other => {
                return Err(EcsError::unsupported(&[format!(
                    "placementConstraints of type {}",
                    other.unwrap_or("null")
                )]));
            }
        }
    }
    Ok((strategies.iter().map(strategy).collect::<Result<_, _>>()?, distinct))
}

fn strategy(one: &api::PlacementStrategy) -> Result<Strategy, EcsError> {
    let field = one.field.as_deref().unwrap_or_default().to_ascii_lowercase();
    match (one.r#type.as_deref(), field.as_str()) {
        (Some("random"), _) => Ok(Strategy::Random),
        (Some("spread"), "attribute:ecs.availability-zone") => Ok(Strategy::SpreadOverZones),
        (Some("spread"), "instanceid" | "host") => Ok(Strategy::SpreadOverNodes),
        (Some("binpack"), "cpu") => Ok(Strategy::BinpackCpu),
        (Some("binpack"), "memory") => Ok(Strategy::BinpackMemory),
        (Some("spread"), _) => {
            Err(EcsError::unsupported(&[format!("placementStrategy spread over {field}")]))
        }
        _ => Err(EcsError::invalid("Invalid placement strategy.")),
    }
}

/// Which tasks of a run no node can take now, by their index, and why.
pub(super) async fn try_now(
    ecs: &Ecs,
    wants: &[Arc<Wants>],
    now: Timestamp,
) -> Result<HashMap<usize, Arc<Refusals>>, EcsError> {
    // A transaction of its own, which only reads: the run must not conflict with every placement.
    let mut tx = ecs.db.begin();
    let mut snapshot = snapshot(ecs, &mut tx).await?;
    // What was accepted before and is not placed yet comes first.
    let rows = tx.peek_scan(&WAITING, &key!(), Scan::first(MOST_AHEAD)).await?;
    let ahead = rows.len();
    let earlier = rows.into_iter().map(|(_, row)| Arc::new(row.wants));
    let waiting = |(index, wants): (usize, Arc<Wants>)| Waiting { id: index.to_string(), wants };
    snapshot.waiting = earlier.chain(wants.iter().cloned()).enumerate().map(waiting).collect();
    let refused = plan(&snapshot, now).into_iter().filter_map(|action| match action {
        Action::Refuse { task, why } => Some((task.checked_sub(ahead)?, why)),
        Action::Place { .. } => None,
    });
    Ok(refused.collect())
}

/// A task's failures as AWS gives them: for EC2 one for each instance, for Fargate one.
pub(super) async fn failures(
    ecs: &Ecs,
    place: &Place,
    cluster: &str,
    wants: &Wants,
    why: &Refusals,
) -> Result<Vec<api::Failure>, EcsError> {
    if wants.launch == Compatibility::Fargate || why.0.is_empty() {
        let reason = "Capacity is unavailable at this time. Please try again later or in a different availability zone";
        return Ok(vec![api::Failure {
            arn: None,
            reason: Some(reason.to_owned()),
            detail: Some(why.to_string()),
        }]);
    }
    let mut tx = ecs.db.begin();
    let mut failures = Vec::with_capacity(why.0.len());
    for (id, refusal) in &why.0 {
        let node = tx.peek(&NODES, &key!(id)).await?;
        let arn =
            node.map(|node| place.arn(format_args!("container-instance/{cluster}/{}", node.instance_id)));
        failures.push(api::Failure {
            arn: arn.map(|arn| arn.to_string()),
            reason: Some(refusal.code().to_owned()),
            detail: Some(refusal.to_string()),
        });
    }
    Ok(failures)
}
