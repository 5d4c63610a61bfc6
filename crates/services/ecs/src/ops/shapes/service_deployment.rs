//! A deployment of a service, and how deployments are configured, as AWS shows them.

use gantry_api_ecs as api;
use gantry_ecs_core::service::shift::{Pause, Way};
use gantry_service::Failure;
use gantry_wire::from_json;
use serde_json::Value;

use super::service::{count, documents, requested};
use crate::tables::service::{
    Deployment, DeploymentConfiguration, DeploymentStatus, Service, ServiceDeployment, ServiceName,
};
use crate::tables::task::Task;

/// AWS's document of the deployment configuration.
pub(super) fn configuration(of: &DeploymentConfiguration) -> Result<api::DeploymentConfiguration, Failure> {
    let breaker = match &of.breaker {
        Value::Null => api::DeploymentCircuitBreaker { enable: false, rollback: false, ..Default::default() },
        document => from_json(document).map_err(Failure::internal)?,
    };
    let alarms = match &of.alarms {
        Value::Null => None,
        document => Some(from_json(document).map_err(Failure::internal)?),
    };
    let early = match &of.early {
        Value::Null => None,
        document => Some(from_json(document).map_err(Failure::internal)?),
    };
    let percent = |share: u32| Some(f64::from(share) / 10.0);
    let strategy = match of.way {
        None => "ROLLING",
        Some(Way::BlueGreen) => "BLUE_GREEN",
        Some(Way::Linear { .. }) => "LINEAR",
        Some(Way::Canary { .. }) => "CANARY",
    };
    Ok(api::DeploymentConfiguration {
        deployment_circuit_breaker: Some(breaker),
        maximum_percent: Some(of.maximum_percent as i32),
        minimum_healthy_percent: Some(of.minimum_percent as i32),
        alarms,
        strategy: Some(strategy.to_owned()),
        bake_time_in_minutes: Some(of.bake_minutes.unwrap_or(0) as i32),
        lifecycle_hooks: match of.way {
            None if of.hooks.as_array().is_none_or(Vec::is_empty) => None,
            _ => Some(documents(&of.hooks)?),
        },
        linear_configuration: match of.way {
            Some(Way::Linear { step, bake_minutes }) => Some(api::LinearConfiguration {
                step_percent: percent(step),
                step_bake_time_in_minutes: Some(bake_minutes as i32),
            }),
            _ => None,
        },
        canary_configuration: match of.way {
            Some(Way::Canary { first, bake_minutes }) => Some(api::CanaryConfiguration {
                canary_percent: percent(first),
                canary_bake_time_in_minutes: Some(bake_minutes as i32),
            }),
            _ => None,
        },
        early_success_criteria: early,
    })
}

fn hook(pause: &Pause) -> api::DeploymentLifecycleHookDetail {
    api::DeploymentLifecycleHookDetail {
        hook_id: Some(pause.id.clone()),
        target_type: Some("PAUSE".to_owned()),
        target_arn: None,
        status: Some(pause.status.as_str().to_owned()),
        expires_at: Some(pause.expires_at),
        timeout_action: Some(pause.on_timeout.as_str().to_owned()),
    }
}

/// A deployment's shape, with the service's tasks and what is wanted of it now, as long as it has a service.
pub(crate) fn service_deployment(
    name: &ServiceName,
    row: &ServiceDeployment,
    service: Option<&Service>,
    tasks: &[Task],
) -> Result<api::ServiceDeployment, Failure> {
    let summary = |arn: &String| {
        let is_it = |one: &Deployment| name.revision_arn(&one.revision.id).as_str() == arn;
        let of = service.and_then(|service| {
            let at = service.deployments.iter().position(is_it)?;
            Some((&service.deployments[at], requested(service, at)))
        });
        let (running, pending) = of.map_or((0, 0), |(one, _)| {
            count(tasks.iter().filter(|task| task.started_by.as_deref() == Some(one.id.as_str())))
        });
        let shares = row.shares.iter().find(|(known, ..)| known == arn);
        let percent = |share: u32| f64::from(share) / 10.0;
        api::ServiceRevisionSummary {
            arn: Some(arn.clone()),
            requested_task_count: Some(of.map_or(0, |(_, requested)| requested)),
            running_task_count: Some(running),
            pending_task_count: Some(pending),
            requested_production_traffic_weight: shares.map(|(_, production, _)| percent(*production)),
            requested_test_traffic_weight: shares.map(|(.., test)| percent(*test)),
        }
    };
    let monitor = match (row.threshold.is_some(), row.triggered, row.status) {
        (false, ..) => "DISABLED",
        (true, true, _) => "TRIGGERED",
        (true, false, DeploymentStatus::InProgress) => "MONITORING",
        (true, false, _) => "MONITORING_COMPLETE",
    };
    Ok(api::ServiceDeployment {
        service_deployment_arn: Some(name.deployment_arn(&row.id).to_string()),
        service_arn: Some(name.arn().to_string()),
        cluster_arn: Some(name.place.cluster_arn(&name.cluster).to_string()),
        created_at: Some(row.created_at),
        started_at: Some(row.created_at),
        finished_at: row.finished_at,
        stopped_at: row.stopped_at,
        updated_at: Some(row.updated_at),
        source_service_revisions: Some(row.sources.iter().map(summary).collect()),
        target_service_revision: Some(summary(&row.target)),
        status: Some(row.status.as_str().to_owned()),
        status_reason: row.status_reason.clone(),
        lifecycle_stage: row.stage.filter(|_| !row.status.is_final()).map(|stage| stage.as_str().to_owned()),
        lifecycle_hook_details: (!row.pauses.is_empty()).then(|| row.pauses.iter().map(hook).collect()),
        deployment_configuration: Some(configuration(&row.configuration)?),
        rollback: row.rollback.as_ref().map(|one| api::Rollback {
            reason: Some(one.reason.clone()),
            started_at: Some(one.started_at),
            service_revision_arn: Some(one.revision.clone()),
        }),
        deployment_circuit_breaker: Some(api::ServiceDeploymentCircuitBreaker {
            status: Some(monitor.to_owned()),
            failure_count: Some(i32::try_from(row.failed).unwrap_or(i32::MAX)),
            threshold: Some(row.threshold.unwrap_or(0) as i32),
        }),
        alarms: Some(api::ServiceDeploymentAlarms {
            status: Some("DISABLED".to_owned()),
            alarm_names: Some(Vec::new()),
            triggered_alarm_names: Some(Vec::new()),
        }),
    })
}
