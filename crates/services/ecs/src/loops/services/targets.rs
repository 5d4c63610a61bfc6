//! Tasks as targets of load balancers: registered when they run, deregistered before they stop.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use gantry_api_elbv2 as elbv2;
use gantry_base::Timestamp;
use gantry_ecs_core::service::Checks;
use gantry_ecs_core::{DesiredStatus, TaskStatus};
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use super::LookAgain;
use super::members::{Member, Members, revision_of};
use super::tell;
use crate::error::EcsError;
use crate::tables::container_instance::{self, ContainerInstance};
use crate::tables::service::{LoadBalancer, Revision, Service, Target};
use crate::tables::task::Task;
use crate::{Ecs, ending};

/// How often targets are asked for that are on their way in or out, and for the others.
const SOON: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(10);
/// The delay of a group that does not say its own, as in AWS.
const DEFAULT_DELAY: Duration = Duration::from_secs(300);

/// What a group says of its targets: state and why, by address and port.
type Said = HashMap<(String, u16), (String, String)>;

/// Registers what runs, deregisters what has ended, and takes in how targets are.
pub(super) async fn follow(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    members: &mut Members,
    next: &mut LookAgain,
    now: Timestamp,
) -> Result<(), EcsError> {
    let with_targets = row.deployments.iter().any(|one| !one.revision.load_balancers.is_empty())
        || row.task_sets.iter().any(|one| !one.revision.load_balancers.is_empty())
        || members.all.iter().any(|member| !member.row.targets.is_empty());
    if !with_targets {
        return Ok(());
    }
    let cx = ecs.as_service(&row.name.place, now);
    leave(ecs, &cx, row, members, now).await?;
    withdraw(ecs, row, members, now).await?;
    let said = ask(ecs, &cx, row, members).await?;
    let mut tasks = members.all.iter().filter_map(|member| member.task.as_ref());
    let instances = match tasks.any(|task| task.attachment.is_none()) {
        true => container_instance::of_cluster(tx, &row.name.place, &row.name.cluster).await?,
        false => Vec::new(),
    };
    let refused = enter(ecs, &cx, row, members, &instances, &said).await?;
    let grace = Duration::from_secs(row.grace_seconds.unwrap_or(0).into());
    for member in &mut members.all {
        let Some(task) = &member.task else { continue };
        if task.life.is_stopped() {
            continue;
        }
        if task.life.status() == TaskStatus::Deactivating {
            drained(tx, member, &said, next, now).await?;
            continue;
        }
        if task.life.status() != TaskStatus::Running {
            continue;
        }
        let wanted = revision_of(row, &member.row.deployment).map_or(0, |one| one.load_balancers.len());
        let grace_ends = task.life.times().started.map(|started| started + grace);
        let in_grace = grace_ends.is_some_and(|ends| now < ends);
        if in_grace {
            next.at_most(grace_ends);
        }
        member.targets = health(member, &said, wanted, in_grace);
        match member.targets {
            Checks::None if wanted == 0 => {}
            // Something may lead to its group again, and then it is asked.
            Checks::None | Checks::Passing => next.at_most(Some(now + LATER)),
            // Nobody is about to say how it is.
            Checks::Waiting if refused.contains(&member.id) => next.at_most(Some(now + LATER)),
            Checks::Waiting | Checks::Failing => next.at_most(Some(now + SOON)),
        }
    }
    Ok(())
}

