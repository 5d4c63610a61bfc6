//! Does what was decided about a service.

use gantry_base::Timestamp;
use gantry_ecs_core::service::shift::WHOLE;
use gantry_ecs_core::service::throttle::TOLD_AFTER;
use gantry_ecs_core::service::{self as core, Action, Plan, Rollout, Wanted, Why};
use gantry_ecs_core::stop::Stop;
use gantry_store::Tx;

use super::failing::{By, Failed, fail};
use super::members::{Member, Members};
use super::start::{self, How};
use super::{LookAgain, rebalancing, rest, targets, tell, traffic};
use crate::error::EcsError;
use crate::events::deployment_changed;
use crate::ops::deployment_fields::breaker;
use crate::ops::shapes::service::computed_count;
use crate::tables::service::{DeploymentStatus, SERVICE_DEPLOYMENTS, Service, ServiceDeployment, Status};
use crate::{Ecs, ending};

/// Most tasks that are stopped in one pass.
const MOST_STOPS: usize = 100;

/// Carries out a plan for a service whose deployments are its own.
pub(super) async fn all(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    members: &mut Members,
    plan: Plan,
    next: &mut LookAgain,
    now: Timestamp,
) -> Result<(), EcsError> {
    note_health(row, members, now);
    let mut stops = Vec::new();
    for action in plan.actions {
        match action {
            Action::Forget { task } => forget(members, &task),
            Action::Failed { deployment, tasks } => {
                if let Some(one) = row.deployments.iter_mut().find(|one| one.id == deployment) {
                    one.failed = one.failed.saturating_add(tasks);
                    one.updated_at = now;
                }
            }
            Action::Recovered { deployment } => {
                if let Some(one) = row.deployments.iter_mut().find(|one| one.id == deployment) {
                    one.failed = 0;
                }
            }
            Action::Throttle(throttle) => {
                let more = throttle.rounds >= TOLD_AFTER && throttle.rounds > row.throttle.rounds;
                if more && members.all.iter().any(never_ran) {
                    tell(
                        ecs,
                        row,
                        now,
                        "is unable to consistently start tasks successfully. For more information, see the \
                         Troubleshooting section of the Amazon ECS Developer Guide.",
                    );
                }
                row.throttle = throttle;
            }
            Action::Start { deployment, count } => {
                begin(ecs, tx, row, members, &deployment, &How::Count(count), next, now).await?;
            }
            Action::StartOn { deployment, instances } => {
                begin(ecs, tx, row, members, &deployment, &How::On(instances), next, now).await?;
            }
            Action::Stop { task, why } => stops.push((task, why)),
            Action::Stuck => {
                let what = "was unable to stop or start tasks during a deployment because of the service deployment \
                            configuration. Update the minimumHealthyPercent or maximumPercent value and try again.";
                if row.events.first().is_none_or(|event| !event.message.ends_with(what)) {
                    tell(ecs, row, now, what);
                }
            }
            Action::StartIn { deployment, zone } => {
                begin(ecs, tx, row, members, &deployment, &How::In(zone), next, now).await?;
            }
            Action::Rebalance { turn, zones } => rebalancing::note(ecs, row, turn, &zones, now),
            Action::Break { to, .. } => {
                let rollback = breaker(&row.configuration.breaker).is_some_and(|breaker| breaker.rollback);
                fail(ecs, tx, row, Failed { to, by: By::Breaker { rollback } }, now).await?;
                next.at_most(Some(now));
            }
            Action::Advance { to, .. } => traffic::advance(row, to, next, now),
            Action::Await { hook, at, .. } => traffic::begin_hook(ecs, tx, row, hook, at, next, now),
            Action::TimedOut { pause, .. } => traffic::time_out(ecs, tx, row, &pause, next, now).await?,
            Action::Route { production, test, step } => {
                let shares = traffic::Shares { production, test, step };
                traffic::route(ecs, tx, row, shares, next, now).await?;
            }
            Action::Complete { .. } => {
                complete(ecs, tx, row, now).await?;
                next.at_most(Some(now));
            }
            Action::Steady => {
                row.steady = true;
                tell(ecs, row, now, "has reached a steady state.");
            }
            Action::Unsteady => row.steady = false,
            Action::Sleep => rest::sleep(ecs, row, next, now).await?,
            Action::Gone => {
                row.status = Status::Inactive;
                row.deployments.clear();
                row.task_sets.clear();
                row.unplaceable = None;
            }
        }
    }
    stop(ecs, tx, row, members, stops, next, now).await?;
    traffic::record(tx, row, now).await
}

