//! Takes a deployment from stage to stage, and moves traffic between a service's deployments, as it was decided.

use std::collections::BTreeMap;
use std::time::Duration;

use gantry_base::{Arn, Timestamp};
use gantry_ecs_core::service::Rollout;
use gantry_ecs_core::service::shift::{HookStage, OnTimeout, PauseStatus, Stage, WHOLE};
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use super::failing::{By, Failed, fail};
use super::{LookAgain, tell};
use crate::error::EcsError;
use crate::events::hook_changed;
use crate::tables::service::{Deployment, SERVICE_DEPLOYMENTS, Service};
use crate::{Ecs, for_services, rules};

/// How soon it is tried again to move traffic that can't be moved.
const AGAIN: Duration = Duration::from_secs(10);

/// The deployment enters a stage.
pub(super) fn advance(row: &mut Service, to: Stage, next: &mut LookAgain, now: Timestamp) {
    let Some(primary) = row.deployments.first_mut() else { return };
    primary.updated_at = now;
    if let Some(shift) = &mut primary.shift {
        shift.enter(to, now);
        // Once what was before it begins to go, it is what can be gone back to.
        primary.proven |= to == Stage::CleanUp && !shift.back;
    } else if let Some(roll) = &mut primary.roll {
        roll.enter(to, now);
    }
    next.at_most(Some(now));
}

