//! Services that sleep while nobody asks them for anything: which target groups wake them, and whether they may sleep.

use std::collections::BTreeSet;

use gantry_api_elbv2 as elbv2;
use gantry_base::Timestamp;
use gantry_ecs_core::service::Rest;
use gantry_service::Failure;
use gantry_store::Tx;

use super::{LookAgain, tell};
use crate::error::EcsError;
use crate::sleepers::LASTS;
use crate::tables::service::{Controller, Scheduling, Service, Status};
use crate::tables::sleeper::{self, SERVICE_USES, SLEEPERS, Use};
use crate::{Ecs, wishes};

/// Keeps who wakes it, and answers what decides whether it goes to sleep; none where it does not, or sleeps already.
pub(super) async fn follow(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    now: Timestamp,
) -> Result<Option<Rest>, EcsError> {
    let wish = wishes::sleeps_after(&row.tags).filter(|_| {
        row.status == Status::Active
            && row.controller == Controller::Ecs
            && row.scheduling == Scheduling::Replica
    });
    let groups = if wish.is_some() { groups(row) } else { BTreeSet::new() };
    for group in row.woken_by.iter().filter(|group| !groups.contains(*group)) {
        tx.delete(&SLEEPERS, &sleeper::key(group, &row.name));
    }
    for group in groups.iter().filter(|group| !row.woken_by.contains(group)) {
        tx.put(&SLEEPERS, &sleeper::key(group, &row.name), &row.name);
    }
    let began = row.woken_by.is_empty() && !groups.is_empty();
    if groups.is_empty() && !row.woken_by.is_empty() {
        tx.delete(&SERVICE_USES, &row.name.key());
    }
    row.woken_by = groups.into_iter().collect();
    if row.asleep_since.is_some() && row.woken_by.is_empty() && row.status == Status::Active {
        // Nobody could wake it any more.
        row.asleep_since = None;
        row.steady = false;
        tell(ecs, row, now, "is awake: it does not sleep any more.");
    }
    let Some(after) = wish.filter(|_| row.asleep_since.is_none() && !row.woken_by.is_empty()) else {
        return Ok(None);
    };
    // Read in any case: a request that is told of meanwhile makes this pass begin anew.
    let used = tx.get(&SERVICE_USES, &row.name.key()).await?.filter(|_| !began);
    let used = match used {
        Some(used) => used.at + LASTS,
        None => {
            // What came before was not counted.
            tx.put(&SERVICE_USES, &row.name.key(), &Use { at: now });
            now
        }
    };
    let changed = row.deployments.first().map_or(row.created_at, |primary| primary.updated_at);
    Ok(Some(Rest { after, since: used.max(changed) }))
}

/// The target groups of its tasks.
fn groups(row: &Service) -> BTreeSet<String> {
    let targets = row.deployments.iter().flat_map(|one| one.revision.targets());
    targets.map(|one| one.target_group).collect()
}

/// The service goes to sleep, if nothing but requests that wake it leads to its tasks.
pub(super) async fn sleep(
    ecs: &Ecs,
    row: &mut Service,
    next: &mut LookAgain,
    now: Timestamp,
) -> Result<(), EcsError> {
    let after = wishes::sleeps_after_text(&row.tags).to_owned();
    if let Some(why) = kept_awake(ecs, row, now).await? {
        let what = format!("does not sleep: {why}.");
        if !row.events.iter().any(|event| event.message.ends_with(&what)) {
            tell(ecs, row, now, &what);
        }
        next.at_most(wishes::sleeps_after(&row.tags).map(|after| now + after));
        return Ok(());
    }
    row.asleep_since = Some(now);
    tell(ecs, row, now, &format!("is asleep: no request for {after}. The next one wakes it."));
    next.at_most(Some(now));
    Ok(())
}

/// Why it may not sleep: somebody could ask for something and wake nobody.
async fn kept_awake(ecs: &Ecs, row: &Service, now: Timestamp) -> Result<Option<String>, EcsError> {
    let registered = row.deployments.iter().any(|one| !one.revision.all_registries().is_empty());
    if registered {
        return Ok(Some("its tasks are found by Service Connect or Cloud Map too".to_owned()));
    }
    let cx = ecs.as_service(&row.name.place, now);
    let input = elbv2::DescribeTargetGroupsInput {
        target_group_arns: Some(row.woken_by.clone()),
        ..Default::default()
    };
    let groups = match ecs.siblings.call::<elbv2::DescribeTargetGroups>(&cx, input).await {
        Ok(answer) => answer.target_groups.unwrap_or_default(),
        Err(Failure::Answer(error)) => return Ok(Some(error.message)),
        Err(failure) => return Err(failure.into()),
    };
    let of_application = |group: &elbv2::TargetGroup| {
        let used = group.load_balancer_arns.as_ref().is_some_and(|all| !all.is_empty());
        used && matches!(group.protocol.as_deref(), Some("HTTP" | "HTTPS"))
    };
    let other = groups.iter().find(|group| !of_application(group));
    Ok(other.and_then(|group| group.target_group_arn.as_ref()).map(|arn| {
        format!("the (target-group {arn}) is not used by an application load balancer, which could wake it")
    }))
}
