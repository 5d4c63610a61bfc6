//! One task on each container instance.

use gantry_base::Timestamp;

use super::{Action, Counts, Plan, Service, Task, Why, may_start};

/// Starts one where there is none, and stops what is too many or of before.
pub(super) fn moves(service: &Service, instances: &[String], now: Timestamp, plan: &mut Plan) {
    let live: Vec<&Task> = service.tasks.iter().filter(|task| task.is_live()).collect();
    let counts = |task: &Task| task.counts(service.is_current(task), now);
    let eligible =
        |task: &Task| !task.leaving && task.instance.as_ref().is_some_and(|one| instances.contains(one));
    let healthy = live.iter().filter(|task| eligible(task) && counts(task) == Counts::Healthy).count();
    let mut budget = healthy.saturating_sub(service.lower() as usize);
    let can_start = may_start(service, now, plan);
    // Whoever is on an instance that is none of the service's goes.
    for task in live.iter().filter(|task| !eligible(task)) {
        plan.stop(task, Why::Scaling);
    }
    let mut starts = Vec::new();
    let mut held_back = false;
    for instance in instances {
        let here: Vec<&&Task> =
            live.iter().filter(|task| eligible(task) && task.instance.as_ref() == Some(instance)).collect();
        let mut current =
            here.iter().filter(|task| service.is_current(task) && counts(task) != Counts::Unhealthy);
        let kept = current.next();
        if let Some(kept) = kept {
            for task in here.iter().filter(|task| task.id != kept.id && !task.protected) {
                plan.stop(task, Why::Scaling);
            }
            continue;
        }
        if here.is_empty() {
            starts.push(instance.clone());
            continue;
        }
        // All that is here is of before, or unhealthy: it goes so that a new one can come.
        for task in here.iter().filter(|task| !task.protected) {
            match counts(task) {
                Counts::Unhealthy if service.is_current(task) => plan.stop(task, Why::Unhealthy),
                _ if !can_start => {}
                Counts::Healthy if budget == 0 => held_back = true,
                Counts::Healthy => {
                    budget -= 1;
                    plan.stop(task, Why::Scaling);
                }
                Counts::Starting | Counts::Unhealthy => plan.stop(task, Why::Scaling),
            }
        }
    }
    let moved = plan.actions.iter().any(|action| matches!(action, Action::Stop { .. }));
    if can_start
        && !starts.is_empty()
        && let Some(primary) = service.deployments.first()
    {
        plan.actions.push(Action::StartOn { deployment: primary.id.clone(), instances: starts });
    } else if held_back && !moved && live.iter().all(|task| counts(task) == Counts::Healthy) {
        plan.actions.push(Action::Stuck);
    }
}
