//! UpdateService: what is named is changed. What tasks are made of begins a new deployment.

use gantry_api_ecs as api;
use gantry_base::Timestamp;
use gantry_service::{Cx, Failure};
use gantry_store::Tx;
use gantry_wire::to_json;
use serde_json::Value;

use super::service::{self, show};
use super::service_deployment::deploy;
use super::service_fields::{self as fields, Asked, Unsupported};
use super::service_load_balancers::check_way;
use super::{deployment_fields, service_registries, shared};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::cluster::StrategyItem;
use crate::tables::service::{Controller, Revision, Scheduling, Service};

/// Changes the service; the loop follows.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::UpdateServiceRequest,
) -> Result<api::UpdateServiceResponse, Failure> {
    let mut tx = ecs.db.begin();
    let found =
        service::find(&mut tx, &cx, "ecs:UpdateService", input.cluster.as_deref(), &input.service).await?;
    found.check_active()?;
    Unsupported {
        volumes: &input.volume_configurations,
        lattice: &input.vpc_lattice_configurations,
        gateways: &input.gateway_connectors,
        controller: &input.deployment_controller,
        deployment: &input.deployment_configuration,
    }
    .check()?;
    let mut row = found.row;
    change(&mut tx, &mut row, &input, cx.now)?;
    if row.controller == Controller::External {
        external(&input)?;
    } else {
        let cluster = shared::active_cluster(&mut tx, &row.name.place, &row.name.cluster).await?;
        let force = input.force_new_deployment.unwrap_or(false);
        let placed = placement(&mut row, &input);
        if remakes(&input) || force || placed {
            let asked = asked(&row, &input)?;
            let made = fields::revision(ecs, &cx, &mut tx, &cluster, &asked, row.scheduling).await?;
            if !force && input.capacity_provider_strategy.is_some() {
                let known = row.revision.as_ref().map(|known| &known.providers);
                check_switch(known.map_or(&[][..], Vec::as_slice), &made.revision.providers)?;
            }
            row.distinct = made.rules.distinct;
            row.member_of = made.rules.member_of;
            row.strategy = made.rules.strategy;
            let same = row.revision.as_ref().is_some_and(|known| is_same(known, &made.revision));
            if !same || force {
                row.revision = Some(made.revision);
                deploy(ecs, &mut tx, &mut row, cx.now).await?;
            }
        }
        let revision = row.revision.as_ref();
        check_way(row.configuration.way, revision.map_or(&[][..], |one| &one.load_balancers))?;
        if input.deployment_configuration.is_some() {
            let way = row.configuration.way;
            service_registries::check_way(way, revision.map_or(&[][..], |one| &one.registries))?;
        }
    }
    let with_load_balancers = row.revision.as_ref().is_some_and(|one| !one.load_balancers.is_empty());
    if let Some(seconds) = fields::grace(input.health_check_grace_period_seconds, with_load_balancers)? {
        row.grace_seconds = Some(seconds);
    }
    row.name.look(&mut tx);
    row.put(&mut tx);
    let service = show(&mut tx, &row, true).await?;
    tx.commit(&found.permit).await?;
    Ok(api::UpdateServiceResponse { service: Some(service) })
}

/// Other capacity providers, or none any more, take a deployment that is asked for in words, as on AWS.
fn check_switch(known: &[StrategyItem], made: &[StrategyItem]) -> Result<(), EcsError> {
    if known == made {
        return Ok(());
    }
    Err(EcsError::invalid(
        "When switching from launch type to capacity provider strategy on an existing service, or making a change to a \
         capacity provider strategy on a service that is already using one, you must force a new deployment.",
    ))
}

