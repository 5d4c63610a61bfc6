//! RegisterTaskDefinition: a new revision of a family. All fields are kept and shown with AWS's defaults.

use gantry_api_ecs as api;
use gantry_ecs_core::definition::{self, Document, attributes};
use gantry_ecs_core::spec::{Compatibility, NetworkMode};
use gantry_ecs_core::{Invalid, TaskSpec};
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::to_json;
use serde::Deserialize;

use super::shapes::task_definition::answer;
use super::shared;
use crate::error::EcsError;
use crate::names::Place;
use crate::settings;
use crate::tables::task_definition::{self, FAMILIES, TASK_DEFINITIONS, TaskDefinition, home};
use crate::{Ecs, TASKS_PRINCIPAL};

/// Stores the next revision.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    mut input: api::RegisterTaskDefinitionRequest,
) -> Result<api::RegisterTaskDefinitionResponse, Failure> {
    let place = shared::place(&cx);
    if input.tags.as_ref().is_some_and(Vec::is_empty) {
        return Err(EcsError::client("Tags can not be empty.").into());
    }
    let tags = shared::tags(input.tags.take())?;
    let mut tx = ecs.db.begin();
    let family_key = task_definition::family_key(&place, &input.family);
    let mut family = tx.get(&FAMILIES, &family_key).await?.unwrap_or_default();
    family.last_revision += 1;
    let revision = family.last_revision;

    let arn = place.task_definition_arn(&input.family, revision);
    let permission = Permission::on("ecs:RegisterTaskDefinition", &arn).request_tags(tags.iter());
    let permit = cx.authorize(asked(permission, &input))?;
    settings::authorize_tags(&mut tx, &cx, &arn, &tags, "RegisterTaskDefinition").await?;
    let (document, spec) = parse(&input, &place)?;
    for role in [&spec.task_role, &spec.execution_role].into_iter().flatten() {
        cx.authorize(Permission::on("iam:PassRole", role).key("iam:PassedToService", [TASKS_PRINCIPAL]))?;
    }

    let compatibilities = compatibilities(&document, &spec);
    normalise(&mut input, &spec);
    let row = TaskDefinition {
        family: input.family.clone(),
        revision,
        active: true,
        compatibilities,
        requires_attributes: attributes::required(&spec),
        document: to_json(&input),
        registered_at: cx.now,
        registered_by: cx.caller.principal.arn(),
        deregistered_at: None,
        delete_requested_at: None,
        tags,
    };
    family.latest_active = Some(revision);
    family.empty = false;
    tx.put(&FAMILIES, &family_key, &family);
    tx.put(&TASK_DEFINITIONS, &task_definition::key(&place, &row.family, revision), &row);
    tx.commit(&permit).await?;
    Ok(api::RegisterTaskDefinitionResponse {
        tags: Some(shared::api_tags(&row.tags)).filter(|tags| !tags.is_empty()),
        task_definition: Some(answer(&place, &row)?),
    })
}

/// The condition keys that say what is to be registered: sizes in CPU units and MiB, however they were written.
fn asked<'a>(permission: Permission<'a>, input: &api::RegisterTaskDefinitionRequest) -> Permission<'a> {
    let size = |text: &Option<String>, read: fn(&str) -> Result<u32, Invalid>| {
        text.as_deref().and_then(|text| read(text).ok()).map(|size| size.to_string())
    };
    let privileged = input.container_definitions.iter().any(|one| one.privileged == Some(true));
    permission
        .key("ecs:task-cpu", size(&input.cpu, definition::task_cpu))
        .key("ecs:task-memory", size(&input.memory, definition::task_memory))
        .key("ecs:compute-compatibility", input.requires_compatibilities.clone().unwrap_or_default())
        .key("ecs:privileged", [privileged.to_string()])
}

fn parse(
    input: &api::RegisterTaskDefinitionRequest,
    place: &Place,
) -> Result<(Document, TaskSpec), EcsError> {
    let json = to_json(input);
    let length = json.to_string().len();
    if length > definition::MAX_BYTES {
        return Err(EcsError::client(format!(
            "Actual length: '{length}'. Max allowed length is '{}' bytes.",
            definition::MAX_BYTES
        )));
    }
    let document = Document::deserialize(json).map_err(|error| Invalid::new(error.to_string()))?;
    let spec = definition::parse(&document, home(place))?;
    Ok((document, spec))
}

/// What AWS says that the definition could run on.
fn compatibilities(document: &Document, spec: &TaskSpec) -> Vec<String> {
    use Compatibility::{Ec2, External, Fargate, ManagedInstances};
    let fits =
        |one: &Compatibility| spec.requires.contains(one) || definition::is_compatible(document, spec, *one);
    // AWS names managed instances only where the user asked for them.
    let asked = |one: &Compatibility| *one != ManagedInstances || spec.requires.contains(one);
    let all = [External, Ec2, Fargate, ManagedInstances];
    all.iter().filter(|one| asked(one) && fits(one)).map(|one| one.as_str().to_owned()).collect()
}

/// Fills in what AWS shows where the user said nothing.
fn normalise(input: &mut api::RegisterTaskDefinitionRequest, spec: &TaskSpec) {
    let role = |arn: &Option<gantry_base::Arn>| arn.as_ref().map(ToString::to_string);
    input.task_role_arn = role(&spec.task_role);
    input.execution_role_arn = role(&spec.execution_role);
    input.cpu = spec.cpu_units.map(|units| units.to_string());
    input.memory = spec.memory_mib.map(|mib| mib.to_string());
    input.volumes.get_or_insert_default();
    input.placement_constraints.get_or_insert_default();
    for container in &mut input.container_definitions {
        normalise_container(container, spec.network_mode);
    }
    for volume in input.volumes.iter_mut().flatten() {
        let has_other = volume.docker_volume_configuration.is_some()
            || volume.efs_volume_configuration.is_some()
            || volume.s3files_volume_configuration.is_some()
            || volume.fsx_windows_file_server_volume_configuration.is_some()
            || volume.configured_at_launch == Some(true);
        if !has_other {
            volume.host.get_or_insert_default();
        }
        if let Some(docker) = &mut volume.docker_volume_configuration {
            docker.scope.get_or_insert_with(|| "task".to_owned());
            docker.driver.get_or_insert_with(|| "local".to_owned());
        }
        if let Some(efs) = &mut volume.efs_volume_configuration {
            efs.root_directory.get_or_insert_with(|| "/".to_owned());
        }
    }
}

fn normalise_container(container: &mut api::ContainerDefinition, mode: NetworkMode) {
    container.cpu.get_or_insert(0);
    container.essential.get_or_insert(true);
    container.environment.get_or_insert_default();
    container.mount_points.get_or_insert_default();
    container.volumes_from.get_or_insert_default();
    container.system_controls.get_or_insert_default();
    for mapping in container.port_mappings.get_or_insert_default() {
        mapping.protocol.get_or_insert_with(|| "tcp".to_owned());
        if mapping.container_port_range.is_some() {
            continue;
        }
        let host_port = mapping.host_port.unwrap_or(0);
        mapping.host_port = match mode {
            NetworkMode::Awsvpc | NetworkMode::Host if host_port == 0 => mapping.container_port,
            _ => Some(host_port),
        };
    }
    if let Some(check) = &mut container.health_check {
        check.interval.get_or_insert(30);
        check.timeout.get_or_insert(5);
        check.retries.get_or_insert(3);
    }
}
