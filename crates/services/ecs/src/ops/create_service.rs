//! CreateService: so many tasks of a definition, kept running, and registered with load balancers where some are named.

use gantry_api_ecs as api;
use gantry_ecs_core::reference;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::to_json;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::service::{self, show};
use super::service_deployment::deploy;
use super::service_fields::{self as fields, Asked, Unsupported};
use super::{deployment_fields, shared};
use crate::error::EcsError;
use crate::tables::service::{
    Controller, DeploymentConfiguration, SERVICES, Scheduling, Service, ServiceName, Status,
};
use crate::{Ecs, settings, wishes};

/// Makes the service; the loop starts its tasks.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::CreateServiceRequest,
) -> Result<api::CreateServiceResponse, Failure> {
    let place = shared::place(&cx);
    let cluster_name = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let name =
        ServiceName { place: place.clone(), cluster: cluster_name.clone(), name: input.service_name.clone() };
    let arn = name.arn();
    let tags = shared::tags(input.tags.clone())?;
    wishes::check(&tags)?;
    let permission = Permission::on("ecs:CreateService", &arn).request_tags(tags.iter());
    let permit = cx.authorize(shared::in_cluster(permission, &place, &cluster_name))?;
    if name.name.is_empty() {
        return Err(EcsError::invalid("Service name can not be blank.").into());
    }
    if !reference::is_cluster_name(&name.name) {
        return Err(EcsError::invalid(
            "Identifier must be at most 255 letters, numbers, hyphens and underscores.",
        )
        .into());
    }
    let mut tx = ecs.db.begin();
    settings::authorize_tags(&mut tx, &cx, &arn, &tags, "CreateService").await?;
    let cluster = shared::active_cluster(&mut tx, &place, &cluster_name).await?;
    let asked_by = asked_by(&input)?;
    match tx.get(&SERVICES, &name.key()).await? {
        Some(row) if row.status == Status::Draining => {
            return Err(EcsError::invalid("Unable to Start a service that is still Draining.").into());
        }
        Some(row) if row.status == Status::Active => {
            if !asked_by.0.is_empty() && row.made_by.as_ref() == Some(&asked_by) {
                let service = show(&mut tx, &row, true).await?;
                return Ok(api::CreateServiceResponse { service: Some(service) });
            }
            return Err(EcsError::invalid("Creation of service was not idempotent.").into());
        }
        Some(_) => service::forget(&mut tx, &name).await?,
        None => {}
    }
    unsupported(&input)?;
    check_role(&input)?;

    let mut row = new(&cx, name, &input, tags)?;
    row.made_by = Some(asked_by);
    if row.controller == Controller::Ecs {
        let definition = input.task_definition.clone().filter(|text| !text.is_empty());
        let asked = Asked {
            task_definition: definition
                .ok_or_else(|| EcsError::invalid("TaskDefinition can not be blank."))?,
            launch_type: input.launch_type.clone(),
            strategy: input.capacity_provider_strategy.clone(),
            platform_version: input.platform_version.clone(),
            network: input.network_configuration.clone(),
            load_balancers: input.load_balancers.clone().unwrap_or_default(),
            way: row.configuration.way,
            registries: input.service_registries.clone().unwrap_or_default(),
            connect: input.service_connect_configuration.clone(),
            service_arn: arn.to_string(),
            constraints: input.placement_constraints.clone(),
            placement: input.placement_strategy.clone(),
        };
        let made = fields::revision(ecs, &cx, &mut tx, &cluster, &asked, row.scheduling).await?;
        let with_load_balancers = !made.revision.load_balancers.is_empty();
        row.grace_seconds = fields::grace(input.health_check_grace_period_seconds, with_load_balancers)?
            .or(with_load_balancers.then_some(0));
        row.revision = Some(made.revision);
        row.distinct = made.rules.distinct;
        row.member_of = made.rules.member_of;
        row.strategy = made.rules.strategy;
        deploy(ecs, &mut tx, &mut row, cx.now).await?;
    } else {
        external(&input)?;
    }
    row.name.look(&mut tx);
    row.put(&mut tx);
    tx.commit(&permit).await?;
    let service = super::shapes::service::answer(&row, &[], true)?;
    Ok(api::CreateServiceResponse { service: Some(service) })
}

