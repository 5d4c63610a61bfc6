//! New tasks of a service: where there is room for them now, or why not.

use std::sync::Arc;
use std::time::Duration;

use gantry_base::Timestamp;
use gantry_ecs_core::overrides::Overrides;
use gantry_ecs_core::placement::{Refusals, Wants};
use gantry_ecs_core::service::Rollout;
use gantry_store::{Tx, key};

use super::members::{Members, revision_of};
use super::spread::Zones;
use super::{rebalancing, tell};
use crate::error::EcsError;
use crate::loops::PLACEMENT_LOOP;
use crate::ops::run_task::launch_type::{platform_version, shares};
use crate::ops::run_task::placement::{Rules, try_now};
use crate::ops::run_task::{Run, has_instances, new_task};
use crate::ops::service::managed_tags;
use crate::tables::queues::{ACCEPTED, WAITING, Waiting, at};
use crate::tables::service::{Revision, SERVICE_TASKS, Scheduling, Service, ServiceTask, Unplaceable};
use crate::tables::task::{LaunchType, TASKS, Task};
use crate::tables::task_definition::{self, TASK_DEFINITIONS};
use crate::{Ecs, events, wishes};

/// Most tasks that are started in one pass.
pub(super) const MOST: usize = 100;
/// How soon a task that no node takes is tried again; each further time it is longer, up to a limit.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What new tasks of the revision are made of; none where its definition is gone.
pub(super) async fn run(
    tx: &mut Tx,
    row: &Service,
    revision: &Revision,
    deployment: &str,
    launches: Vec<(LaunchType, Option<String>)>,
) -> Result<Option<Run>, EcsError> {
    let place = &row.name.place;
    let key = task_definition::key(place, &revision.family, revision.revision);
    let Some(definition) = tx.peek(&TASK_DEFINITIONS, &key).await? else { return Ok(None) };
    let propagated = match row.propagate_tags.as_str() {
        "SERVICE" => row.tags.clone(),
        "TASK_DEFINITION" => definition.tags.clone(),
        _ => Default::default(),
    };
    let tags = match row.managed_tags {
        true => propagated.with(managed_tags(&row.name)).unwrap_or(propagated),
        false => propagated,
    };
    Ok(Some(Run {
        spec: definition.spec(place)?,
        definition,
        overrides: Overrides::default(),
        launches,
        platform_version: platform_version(revision.platform_version.as_deref(), revision.launch)?,
        network: revision.network.clone(),
        group: row.name.group(),
        started_by: Some(deployment.to_owned()),
        exec: row.exec,
        tags,
        rules: Rules {
            strategy: row.strategy.clone(),
            distinct: row.distinct,
            member_of: row.member_of.clone(),
        },
        stop_timeout_secs: wishes::stop_timeout(&row.tags),
    }))
}

/// How many tasks, or where.
pub(super) enum How {
    Count(u32),
    On(Vec<String>),
    /// One in this zone, which is poorer than others.
    In(String),
}

/// Starts tasks of a deployment. Those that no node takes now are told of and tried again later.
pub(super) async fn start(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    members: &Members,
    deployment: &str,
    how: &How,
    now: Timestamp,
) -> Result<Started, EcsError> {
    let Some(revision) = revision_of(row, deployment).cloned() else { return Ok(Started::default()) };
    let asked = match how {
        How::Count(count) => *count as usize,
        How::On(instances) => instances.len(),
        How::In(_) => 1,
    };
    let count = asked.min(MOST);
    let launches = launches(members, row, &revision, deployment, count);
    let Some(mut run) = run(tx, row, &revision, deployment, launches).await? else {
        refuse(ecs, row, "Reason: The task definition does not exist.", now);
        return Ok(Started::default());
    };
    let (place, cluster) = (row.name.place.clone(), row.name.cluster.clone());
    if let How::In(zone) = how {
        keep_to(ecs, row, &mut run, revision.launch, zone, now).await?;
    }
    let mut wants = run.all_wants(&place, &cluster);
    if let How::On(instances) = how {
        for (wants, instance) in wants.iter_mut().zip(instances) {
            *wants = Arc::new(Wants { instance: Some(instance.clone()), ..Wants::clone(wants) });
        }
    }
    let mut zones = match (how, &run.network) {
        (How::Count(_), Some(network)) if revision.launch == LaunchType::Fargate => {
            Zones::now(ecs, row, members, deployment, network, now).await?
        }
        _ => Zones::default(),
    };
    let verdicts = try_now(ecs, &place, &cluster, &members.instances, &wants, now).await?;
    let mut started = Vec::new();
    let mut refused: Option<Arc<Refusals>> = None;
    for (index, (wants, verdict)) in wants.iter().zip(verdicts).enumerate() {
        match verdict {
            Err(why) => refused = Some(why),
            Ok(instance) => {
                let mut wants = Wants { instance: instance.clone(), ..Wants::clone(wants) };
                let mut task =
                    Task { instance_id: instance, ..new_task(ecs, now, &place, &cluster, &run, index) };
                wants.zone = match how {
                    How::In(zone) if revision.launch == LaunchType::Fargate => Some(zone.clone()),
                    _ => task.network.as_mut().and_then(|network| zones.place(network)),
                };
                tx.put(&TASKS, &task.name.key(), &task);
                let waiting = Waiting { wants, since: now, refused: String::new() };
                tx.put(&WAITING, &at(task.created_at, &task.name), &waiting);
                let own = ServiceTask { deployment: deployment.to_owned(), ..Default::default() };
                tx.put(&SERVICE_TASKS, &row.name.key().with(&task.name.id), &own);
                events::task_changed(tx, &task, now);
                started.push(task.name.id.clone());
            }
        }
    }
    if !started.is_empty() {
        tx.put(&ACCEPTED, &key!(), &());
        tx.wake(PLACEMENT_LOOP);
        let ids: Vec<String> = started.iter().map(|id| format!("(task {id})")).collect();
        let what = match how {
            How::In(zone) => {
                format!("has started {} tasks in {zone} to AZ Rebalance: {}.", started.len(), ids.join(" "))
            }
            How::Count(_) | How::On(_) => format!("has started {} tasks: {}.", started.len(), ids.join(" ")),
        };
        tell(ecs, row, now, &what);
    }
    match refused {
        Some(why) => {
            let reason = match how {
                How::In(zone) => in_zone(&revision, zone),
                How::Count(_) | How::On(_) => reason(&revision, members, &why),
            };
            refuse(ecs, row, &reason, now);
            count_refusal(row, members, deployment);
        }
        None => row.unplaceable = None,
    }
    Ok(Started { count: started.len(), more: asked > MOST })
}

