//! `deploymentConfiguration`: how a service's deployments go, read from AWS's shapes and checked.

use gantry_api_ecs as api;
use gantry_ecs_core::service::roll::{Early, HOOK_STAGES};
use gantry_ecs_core::service::shift::{HookStage, OnTimeout, PauseHook, WHOLE, Way};
use gantry_ecs_core::service::{Breaker, breaker::Limit};
use gantry_wire::{from_json, to_json};
use serde_json::Value;

use crate::error::EcsError;
use crate::tables::service::{Controller, Scheduling, Service};

/// AWS's bounds of times in minutes, and its times where none is given.
const MOST_BAKE: i32 = 1440;
const LINEAR_BAKE: u32 = 6;
const CANARY_BAKE: u32 = 10;
/// AWS's bounds and defaults of shares, in thousandths.
const LEAST_STEP: u32 = 30;
const DEFAULT_STEP: u32 = 100;
const LEAST_CANARY: u32 = 1;
const DEFAULT_CANARY: u32 = 50;
/// Most pause hooks of a service, and the time that one waits where none is given, as in AWS.
const MOST_HOOKS: usize = 10;
const HOOK_MINUTES: i32 = 1440;

/// A strategy in AWS's words, as its messages have it.
pub(super) fn called(way: Way) -> &'static str {
    match way {
        Way::BlueGreen => "Blue/green",
        Way::Linear { .. } => "linear",
        Way::Canary { .. } => "canary",
    }
}

/// Lays the request's deployment configuration over the service's.
pub(super) fn configure(row: &mut Service, given: &api::DeploymentConfiguration) -> Result<(), EcsError> {
    percentages(row, given)?;
    if let Some(breaker) = &given.deployment_circuit_breaker {
        if let Some(threshold) = &breaker.threshold_configuration
            && threshold.value < 1
        {
            return Err(EcsError::invalid("The value of thresholdConfiguration must be at least 1."));
        }
        row.configuration.breaker = to_json(breaker);
    }
    if let Some(alarms) = &given.alarms {
        // Only those that are off get here.
        row.configuration.alarms = to_json(alarms);
    }
    let moved = row.configuration.way.is_some();
    strategy(row, given)?;
    if moved && row.configuration.way.is_none() {
        // They were for traffic that moves.
        row.configuration.bake_minutes = None;
        row.configuration.hooks = Value::Null;
    }
    if let Some(minutes) = given.bake_time_in_minutes {
        row.configuration.bake_minutes = Some(self::minutes("bakeTimeInMinutes", minutes)?);
    }
    if let Some(hooks) = &given.lifecycle_hooks {
        row.configuration.hooks = checked_hooks(hooks, row.configuration.way)?;
    }
    if let Some(criteria) = &given.early_success_criteria {
        row.configuration.early = checked_early(row, criteria)?;
    }
    if row.configuration.way.is_some() {
        row.configuration.early = Value::Null;
    }
    let Some(way) = row.configuration.way else {
        if row.controller == Controller::External {
            return external(given);
        }
        return Ok(());
    };
    if row.scheduling == Scheduling::Daemon {
        return Err(EcsError::invalid(format!(
            "The daemon scheduling strategy does not support the {} deployment strategy.",
            called(way)
        )));
    }
    Ok(())
}

/// Task sets have no deployments that could pause or be watched.
fn external(given: &api::DeploymentConfiguration) -> Result<(), EcsError> {
    let with = "with the deployment controller EXTERNAL";
    if given.bake_time_in_minutes.is_some_and(|minutes| minutes > 0) {
        return Err(EcsError::unsupported(&[format!("deploymentConfiguration.bakeTimeInMinutes {with}")]));
    }
    if given.lifecycle_hooks.as_ref().is_some_and(|all| !all.is_empty()) {
        return Err(EcsError::unsupported(&[format!("deploymentConfiguration.lifecycleHooks {with}")]));
    }
    if given.early_success_criteria.as_ref().is_some_and(|one| one.enable) {
        return Err(EcsError::unsupported(&[format!("deploymentConfiguration.earlySuccessCriteria {with}")]));
    }
    Ok(())
}

/// When a rolling deployment is a success early, if that can be.
fn checked_early(row: &Service, given: &api::DeploymentEarlySuccessCriteria) -> Result<Value, EcsError> {
    if !given.enable {
        return Ok(to_json(given));
    }
    if row.configuration.way.is_some() {
        return Err(EcsError::invalid(
            "earlySuccessCriteria can only be specified with the ROLLING deployment strategy.",
        ));
    }
    let (Some(percent), Some(_)) = (given.healthy_percent, &given.source_service_revision_cleanup) else {
        return Err(EcsError::invalid(
            "healthyPercent and sourceServiceRevisionCleanup must be specified when earlySuccessCriteria is enabled.",
        ));
    };
    let least = row.configuration.minimum_percent;
    match u32::try_from(percent) {
        Ok(percent) if (least..=100).contains(&percent) => Ok(to_json(given)),
        _ => Err(EcsError::invalid(format!(
            "healthyPercent must be between the minimumHealthyPercent ({least}) and 100, and is {percent}."
        ))),
    }
}