/// What load balancers say together of a running task.
fn health(member: &mut Member, said: &BTreeMap<String, Said>, wanted: usize, in_grace: bool) -> Checks {
    if wanted == 0 {
        return Checks::None;
    }
    let (mut all, mut asked) = (Checks::Passing, 0);
    for target in &member.row.targets {
        let of = said.get(&target.group).and_then(|said| said.get(&(target.address.clone(), target.port)));
        match of.map(|(state, why)| (state.as_str(), why)) {
            // Nothing leads to its group, so nobody asks how it is.
            Some(("unused", _)) => continue,
            Some(("healthy", _)) => {}
            Some(("unhealthy", why)) if !in_grace => {
                member.unhealthy_in = Some((target.group.clone(), target.port, why.clone()));
                return Checks::Failing;
            }
            _ => all = Checks::Waiting,
        }
        asked += 1;
    }
    match member.row.targets.len() {
        registered if registered < wanted => Checks::Waiting,
        _ if asked == 0 => Checks::None,
        _ => all,
    }
}

/// Stops a task that was being drained, once nothing leads to it any more.
async fn drained(
    tx: &mut Tx,
    member: &mut Member,
    said: &BTreeMap<String, Said>,
    next: &mut LookAgain,
    now: Timestamp,
) -> Result<(), EcsError> {
    let drains = |target: &Target| {
        let of = said.get(&target.group).and_then(|said| said.get(&(target.address.clone(), target.port)));
        of.is_some_and(|(state, _)| state == "draining")
    };
    let due = member.row.drains_until.unwrap_or(now);
    if due > now && member.row.targets.iter().any(drains) {
        next.at_most(Some(due.min(now + SOON)));
        return Ok(());
    }
    member.row.targets.clear();
    member.row.drains_until = None;
    if let Some(task) = &mut member.task
        && let Some(stop) = task.life.stop_reason().cloned()
    {
        ending::stop(tx, task, stop, now).await?;
    }
    Ok(())
}

/// Where a running task can be reached, for one load balancer of its service: at its own address, or at its instance
/// and the port there that leads to its container's.
fn target(
    task: &Task,
    instances: &[ContainerInstance],
    one: &LoadBalancer,
    now: Timestamp,
) -> Option<Target> {
    let (address, port) = match &task.attachment {
        Some(attachment) => (attachment.private_ipv4.clone(), one.port),
        None => {
            let on = |instance: &&ContainerInstance| instance.node.is_some() && instance.node == task.node;
            let instance = instances.iter().find(on)?.ec2_instance_id.clone()?;
            (instance, port_of_instance(task, &one.container, one.port)?)
        }
    };
    Some(Target { group: one.target_group.clone(), address, port, since: now })
}

/// The port of its instance that leads to a container's port. None while that is not known.
pub(super) fn port_of_instance(task: &Task, container: &str, port: u16) -> Option<u16> {
    let life = task.life.containers().iter().find(|life| life.name == *container)?;
    life.bindings.iter().find_map(|bound| {
        let last = bound.range_ends.map_or(bound.container_port, |(last, _)| last);
        let fits = (bound.container_port..=last).contains(&port);
        fits.then(|| bound.host_port + (port - bound.container_port))
    })
}

fn described(target: &Target) -> elbv2::TargetDescription {
    elbv2::TargetDescription {
        id: target.address.clone(),
        port: Some(target.port.into()),
        ..Default::default()
    }
}

