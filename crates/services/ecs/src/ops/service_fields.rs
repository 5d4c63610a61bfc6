//! What a service carries, read from AWS's shapes and checked.

use gantry_api_ecs as api;
use gantry_ecs_core::service::shift::Way;
use gantry_service::{Cx, Failure};
use gantry_store::Tx;
use gantry_wire::{from_json, to_json};
use serde_json::Value;

use super::run_task::{self, Where, launch_type, placement::Rules};
use super::service_load_balancers::load_balancers;
use super::{service, service_connect, service_registries, shared};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::cluster::Cluster;
use crate::tables::service::{Revision, Scheduling, Service};
use crate::tables::task::LaunchType;
use crate::tables::task_definition::Status;

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
    /// How its deployments move traffic.
    pub way: Option<Way>,
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
            way: row.configuration.way,
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
    let load_balancers = load_balancers(ecs, cx, &checked.spec, asked).await?;
    let registries = service_registries::check(ecs, cx, &checked.spec, &asked.registries).await?;
    service_registries::check_way(asked.way, &registries)?;
    let connect = asked.connect.as_ref();
    let connect =
        service_connect::check(ecs, cx, &checked.spec, cluster, &asked.service_arn, connect).await?;
    if asked.way.is_some() && connect.as_ref().is_some_and(|one| !one.services.is_empty()) {
        return Err(EcsError::unsupported(&[
            "moving traffic of Service Connect between revisions (use the deployment strategy ROLLING)"
                .to_owned(),
        ])
        .into());
    }
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
            resolved: Vec::new(),
            registries,
            connect,
            images: checked.spec.containers.iter().map(|one| (one.name.clone(), one.image.clone())).collect(),
            created_at: cx.now,
        },
        rules: checked.rules,
    })
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
        let controller = self.controller.as_ref().map_or("ECS", |one| one.r#type.as_str());
        let wanted = [
            (self.volumes.as_ref().is_some_and(|all| !all.is_empty()), "volumeConfigurations".to_owned()),
            (self.lattice.as_ref().is_some_and(|all| !all.is_empty()), "vpcLatticeConfigurations".to_owned()),
            (self.gateways.as_ref().is_some_and(|all| !all.is_empty()), "gatewayConnectors".to_owned()),
            (controller == "CODE_DEPLOY", "deploymentController CODE_DEPLOY".to_owned()),
            (
                deployment.alarms.as_ref().is_some_and(|alarms| alarms.enable),
                "deploymentConfiguration.alarms (there is no CloudWatch)".to_owned(),
            ),
        ];
        let named: Vec<String> =
            wanted.into_iter().filter(|(wanted, _)| *wanted).map(|(_, field)| field).collect();
        if named.is_empty() { Ok(()) } else { Err(EcsError::unsupported(&named)) }
    }
}

/// A desired count within AWS's bounds, under the name that AWS's message has for it.
pub(super) fn desired_count(name: &str, given: i32) -> Result<u32, EcsError> {
    if given > MOST_TASKS {
        return Err(EcsError::invalid(format!("desiredCount must be at most {MOST_TASKS}, and is {given}.")));
    }
    u32::try_from(given).map_err(|_| EcsError::invalid(format!("{name} can not be lesser than 0")))
}

/// Placement strategies as a service keeps them: AWS shows `instanceId` for `host`, which is the same.
pub(super) fn placement_strategies(given: &[api::PlacementStrategy]) -> Value {
    let one = |strategy: &api::PlacementStrategy| {
        let mut strategy = strategy.clone();
        if strategy.field.as_deref() == Some("host") {
            strategy.field = Some("instanceId".to_owned());
        }
        to_json(&strategy)
    };
    given.iter().map(one).collect()
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
