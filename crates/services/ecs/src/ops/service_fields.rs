//! What a service carries, read from AWS's shapes and checked.

use gantry_api_ecs as api;
use gantry_api_elbv2 as elbv2;
use gantry_ecs_core::TaskSpec;
use gantry_ecs_core::service::{Breaker, breaker::Limit};
use gantry_ecs_core::spec::NetworkMode;
use gantry_service::{Cx, Failure};
use gantry_store::Tx;
use gantry_wire::{from_json, to_json};
use serde_json::Value;

use super::run_task::{self, Where, launch_type, placement::Rules};
use super::{service, service_connect, service_registries, shared};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::cluster::Cluster;
use crate::tables::service::{LoadBalancer, Revision, Scheduling, Service};
use crate::tables::task::LaunchType;
use crate::tables::task_definition::Status;

/// Most target groups of a service, as in AWS.
const MOST_LOAD_BALANCERS: usize = 5;
/// AWS's bound of the grace period, in seconds.
const MAX_GRACE: i32 = i32::MAX;
/// Most tasks of a service, as in AWS.
const MOST_TASKS: i32 = 5000;

/// What makes a revision, as users say it.
#[derive(Default, Clone)]
pub(super) struct Asked {
    pub task_definition: String,
    pub launch_type: Option<String>,
    pub strategy: Option<Vec<api::CapacityProviderStrategyItem>>,
    pub platform_version: Option<String>,
    pub network: Option<api::NetworkConfiguration>,
    pub load_balancers: Vec<api::LoadBalancer>,
    pub registries: Vec<api::ServiceRegistry>,
    pub connect: Option<api::ServiceConnectConfiguration>,
    /// Whose revision it is.
    pub service_arn: String,
    pub constraints: Option<Vec<api::PlacementConstraint>>,
    pub placement: Option<Vec<api::PlacementStrategy>>,
}

impl Asked {
    /// What made this revision.
    pub(super) fn again(row: &Service, revision: &Revision) -> Result<Asked, Failure> {
        let shown = |document: &Value| match document {
            Value::Array(all) => all.clone(),
            _ => Vec::new(),
        };
        let constraints = shown(&row.placement_constraints);
        let placement = shown(&row.placement_strategy);
        Ok(Asked {
            task_definition: format!("{}:{}", revision.family, revision.revision),
            launch_type: revision.providers.is_empty().then(|| revision.launch.as_str().to_owned()),
            strategy: Some(super::shapes::service::providers(&revision.providers))
                .filter(|all: &Vec<_>| !all.is_empty()),
            platform_version: revision.platform_version.clone(),
            network: super::shapes::service::network(revision),
            load_balancers: super::shapes::service::load_balancers(&revision.load_balancers),
            registries: super::shapes::service::registries(&revision.registries),
            connect: super::shapes::service::connect(revision)?,
            service_arn: row.name.arn().to_string(),
            constraints: Some(
                constraints.iter().map(from_json).collect::<Result<_, _>>().map_err(Failure::internal)?,
            ),
            placement: Some(
                placement.iter().map(from_json).collect::<Result<_, _>>().map_err(Failure::internal)?,
            ),
        })
    }
}

/// A revision that may be, and where its tasks may go.
pub(super) struct Made {
    pub revision: Revision,
    pub rules: Rules,
}

