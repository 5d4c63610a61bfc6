//! The tasks of one revision among several.

use gantry_base::Timestamp;

use super::super::{Action, Checks, Counts, Deployment, Phase, Plan, SETTLE, Service, Why, replica};

/// How many tasks of a revision are well.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Crew {
    pub healthy: usize,
}

/// Keeps each revision at its number of tasks, and all of them together within twice what is wanted, but for those that
/// leave their instances: they go once others are there.
pub(super) struct Fleets<'a> {
    service: &'a Service,
    now: Timestamp,
    /// How many more may be started.
    room: usize,
}

impl<'a> Fleets<'a> {
    pub(super) fn new(service: &'a Service, wanted: usize, now: Timestamp) -> Fleets<'a> {
        let live = service.tasks.iter().filter(|task| task.is_live() && !task.leaving).count();
        Fleets { service, now, room: (2 * wanted).saturating_sub(live) }
    }

    /// Starts what is missing, once `from` has come, and stops what is too many or unhealthy.
    pub(super) fn staff(
        &mut self,
        of: &Deployment,
        wanted: usize,
        from: Option<Timestamp>,
        plan: &mut Plan,
    ) -> Crew {
        let now = self.now;
        let primary = self.service.deployments.first().is_some_and(|one| one.id == of.id);
        let (mut sound, mut unhealthy, mut leaving) = (Vec::new(), Vec::new(), Vec::new());
        for task in self.service.tasks.iter().filter(|task| task.is_live() && task.deployment == of.id) {
            let counts = task.counts(primary, now);
            if counts == Counts::Starting
                && let Phase::Running { since, checks: Checks::None } = task.phase
            {
                plan.look(since + SETTLE);
            }
            match counts {
                _ if task.leaving => leaving.push(task),
                Counts::Unhealthy => unhealthy.push(task),
                _ => sound.push((task, counts)),
            }
        }
        let healthy = sound.iter().filter(|(_, counts)| *counts == Counts::Healthy).count();
        let mut budget = healthy.saturating_sub(wanted);
        replica::scale_in(&sound, wanted, &mut budget, plan);
        let missing = wanted.saturating_sub(sound.len());
        let starts = missing.min(self.room);
        // Those that are not well make room where there is none.
        let mut lacking = missing - starts;
        let replaced = healthy >= wanted;
        for task in unhealthy {
            if replaced || lacking > 0 {
                lacking = lacking.saturating_sub(1);
                plan.stop(task, Why::Unhealthy);
            }
        }
        for task in leaving.into_iter().filter(|task| !task.protected) {
            if replaced || task.counts(primary, now) != Counts::Healthy {
                plan.stop(task, Why::Scaling);
            }
        }
        match from.filter(|_| starts > 0) {
            Some(from) if from > now => plan.look(from),
            Some(_) => {
                self.room -= starts;
                let count = u32::try_from(starts).unwrap_or(u32::MAX);
                plan.actions.push(Action::Start { deployment: of.id.clone(), count });
            }
            None => {}
        }
        Crew { healthy }
    }
}
