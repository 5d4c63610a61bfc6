//! RunTask: up to ten tasks of a definition. They are accepted here and placed by the loop.

mod idempotency;
pub(crate) mod launch_type;
mod network;
pub(crate) mod placement;
mod roles;

use std::collections::HashMap;
use std::sync::Arc;

use gantry_api_ecs as api;
use gantry_base::{Tags, Timestamp};
use gantry_ecs_core::lifecycle::Life;
use gantry_ecs_core::overrides::{self, Overrides};
use gantry_ecs_core::placement::Wants;
use gantry_ecs_core::query::Expression;
use gantry_ecs_core::spec::VolumeSource;
use gantry_ecs_core::{Invalid, TaskSpec, reference};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;
use gantry_wire::to_json;
use serde::Deserialize;
use serde_json::json;

use super::shapes::cluster::is_fargate;
use super::shapes::task::answer;
use super::shared::{self, Having};
use crate::error::EcsError;
use crate::loops::PLACEMENT_LOOP;
use crate::names::{Place, TaskName};
use crate::tables::cluster::Cluster;
use crate::tables::container_instance::{self, ContainerInstance};
use crate::tables::queues::{ACCEPTED, WAITING, Waiting, at};
use crate::tables::task::{ContainerFacts, LaunchType, NetworkRequest, TASKS, Task};
use crate::tables::task_definition::{Status, TaskDefinition, home};
use crate::{Ecs, events, members, membership, settings};

/// Most tasks in one run.
const MOST: i32 = 10;
/// Longest `startedBy`.
const MAX_STARTED_BY: usize = 128;

/// Longest `referenceId`.
const MAX_REFERENCE: usize = 1024;

/// A run that may be: everything about its tasks but their ids.
pub(crate) struct Run {
    pub definition: TaskDefinition,
    pub spec: TaskSpec,
    pub overrides: Overrides,
    /// Launch type and capacity provider of each task.
    pub launches: Vec<(LaunchType, Option<String>)>,
    pub platform_version: Option<String>,
    pub network: Option<NetworkRequest>,
    pub group: String,
    pub started_by: Option<String>,
    /// Whether people may look into its containers.
    pub exec: bool,
    pub tags: Tags,
    pub rules: placement::Rules,
    /// How long containers have to end, in seconds, instead of what they say themselves.
    pub stop_timeout_secs: Option<u32>,
}

/// Accepts the tasks that some node has room for, and says of the others why not.
pub async fn run(ecs: &Ecs, cx: Cx, input: api::RunTaskRequest) -> Result<api::RunTaskResponse, Failure> {
    let count = input.count.unwrap_or(1);
    let (tasks, failures) = start(ecs, &cx, "RunTask", &input, &Where::Anywhere(count)).await?;
    Ok(api::RunTaskResponse { tasks: Some(tasks), failures: Some(failures) })
}

/// How many tasks, and where.
pub(crate) enum Where {
    Anywhere(i32),
    /// One on each of these container instances, by their ids or ARNs.
    On(Vec<String>),
}