/// Whether it ended without ever having run.
fn never_ran(member: &Member) -> bool {
    member.task.as_ref().is_some_and(|task| task.life.is_stopped() && task.life.times().started.is_none())
}

/// Starts tasks; what is left is for the next pass.
#[allow(clippy::too_many_arguments, reason = "context, subject and what to do, each of its own kind")]
async fn begin(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    members: &Members,
    deployment: &str,
    how: &How,
    next: &mut LookAgain,
    now: Timestamp,
) -> Result<(), EcsError> {
    let started = start::start(ecs, tx, row, members, deployment, how, now).await?;
    if started.more && started.count > 0 {
        next.at_most(Some(now));
    }
    if let Some(unplaceable) = &row.unplaceable {
        next.at_most(Some(unplaceable.again_at));
    }
    Ok(())
}

fn forget(members: &mut Members, task: &str) {
    if let Some(member) = members.find(task) {
        // Its targets were taken out of their groups as it ended.
        member.forgotten = true;
    }
}

/// Remembers who was healthy once.
fn note_health(row: &Service, members: &mut Members, now: Timestamp) {
    let healthy: Vec<bool> =
        members.all.iter().map(|member| members.task(row, member, now).is_healthy(now)).collect();
    for (member, healthy) in members.all.iter_mut().zip(healthy) {
        member.row.was_healthy |= healthy;
    }
}

/// Counts a task that fails its checks as a failure of its deployment: now, as its targets may drain for minutes.
fn count_unhealthy(row: &mut Service, member: &mut Member, now: Timestamp) {
    if std::mem::replace(&mut member.row.unhealthy, true) {
        return;
    }
    if let Some(one) = row.deployments.iter_mut().find(|one| one.id == member.row.deployment) {
        one.failed = one.failed.saturating_add(1);
        one.updated_at = now;
    }
}

/// Stops tasks: those that are targets are drained first.
async fn stop(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    members: &mut Members,
    mut stops: Vec<(String, Why)>,
    next: &mut LookAgain,
    now: Timestamp,
) -> Result<(), EcsError> {
    if stops.len() > MOST_STOPS {
        stops.truncate(MOST_STOPS);
        next.at_most(Some(now));
    }
    let (mut stopped, mut draining) = (Vec::new(), 0);
    let primary = row.deployments.first().map(|one| one.id.clone());
    for (id, why) in stops {
        let Some(member) = members.find(&id) else { continue };
        let unhealthy_in = member.unhealthy_in.clone();
        let deployment = primary.clone().unwrap_or_else(|| member.row.deployment.clone());
        let reason = match (why, &unhealthy_in) {
            (Why::Unhealthy, Some((group, ..))) => Stop::failed_health_checks(group),
            (Why::Unhealthy, None) => Stop::failed_container_health_checks(),
            (Why::Scaling | Why::Deleted, _) => Stop::by_service(&deployment),
        };
        let known = member.row.targets.clone();
        if why == Why::Unhealthy {
            let what = match &unhealthy_in {
                Some((group, port, why)) => format!(
                    "(task {id}) (port {port}) is unhealthy in (target-group {group}) due to (reason {why})"
                ),
                None => format!("(task {id}) failed container health checks."),
            };
            tell(ecs, row, now, &what);
            count_unhealthy(row, member, now);
        }
        let until = targets::drain(ecs, row, &known, now).await?;
        let Some(member) = members.find(&id) else { continue };
        let Some(task) = &mut member.task else { continue };
        match until {
            Some(until) if until > now => {
                member.row.drains_until = Some(until);
                ending::deactivate(tx, task, reason, now).await?;
                draining += 1;
            }
            _ => {
                member.row.targets.clear();
                ending::stop(tx, task, reason, now).await?;
            }
        }
        stopped.push(format!("(task {id})"));
    }
    if stopped.is_empty() {
        return Ok(());
    }
    if draining > 0 {
        tell(ecs, row, now, &format!("has begun draining connections on {draining} tasks."));
    }
    tell(ecs, row, now, &format!("has stopped {} running tasks: {}.", stopped.len(), stopped.join(" ")));
    // One that no node had has ended already.
    next.at_most(Some(now));
    Ok(())
}

