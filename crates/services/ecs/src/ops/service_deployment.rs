//! Deployments and revisions of services: as users name them, by ARN, and how one begins.

use gantry_base::{Arn, Timestamp};
use gantry_ecs_core::service::shift::{self, WHOLE, Way};
use gantry_ecs_core::service::{Roll, Rollout, Shift};
use gantry_service::Cx;
use gantry_store::{Scan, StoreError, Tx};

use super::service::digits;
use super::{deployment_fields, shared};
use crate::Ecs;
use crate::error::EcsError;
use crate::events::deployment_changed;
use crate::names::Place;
use crate::tables::service::{
    Deployment, DeploymentStatus, Revision, SERVICE_DEPLOYMENTS, SERVICE_REVISIONS, Service,
    ServiceDeployment, ServiceName,
};

/// How many deployments of before are kept with their revisions.
const MOST_DEPLOYMENTS: usize = 100;

/// `service-deployment/CLUSTER/SERVICE/ID`, or the same of a revision: the service, and the id.
pub(super) fn named(cx: &Cx, kind: &str, text: &str) -> Result<(ServiceName, String), EcsError> {
    let bad = || EcsError::invalid(format!("Invalid identifier: {text}"));
    let arn: Arn = text.parse().map_err(|_| bad())?;
    let place: Place = shared::place(cx);
    if arn.service() != "ecs"
        || arn.account() != place.account.as_str()
        || arn.region() != place.region.as_str()
    {
        return Err(bad());
    }
    let rest = arn.resource().strip_prefix(kind).and_then(|rest| rest.strip_prefix('/')).ok_or_else(bad)?;
    match rest.split('/').collect::<Vec<_>>()[..] {
        [cluster, name, id] if !id.is_empty() => {
            Ok((ServiceName { place, cluster: cluster.to_owned(), name: name.to_owned() }, id.to_owned()))
        }
        _ => Err(bad()),
    }
}