/// What RunTask and StartTask do in the same way.
pub(super) async fn start(
    ecs: &Ecs,
    cx: &Cx,
    operation: &'static str,
    input: &api::RunTaskRequest,
    on: &Where,
) -> Result<(Vec<api::Task>, Vec<api::Failure>), Failure> {
    let place = shared::place(cx);
    let cluster_name =
        reference::cluster(input.cluster.as_deref(), place.as_reference()).map_err(EcsError::from)?;
    let named =
        reference::task_definition(&input.task_definition, place.as_reference()).map_err(EcsError::from)?;
    let _turn = ecs.accept().await;
    let mut tx = ecs.db.begin();
    let definition = shared::find_definition(&mut tx, &place, &named).await?;
    let revision = definition.as_ref().map(|row| row.revision).or(named.revision).unwrap_or(0);
    let arn = place.task_definition_arn(&named.family, revision);
    let given_tags = shared::tags(input.tags.clone())?;
    let action = if operation == "StartTask" { "ecs:StartTask" } else { "ecs:RunTask" };
    let mut permission = Permission::on(action, &arn)
        .having(definition.iter().flat_map(|row| row.tags.iter()))
        .request_tags(given_tags.iter())
        .key("ecs:enable-execute-command", [(input.enable_execute_command == Some(true)).to_string()]);
    if let Where::On(instances) = on {
        let arns = instances.iter().map(|text| shared::named_instance(&place, &cluster_name, text).arn);
        permission = permission.key("ecs:container-instances", arns.map(|arn| arn.to_string()));
    }
    let permit = cx.authorize(shared::in_cluster(permission, &place, &cluster_name))?;

    let cluster = shared::active_cluster(&mut tx, &place, &cluster_name).await?;
    let definition = definition.ok_or_else(|| EcsError::client("TaskDefinition not found."))?;
    if definition.status() != Status::Active {
        return Err(EcsError::client("TaskDefinition is inactive").into());
    }
    let token = idempotency::Token::of(input, &place, &cluster_name)?;
    if let Some(token) = &token
        && let Some(tasks) = token.tasks_of_before(&mut tx).await?
    {
        return Ok((tasks.iter().map(|task| answer(task, true)).collect(), Vec::new()));
    }
    let run = validate(ecs, cx, &cluster, definition, given_tags, input, on).await?;
    let any_task = place.arn(format_args!("task/{cluster_name}/*"));
    settings::authorize_tags(&mut tx, cx, &any_task, &run.tags, operation).await?;

    let mut failures = Vec::new();
    tx.get(&ACCEPTED, &key!()).await?;
    let instances = instances_of_run(&mut tx, cx, &cluster_name, &run, on).await?;
    let wants = wants_of(&run, &place, &cluster_name, on, &instances, &mut failures)?;
    let verdicts = placement::try_now(ecs, &place, &cluster_name, &instances, &wants, cx.now).await?;
    let mut tasks = Vec::new();
    for (index, (wants, verdict)) in wants.iter().zip(verdicts).enumerate() {
        match verdict {
            Err(why) => failures.extend(placement::failures(&place, &instances, wants, &why)),
            Ok(instance) => {
                // The user is told the instance, so it is that one.
                let wants = Wants { instance: instance.clone(), ..Wants::clone(wants) };
                let task = Task {
                    instance_id: instance,
                    ..new_task(ecs, cx.now, &place, &cluster_name, &run, index)
                };
                tasks.push((task, wants));
            }
        }
    }
    for (task, wants) in &tasks {
        tx.put(&TASKS, &task.name.key(), task);
        let waiting = Waiting { wants: wants.clone(), since: cx.now, refused: String::new() };
        tx.put(&WAITING, &at(task.created_at, &task.name), &waiting);
        events::task_changed(&mut tx, task, cx.now);
    }
    if !tasks.is_empty() {
        if let Some(token) = &token {
            token.remember(&mut tx, tasks.iter().map(|(task, _)| task.name.id.clone()).collect(), cx.now);
        }
        tx.put(&ACCEPTED, &key!(), &());
        tx.wake(PLACEMENT_LOOP);
    }
    tx.commit(&permit).await?;
    Ok((tasks.iter().map(|(task, _)| answer(task, true)).collect(), failures))
}

/// The container instances of the cluster, if the run needs some. Nodes that were never in the cluster join it now.
async fn instances_of_run(
    tx: &mut gantry_store::Tx,
    cx: &Cx,
    cluster: &str,
    run: &Run,
    on: &Where,
) -> Result<Vec<ContainerInstance>, EcsError> {
    if run.launches.iter().all(|(launch, _)| *launch == LaunchType::Fargate) {
        return Ok(Vec::new());
    }
    let place = shared::place(cx);
    if matches!(on, Where::Anywhere(_)) {
        members::join(tx, &place, cluster, cx.now).await?;
    }
    let instances = container_instance::of_cluster(tx, &place, cluster).await?;
    let active = instances.iter().any(|one| one.status == container_instance::Status::Active);
    if matches!(on, Where::Anywhere(_)) && !active {
        return Err(EcsError::invalid("No Container Instances were found in your cluster."));
    }
    let mut providers = run.launches.iter().filter_map(|(_, provider)| provider.as_deref());
    if matches!(on, Where::Anywhere(_)) && !providers.all(|one| has_instances(&instances, one)) {
        return Err(EcsError::invalid("No Container Instances were found in your capacity provider."));
    }
    Ok(instances)
}