/// Registers running tasks, also those that their group has lost: the tasks that a group refused.
async fn enter(
    ecs: &Ecs,
    cx: &Cx,
    row: &mut Service,
    members: &mut Members,
    instances: &[ContainerInstance],
    said: &BTreeMap<String, Said>,
) -> Result<BTreeSet<String>, EcsError> {
    let now = cx.now;
    let mut refused = BTreeSet::new();
    let mut wanted: BTreeMap<String, Vec<(usize, Target)>> = BTreeMap::new();
    for (at, member) in members.all.iter().enumerate() {
        let Some(task) = &member.task else { continue };
        if task.life.status() != TaskStatus::Running || task.life.desired() != DesiredStatus::Running {
            continue;
        }
        let groups = revision_of(row, &member.row.deployment).map(Revision::targets);
        for one in groups.unwrap_or_default() {
            let Some(target) = target(task, instances, &one, now) else { continue };
            let known =
                member.row.targets.iter().any(|it| it.group == target.group && it.port == target.port);
            let state = said
                .get(&target.group)
                .and_then(|said| said.get(&(target.address.clone(), target.port)))
                .map(|(state, _)| state.as_str());
            if known && !matches!(state, None | Some("draining")) {
                continue;
            }
            wanted.entry(target.group.clone()).or_default().push((at, target));
        }
    }
    for (group, targets) in wanted {
        let input = elbv2::RegisterTargetsInput {
            target_group_arn: group.clone(),
            targets: targets.iter().map(|(_, target)| described(target)).collect(),
        };
        if let Err(failure) = ecs.siblings.call::<elbv2::RegisterTargets>(cx, input).await {
            let why = refusal(failure)?;
            let what = format!("failed to register targets in (target-group {group}) with (error {why})");
            // As long as it goes on, once: by itself it would push all others out.
            let came_in = format!(" targets in (target-group {group})");
            let mut since = row.events.iter().take_while(|event| !event.message.ends_with(&came_in));
            if !since.any(|event| event.message.ends_with(&what)) {
                tell(ecs, row, now, &what);
            }
            refused.extend(targets.iter().map(|(at, _)| members.all[*at].id.clone()));
            continue;
        }
        tell(ecs, row, now, &format!("registered {} targets in (target-group {group})", targets.len()));
        for (at, target) in targets {
            let known = &mut members.all[at].row.targets;
            known.retain(|it| !(it.group == target.group && it.port == target.port));
            known.push(target);
        }
    }
    Ok(refused)
}

/// A sibling's refusal, for the user; anything else is tried again.
fn refusal(failure: Failure) -> Result<String, EcsError> {
    match failure {
        Failure::Answer(error) => Ok(format!("{}: {}", error.code, error.message)),
        other => Err(other.into()),
    }
}

/// Deregisters tasks that stop by themselves or have stopped, but for addresses that another task has by now.
async fn leave(
    ecs: &Ecs,
    cx: &Cx,
    row: &mut Service,
    members: &mut Members,
    now: Timestamp,
) -> Result<(), EcsError> {
    let is_over = |member: &Member| {
        member.task.as_ref().is_none_or(|task| task.life.status() > TaskStatus::Deactivating)
    };
    let live = || members.all.iter().filter(|member| !is_over(member));
    let addresses: BTreeSet<String> = live()
        .filter_map(|member| Some(member.task.as_ref()?.attachment.as_ref()?.private_ipv4.clone()))
        .collect();
    let places: BTreeSet<(String, u16)> =
        live().flat_map(|member| &member.row.targets).map(|one| (one.address.clone(), one.port)).collect();
    let mut gone: BTreeMap<String, Vec<Target>> = BTreeMap::new();
    for member in members.all.iter_mut().filter(|member| is_over(member)) {
        for target in std::mem::take(&mut member.row.targets) {
            if !addresses.contains(&target.address)
                && !places.contains(&(target.address.clone(), target.port))
            {
                gone.entry(target.group.clone()).or_default().push(target);
            }
        }
        member.row.drains_until = None;
    }
    for (group, targets) in gone {
        deregister(ecs, cx, row, &group, &targets, now).await?;
    }
    Ok(())
}

/// Begins to drain tasks that somebody wants stopped, and that are targets still.
async fn withdraw(
    ecs: &Ecs,
    row: &mut Service,
    members: &mut Members,
    now: Timestamp,
) -> Result<(), EcsError> {
    let mut begun = 0;
    for member in &mut members.all {
        let status = member.task.as_ref().map(|task| task.life.status());
        if status != Some(TaskStatus::Deactivating)
            || member.row.drains_until.is_some()
            || member.row.targets.is_empty()
        {
            continue;
        }
        let known = member.row.targets.clone();
        member.row.drains_until = Some(drain(ecs, row, &known, now).await?.unwrap_or(now));
        begun += 1;
    }
    if begun > 0 {
        tell(ecs, row, now, &format!("has begun draining connections on {begun} tasks."));
    }
    Ok(())
}