/// A hook of the deployment begins.
pub(super) fn begin_hook(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    hook: usize,
    at: HookStage,
    next: &mut LookAgain,
    now: Timestamp,
) {
    let id = format!(
        "ecs-pause-{}",
        ecs.ids.text(43, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    );
    let name = row.name.clone();
    let Some(primary) = row.deployments.first_mut() else { return };
    let Some(configured) = primary.hooks().get(hook) else { return };
    let pause = configured.begin(hook, at, id, now);
    hook_changed(tx, &name, &primary.service_deployment, &pause, now);
    next.at_most(Some(pause.expires_at));
    if let Some(begun) = primary.pauses_mut() {
        begun.push(pause);
    }
}

/// Nobody has answered the hook in time.
pub(super) async fn time_out(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    id: &str,
    next: &mut LookAgain,
    now: Timestamp,
) -> Result<(), EcsError> {
    let ended = end_hook(tx, row, id, PauseStatus::TimedOut, now);
    if let Some((at, OnTimeout::Rollback)) = ended {
        let to = proven(row);
        fail(ecs, tx, row, Failed { to, by: By::Hook(at) }, now).await?;
    }
    next.at_most(Some(now));
    Ok(())
}

/// Ends a hook that waits: where it was, and what its timeout would have done. None where none of that id waits.
pub(crate) fn end_hook(
    tx: &mut Tx,
    row: &mut Service,
    id: &str,
    status: PauseStatus,
    now: Timestamp,
) -> Option<(HookStage, OnTimeout)> {
    let name = row.name.clone();
    let primary = row.deployments.first_mut()?;
    let begun_by = primary.service_deployment.clone();
    let pauses = primary.pauses_mut()?;
    let waits = |status: PauseStatus| status == PauseStatus::AwaitingAction;
    let pause = pauses.iter_mut().find(|one| one.id == id && waits(one.status))?;
    pause.status = status;
    hook_changed(tx, &name, &begun_by, pause, now);
    Some((pause.at, pause.on_timeout))
}

/// The deployment beside the primary one that was completed last.
pub(crate) fn proven(row: &Service) -> Option<String> {
    row.deployments.iter().skip(1).find(|one| one.proven).map(|one| one.id.clone())
}

/// New shares of traffic, by deployment.
pub(super) struct Shares {
    pub production: Vec<(String, u32)>,
    pub test: Vec<(String, u32)>,
    pub step: bool,
}

/// Gives deployments their shares. A load balancer that refuses them ends the deployment, or on its way back is tried
/// again.
pub(super) async fn route(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    shares: Shares,
    next: &mut LookAgain,
    now: Timestamp,
) -> Result<(), EcsError> {
    match change_rules(ecs, row, &shares, now).await {
        Ok(()) => {
            for one in &mut row.deployments {
                let of =
                    |all: &[(String, u32)]| all.iter().find(|(id, _)| *id == one.id).map(|(_, share)| *share);
                one.production = of(&shares.production).unwrap_or(one.production);
                one.test = of(&shares.test).unwrap_or(one.test);
            }
            if let Some(shift) = row.deployments.first_mut().and_then(|one| one.shift.as_mut()) {
                shift.routed(shares.step, now);
            }
            next.at_most(Some(now));
        }
        Err(failure) => {
            let why = match failure {
                Failure::Answer(error) => error.message,
                Failure::Denied(denial) => denial.to_string(),
                other => return Err(other.into()),
            };
            let primary = row.deployments.first();
            let forwards = primary.and_then(|one| one.shift.as_ref()).is_some_and(|shift| !shift.back);
            if forwards && primary.is_some_and(|one| one.rollout == Rollout::InProgress) {
                let to = proven(row);
                fail(ecs, tx, row, Failed { to, by: By::Network(why) }, now).await?;
                next.at_most(Some(now));
                return Ok(());
            }
            let what = format!("was unable to move traffic between its service revisions: {why}");
            if row.events.first().is_none_or(|event| !event.message.ends_with(&what)) {
                tell(ecs, row, now, &what);
            }
            next.at_most(Some(now + AGAIN));
        }
    }
    Ok(())
}

async fn change_rules(ecs: &Ecs, row: &Service, shares: &Shares, now: Timestamp) -> Result<(), Failure> {
    let Some(primary) = row.deployments.first() else { return Ok(()) };
    let mut as_role: Option<(String, Cx)> = None;
    for (at, one) in primary.revision.load_balancers.iter().enumerate() {
        let Some(advanced) = &one.advanced else { continue };
        let cx = match as_role {
            Some((role, cx)) if role == advanced.role => cx,
            _ => role_cx(ecs, row, &advanced.role, now).await?,
        };
        let mut empty = BTreeMap::new();
        // Both are named, so that the targets of each are checked before traffic comes.
        empty.insert(one.target_group.clone(), 0);
        empty.insert(advanced.alternate.clone(), 0);
        let production = by_group(row, at, &shares.production, empty.clone());
        rules::route(ecs, &cx, &advanced.production_rule, &production).await?;
        if let Some(rule) = &advanced.test_rule {
            let test = by_group(row, at, &shares.test, empty);
            if test.values().sum::<u32>() == WHOLE {
                rules::route(ecs, &cx, rule, &test).await?;
            }
        }
        as_role = Some((advanced.role.clone(), cx));
    }
    Ok(())
}

/// The shares of target groups, from those of deployments. Who has no group for that load balancer leaves its share to
/// the primary deployment's.
fn by_group(
    row: &Service,
    at: usize,
    shares: &[(String, u32)],
    mut all: BTreeMap<String, u32>,
) -> BTreeMap<String, u32> {
    let group = |one: &Deployment| one.revision.group(at).map(str::to_owned);
    let own = row.deployments.first().and_then(group);
    for (id, share) in shares.iter().filter(|(_, share)| *share > 0) {
        let of = row.deployments.iter().find(|one| one.id == *id).and_then(group);
        if let Some(group) = of.or_else(|| own.clone()) {
            *all.entry(group).or_default() += share;
        }
    }
    all
}

async fn role_cx(ecs: &Ecs, row: &Service, role: &str, now: Timestamp) -> Result<Cx, Failure> {
    let place = &row.name.place;
    let role: Arn =
        role.parse().map_err(|_| Failure::internal(format_args!("a role without an ARN: {role}")))?;
    let session =
        ecs.roles.credentials_for_role(&for_services(place), &role, "ECSServiceDeployment", now).await?;
    Ok(ecs.as_role(&session, place, now))
}

/// Keeps what DescribeServiceDeployments shows of the deployment under way.
pub(super) async fn record(tx: &mut Tx, row: &Service, now: Timestamp) -> Result<(), EcsError> {
    let Some(primary) = row.deployments.first() else { return Ok(()) };
    let key = row.name.key().with(&primary.service_deployment);
    let Some(mut record) = tx.get(&SERVICE_DEPLOYMENTS, &key).await? else { return Ok(()) };
    let before = record.clone();
    if !record.status.is_final() && primary.rollout == Rollout::InProgress {
        if record.rollback.is_none() {
            record.failed = primary.failed;
        }
        if let Some(shift) = &primary.shift {
            record.stage = Some(shift.stage);
            record.pauses.clone_from(&shift.pauses);
            record.shares = shares(row);
        } else if let Some(roll) = &primary.roll {
            record.stage = Some(roll.stage);
            record.pauses.clone_from(&roll.pauses);
        }
    }
    if record != before {
        record.updated_at = now;
        tx.put(&SERVICE_DEPLOYMENTS, &key, &record);
    }
    Ok(())
}

/// Each revision's shares of traffic, by its ARN.
pub(super) fn shares(row: &Service) -> Vec<(String, u32, u32)> {
    let one =
        |one: &Deployment| (row.name.revision_arn(&one.revision.id).to_string(), one.production, one.test);
    row.deployments.iter().map(one).collect()
}