/// Whether some of a cluster's instances are for tasks of the capacity provider, or Fargate's pool is.
pub(crate) fn has_instances(instances: &[ContainerInstance], provider: &str) -> bool {
    // The control plane's own machine stands in where none has joined.
    let own = |one: &ContainerInstance| one.node.as_deref().is_some_and(|node| !membership::is_joined(node));
    let is_for = |one: &ContainerInstance| one.capacity_provider.as_deref() == Some(provider) || own(one);
    let active = |one: &ContainerInstance| one.status == container_instance::Status::Active;
    is_fargate(provider) || instances.iter().any(|one| active(one) && is_for(one))
}

pub(crate) async fn validate(
    ecs: &Ecs,
    cx: &Cx,
    cluster: &Cluster,
    definition: TaskDefinition,
    given_tags: Tags,
    input: &api::RunTaskRequest,
    on: &Where,
) -> Result<Run, EcsError> {
    let place = shared::place(cx);
    let count = match on {
        Where::Anywhere(count) if !(1..=MOST).contains(count) => {
            return Err(EcsError::invalid(format!("count must be between 1 and {MOST}, and is {count}.")));
        }
        Where::On(instances) if instances.is_empty() => {
            return Err(EcsError::invalid("Container Instances cannot be empty."));
        }
        Where::On(instances) if instances.len() > MOST as usize => {
            return Err(EcsError::invalid(format!("Container instances can have at most {MOST} items.")));
        }
        Where::Anywhere(count) => *count as usize,
        Where::On(instances) => instances.len(),
    };
    if input.started_by.as_ref().is_some_and(|by| by.chars().count() > MAX_STARTED_BY) {
        return Err(EcsError::invalid(format!("startedBy must have at most {MAX_STARTED_BY} characters.")));
    }
    if input.reference_id.as_ref().is_some_and(|id| id.chars().count() > MAX_REFERENCE) {
        return Err(EcsError::invalid(format!("referenceId must have at most {MAX_REFERENCE} characters.")));
    }
    let launches = launch_type::of(input, cluster, count)?;
    let launch = launches.first().map_or(LaunchType::Ec2, |(launch, _)| *launch);
    if !supports(&definition, launch) {
        return Err(EcsError::invalid(format!(
            "Task definition does not support launch_type {}.",
            launch.as_str()
        )));
    }
    let rules = placement::rules(input, launch)?;
    let (overrides, spec) = overridden(&definition, &place, launch, input.overrides.as_ref())?;
    for expression in &spec.constraints {
        Expression::parse(expression).map_err(|bad| EcsError::invalid(bad.0))?;
    }
    let mut unsupported = spec.unsupported.clone();
    unsupported.extend(unsupported_of_run(input));
    if !unsupported.is_empty() {
        return Err(EcsError::unsupported(&unsupported));
    }
    let platform_version = launch_type::platform_version(input.platform_version.as_deref(), launch)?;
    let network = network::request(ecs, cx, &spec, launch, input.network_configuration.as_ref()).await?;
    roles::check(ecs, cx, &spec).await?;
    Ok(Run {
        tags: tags(&definition, given_tags, &cluster.name, input)?,
        definition,
        spec,
        overrides,
        launches,
        platform_version,
        network,
        group: group(input)?,
        started_by: input.started_by.clone(),
        exec: input.enable_execute_command == Some(true),
        rules,
        stop_timeout_secs: None,
    })
}

