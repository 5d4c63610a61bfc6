//! RegisterContainerInstance: a machine becomes a container instance of a cluster.
//!
//! Without an identity document, or with one that names a node of Gantry's, it is that node. With another it is
//! somebody else's machine: it is kept and shown with what its agent says, and takes no tasks, as no agent of it is
//! connected.

use std::collections::BTreeMap;

use gantry_api_ecs as api;
use gantry_base::Tags;
use gantry_ecs_core::reference;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, Tx, key};
use serde_json::Value;

use super::shapes::container_instance::show;
use super::shared::Having;
use super::{attribute, shared};
use crate::error::EcsError;
use crate::names::Place;
use crate::tables::container_instance::{ContainerInstance, MEMBERSHIPS, Resources, Status, membership_key};
use crate::tables::node::{NODES, Node};
use crate::{Ecs, members, settings};

/// Registers the machine, or registers it anew with what has changed.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::RegisterContainerInstanceRequest,
) -> Result<api::RegisterContainerInstanceResponse, Failure> {
    let place = shared::place(&cx);
    let cluster = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let given_tags = shared::tags(input.tags.clone())?;
    let arn = place.cluster_arn(&cluster);
    let mut tx = ecs.db.begin();
    let tags = shared::cluster_tags(&mut tx, &place, &cluster).await?;
    let permission = Permission::on("ecs:RegisterContainerInstance", &arn).having(tags.iter());
    let permit = cx.authorize(permission.request_tags(given_tags.iter()))?;
    let any_instance = place.arn(format_args!("container-instance/{cluster}/*"));
    settings::authorize_tags(&mut tx, &cx, &any_instance, &given_tags, "RegisterContainerInstance").await?;
    match shared::active_cluster(&mut tx, &place, &cluster).await {
        // AWS's model gives this operation no error of its own for a cluster.
        Err(error @ (EcsError::ClusterNotFound | EcsError::ClusterInactive)) => {
            return Err(EcsError::client(error.to_string()).into());
        }
        found => found?,
    };
    if input.platform_devices.as_ref().is_some_and(|devices| !devices.is_empty()) {
        return Err(EcsError::unsupported(&["platformDevices".to_owned()]).into());
    }
    let mut instance = match &input.container_instance_arn {
        Some(text) => registered_before(&mut tx, &place, &cluster, text).await?,
        None => new_or_node(ecs, &mut tx, &cx, &cluster, &input).await?,
    };
    change(&mut instance, &input, given_tags)?;
    members::write(&mut tx, &place, &mut instance);
    tx.wake(crate::loops::PLACEMENT_LOOP);
    let shown = show(ecs, &mut tx, &place, instance, cx.now).await?;
    tx.commit(&permit).await?;
    Ok(api::RegisterContainerInstanceResponse { container_instance: Some(shown) })
}

/// An agent that comes again names what it was.
async fn registered_before(
    tx: &mut Tx,
    place: &Place,
    cluster: &str,
    text: &str,
) -> Result<ContainerInstance, Failure> {
    let (_, id) = reference::container_instance(text, place.as_reference()).map_err(EcsError::from)?;
    match members::find(tx, place, cluster, &id).await? {
        Some(instance) if instance.is_registered() => Ok(instance),
        Some(_) => Err(EcsError::client(format!("Container instance {id} is inactive.")).into()),
        None => Err(EcsError::client(format!("Referenced container instance {id} not found.")).into()),
    }
}

async fn new_or_node(
    ecs: &Ecs,
    tx: &mut Tx,
    cx: &Cx,
    cluster: &str,
    input: &api::RegisterContainerInstanceRequest,
) -> Result<ContainerInstance, Failure> {
    let place = shared::place(cx);
    let machine = input.instance_identity_document.as_deref().map(identity).transpose()?;
    let nodes = tx.peek_scan(&NODES, &key!(), Scan::all()).await?;
    let named = |id: &String| machine.as_ref().is_none_or(|machine| machine.id == *id);
    // One that joined is an instance of its own cluster already.
    let own = nodes.into_iter().filter(|(_, node)| node.launch.is_none() || machine.is_some());
    let nodes = own.filter_map(|(key, node)| Some((key.parts().pop()?, node)));
    let nodes: Vec<(String, Node)> = nodes.filter(|(id, _)| named(id)).collect();
    match (nodes.is_empty(), machine) {
        (true, None) => Err(EcsError::client("There is no node that could be registered.").into()),
        (true, Some(machine)) => Ok(ContainerInstance {
            attributes: machine.attributes,
            ..members::of_machine(machine.id, ecs.ids.hex(32), cluster, cx.now)
        }),
        (false, _) => first_free(ecs, tx, cx, &place, cluster, &nodes).await,
    }
}