/// Checks what was asked for as a run would be checked, and makes a revision of it.
pub(super) async fn revision(
    ecs: &Ecs,
    cx: &Cx,
    tx: &mut Tx,
    cluster: &Cluster,
    asked: &Asked,
    scheduling: Scheduling,
) -> Result<Made, Failure> {
    let place = shared::place(cx);
    let named = gantry_ecs_core::reference::task_definition(&asked.task_definition, place.as_reference())
        .map_err(EcsError::from)?;
    let definition = shared::find_definition(tx, &place, &named).await?;
    let definition = definition.ok_or_else(|| EcsError::client("TaskDefinition not found."))?;
    if definition.status() != Status::Active {
        return Err(EcsError::client("TaskDefinition is inactive").into());
    }
    let run = api::RunTaskRequest {
        task_definition: asked.task_definition.clone(),
        count: Some(1),
        launch_type: asked.launch_type.clone(),
        capacity_provider_strategy: asked.strategy.clone(),
        platform_version: asked.platform_version.clone(),
        network_configuration: asked.network.clone(),
        placement_constraints: asked.constraints.clone(),
        placement_strategy: asked.placement.clone(),
        ..Default::default()
    };
    let (launch, providers) = launch_type::chosen(&run, cluster)?;
    if scheduling == Scheduling::Daemon && launch == LaunchType::Fargate {
        return Err(EcsError::invalid(
            "The daemon scheduling strategy is not supported with FARGATE launch type.",
        )
        .into());
    }
    let checked =
        run_task::validate(ecs, cx, cluster, definition, Default::default(), &run, &Where::Anywhere(1))
            .await?;
    let load_balancers = load_balancers(ecs, cx, &checked.spec, &asked.load_balancers).await?;
    let registries = service_registries::check(ecs, cx, &checked.spec, &asked.registries).await?;
    let connect = asked.connect.as_ref();
    let connect =
        service_connect::check(ecs, cx, &checked.spec, cluster, &asked.service_arn, connect).await?;
    let groups = asked.network.as_ref().and_then(|one| one.awsvpc_configuration.as_ref());
    Ok(Made {
        revision: Revision {
            id: service::digits(ecs),
            family: checked.definition.family.clone(),
            revision: checked.definition.revision,
            launch,
            providers,
            platform_version: (launch == LaunchType::Fargate).then(|| {
                asked
                    .platform_version
                    .clone()
                    .filter(|text| !text.is_empty())
                    .unwrap_or_else(|| "LATEST".to_owned())
            }),
            given_groups: groups.and_then(|one| one.security_groups.clone()).unwrap_or_default(),
            network: checked.network,
            load_balancers,
            registries,
            connect,
            images: checked.spec.containers.iter().map(|one| (one.name.clone(), one.image.clone())).collect(),
            created_at: cx.now,
        },
        rules: checked.rules,
    })
}

/// Target groups that are there, in use, and of addresses; and ports that the containers have.
async fn load_balancers(
    ecs: &Ecs,
    cx: &Cx,
    spec: &TaskSpec,
    given: &[api::LoadBalancer],
) -> Result<Vec<LoadBalancer>, Failure> {
    if given.len() > MOST_LOAD_BALANCERS {
        return Err(EcsError::invalid("load balancers can have at most 5 items.").into());
    }
    let mut all = Vec::with_capacity(given.len());
    for one in given {
        if one.load_balancer_name.as_ref().is_some_and(|name| !name.is_empty()) {
            if one.target_group_arn.as_ref().is_some_and(|arn| !arn.is_empty()) {
                return Err(EcsError::invalid(
                    "loadBalancerName and targetGroupArn cannot both be specified. You must specify either a \
                     loadBalancerName or a targetGroupArn in all loadBalancer entries",
                )
                .into());
            }
            return Err(EcsError::unsupported(&[
                "loadBalancers.loadBalancerName (classic load balancers)".to_owned()
            ])
            .into());
        }
        if one.advanced_configuration.is_some() {
            return Err(EcsError::unsupported(&["loadBalancers.advancedConfiguration".to_owned()]).into());
        }
        let target_group = one.target_group_arn.clone().filter(|arn| !arn.is_empty());
        let target_group = target_group.ok_or_else(|| {
            EcsError::invalid("Either targetGroupArn or loadBalancerName must be specified.")
        })?;
        let container = one.container_name.clone().unwrap_or_default();
        if container.is_empty() {
            return Err(EcsError::invalid("Container name can not be blank.").into());
        }
        let known = spec.containers.iter().find(|known| known.name == container);
        let known = known.ok_or_else(|| {
            EcsError::invalid(format!("The container {container} does not exist in the task definition."))
        })?;
        let port = one.container_port.and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
        let port = port.ok_or_else(|| EcsError::invalid("Container port must be between 1 and 65535."))?;
        if !known.port_mappings.iter().any(|mapped| {
            (mapped.container_port..=mapped.range_end.unwrap_or(mapped.container_port)).contains(&port)
        }) {
            return Err(EcsError::invalid(format!(
                "The container {container} did not have a container port {port} defined."
            ))
            .into());
        }
        check_target_group(ecs, cx, spec, &target_group).await?;
        all.push(LoadBalancer { target_group, container, port });
    }
    Ok(all)
}