/// The overrides, and the definition with them.
fn overridden(
    definition: &TaskDefinition,
    place: &Place,
    launch: LaunchType,
    given: Option<&api::TaskOverride>,
) -> Result<(Overrides, TaskSpec), EcsError> {
    let spec = definition.spec(place)?;
    let json = given.map_or_else(|| json!({}), to_json);
    if json.to_string().chars().count() > overrides::MAX_CHARACTERS {
        return Err(EcsError::invalid(format!(
            "Container Overrides length must be at most {}",
            overrides::MAX_CHARACTERS
        )));
    }
    let overrides = Overrides::deserialize(json).map_err(|error| Invalid::new(error.to_string()))?;
    let spec = overrides::apply(&spec, &overrides, launch.compatibility(), home(place))
        .map_err(|invalid| EcsError::invalid(invalid.message))?;
    Ok((overrides, spec))
}

fn unsupported_of_run(input: &api::RunTaskRequest) -> Vec<String> {
    let volumes = input.volume_configurations.as_ref().is_some_and(|all| !all.is_empty());
    volumes.then(|| "volumeConfigurations".to_owned()).into_iter().collect()
}

fn group(input: &api::RunTaskRequest) -> Result<String, EcsError> {
    match input.group.as_deref() {
        // Filled in with the family once it is known.
        None | Some("") => Ok(String::new()),
        Some(group) if group.starts_with("service:") => Err(EcsError::invalid(
            "Invalid namespace for group. Groups that begin with service: are reserved.",
        )),
        Some(group) => Ok(group.to_owned()),
    }
}

fn tags(
    definition: &TaskDefinition,
    given: Tags,
    cluster: &str,
    input: &api::RunTaskRequest,
) -> Result<Tags, EcsError> {
    let propagated = match input.propagate_tags.as_deref() {
        None | Some("NONE") => Tags::default(),
        Some("TASK_DEFINITION") => definition.tags.clone(),
        Some(other) => {
            return Err(EcsError::invalid(format!("propagateTags can't be {other} when tasks are run.")));
        }
    };
    let too_many = |error: gantry_base::tags::TagError| EcsError::invalid(error.to_string());
    let tags = propagated.with(given).map_err(too_many)?;
    if input.enable_ecs_managed_tags != Some(true) {
        return Ok(tags);
    }
    let managed = serde_json::from_value(json!({ "aws:ecs:clusterName": cluster }));
    tags.with(managed.map_err(EcsError::internal)?).map_err(too_many)
}

/// What each task wants of a node; tasks of one launch type share it. An instance that was asked for and is not there
/// is a failure.
fn wants_of(
    run: &Run,
    place: &Place,
    cluster: &str,
    on: &Where,
    instances: &[ContainerInstance],
    failures: &mut Vec<api::Failure>,
) -> Result<Vec<Arc<Wants>>, EcsError> {
    let asked = match on {
        Where::Anywhere(_) => return Ok(run.all_wants(place, cluster)),
        Where::On(asked) => asked,
    };
    let mut wants = Vec::with_capacity(asked.len());
    for text in asked {
        let named = super::shared::instance(place, cluster, text)?;
        match instances.iter().any(|one| one.id == named.id) {
            true => {
                let launch = run.launches.get(wants.len()).map_or(LaunchType::Ec2, |(launch, _)| *launch);
                // The instance counts, whose provider's it is does not.
                let any = run.wants(place, cluster, launch);
                wants.push(Arc::new(Wants { instance: Some(named.id), ..any }));
            }
            false => failures.push(super::shared::missing(&named.arn)),
        }
    }
    Ok(wants)
}

/// Whether the definition is for that launch type. AWS has no interfaces for tasks on machines that are not its own;
/// here they are all the same, so what is for EC2 is for them as well.
fn supports(definition: &TaskDefinition, launch: LaunchType) -> bool {
    let says = |launch: LaunchType| definition.compatibilities.iter().any(|one| one == launch.as_str());
    says(launch) || (launch == LaunchType::External && says(LaunchType::Ec2))
}

impl Run {
    /// What a task of the run wants of a node, of whatever capacity provider.
    pub(crate) fn wants(&self, place: &Place, cluster: &str, launch: LaunchType) -> Wants {
        let cluster = members::cluster_id(place, cluster);
        wants_of_spec(&self.spec, &self.rules, self.group(), cluster, launch)
    }