/// The client token, and what was asked for under it.
fn asked_by(input: &api::CreateServiceRequest) -> Result<(String, String), EcsError> {
    let token = input.client_token.clone().unwrap_or_default();
    if token.len() > 36 || !token.bytes().all(|b| (33..=126).contains(&b)) {
        return Err(EcsError::invalid("clientToken must have at most 36 characters of printable ASCII."));
    }
    let asked = api::CreateServiceRequest { client_token: None, ..input.clone() };
    Ok((token, hex::encode(Sha256::digest(to_json(&asked).to_string()))))
}

/// A role is for services that register with load balancers themselves.
fn check_role(input: &api::CreateServiceRequest) -> Result<(), EcsError> {
    if input.role.as_ref().is_none_or(|role| role.is_empty()) {
        return Ok(());
    }
    if input.network_configuration.is_some() {
        return Err(EcsError::invalid(
            "You cannot specify an IAM role for services that require a service linked role.",
        ));
    }
    if input.load_balancers.as_ref().is_none_or(|all| all.is_empty()) {
        return Err(EcsError::invalid(
            "IAM roles are only valid for services configured to use load balancers.",
        ));
    }
    Ok(())
}

fn unsupported(input: &api::CreateServiceRequest) -> Result<(), EcsError> {
    let code_deploy = input.deployment_controller.as_ref().is_some_and(|one| one.r#type == "CODE_DEPLOY");
    if code_deploy && input.load_balancers.as_ref().is_none_or(|all| all.is_empty()) {
        return Err(EcsError::invalid(
            "When specifying the CODE_DEPLOY deployment controller type, the service requires an Application Load Balancer \
             or Network Load Balancer.",
        ));
    }
    Unsupported {
        volumes: &input.volume_configurations,
        lattice: &input.vpc_lattice_configurations,
        gateways: &input.gateway_connectors,
        controller: &input.deployment_controller,
        deployment: &input.deployment_configuration,
    }
    .check()
}

/// With the EXTERNAL controller these belong to task sets.
fn external(input: &api::CreateServiceRequest) -> Result<(), EcsError> {
    if input.task_definition.as_ref().is_some_and(|text| !text.is_empty()) {
        return Err(EcsError::invalid("TaskDefinition must be blank."));
    }
    if input.load_balancers.as_ref().is_some_and(|all| !all.is_empty()) {
        return Err(EcsError::invalid("LoadBalancers must be empty or null."));
    }
    if input.service_registries.as_ref().is_some_and(|all| !all.is_empty()) {
        return Err(EcsError::invalid("ServiceRegistries must be empty or null."));
    }
    let strategy = input.deployment_configuration.as_ref().and_then(|one| one.strategy.as_deref());
    let given = [
        (strategy.is_some_and(|strategy| strategy != "ROLLING"), "deployment strategy"),
        (
            input.service_connect_configuration.as_ref().is_some_and(|one| one.enabled),
            "Service Connect configuration",
        ),
        (input.network_configuration.is_some(), "network configuration"),
        (input.platform_version.is_some(), "platform version"),
    ];
    match given.iter().find(|(given, _)| *given) {
        Some((_, what)) => Err(EcsError::invalid(format!(
            "A {what} can not be specified for a service with the EXTERNAL deployment controller. Specify it for the task set."
        ))),
        None => Ok(()),
    }
}

fn new(
    cx: &Cx,
    name: ServiceName,
    input: &api::CreateServiceRequest,
    tags: gantry_base::Tags,
) -> Result<Service, EcsError> {
    let scheduling = match input.scheduling_strategy.as_deref() {
        None | Some("" | "REPLICA") => Scheduling::Replica,
        Some("DAEMON") => Scheduling::Daemon,
        Some(other) => return Err(EcsError::invalid(format!("Invalid scheduling strategy: {other}."))),
    };
    let external = input.deployment_controller.as_ref().is_some_and(|one| one.r#type == "EXTERNAL");
    let document = |given: Option<Value>| given.unwrap_or(Value::Null);
    let constraints = input.placement_constraints.as_ref();
    let strategy = input.placement_strategy.as_ref();
    if scheduling == Scheduling::Daemon {
        check_daemon(input, external)?;
    }
    let desired_count = match (scheduling, input.desired_count) {
        (Scheduling::Daemon, _) => 0,
        (Scheduling::Replica, Some(count)) => fields::desired_count("DesiredCount", count)?,
        (Scheduling::Replica, None) if external => 0,
        (Scheduling::Replica, None) => {
            return Err(EcsError::invalid("DesiredCount is missing"));
        }
    };
    let mut row = Service {
        name,
        status: Status::Active,
        created_at: cx.now,
        created_by: cx.caller.principal.arn(),
        scheduling,
        controller: if external { Controller::External } else { Controller::Ecs },
        desired_count,
        configuration: DeploymentConfiguration {
            minimum_percent: if scheduling == Scheduling::Daemon { 0 } else { 100 },
            maximum_percent: if scheduling == Scheduling::Daemon { 100 } else { 200 },
            breaker: Value::Null,
            bake_minutes: None,
            way: None,
            hooks: Value::Null,
            alarms: Value::Null,
            early: Value::Null,
        },
        grace_seconds: None,
        managed_tags: input.enable_ecs_managed_tags.unwrap_or(false),
        exec: input.enable_execute_command.unwrap_or(false),
        propagate_tags: fields::propagate(input.propagate_tags.as_deref())
            .unwrap_or_else(|| "NONE".to_owned()),
        zone_rebalancing: false,
        rebalances: false,
        tags,
        placement_constraints: document(constraints.map(|all| all.iter().map(to_json).collect())),
        placement_strategy: document(strategy.map(|all| fields::placement_strategies(all))),
        distinct: false,
        member_of: Vec::new(),
        strategy: Vec::new(),
        revision: None,
        deployments: Vec::new(),
        task_sets: Vec::new(),
        events: Vec::new(),
        throttle: Default::default(),
        steady: false,
        unplaceable: None,
        pushed: Vec::new(),
        asleep_since: None,
        woken_by: Vec::new(),
        made_by: None,
    };
    if let Some(given) = &input.deployment_configuration {
        deployment_fields::configure(&mut row, given)?;
    }
    row.zone_rebalancing = match input.availability_zone_rebalancing.as_deref() {
        Some("ENABLED") if scheduling == Scheduling::Daemon => {
            return Err(EcsError::invalid(
                "The service couldn't be created because Availability Zone Rebalancing does not support DAEMON as \
                 scheduling strategy. Update scheduling strategy and try again.",
            ));
        }
        Some("ENABLED") if row.configuration.maximum_percent <= 100 => {
            return Err(EcsError::invalid(
                "Availability Zone Rebalancing does not support maximumPercent <= 100 % as deployment configuration.",
            ));
        }
        Some("ENABLED") => true,
        Some(_) => false,
        None => {
            let first = strategy.and_then(|all| all.first());
            let by_zone = first.is_none_or(|one| {
                one.r#type.as_deref() == Some("spread")
                    && one.field.as_deref() == Some("attribute:ecs.availability-zone")
            });
            scheduling == Scheduling::Replica
                && by_zone
                && row.configuration.maximum_percent > 100
                && !external
        }
    };
    Ok(row)
}

fn check_daemon(input: &api::CreateServiceRequest, external: bool) -> Result<(), EcsError> {
    if input.desired_count.is_some() {
        return Err(EcsError::invalid(
            "The daemon scheduling strategy does not support a desired count for services. Remove the desired count \
             value and try again.",
        ));
    }
    if input.placement_strategy.as_ref().is_some_and(|all| !all.is_empty()) {
        return Err(EcsError::invalid(
            "The daemon scheduling strategy does not support placement strategies. Remove the placement strategy and \
             try again",
        ));
    }
    if external {
        return Err(EcsError::invalid(
            "The daemon scheduling strategy does not support the EXTERNAL deployment controller.",
        ));
    }
    if input.capacity_provider_strategy.as_ref().is_some_and(|all| !all.is_empty()) {
        return Err(EcsError::invalid(
            "The daemon scheduling strategy does not support a capacity provider strategy.",
        ));
    }
    Ok(())
}