/// What the criteria mean that were checked before; none where they are off.
pub(super) fn early(document: &Value) -> Option<Early> {
    let criteria: api::DeploymentEarlySuccessCriteria = from_json(document).ok()?;
    let percent = criteria.healthy_percent.and_then(|percent| u32::try_from(percent).ok());
    criteria.enable.then_some(Early {
        percent: percent?,
        deferred: criteria.source_service_revision_cleanup.as_deref() == Some("DEFERRED"),
    })
}

fn percentages(row: &mut Service, given: &api::DeploymentConfiguration) -> Result<(), EcsError> {
    let percent = |name: &str, value: Option<i32>, known: u32| match value {
        None => Ok(known),
        Some(value) => u32::try_from(value)
            .map_err(|_| EcsError::invalid(format!("{name} must not be negative, and is {value}."))),
    };
    row.configuration.minimum_percent =
        percent("minimumHealthyPercent", given.minimum_healthy_percent, row.configuration.minimum_percent)?;
    row.configuration.maximum_percent =
        percent("maximumPercent", given.maximum_percent, row.configuration.maximum_percent)?;
    if row.configuration.minimum_percent > 100 {
        return Err(EcsError::invalid("minimumHealthyPercent must be at most 100"));
    }
    match row.scheduling {
        Scheduling::Daemon if row.configuration.maximum_percent > 100 => {
            return Err(EcsError::invalid(
                "The daemon scheduling strategy does not support values above 100 for maximumPercent on a deployment \
                 configuration. Change the maximumPercent value to 100, and try again",
            ));
        }
        Scheduling::Replica if row.configuration.maximum_percent < 100 => {
            return Err(EcsError::invalid("maximumPercent must be at least 100"));
        }
        _ => {}
    }
    if row.configuration.maximum_percent == 100 && row.configuration.minimum_percent == 100 {
        return Err(EcsError::invalid(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
        ));
    }
    Ok(())
}

/// Which way traffic moves, with what is not given as it was, or as AWS has it.
fn strategy(row: &mut Service, given: &api::DeploymentConfiguration) -> Result<(), EcsError> {
    let known = row.configuration.way;
    let before = match known {
        None => "ROLLING",
        Some(Way::BlueGreen) => "BLUE_GREEN",
        Some(Way::Linear { .. }) => "LINEAR",
        Some(Way::Canary { .. }) => "CANARY",
    };
    let wanted = given.strategy.as_deref().unwrap_or(before);
    if wanted != "LINEAR" && given.linear_configuration.is_some() {
        return Err(EcsError::invalid(
            "linearConfiguration can only be specified with the LINEAR deployment strategy.",
        ));
    }
    if wanted != "CANARY" && given.canary_configuration.is_some() {
        return Err(EcsError::invalid(
            "canaryConfiguration can only be specified with the CANARY deployment strategy.",
        ));
    }
    row.configuration.way = match wanted {
        "BLUE_GREEN" => Some(Way::BlueGreen),
        "LINEAR" => {
            let (step, bake) = match known {
                Some(Way::Linear { step, bake_minutes }) => (step, bake_minutes),
                _ => (DEFAULT_STEP, LINEAR_BAKE),
            };
            let given = given.linear_configuration.clone().unwrap_or_default();
            let step = share("stepPercent", given.step_percent, LEAST_STEP, step)?;
            let asked = given.step_bake_time_in_minutes.map(|it| minutes("stepBakeTimeInMinutes", it));
            Some(Way::Linear { step, bake_minutes: asked.transpose()?.unwrap_or(bake) })
        }
        "CANARY" => {
            let (first, bake) = match known {
                Some(Way::Canary { first, bake_minutes }) => (first, bake_minutes),
                _ => (DEFAULT_CANARY, CANARY_BAKE),
            };
            let given = given.canary_configuration.clone().unwrap_or_default();
            let first = share("canaryPercent", given.canary_percent, LEAST_CANARY, first)?;
            let asked = given.canary_bake_time_in_minutes.map(|it| minutes("canaryBakeTimeInMinutes", it));
            Some(Way::Canary { first, bake_minutes: asked.transpose()?.unwrap_or(bake) })
        }
        _ => None,
    };
    Ok(())
}

/// A share of traffic in thousandths; AWS takes tenths of a per cent.
fn share(name: &str, given: Option<f64>, least: u32, known: u32) -> Result<u32, EcsError> {
    let Some(percent) = given else { return Ok(known) };
    let (low, thousandths) = (f64::from(least) / 10.0, (percent * 10.0).round());
    let fits = (low..=100.0).contains(&percent) && (percent * 10.0 - thousandths).abs() < 1e-6;
    if !fits {
        return Err(EcsError::invalid(format!(
            "{name} must be a multiple of 0.1 between {low:.1} and 100.0, and is {percent}."
        )));
    }
    // Within the bounds that were just checked.
    Ok((thousandths as u32).min(WHOLE))
}