    /// What each task of the run wants of a node; those that want the same share it.
    pub(crate) fn all_wants(&self, place: &Place, cluster: &str) -> Vec<Arc<Wants>> {
        let mut known: HashMap<&(LaunchType, Option<String>), Arc<Wants>> = HashMap::new();
        let wants = |(launch, provider): &(LaunchType, Option<String>)| {
            let provider = provider.clone().filter(|provider| !is_fargate(provider));
            Arc::new(Wants { provider, ..self.wants(place, cluster, *launch) })
        };
        let shared = |launch| Arc::clone(known.entry(launch).or_insert_with(|| wants(launch)));
        self.launches.iter().map(shared).collect()
    }

    fn group(&self) -> String {
        if self.group.is_empty() { format!("family:{}", self.definition.family) } else { self.group.clone() }
    }
}

/// What a task of a definition wants of a node; `cluster` is [`members::cluster_id`]'s.
pub(crate) fn wants_of_spec(
    spec: &TaskSpec,
    rules: &placement::Rules,
    group: String,
    cluster: String,
    launch: LaunchType,
) -> Wants {
    Wants {
        launch: launch.compatibility(),
        architecture: spec.architecture,
        cpu_units: spec.reserved_cpu_units(),
        memory_mib: spec.reserved_memory_mib(),
        gpus: spec.reserved_gpus(),
        host_ports: spec.host_ports(),
        group,
        cluster,
        distinct: rules.distinct,
        member_of: spec.constraints.iter().chain(&rules.member_of).cloned().collect(),
        instance: None,
        provider: None,
        zone: None,
        shared_files: spec.volumes.iter().any(|one| matches!(one.source, VolumeSource::Efs { .. })),
        strategy: rules.strategy.clone(),
    }
}

/// The task of a run at that place in it.
pub(crate) fn new_task(
    ecs: &Ecs,
    now: Timestamp,
    place: &Place,
    cluster: &str,
    run: &Run,
    index: usize,
) -> Task {
    let (launch, capacity_provider) = run.launches[index].clone();
    let mut life = Life::new(run.spec.containers.iter().map(|one| one.name.as_str()));
    if run.network.is_none() && launch != LaunchType::Fargate {
        life.needs_nothing();
    }
    let facts = run.spec.containers.iter().map(|container| ContainerFacts {
        id: ecs.ids.uuid(),
        image: container.image.clone(),
        cpu_units: container.cpu_units,
        memory_mib: container.memory_mib,
        memory_reservation_mib: container.memory_reservation_mib,
    });
    let id = ecs.ids.hex(32);
    let network = run.network.clone().map(|network| beginning_anywhere(network, &id));
    Task {
        name: TaskName { place: place.clone(), cluster: cluster.to_owned(), id },
        family: run.definition.family.clone(),
        revision: run.definition.revision,
        launch,
        capacity_provider,
        platform_version: run.platform_version.clone(),
        group: run.group(),
        started_by: run.started_by.clone(),
        created_at: now,
        overrides: run.overrides.clone(),
        network,
        tags: run.tags.clone(),
        cpu_units: run.spec.cpu_units,
        memory_mib: run.spec.memory_mib,
        ephemeral_storage_gib: run.spec.ephemeral_storage_gib,
        enable_execute_command: run.exec,
        containers: facts.collect(),
        node: None,
        instance_id: None,
        zone: None,
        architecture: None,
        seen_on_node: false,
        attachment: None,
        stop_timeout_secs: run.stop_timeout_secs,
        protected_until: None,
        execution_role: run.spec.execution_role.as_ref().map(ToString::to_string),
        life,
    }
}

/// The subnets as they are tried for a task of this id, which says where to begin: so tasks spread over them.
fn beginning_anywhere(mut network: NetworkRequest, id: &str) -> NetworkRequest {
    let start = id.get(..4).and_then(|digits| usize::from_str_radix(digits, 16).ok()).unwrap_or(0);
    let first = start % network.subnets.len().max(1);
    network.subnets.rotate_left(first);
    network
}