/// The primary deployment is done: no other is left.
async fn complete(ecs: &Ecs, tx: &mut Tx, row: &mut Service, now: Timestamp) -> Result<(), EcsError> {
    row.deployments.truncate(1);
    let Some(primary) = row.deployments.first_mut() else { return Ok(()) };
    let moved = primary.shift.take().is_some();
    if moved {
        primary.production = WHOLE;
    }
    primary.roll = None;
    primary.rollout = Rollout::Completed;
    primary.rollout_reason = format!("ECS deployment {} completed.", primary.id);
    primary.proven = true;
    primary.updated_at = now;
    let (id, key) = (primary.id.clone(), row.name.key().with(&primary.service_deployment));
    tell(ecs, row, now, &format!("(deployment {id}) deployment completed."));
    deployment_changed(tx, row, "SERVICE_DEPLOYMENT_COMPLETED", now);
    if let Some(mut record) = tx.get(&SERVICE_DEPLOYMENTS, &key).await? {
        let back = record.status == DeploymentStatus::RollbackInProgress;
        let ended = if back { DeploymentStatus::RollbackSuccessful } else { DeploymentStatus::Successful };
        record.status = ended;
        record.pauses.clear();
        if moved {
            record.shares = ended_shares(&record, row);
        }
        record.finished_at = Some(now);
        record.updated_at = now;
        tx.put(&SERVICE_DEPLOYMENTS, &key, &record);
    }
    Ok(())
}

/// At the end all traffic is the primary deployment's.
fn ended_shares(record: &ServiceDeployment, row: &Service) -> Vec<(String, u32, u32)> {
    let own = traffic::shares(row);
    let gone = record.shares.iter().filter(|(arn, ..)| own.iter().all(|(other, ..)| other != arn));
    own.iter().cloned().chain(gone.map(|(arn, ..)| (arn.clone(), 0, 0))).collect()
}

/// Takes each task set nearer to its share, as a service of its own.
pub(super) async fn task_sets(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    members: &mut Members,
    next: &mut LookAgain,
    now: Timestamp,
) -> Result<(), EcsError> {
    note_health(row, members, now);
    let whole = members.snapshot(row, now);
    let active = row.status == Status::Active;
    let mut stops = Vec::new();
    let mut gone = Vec::new();
    for at in 0..row.task_sets.len() {
        let set = row.task_sets[at].clone();
        let own = core::Service {
            active: active && !set.draining,
            wanted: Wanted::Replicas(computed_count(row, &set)),
            deployments: vec![core::Deployment {
                id: set.id.clone(),
                rollout: Rollout::Completed,
                failed: 0,
                proven: true,
                shift: None,
                roll: None,
                production: 0,
                test: 0,
            }],
            rebalancing: None,
            rest: None,
            tasks: whole.tasks.iter().filter(|task| task.deployment == set.id).cloned().collect(),
            throttle: core::Throttle { until: set.throttle.until.max(whole.throttle.until), ..set.throttle },
            steady: set.steady,
            ..whole.clone()
        };
        let plan = core::plan(&own, now);
        next.at_most(plan.look_at);
        for action in plan.actions {
            match action {
                Action::Forget { task } => forget(members, &task),
                Action::Throttle(throttle) => row.task_sets[at].throttle = throttle,
                Action::Start { deployment, count } => {
                    begin(ecs, tx, row, members, &deployment, &How::Count(count), next, now).await?;
                }
                Action::Stop { task, why } => stops.push((task, why)),
                Action::Steady | Action::Unsteady => {
                    let steady = action == Action::Steady;
                    row.task_sets[at].steady = steady;
                    row.task_sets[at].steady_at = now;
                }
                Action::Gone => gone.push(set.id.clone()),
                // What belongs to deployments, and to daemons, which have no task sets.
                Action::Failed { .. }
                | Action::Recovered { .. }
                | Action::StartOn { .. }
                | Action::StartIn { .. }
                | Action::Rebalance { .. }
                | Action::Advance { .. }
                | Action::Await { .. }
                | Action::TimedOut { .. }
                | Action::Route { .. }
                | Action::Stuck
                | Action::Sleep
                | Action::Break { .. }
                | Action::Complete { .. } => {}
            }
        }
    }
    stop(ecs, tx, row, members, stops, next, now).await?;
    row.task_sets.retain(|set| !gone.contains(&set.id));
    let steady = row.task_sets.iter().all(|set| set.steady) && !row.task_sets.is_empty();
    if steady && !row.steady {
        tell(ecs, row, now, "has reached a steady state.");
    }
    row.steady = steady;
    if !active && row.task_sets.is_empty() {
        row.status = Status::Inactive;
    }
    Ok(())
}
