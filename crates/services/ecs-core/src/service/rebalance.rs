//! The same number of tasks in each availability zone.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html>

use gantry_base::Timestamp;

use super::replica::Live;
use super::{Action, Counts, Plan, Rollout, Service, may_start};

/// What is known for moving tasks between zones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebalancing {
    /// Every zone in which tasks may be.
    pub zones: Vec<String>,
    /// Tasks are being moved: one more than is wanted may be there.
    pub moving: bool,
}

/// What becomes of moving tasks between zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Begins,
    /// Zones are as alike as they can be.
    Balanced,
    /// Something else goes on now, or there is nothing to choose from any more.
    Interrupted,
}

/// Starts one task in the poorest zone where that makes zones more alike. The one in the richest goes by scaling in,
/// once the new one is healthy. True while there shall be one more than is wanted.
pub(super) fn moves(
    service: &Service,
    live: &Live<'_>,
    wanted: usize,
    now: Timestamp,
    plan: &mut Plan,
) -> bool {
    let Some(known) = service.rebalancing.as_ref() else { return false };
    let Some(primary) = service.deployments.first() else { return false };
    let settled = live.current.iter().all(|(_, counts)| *counts == Counts::Healthy);
    let calm = primary.rollout == Rollout::Completed && live.old.is_empty() && live.unhealthy.is_empty();
    let mut zones: Vec<(String, u32)> = known.zones.iter().map(|zone| (zone.clone(), 0)).collect();
    for (task, _) in &live.current {
        let zone = task.zone.as_deref().unwrap_or_default();
        if let Some((_, count)) = zones.iter_mut().find(|(one, _)| one == zone) {
            *count += 1;
        }
    }
    if !calm || zones.len() < 2 {
        if known.moving {
            plan.actions.push(Action::Rebalance { turn: Turn::Interrupted, zones });
        }
        return false;
    }
    if live.current.len() > wanted {
        // The new one is on its way; then one of the richest zone goes.
        return known.moving && !settled;
    }
    let leaving = service.tasks.iter().any(|task| !task.is_live());
    if live.current.len() < wanted || !settled || leaving {
        return false;
    }
    let poorest = zones.iter().min_by_key(|(_, count)| *count).map(|(zone, count)| (zone.clone(), *count));
    let richest = zones.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let Some((zone, fewest)) = poorest else { return false };
    if richest.saturating_sub(fewest) < 2 {
        if known.moving {
            plan.actions.push(Action::Rebalance { turn: Turn::Balanced, zones });
        }
        return false;
    }
    // Somebody there must be free to go.
    let is_rich =
        |zone: Option<&str>| zones.iter().any(|(one, count)| Some(one.as_str()) == zone && *count == richest);
    if !live.current.iter().any(|(task, _)| !task.protected && is_rich(task.zone.as_deref())) {
        return false;
    }
    if wanted >= service.upper() as usize || !may_start(service, now, plan) {
        return false;
    }
    if !known.moving {
        plan.actions.push(Action::Rebalance { turn: Turn::Begins, zones });
    }
    plan.actions.push(Action::StartIn { deployment: primary.id.clone(), zone });
    false
}