/// What changes without a new deployment.
fn change(
    tx: &mut Tx,
    row: &mut Service,
    input: &api::UpdateServiceRequest,
    now: Timestamp,
) -> Result<(), EcsError> {
    if let Some(count) = input.desired_count {
        if row.scheduling == Scheduling::Daemon {
            return Err(EcsError::invalid(
                "The daemon scheduling strategy does not support a desired count for services. Remove the desired \
                 count value and try again.",
            ));
        }
        let count = fields::desired_count("Task count", count)?;
        if count != row.desired_count {
            row.desired_count = count;
            row.steady = false;
            row.unplaceable = None;
            row.wake(tx, now);
        }
    }
    if let Some(given) = &input.deployment_configuration {
        if row.controller == Controller::External
            && given.strategy.as_deref().is_some_and(|one| one != "ROLLING")
        {
            return Err(EcsError::invalid(
                "A deployment strategy can not be specified for a service with the EXTERNAL deployment controller.",
            ));
        }
        deployment_fields::configure(row, given)?;
    }
    if let Some(managed) = input.enable_ecs_managed_tags {
        row.managed_tags = managed;
    }
    if let Some(exec) = input.enable_execute_command {
        // As on AWS, tasks that run already stay as they are.
        row.exec = exec;
    }
    if let Some(propagate) = fields::propagate(input.propagate_tags.as_deref()) {
        row.propagate_tags = propagate;
    }
    if let Some(rebalancing) = input.availability_zone_rebalancing.as_deref() {
        row.zone_rebalancing = rebalancing == "ENABLED";
    }
    let asked = input.availability_zone_rebalancing.is_some() || input.deployment_configuration.is_some();
    if asked && row.zone_rebalancing && row.configuration.maximum_percent <= 100 {
        return Err(EcsError::invalid(
            "The service couldn't be updated because Availability Zone Rebalancing does not support maximumPercent <= \
             100 % as deployment configuration.",
        ));
    }
    if let Some(controller) = &input.deployment_controller
        && controller.r#type != row.controller.as_str()
    {
        return Err(EcsError::unsupported(&["another deploymentController".to_owned()]));
    }
    Ok(())
}

/// Other places for tasks: those of before are kept as they are named.
fn placement(row: &mut Service, input: &api::UpdateServiceRequest) -> bool {
    let mut changed = false;
    let mut lay = |known: &mut Value, given: Option<Value>| {
        if let Some(given) = given {
            changed |= *known != given;
            *known = given;
        }
    };
    let constraints = input.placement_constraints.as_ref();
    lay(&mut row.placement_constraints, constraints.map(|all| all.iter().map(to_json).collect()));
    let strategy = input.placement_strategy.as_ref();
    lay(&mut row.placement_strategy, strategy.map(|all| fields::placement_strategies(all)));
    changed
}

/// Whether the request names something that tasks are made of.
fn remakes(input: &api::UpdateServiceRequest) -> bool {
    input.task_definition.is_some()
        || input.capacity_provider_strategy.is_some()
        || input.network_configuration.is_some()
        || input.platform_version.is_some()
        || input.load_balancers.is_some()
        || input.service_registries.is_some()
        || input.service_connect_configuration.is_some()
}

/// What the service is made of, with the request laid over it.
fn asked(row: &Service, input: &api::UpdateServiceRequest) -> Result<Asked, Failure> {
    let known = row.revision.as_ref().ok_or_else(|| Failure::internal("the service has no revision"))?;
    let mut asked = Asked::again(row, known)?;
    if let Some(definition) = &input.task_definition {
        if definition.is_empty() {
            return Err(EcsError::invalid("TaskDefinition can not be blank.").into());
        }
        asked.task_definition.clone_from(definition);
    }
    if let Some(strategy) = &input.capacity_provider_strategy {
        // An empty list goes back to the launch type.
        asked.strategy = Some(strategy.clone()).filter(|all| !all.is_empty());
        asked.launch_type = strategy.is_empty().then(|| known.launch.as_str().to_owned());
    }
    if let Some(version) = &input.platform_version {
        asked.platform_version = Some(version.clone());
    }
    if let Some(network) = &input.network_configuration {
        asked.network = Some(network.clone());
    }
    if let Some(load_balancers) = &input.load_balancers {
        asked.load_balancers.clone_from(load_balancers);
    }
    if let Some(registries) = &input.service_registries {
        asked.registries.clone_from(registries);
    }
    if let Some(connect) = &input.service_connect_configuration {
        asked.connect = Some(connect.clone());
    }
    Ok(asked)
}

/// Whether two revisions make the same tasks.
fn is_same(known: &Revision, made: &Revision) -> bool {
    let made = Revision {
        id: known.id.clone(),
        created_at: known.created_at,
        resolved: known.resolved.clone(),
        ..made.clone()
    };
    *known == made
}

/// With the EXTERNAL controller these belong to task sets.
fn external(input: &api::UpdateServiceRequest) -> Result<(), EcsError> {
    if remakes(input) || input.force_new_deployment == Some(true) {
        return Err(EcsError::invalid(
            "Invalid request provided: UpdateService. Only the desired count, the deployment configuration and the health \
             check grace period can be updated for a service with the EXTERNAL deployment controller.",
        ));
    }
    Ok(())
}
