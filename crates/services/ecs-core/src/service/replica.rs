//! So many tasks, wherever there is room.

use std::collections::{BTreeMap, HashMap};

use gantry_base::Timestamp;

use super::{Action, Counts, Phase, Plan, Service, Task, Why, may_start, rebalance};

/// Live tasks as they count for a rolling deployment.
pub(super) struct Live<'a> {
    /// Of the primary deployment, and not known to be unhealthy.
    pub(super) current: Vec<(&'a Task, Counts)>,
    pub(super) unhealthy: Vec<&'a Task>,
    /// Of earlier deployments, or on instances that are left.
    pub(super) old: Vec<(&'a Task, Counts)>,
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

    let one_more = rebalance::moves(service, &live, wanted, now, plan);
    if !one_more {
        scale_in(&live.current, wanted, &mut budget, plan);
    }

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
        for task in evenly(healthy.map(|(task, _)| *task), most) {
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

/// So many of the tasks, always one of the zone that has most of them left, so that zones stay alike.
fn evenly<'a>(tasks: impl Iterator<Item = &'a Task>, most: usize) -> Vec<&'a Task> {
    let mut of_zone: BTreeMap<Option<&str>, Vec<&Task>> = BTreeMap::new();
    for task in tasks {
        of_zone.entry(task.zone.as_deref()).or_default().push(task);
    }
    // Of a zone they go in the order in which they were given.
    of_zone.values_mut().for_each(|tasks| tasks.reverse());
    let mut chosen = Vec::new();
    while chosen.len() < most
        && let Some(task) = of_zone.values_mut().max_by_key(|tasks| tasks.len()).and_then(Vec::pop)
    {
        chosen.push(task);
    }
    chosen
}

/// Stops what is too many: first those on their way, then those that have not settled, then the newest of the fullest
/// zone.
pub(super) fn scale_in(current: &[(&Task, Counts)], wanted: usize, budget: &mut usize, plan: &mut Plan) {
    let mut excess = current.len().saturating_sub(wanted);
    if excess == 0 {
        return;
    }
    let mut zones: HashMap<Option<&str>, usize> = HashMap::new();
    for (task, _) in current {
        *zones.entry(task.zone.as_deref()).or_default() += 1;
    }
    let rank = |(task, counts): &(&Task, Counts)| match (task.phase == Phase::Pending, counts) {
        (true, _) => 0,
        (false, Counts::Starting | Counts::Unhealthy) => 1,
        (false, Counts::Healthy) => 2,
    };
    for turn in 0..3 {
        let mut of_zone: HashMap<Option<&str>, Vec<&Task>> = HashMap::new();
        for one in current.iter().filter(|one| rank(one) == turn && !one.0.protected) {
            of_zone.entry(one.0.zone.as_deref()).or_default().push(one.0);
        }
        let age = |task: &&Task| (task.created_at, task.id.clone());
        of_zone.values_mut().for_each(|tasks| tasks.sort_by_cached_key(age));
        while excess > 0 {
            let newest =
                of_zone.iter().filter_map(|(zone, tasks)| Some((zones[zone], *tasks.last()?, *zone)));
            let Some((_, task, zone)) =
                newest.max_by_key(|(count, task, _)| (*count, task.created_at, &task.id))
            else {
                break;
            };
            if turn == 2 {
                if *budget == 0 {
                    return;
                }
                *budget -= 1;
            }
            plan.stop(task, Why::Scaling);
            excess -= 1;
            of_zone.entry(zone).or_default().pop();
            *zones.entry(zone).or_default() -= 1;
        }
    }
}