/// Makes the service's revision its primary deployment. Those of before stay until it is done.
pub(crate) async fn deploy(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(mut revision) = row.revision.clone() else { return Ok(()) };
    let traffic = Traffic::of(row, &mut revision, now);
    let roll = match traffic.shift {
        Some(_) => None,
        None => rolls(row, now),
    };
    row.revision = Some(revision.clone());
    let id = format!("ecs-svc/{}", digits(ecs));
    let begun = ecs.ids.text(21, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    let target = row.name.revision_arn(&revision.id).to_string();
    let sources: Vec<String> =
        row.deployments.iter().map(|one| row.name.revision_arn(&one.revision.id).to_string()).collect();
    supersede(tx, row, now).await?;
    let record = ServiceDeployment {
        id: begun.clone(),
        deployment: id.clone(),
        target,
        sources,
        status: DeploymentStatus::InProgress,
        status_reason: None,
        created_at: now,
        updated_at: now,
        finished_at: None,
        stopped_at: None,
        failed: 0,
        threshold: deployment_fields::breaker(&row.configuration.breaker)
            .map(|one| one.threshold(row.desired_count)),
        triggered: false,
        rollback: None,
        configuration: row.configuration.clone(),
        stage: traffic.shift.as_ref().map(|shift| shift.stage).or(roll.as_ref().map(|roll| roll.stage)),
        pauses: Vec::new(),
        shares: Vec::new(),
    };
    tx.put(&SERVICE_DEPLOYMENTS, &row.name.key().with(&begun), &record);
    tx.put(&SERVICE_REVISIONS, &row.name.key().with(&revision.id), &revision);
    row.deployments.insert(
        0,
        Deployment {
            rollout_reason: format!("ECS deployment {id} in progress."),
            id,
            service_deployment: begun,
            revision,
            rollout: Rollout::InProgress,
            failed: 0,
            proven: false,
            shift: traffic.shift,
            roll,
            production: traffic.production,
            test: 0,
            created_at: now,
            updated_at: now,
        },
    );
    row.steady = false;
    row.throttle = Default::default();
    row.unplaceable = None;
    row.wake(tx, now);
    deployment_changed(tx, row, "SERVICE_DEPLOYMENT_IN_PROGRESS", now);
    bound_history(tx, row).await
}

/// A deployment that another takes the place of is over.
async fn supersede(tx: &mut Tx, row: &Service, now: Timestamp) -> Result<(), StoreError> {
    let Some(primary) = row.deployments.first().filter(|one| one.rollout == Rollout::InProgress) else {
        return Ok(());
    };
    let key = row.name.key().with(&primary.service_deployment);
    if let Some(mut record) = tx.get(&SERVICE_DEPLOYMENTS, &key).await?
        && !record.status.is_final()
    {
        record.status = DeploymentStatus::Stopped;
        record.status_reason = Some("Service deployment was stopped because another one began.".to_owned());
        record.stopped_at = Some(now);
        record.finished_at = Some(now);
        record.updated_at = now;
        tx.put(&SERVICE_DEPLOYMENTS, &key, &record);
    }
    Ok(())
}

/// Drops the oldest deployments beyond what is kept, with revisions that nothing names any more.
async fn bound_history(tx: &mut Tx, row: &Service) -> Result<(), StoreError> {
    let key = row.name.key();
    let mut all = tx.peek_scan(&SERVICE_DEPLOYMENTS, &key, Scan::all()).await?;
    if all.len() <= MOST_DEPLOYMENTS {
        return Ok(());
    }
    all.sort_by_key(|(_, one)| std::cmp::Reverse(one.created_at));
    let dropped = all.split_off(MOST_DEPLOYMENTS);
    for (key, _) in &dropped {
        tx.delete(&SERVICE_DEPLOYMENTS, key);
    }
    let kept: std::collections::HashSet<&str> =
        all.iter().flat_map(|(_, one)| one.sources.iter().chain([&one.target])).map(String::as_str).collect();
    for (at, revision) in tx.peek_scan(&SERVICE_REVISIONS, &key, Scan::all()).await? {
        let named = row.deployments.iter().any(|one| one.revision.id == revision.id);
        if !named && !kept.contains(row.name.revision_arn(&revision.id).as_str()) {
            tx.delete(&SERVICE_REVISIONS, &at);
        }
    }
    Ok(())
}

/// How a new deployment pauses and is watched that rolls.
fn rolls(row: &Service, now: Timestamp) -> Option<Roll> {
    let of = &row.configuration;
    let reconciles = row.deployments.len() > 1;
    let (hooks, early) = (deployment_fields::hooks(&of.hooks), deployment_fields::early(&of.early));
    Roll::new(of.bake_minutes.unwrap_or(0), hooks, early, reconciles, now)
}

/// How a new deployment gets its traffic.
struct Traffic {
    shift: Option<Shift>,
    /// Its share of production at first, in thousandths.
    production: u32,
}

impl Traffic {
    /// Chooses the revision's target groups, and sees to it that whoever serves has all traffic that nobody has yet.
    fn of(row: &mut Service, revision: &mut Revision, now: Timestamp) -> Traffic {
        let serves = shift::source(row.deployments.iter().map(|one| (one.proven, one.production)));
        // While traffic is between two revisions, whoever comes next has to move it too.
        let moving = row.deployments.first().is_some_and(|one| one.shift.is_some());
        let way = row.configuration.way.or(moving.then_some(Way::BlueGreen));
        let before = serves.map(|at| &row.deployments[at].revision);
        revision.resolved = groups(revision, before, way.is_some());
        let Some(way) = way else { return Traffic { shift: None, production: 0 } };
        let with_test = revision
            .load_balancers
            .iter()
            .any(|one| one.advanced.as_ref().is_some_and(|advanced| advanced.test_rule.is_some()));
        let reconciles = row.deployments.len() > usize::from(serves.is_some());
        let bake = row.configuration.way.and(row.configuration.bake_minutes).unwrap_or(0);
        let shift = Shift {
            with_test,
            hooks: deployment_fields::hooks(&row.configuration.hooks),
            ..Shift::new(way, bake, reconciles, now)
        };
        let all = |share: fn(&Deployment) -> u32| row.deployments.iter().map(share).sum::<u32>();
        let (production, test) = (all(|one| one.production), all(|one| one.test));
        for (at, one) in row.deployments.iter_mut().enumerate() {
            let whole = if serves == Some(at) { WHOLE } else { 0 };
            if production != WHOLE {
                one.production = whole;
            }
            if test != WHOLE {
                one.test = if with_test { whole } else { 0 };
            }
        }
        Traffic { shift: Some(shift), production: if serves.is_none() { WHOLE } else { 0 } }
    }
}

/// Of each load balancer's two target groups the one that is free where traffic moves, else the one in use.
fn groups(revision: &Revision, before: Option<&Revision>, moves: bool) -> Vec<String> {
    let each = revision.load_balancers.iter().enumerate().map(|(at, one)| {
        let Some(advanced) = &one.advanced else { return one.target_group.clone() };
        let used = before.and_then(|before| before.group(at));
        match (moves, used) {
            (true, Some(used)) if used == one.target_group => advanced.alternate.clone(),
            (false, Some(used)) if used == advanced.alternate => advanced.alternate.clone(),
            _ => one.target_group.clone(),
        }
    });
    each.collect()
}