/// What came of it.
#[derive(Default)]
pub(super) struct Started {
    pub count: usize,
    pub more: bool,
}

/// A deployment whose tasks find no room fails like one whose tasks fail, unless room is just being made.
fn count_refusal(row: &mut Service, members: &Members, deployment: &str) {
    let stopping = members.all.iter().any(|member| {
        member.task.as_ref().is_some_and(|task| {
            !task.life.is_stopped() && task.life.desired() == gantry_ecs_core::DesiredStatus::Stopped
        })
    });
    let tries = row.unplaceable.as_ref().map_or(0, |one| one.tries);
    let known = row.deployments.iter_mut().find(|one| one.id == deployment);
    if let Some(known) = known
        && known.rollout == Rollout::InProgress
        && !stopping
        && tries > 1
    {
        known.failed = known.failed.saturating_add(1);
    }
}

/// The launch of each new task: with a strategy, whoever is behind its share.
fn launches(
    members: &Members,
    row: &Service,
    revision: &Revision,
    deployment: &str,
    count: usize,
) -> Vec<(LaunchType, Option<String>)> {
    if revision.providers.is_empty() || row.scheduling == Scheduling::Daemon {
        return vec![(revision.launch, None); count];
    }
    let mut have = members.providers(deployment);
    let total = have.values().sum::<usize>() + count;
    let mut missing = Vec::with_capacity(count);
    for provider in shares(&revision.providers, total) {
        match have.get_mut(&provider).filter(|left| **left > 0) {
            Some(left) => *left -= 1,
            None => missing.push(provider),
        }
    }
    missing.truncate(count);
    missing.into_iter().map(|provider| (revision.launch, Some(provider))).collect()
}

/// Has tasks of the run be in that zone: by their subnets, and by their instances where there are any.
async fn keep_to(
    ecs: &Ecs,
    row: &Service,
    run: &mut Run,
    launch: LaunchType,
    zone: &str,
    now: Timestamp,
) -> Result<(), EcsError> {
    if let Some(network) = &mut run.network {
        let all = rebalancing::subnets(ecs, row, &network.subnets, now).await?;
        let there = all.into_iter().filter(|(of, _)| of == zone).map(|(_, subnet)| subnet);
        network.subnets = there.collect();
    }
    if launch != LaunchType::Fargate {
        run.rules.member_of.push(format!("attribute:{} == {zone}", rebalancing::ZONE));
    }
    Ok(())
}

/// Says that the task that is to make zones alike is not placed.
fn in_zone(revision: &Revision, zone: &str) -> String {
    match revision.launch {
        LaunchType::Fargate => format!("in {zone}."),
        _ => format!("in {zone} because no container instance met all of its requirements."),
    }
}

/// Says why a task is not placed, in AWS's words.
fn reason(revision: &Revision, members: &Members, why: &Refusals) -> String {
    if revision.launch == LaunchType::Fargate {
        return format!(
            "Reason: Capacity is unavailable at this time. Please try again later or in a different availability \
             zone. ({why})"
        );
    }
    let because = "because no container instance met all of its requirements.";
    if members.instances.is_empty() || why.0.is_empty() {
        return format!("{because} Reason: No Container Instances were found in your cluster.");
    }
    if let Some(provider) =
        revision.providers.iter().find(|one| !has_instances(&members.instances, &one.provider))
    {
        return format!(
            "{because} Reason: No Container Instances were found in your capacity provider. ({})",
            provider.provider
        );
    }
    let closest = why.closest().map(|(node, refusal)| {
        let instance = members.instances.iter().find(|one| one.node.as_ref().unwrap_or(&one.id) == node);
        let id = instance.map_or(node.as_str(), |one| one.id.as_str());
        format!("The closest matching (container-instance {id}) {}.", refusal.event())
    });
    // AWS says no more; each node is told of behind it.
    format!("{because} {} ({why})", closest.unwrap_or_default())
}

/// Tells of it when it is new, and puts the next try off.
fn refuse(ecs: &Ecs, row: &mut Service, reason: &str, now: Timestamp) {
    let before = row.unplaceable.take();
    let tries = before.as_ref().map_or(0, |one| one.tries).saturating_add(1);
    // Said again from time to time, as it goes on.
    if before.is_none_or(|one| one.told != reason || tries.is_multiple_of(10)) {
        let see = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";
        let dot = if reason.starts_with("Reason") { "." } else { "" };
        let is_unable = if reason.starts_with("in ") { "is unable" } else { "was unable" };
        tell(ecs, row, now, &format!("{is_unable} to place a task{dot} {reason} {see}"));
    }
    let pause =
        FIRST_PAUSE.saturating_mul(2u32.saturating_pow(tries.saturating_sub(1).min(8))).min(LONGEST_PAUSE);
    row.unplaceable = Some(Unplaceable { tries, again_at: now + pause, told: reason.to_owned() });
}