async fn check_target_group(ecs: &Ecs, cx: &Cx, spec: &TaskSpec, arn: &str) -> Result<(), Failure> {
    let by = ecs.as_service(&shared::place(cx), cx.now);
    let input = elbv2::DescribeTargetGroupsInput {
        target_group_arns: Some(vec![arn.to_owned()]),
        ..Default::default()
    };
    let found = match ecs.siblings.call::<elbv2::DescribeTargetGroups>(&by, input).await {
        Ok(found) => found.target_groups.unwrap_or_default().into_iter().next(),
        Err(Failure::Answer(_)) => None,
        Err(failure) => return Err(failure),
    };
    let group = found.ok_or_else(|| {
        EcsError::invalid(
            "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role \
             being passed has the proper permissions.",
        )
    })?;
    if group.load_balancer_arns.is_none_or(|all| all.is_empty()) {
        return Err(EcsError::invalid(format!(
            "The target group with targetGroupArn {arn} does not have an associated load balancer."
        ))
        .into());
    }
    let kind = group.target_type.unwrap_or_default();
    let mode = match spec.network_mode {
        NetworkMode::Awsvpc => "awsvpc",
        NetworkMode::Bridge => "bridge",
        NetworkMode::Host => "host",
        NetworkMode::None => "none",
    };
    if (spec.network_mode == NetworkMode::Awsvpc) != (kind == "ip") {
        return Err(EcsError::invalid(format!(
            "The provided target group {arn} has target type {kind}, which is incompatible with the {mode} network mode \
             specified in the task definition."
        ))
        .into());
    }
    Ok(())
}

/// What Gantry's services do not do, by the names of the fields that ask for it.
pub(super) struct Unsupported<'a> {
    pub volumes: &'a Option<Vec<api::ServiceVolumeConfiguration>>,
    pub lattice: &'a Option<Vec<api::VpcLatticeConfiguration>>,
    pub gateways: &'a Option<Vec<api::GatewayConnector>>,
    pub controller: &'a Option<api::DeploymentController>,
    pub deployment: &'a Option<api::DeploymentConfiguration>,
}

impl Unsupported<'_> {
    /// Refuses all of them at once.
    pub(super) fn check(&self) -> Result<(), EcsError> {
        let deployment = self.deployment.clone().unwrap_or_default();
        let strategy = deployment.strategy.as_deref().unwrap_or("ROLLING");
        let controller = self.controller.as_ref().map_or("ECS", |one| one.r#type.as_str());
        let wanted = [
            (self.volumes.as_ref().is_some_and(|all| !all.is_empty()), "volumeConfigurations".to_owned()),
            (self.lattice.as_ref().is_some_and(|all| !all.is_empty()), "vpcLatticeConfigurations".to_owned()),
            (self.gateways.as_ref().is_some_and(|all| !all.is_empty()), "gatewayConnectors".to_owned()),
            (controller == "CODE_DEPLOY", "deploymentController CODE_DEPLOY".to_owned()),
            (strategy != "ROLLING", format!("deploymentConfiguration.strategy {strategy}")),
            (
                deployment.alarms.as_ref().is_some_and(|alarms| alarms.enable),
                "deploymentConfiguration.alarms".to_owned(),
            ),
            (
                deployment.lifecycle_hooks.as_ref().is_some_and(|all| !all.is_empty()),
                "deploymentConfiguration.lifecycleHooks".to_owned(),
            ),
            (
                deployment.bake_time_in_minutes.is_some_and(|minutes| minutes > 0),
                "deploymentConfiguration.bakeTimeInMinutes".to_owned(),
            ),
            (
                deployment.early_success_criteria.as_ref().is_some_and(|one| one.enable),
                "deploymentConfiguration.earlySuccessCriteria".to_owned(),
            ),
        ];
        let named: Vec<String> =
            wanted.into_iter().filter(|(wanted, _)| *wanted).map(|(_, field)| field).collect();
        if named.is_empty() { Ok(()) } else { Err(EcsError::unsupported(&named)) }
    }
}