/// The first node that is not in the cluster yet; where all are, the first one as it is.
async fn first_free(
    ecs: &Ecs,
    tx: &mut Tx,
    cx: &Cx,
    place: &Place,
    cluster: &str,
    nodes: &[(String, Node)],
) -> Result<ContainerInstance, Failure> {
    let mut known = None;
    for (node, row) in nodes {
        match tx.get(&MEMBERSHIPS, &membership_key(node, place, cluster)).await? {
            Some(membership) if membership.active => {
                known = known.or(members::find(tx, place, cluster, &membership.instance).await?);
            }
            _ => return Ok(members::of_node(node, &row.instance_id, ecs.ids.hex(32), cluster, cx.now)),
        }
    }
    known.ok_or_else(|| Failure::internal("a membership names no instance"))
}

/// A machine as a document of EC2's form has it: its id, and the attributes that ECS reads from it.
struct Machine {
    id: String,
    attributes: BTreeMap<String, String>,
}

fn identity(document: &str) -> Result<Machine, EcsError> {
    const ATTRIBUTES: [(&str, &str); 3] = [
        ("availabilityZone", "ecs.availability-zone"),
        ("imageId", "ecs.ami-id"),
        ("instanceType", "ecs.instance-type"),
    ];
    let document: Option<Value> = serde_json::from_str(document).ok();
    let said = |field: &str| Some(document.as_ref()?.get(field)?.as_str()?.to_owned());
    let wrong = || EcsError::client("The instance identity document is not valid.");
    let id = said("instanceId").filter(|id| !id.is_empty()).ok_or_else(wrong)?;
    let known = ATTRIBUTES.iter().filter_map(|(field, name)| Some(((*name).to_owned(), said(field)?)));
    let mut attributes: BTreeMap<String, String> = known.collect();
    // An agent on something else says so itself.
    attributes.insert("ecs.os-type".to_owned(), "linux".to_owned());
    Ok(Machine { id, attributes })
}

/// Lays over the instance what the request says.
fn change(
    instance: &mut ContainerInstance,
    input: &api::RegisterContainerInstanceRequest,
    tags: Tags,
) -> Result<(), Failure> {
    instance.by_itself = false;
    instance.status = if instance.is_registered() { instance.status } else { Status::Active };
    let mut attributes: BTreeMap<String, String> = BTreeMap::new();
    for given in input.attributes.iter().flatten() {
        let (name, value) = attribute::checked(given)?;
        attributes.insert(name, value);
    }
    instance.attributes.extend(attributes);
    if let Some(resources) = &input.total_resources
        && instance.node.is_none()
    {
        instance.resources = self::resources(resources);
    }
    if let Some(versions) = &input.version_info {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        instance.versions = (text(&versions.agent_version), text(&versions.docker_version));
    }
    instance.tags = instance.tags.with(tags).map_err(|error| EcsError::invalid(error.to_string()))?;
    Ok(())
}

fn resources(given: &[api::Resource]) -> Resources {
    let named = |name: &str| given.iter().find(|one| one.name.as_deref() == Some(name));
    let number = |name: &str| {
        let one = named(name)?;
        let value = one.integer_value.map(i64::from).or(one.long_value)?;
        u32::try_from(value).ok()
    };
    let ports = |name: &str| {
        let texts = named(name).and_then(|one| one.string_set_value.clone()).unwrap_or_default();
        texts.iter().filter_map(|port| port.parse().ok()).collect()
    };
    Resources {
        cpu_units: number("CPU").unwrap_or(0),
        memory_mib: number("MEMORY").unwrap_or(0),
        tcp_ports: ports("PORTS"),
        udp_ports: ports("PORTS_UDP"),
    }
}
