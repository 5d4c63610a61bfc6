//! A deployment that does not go on: it ends, and what was before comes back if it can.

use gantry_base::Timestamp;
use gantry_ecs_core::service::shift::HookStage;
use gantry_ecs_core::service::{Rollout, Shift};
use gantry_store::{StoreError, Tx};

use super::tell;
use crate::Ecs;
use crate::events::deployment_changed;
use crate::tables::service::{DeploymentStatus, Rollback, SERVICE_DEPLOYMENTS, Service, ServiceDeployment};

/// A deployment that does not go on.
pub(crate) struct Failed {
    /// The deployment that is gone back to.
    pub to: Option<String>,
    pub by: By,
}

/// Who or what ends it.
pub(crate) enum By {
    Breaker {
        rollback: bool,
    },
    User,
    /// The user, who wants all to stay as it is.
    Abort,
    /// A hook there that was answered with no, or not at all.
    Hook(HookStage),
    /// A load balancer that refuses to move traffic.
    Network(String),
}

impl By {
    /// As the deployment's reason has it.
    fn reason(&self) -> String {
        match self {
            By::Breaker { .. } => "ECS deployment circuit breaker: tasks failed to start.".to_owned(),
            By::User | By::Abort => "The deployment was stopped by the user.".to_owned(),
            By::Hook(_) | By::Network(_) => self.status_reason(),
        }
    }

    /// As the service deployment's record has it.
    fn status_reason(&self) -> String {
        match self {
            By::Breaker { rollback: true } => {
                "Service deployment rolled back because the circuit breaker threshold was exceeded."
                    .to_owned()
            }
            By::Breaker { rollback: false } => "The circuit breaker threshold was exceeded.".to_owned(),
            By::User => "Service deployment rolled back because it was stopped by the user.".to_owned(),
            By::Abort => "Service deployment was stopped by the user.".to_owned(),
            By::Hook(stage) => {
                format!("Service deployment rolled back because {} lifecycle hook(s) failed.", stage.as_str())
            }
            By::Network(why) => {
                format!("Service deployment rolled back because of invalid networking configuration. {why}")
            }
        }
    }

    /// Whether whoever was before shall come back.
    fn wants_rollback(&self) -> bool {
        !matches!(self, By::Abort | By::Breaker { rollback: false })
    }
}

/// Ends the primary deployment, and goes back to another if there is one to go back to.
pub(crate) async fn fail(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    failed: Failed,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(primary) = row.deployments.first_mut() else { return Ok(()) };
    primary.rollout = Rollout::Failed;
    primary.rollout_reason = failed.by.reason();
    primary.updated_at = now;
    let by_breaker = matches!(failed.by, By::Breaker { .. });
    let (id, record_id, failures) = (primary.id.clone(), primary.service_deployment.clone(), primary.failed);
    let moved = primary.shift.as_ref().map(|shift| shift.with_test);
    match &failed.by {
        By::Breaker { .. } => {
            tell(ecs, row, now, &format!("(deployment {id}) deployment failed: tasks failed to start."));
        }
        By::Hook(_) | By::Network(_) => {
            let why = failed.by.status_reason();
            tell(ecs, row, now, &format!("(deployment {id}) deployment failed: {why}"));
        }
        By::User | By::Abort => {}
    }
    deployment_changed(tx, row, "SERVICE_DEPLOYMENT_FAILED", now);
    let back = failed.to.and_then(|to| row.deployments.iter().position(|one| one.id == to));
    let key = row.name.key().with(&record_id);
    let record = tx.get(&SERVICE_DEPLOYMENTS, &key).await?;
    if let Some(at) = back {
        let mut earlier = row.deployments.remove(at);
        let reason = match failed.by {
            By::Breaker { .. } => {
                format!("ECS deployment circuit breaker: rolling back to deploymentId {}.", earlier.id)
            }
            By::User => format!("Rolling back to deploymentId {} as the user asked for.", earlier.id),
            By::Hook(_) | By::Network(_) | By::Abort => {
                format!("{} Rolling back to deploymentId {}.", failed.by.status_reason(), earlier.id)
            }
        };
        tell(ecs, row, now, &format!("rolling back to (deployment {}).", earlier.id));
        earlier.rollout = Rollout::InProgress;
        earlier.rollout_reason.clone_from(&reason);
        earlier.failed = 0;
        earlier.updated_at = now;
        earlier.service_deployment = record_id;
        earlier.shift = moved.map(|with_test| Shift::backwards(with_test, now));
        earlier.roll = None;
        // Nothing more is decided of the one that failed.
        row.deployments.iter_mut().for_each(|one| (one.shift, one.roll) = (None, None));
        row.revision = Some(earlier.revision.clone());
        let revision = row.name.revision_arn(&earlier.revision.id).to_string();
        row.deployments.insert(0, earlier);
        if let Some(mut record) = record {
            record.status = DeploymentStatus::RollbackInProgress;
            record.status_reason = Some(failed.by.status_reason());
            record.rollback = Some(Rollback { reason, started_at: now, revision });
            note(tx, &key, record, failures, by_breaker, now);
        }
        deployment_changed(tx, row, "SERVICE_DEPLOYMENT_IN_PROGRESS", now);
    } else if let Some(mut record) = record {
        let no_way_back = record.status == DeploymentStatus::RollbackInProgress || failed.by.wants_rollback();
        record.status =
            if no_way_back { DeploymentStatus::RollbackFailed } else { DeploymentStatus::Stopped };
        record.status_reason = Some(match failed.by.wants_rollback() {
            true => "No rollback candidate was found to run the rollback.".to_owned(),
            false => failed.by.status_reason(),
        });
        record.finished_at = Some(now);
        record.stopped_at = (!no_way_back).then_some(now);
        note(tx, &key, record, failures, by_breaker, now);
    }
    row.throttle = Default::default();
    row.unplaceable = None;
    row.steady = false;
    Ok(())
}

fn note(
    tx: &mut Tx,
    key: &gantry_store::Key,
    mut record: ServiceDeployment,
    failures: u32,
    triggered: bool,
    now: Timestamp,
) {
    record.failed = failures;
    record.triggered |= triggered;
    record.updated_at = now;
    tx.put(&SERVICE_DEPLOYMENTS, key, &record);
}