/// Takes targets out of their group. A group that is gone has none.
async fn deregister(
    ecs: &Ecs,
    cx: &Cx,
    row: &mut Service,
    group: &str,
    targets: &[Target],
    now: Timestamp,
) -> Result<(), EcsError> {
    let input = elbv2::DeregisterTargetsInput {
        target_group_arn: group.to_owned(),
        targets: targets.iter().map(described).collect(),
    };
    match ecs.siblings.call::<elbv2::DeregisterTargets>(cx, input).await {
        Ok(_) => {
            tell(ecs, row, now, &format!("deregistered {} targets in (target-group {group})", targets.len()));
        }
        Err(failure) => {
            refusal(failure)?;
        }
    }
    Ok(())
}

/// What the groups say of the targets that are known.
async fn ask(
    ecs: &Ecs,
    cx: &Cx,
    row: &Service,
    members: &Members,
) -> Result<BTreeMap<String, Said>, EcsError> {
    let known = members.all.iter().flat_map(|member| &member.row.targets).map(|target| target.group.clone());
    let groups: BTreeSet<String> = known.collect();
    let mut all = BTreeMap::new();
    for group in groups {
        let input =
            elbv2::DescribeTargetHealthInput { target_group_arn: group.clone(), ..Default::default() };
        let answer = match ecs.siblings.call::<elbv2::DescribeTargetHealth>(cx, input).await {
            Ok(answer) => answer,
            Err(failure) => {
                let why = refusal(failure)?;
                tracing::debug!(service = %row.name.arn(), %group, %why, "a target group does not answer");
                continue;
            }
        };
        let mut said = Said::new();
        for one in answer.target_health_descriptions.unwrap_or_default() {
            let (Some(target), Some(health)) = (one.target, one.target_health) else { continue };
            let port = target.port.and_then(|port| u16::try_from(port).ok()).unwrap_or_default();
            let why = health.description.or(health.reason).unwrap_or_default();
            said.insert((target.id, port), (health.state.unwrap_or_default(), why));
        }
        all.insert(group, said);
    }
    Ok(all)
}

/// Begins to take away what leads to a running task: until when that goes on at most. None where nothing does.
pub(super) async fn drain(
    ecs: &Ecs,
    row: &mut Service,
    targets: &[Target],
    now: Timestamp,
) -> Result<Option<Timestamp>, EcsError> {
    if targets.is_empty() {
        return Ok(None);
    }
    let cx = ecs.as_service(&row.name.place, now);
    let mut groups: BTreeMap<&str, Vec<Target>> = BTreeMap::new();
    for target in targets {
        groups.entry(&target.group).or_default().push(target.clone());
    }
    let mut longest = Duration::ZERO;
    for (group, targets) in groups {
        deregister(ecs, &cx, row, group, &targets, now).await?;
        longest = longest.max(delay(ecs, &cx, group).await?);
    }
    Ok(Some(now + longest))
}

/// How long a group drains its targets.
async fn delay(ecs: &Ecs, cx: &Cx, group: &str) -> Result<Duration, EcsError> {
    let input = elbv2::DescribeTargetGroupAttributesInput { target_group_arn: group.to_owned() };
    let attributes = match ecs.siblings.call::<elbv2::DescribeTargetGroupAttributes>(cx, input).await {
        Ok(answer) => answer.attributes.unwrap_or_default(),
        Err(failure) => {
            refusal(failure)?;
            return Ok(Duration::ZERO);
        }
    };
    let wanted = Some("deregistration_delay.timeout_seconds");
    let value = attributes.into_iter().find(|one| one.key.as_deref() == wanted).and_then(|one| one.value);
    Ok(value.and_then(|text| text.parse().ok()).map_or(DEFAULT_DELAY, Duration::from_secs))
}