fn minutes(name: &str, given: i32) -> Result<u32, EcsError> {
    let fits = u32::try_from(given).ok().filter(|_| given <= MOST_BAKE);
    fits.ok_or_else(|| {
        EcsError::invalid(format!("{name} must be between 0 and {MOST_BAKE} minutes, and is {given}."))
    })
}

/// Hooks that can be, with AWS's defaults filled in.
fn checked_hooks(given: &[api::DeploymentLifecycleHook], way: Option<Way>) -> Result<Value, EcsError> {
    if given.len() > MOST_HOOKS {
        return Err(EcsError::invalid(format!(
            "A service can have at most {MOST_HOOKS} PAUSE lifecycle hooks."
        )));
    }
    let mut all = Vec::with_capacity(given.len());
    for hook in given {
        if hook.target_type.as_deref() != Some("PAUSE") {
            // Without a type it is a function's.
            return Err(EcsError::unsupported(&[
                "deploymentConfiguration.lifecycleHooks with targetType AWS_LAMBDA (there is no Lambda; PAUSE hooks are served)"
                    .to_owned(),
            ]));
        }
        let for_functions = [("hookTargetArn", &hook.hook_target_arn), ("roleArn", &hook.role_arn)];
        if let Some((name, _)) =
            for_functions.iter().find(|(_, arn)| arn.as_ref().is_some_and(|it| !it.is_empty()))
        {
            return Err(EcsError::invalid(format!("{name} cannot be specified for PAUSE lifecycle hooks.")));
        }
        let stages = hook.lifecycle_stages.clone().unwrap_or_default();
        if stages.is_empty() {
            return Err(EcsError::invalid("lifecycleStages must be specified for each lifecycle hook."));
        }
        if stages.iter().any(|stage| HookStage::parse(stage).is_none()) {
            return Err(EcsError::invalid(
                "PAUSE lifecycle hooks cannot be configured at TEST_TRAFFIC_SHIFT or PRODUCTION_TRAFFIC_SHIFT stages.",
            ));
        }
        let rolls = |stage: &&String| HookStage::parse(stage).is_none_or(|one| !HOOK_STAGES.contains(&one));
        if let (None, Some(stage)) = (way, stages.iter().find(rolls)) {
            return Err(EcsError::invalid(format!(
                "The lifecycle stage {stage} is not supported with the ROLLING deployment strategy, which shifts no \
                 traffic. Use RECONCILE_SERVICE, PRE_SCALE_UP or POST_SCALE_UP."
            )));
        }
        let timeout = hook.timeout_configuration.clone().unwrap_or_default();
        all.push(to_json(&api::DeploymentLifecycleHook {
            timeout_configuration: Some(api::DeploymentLifecycleHookTimeoutConfiguration {
                timeout_in_minutes: Some(timeout.timeout_in_minutes.unwrap_or(HOOK_MINUTES)),
                action: Some(timeout.action.unwrap_or_else(|| OnTimeout::Rollback.as_str().to_owned())),
            }),
            ..hook.clone()
        }));
    }
    Ok(Value::Array(all))
}

/// What hooks mean that were checked before.
pub(super) fn hooks(document: &Value) -> Vec<PauseHook> {
    let all = document.as_array().map(Vec::as_slice).unwrap_or_default();
    let read = |one: &Value| {
        let hook: api::DeploymentLifecycleHook = from_json(one).ok()?;
        let timeout = hook.timeout_configuration.unwrap_or_default();
        let stages = hook.lifecycle_stages.unwrap_or_default();
        Some(PauseHook {
            stages: stages.iter().filter_map(|stage| HookStage::parse(stage)).collect(),
            timeout_minutes: timeout.timeout_in_minutes.and_then(|it| u32::try_from(it).ok()).unwrap_or(1),
            on_timeout: match timeout.action.as_deref() {
                Some("CONTINUE") => OnTimeout::Continue,
                _ => OnTimeout::Rollback,
            },
        })
    };
    all.iter().filter_map(read).collect()
}

/// The breaker of a service, if it is on.
pub(crate) fn breaker(document: &Value) -> Option<Breaker> {
    let breaker: api::DeploymentCircuitBreaker = from_json(document).ok()?;
    if !breaker.enable {
        return None;
    }
    let limit = match breaker.threshold_configuration {
        None => Limit::default(),
        Some(one) => {
            let value = u32::try_from(one.value).unwrap_or(1);
            match one.r#type.as_str() {
                "COUNT" => Limit::Count(value),
                "UNBOUNDED_PERCENT" => Limit::UnboundedPercent(value),
                _ => Limit::BoundedPercent(value),
            }
        }
    };
    let reset_on_healthy = breaker.reset_on_healthy_task.unwrap_or(false);
    Some(Breaker { rollback: breaker.rollback, reset_on_healthy, limit })
}