/// Lays the request's deployment configuration over the service's.
pub(super) fn configure(row: &mut Service, given: &api::DeploymentConfiguration) -> Result<(), EcsError> {
    let percent = |name: &str, value: Option<i32>, known: u32| match value {
        None => Ok(known),
        Some(value) => u32::try_from(value)
            .map_err(|_| EcsError::invalid(format!("{name} must not be negative, and is {value}."))),
    };
    row.minimum_percent =
        percent("minimumHealthyPercent", given.minimum_healthy_percent, row.minimum_percent)?;
    row.maximum_percent = percent("maximumPercent", given.maximum_percent, row.maximum_percent)?;
    if row.minimum_percent > 100 {
        return Err(EcsError::invalid("minimumHealthyPercent must be at most 100"));
    }
    match row.scheduling {
        Scheduling::Daemon if row.maximum_percent > 100 => {
            return Err(EcsError::invalid(
                "The daemon scheduling strategy does not support values above 100 for maximumPercent on a deployment \
                 configuration. Change the maximumPercent value to 100, and try again",
            ));
        }
        Scheduling::Replica if row.maximum_percent < 100 => {
            return Err(EcsError::invalid("maximumPercent must be at least 100"));
        }
        _ => {}
    }
    if row.maximum_percent == 100 && row.minimum_percent == 100 {
        return Err(EcsError::invalid(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
        ));
    }
    if let Some(breaker) = &given.deployment_circuit_breaker {
        if let Some(threshold) = &breaker.threshold_configuration
            && threshold.value < 1
        {
            return Err(EcsError::invalid("The value of thresholdConfiguration must be at least 1."));
        }
        row.breaker = to_json(breaker);
    }
    if let Some(minutes) = given.bake_time_in_minutes {
        row.bake_minutes = u32::try_from(minutes).ok();
    }
    Ok(())
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

/// A desired count within AWS's bounds.
pub(super) fn desired_count(given: i32) -> Result<u32, EcsError> {
    if given > MOST_TASKS {
        return Err(EcsError::invalid(format!("desiredCount must be at most {MOST_TASKS}, and is {given}.")));
    }
    u32::try_from(given).map_err(|_| EcsError::invalid("desiredCount cannot be negative."))
}

/// A grace period, which only makes sense with load balancers.
pub(super) fn grace(given: Option<i32>, with_load_balancers: bool) -> Result<Option<u32>, EcsError> {
    match given {
        None => Ok(None),
        Some(0) => Ok(Some(0)),
        Some(_) if !with_load_balancers => Err(EcsError::invalid(
            "Health check grace period is only valid for services configured to use load balancers",
        )),
        Some(seconds) if (0..=MAX_GRACE).contains(&seconds) => Ok(u32::try_from(seconds).ok()),
        Some(_) => Err(EcsError::invalid("healthCheckGracePeriodSeconds must not be negative.")),
    }
}

/// `propagateTags`, for a service.
pub(super) fn propagate(given: Option<&str>) -> Option<String> {
    given.map(str::to_owned)
}
