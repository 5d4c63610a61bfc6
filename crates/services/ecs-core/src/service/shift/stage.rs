//! From stage to stage.

use gantry_base::Timestamp;

use super::super::{Action, Deployment, Phase, Plan, Service};
use super::fleet::Crew;
use super::hook::{HookStage, through};
use super::{Parts, Stage, TAKEN_BACK_WITHIN, WHOLE, minutes};

/// Goes on from the stage that the deployment is in, if it is done there.
pub(super) fn advance(
    service: &Service,
    parts: &Parts<'_>,
    [green, blue]: [Crew; 2],
    now: Timestamp,
    plan: &mut Plan,
) {
    let shift = parts.shift;
    let wanted = service.wanted.count() as usize;
    let is_whole = green.healthy >= wanted;
    let next = match shift.stage {
        Stage::ReconcileService => {
            if let Some(to) = parts.blue
                && !is_all_at(service, to, shift.with_test)
            {
                let until = shift.since + TAKEN_BACK_WITHIN;
                if blue.healthy >= wanted.min(1) || until <= now {
                    route(service, to, WHOLE, Some(WHOLE), false, plan);
                } else {
                    plan.look(until);
                }
                return;
            }
            let mut rest = parts.others.iter().filter(|one| !parts.is_blue(one));
            if rest.any(|one| is_left(service, one)) {
                return;
            }
            through(parts, HookStage::ReconcileService, now, plan).then_some(Stage::PreScaleUp)
        }
        Stage::PreScaleUp if !shift.prepared => {
            let at_first = if parts.blue.is_none() { WHOLE } else { parts.green.production };
            route(service, parts.green, at_first, None, false, plan);
            return;
        }
        Stage::PreScaleUp => through(parts, HookStage::PreScaleUp, now, plan).then_some(Stage::ScaleUp),
        Stage::ScaleUp => {
            // On the way back some is better than none.
            let enough = is_whole || (shift.back && green.healthy > 0 && blue.healthy == 0);
            let next = if shift.back { Stage::ProductionTrafficShift } else { Stage::PostScaleUp };
            enough.then_some(next)
        }
        Stage::PostScaleUp => {
            through(parts, HookStage::PostScaleUp, now, plan).then_some(Stage::TestTrafficShift)
        }
        Stage::TestTrafficShift => {
            if shift.with_test && parts.green.test < WHOLE {
                route(service, parts.green, parts.green.production, Some(WHOLE), false, plan);
                return;
            }
            Some(if shift.back { Stage::CleanUp } else { Stage::PostTestTrafficShift })
        }
        Stage::PostTestTrafficShift => through(parts, HookStage::PostTestTrafficShift, now, plan)
            .then_some(Stage::ProductionTrafficShift),
        Stage::ProductionTrafficShift => {
            if parts.green.production < WHOLE || (!shift.stepped && !shift.back) {
                step(service, parts, is_whole, now, plan);
                return;
            }
            Some(if shift.back { Stage::TestTrafficShift } else { Stage::PostProductionTrafficShift })
        }
        Stage::PostProductionTrafficShift => {
            through(parts, HookStage::PostProductionTrafficShift, now, plan).then_some(Stage::BakeTime)
        }
        Stage::BakeTime => {
            let until = shift.since + minutes(shift.bake_minutes);
            // Without anything to go back to there is nothing to wait for.
            let done = until <= now || parts.blue.is_none();
            if !done {
                plan.look(until);
            }
            done.then_some(Stage::CleanUp)
        }
        Stage::CleanUp => {
            if !parts.others.iter().any(|one| is_left(service, one)) {
                plan.actions.push(Action::Complete { deployment: parts.green.id.clone() });
                plan.look(now);
            }
            return;
        }
    };
    if let Some(to) = next {
        plan.actions.push(Action::Advance { deployment: parts.green.id.clone(), to });
        plan.look(now);
    }
}

/// Moves production traffic one step, if it is time for one.
fn step(service: &Service, parts: &Parts<'_>, is_whole: bool, now: Timestamp, plan: &mut Plan) {
    let shift = parts.shift;
    if shift.back {
        route(service, parts.green, WHOLE, None, true, plan);
        return;
    }
    let due = if shift.stepped { shift.since + shift.way.step_bake() } else { now };
    if due > now {
        plan.look(due);
        return;
    }
    if !through(parts, HookStage::PreProductionTrafficShift, now, plan) || !is_whole {
        return;
    }
    // What is first and alone has all of it already.
    let share = if parts.green.production == WHOLE { WHOLE } else { shift.way.next(parts.green.production) };
    route(service, parts.green, share, None, true, plan);
}

/// Gives one deployment its share of production traffic, and of test traffic where that moves, and the rest to whoever
/// has the most of it.
fn route(service: &Service, to: &Deployment, share: u32, test: Option<u32>, step: bool, plan: &mut Plan) {
    let share = share.min(WHOLE);
    let others = || service.deployments.iter().filter(|one| one.id != to.id);
    let rest = others().max_by_key(|one| one.production).map(|one| one.id.as_str());
    let production = service.deployments.iter().map(|one| {
        let own = match rest {
            // Nobody else is there: it has all of it.
            None => WHOLE,
            Some(_) if one.id == to.id => share,
            Some(rest) if one.id == rest => WHOLE - share,
            Some(_) => 0,
        };
        (one.id.clone(), own)
    });
    let tests = service.deployments.iter().map(|one| {
        let own = match test {
            None => one.test,
            Some(share) if one.id == to.id => share,
            Some(_) => 0,
        };
        (one.id.clone(), own)
    });
    plan.actions.push(Action::Route { production: production.collect(), test: tests.collect(), step });
}

fn is_all_at(service: &Service, to: &Deployment, with_test: bool) -> bool {
    let others_tested = service.deployments.iter().any(|one| one.id != to.id && one.test > 0);
    to.production == WHOLE && !(with_test && others_tested)
}

/// Whether some of its tasks still run or are being drained.
fn is_left(service: &Service, one: &Deployment) -> bool {
    let of = |task: &&super::super::Task| task.deployment == one.id;
    service.tasks.iter().filter(of).any(|task| task.is_live() || task.phase == Phase::Draining)
}
