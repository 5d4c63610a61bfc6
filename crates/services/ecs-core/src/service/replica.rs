//! So many tasks, wherever there is room.

use std::collections::HashMap;

use gantry_base::Timestamp;

use super::{Action, Counts, Phase, Plan, Service, Task, Why, may_start};

/// Live tasks as they count for a rolling deployment.
struct Live<'a> {
    /// Of the primary deployment, and not known to be unhealthy.
    current: Vec<(&'a Task, Counts)>,
    unhealthy: Vec<&'a Task>,
    /// Of earlier deployments, or on instances that are left.
    old: Vec<(&'a Task, Counts)>,
}

impl<'a> Live<'a> {
    fn of(service: &'a Service, now: Timestamp) -> Live<'a> {
        let mut live = Live { current: Vec::new(), unhealthy: Vec::new(), old: Vec::new() };
        for task in service.tasks.iter().filter(|task| task.is_live()) {
            let current = service.is_current(task);
            match (current, task.counts(current, now)) {
                (false, counts) => live.old.push((task, counts)),
                (true, Counts::Unhealthy) => live.unhealthy.push(task),
                (true, counts) => live.current.push((task, counts)),
            }
        }
        live
    }

    fn count(&self) -> usize {
        self.current.len() + self.unhealthy.len() + self.old.len()
    }

    fn healthy(&self) -> usize {
        self.current.iter().chain(&self.old).filter(|(_, counts)| *counts == Counts::Healthy).count()
    }
}

/// Starts and stops what takes the service nearer to what is wanted, within its bounds.
pub(super) fn moves(service: &Service, count: u32, now: Timestamp, plan: &mut Plan) {
    let live = Live::of(service, now);
    let (lower, upper, wanted) = (service.lower() as usize, service.upper() as usize, count as usize);
    let missing = wanted.saturating_sub(live.current.len());
    // What may go of the healthy ones.
    let mut budget = live.healthy().saturating_sub(lower);
    let begun = plan.actions.len();

    scale_in(&live, wanted, &mut budget, plan);

    let can_start = may_start(service, now, plan);
    // Room that is lacking for those that are missing.
    let mut lacking = (live.count() + missing).saturating_sub(upper);
    if can_start || missing == 0 {
        for (task, _) in
            live.old.iter().filter(|(task, counts)| *counts != Counts::Healthy && !task.protected)
        {
            plan.stop(task, Why::Scaling);
            lacking = lacking.saturating_sub(1);
        }
    }
    let replaced = live.current.iter().filter(|(_, counts)| *counts == Counts::Healthy).count() >= wanted;
    for task in &live.unhealthy {
        if replaced || lacking > 0 {
            plan.stop(task, Why::Unhealthy);
            lacking = lacking.saturating_sub(1);
        }
    }
    if can_start || missing == 0 {
        // Healthy ones of before go as others have taken their place, or to make room.
        let surplus = live.healthy().saturating_sub(wanted.max(lower));
        let most = if service.unplaceable { budget } else { surplus.max(lacking).min(budget) };
        let healthy = live.old.iter().filter(|(task, counts)| *counts == Counts::Healthy && !task.protected);
        for (task, _) in healthy.take(most) {
            plan.stop(task, Why::Scaling);
        }
    }
    if can_start {
        let room = upper.saturating_sub(live.count());
        let starts = missing.min(room);
        if starts > 0
            && let (Some(primary), Ok(count)) = (service.deployments.first(), u32::try_from(starts))
        {
            plan.actions.push(Action::Start { deployment: primary.id.clone(), count });
        }
    }
    let waits = live.current.iter().any(|(_, counts)| *counts == Counts::Starting);
    let stopping = service.tasks.iter().any(|task| !task.is_live());
    let stuck = missing > 0 && can_start && plan.actions.len() == begun && !waits && !stopping;
    if stuck {
        plan.actions.push(Action::Stuck);
    }
}

/// Stops what is too many: first those on their way, then those of the fullest zone.
fn scale_in(live: &Live<'_>, wanted: usize, budget: &mut usize, plan: &mut Plan) {
    let mut excess = live.current.len().saturating_sub(wanted);
    if excess == 0 {
        return;
    }
    let mut zones: HashMap<Option<&str>, usize> = HashMap::new();
    for (task, _) in &live.current {
        *zones.entry(task.zone.as_deref()).or_default() += 1;
    }
    let mut candidates: Vec<&(&Task, Counts)> =
        live.current.iter().filter(|(task, _)| !task.protected).collect();
    while excess > 0 {
        // The newest of the fullest zone goes; what has not run yet goes before all, then what has not settled.
        let rank = |(task, counts): &(&Task, Counts)| {
            let pending = task.phase == Phase::Pending;
            let zone = zones[&task.zone.as_deref()];
            (pending, *counts != Counts::Healthy, zone, task.created_at, task.id.clone())
        };
        let next = candidates.iter().enumerate().max_by_key(|(_, one)| rank(one)).map(|(at, _)| at);
        let Some(at) = next else { return };
        let (task, counts) = candidates.swap_remove(at);
        if *counts == Counts::Healthy {
            if *budget == 0 {
                return;
            }
            *budget -= 1;
        }
        if let Some(zone) = zones.get_mut(&task.zone.as_deref()) {
            *zone -= 1;
        }
        plan.stop(task, Why::Scaling);
        excess -= 1;
    }
}
