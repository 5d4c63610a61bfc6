//! Nodes as container instances of clusters: how they come, and what an instance has.

use std::collections::{BTreeMap, HashSet};

use gantry_base::Timestamp;
use gantry_ecs_core::placement::SILENCE;
use gantry_ecs_core::spec::Protocol;
use gantry_store::{Scan, StoreError, Tx, key};

use crate::Ecs;
use crate::names::Place;
use crate::tables::cluster;
use crate::tables::container_instance::{
    CONTAINER_INSTANCES, ContainerInstance, MEMBERSHIPS, Membership, Resources, Status, key as instance_key,
    membership_key,
};
use crate::tables::node::{NODES, Node, RESERVATIONS, Reservation};
use crate::tables::task::LaunchType;

/// The attribute that says a node's zone.
pub(crate) const ZONE: &str = "ecs.availability-zone";

/// What every node can do, in the names of the ECS agent.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html#attributes>
const CAPABILITIES: &[&str] = &[
    "com.amazonaws.ecs.capability.docker-remote-api.1.17",
    "com.amazonaws.ecs.capability.docker-remote-api.1.18",
    "com.amazonaws.ecs.capability.docker-remote-api.1.19",
    "com.amazonaws.ecs.capability.docker-remote-api.1.21",
    "com.amazonaws.ecs.capability.ecr-auth",
    "com.amazonaws.ecs.capability.logging-driver.awslogs",
    "com.amazonaws.ecs.capability.logging-driver.fluentd",
    "com.amazonaws.ecs.capability.logging-driver.json-file",
    "com.amazonaws.ecs.capability.logging-driver.none",
    "com.amazonaws.ecs.capability.logging-driver.syslog",
    "com.amazonaws.ecs.capability.privileged-container",
    "com.amazonaws.ecs.capability.task-iam-role",
    "com.amazonaws.ecs.capability.task-iam-role-network-host",
    "ecs.capability.container-health-check",
    "ecs.capability.container-ordering",
    "ecs.capability.container-port-range",
    "ecs.capability.container-restart-policy",
    "ecs.capability.docker-plugin.local",
    "ecs.capability.efs",
    "ecs.capability.efsAuth",
    "ecs.capability.execution-role-awslogs",
    "ecs.capability.execution-role-ecr-pull",
    "ecs.capability.pid-ipc-namespace-sharing",
    "ecs.capability.private-registry-authentication.secretsmanager",
    "ecs.capability.secrets.asm.bootstrap.log-driver",
    "ecs.capability.secrets.asm.environment-variables",
    "ecs.capability.secrets.ssm.environment-variables",
    "ecs.capability.task-cpu-mem-limit",
    "ecs.capability.task-eni",
];

/// Names a cluster among all of every account and region.
pub(crate) fn cluster_id(place: &Place, cluster: &str) -> String {
    cluster::key(place, cluster).as_str().to_owned()
}

/// Makes every node that has never been in the cluster a container instance of it. Those that are new are returned.
pub(crate) async fn join(
    tx: &mut Tx,
    place: &Place,
    cluster: &str,
    now: Timestamp,
) -> Result<Vec<ContainerInstance>, StoreError> {
    let mut joined = Vec::new();
    // Those that are in the cluster are read at once; only of a node that is not is asked what it was there.
    let instances = tx.peek_scan(&CONTAINER_INSTANCES, &cluster::key(place, cluster), Scan::all()).await?;
    let members: HashSet<String> = instances.into_iter().filter_map(|(_, one)| one.node).collect();
    for (key, node) in tx.peek_scan(&NODES, &key!(), Scan::all()).await? {
        let id = key.parts().pop().unwrap_or_default();
        // One that joined is an instance of the cluster that its operator said, and of no other by itself.
        if members.contains(&id) || node.launch.is_some() {
            continue;
        }
        let membership = membership_key(&id, place, cluster);
        if tx.get(&MEMBERSHIPS, &membership).await?.is_none() {
            // A node has one id in all clusters: what ran before it was listed names it so.
            let mut instance = of_node(&id, &node.instance_id, node.instance_id.clone(), cluster, now);
            instance.by_itself = true;
            write(tx, place, &mut instance);
            joined.push(instance);
        }
    }
    Ok(joined)
}

/// A node as a new instance of a cluster. `digits` are its own, the same in all clusters.
pub(crate) fn of_node(
    node: &str,
    digits: &str,
    id: String,
    cluster: &str,
    now: Timestamp,
) -> ContainerInstance {
    ContainerInstance { node: Some(node.to_owned()), ..of_machine(ec2_id(node, digits), id, cluster, now) }
}

/// The id that a node has as a machine of EC2's: its name, where that is one.
fn ec2_id(node: &str, digits: &str) -> String {
    match (node.starts_with("i-") || node.starts_with("mi-"), digits.get(..17)) {
        (false, Some(digits)) => format!("i-{digits}"),
        _ => node.to_owned(),
    }
}

/// A machine of that id as a new instance of a cluster.
pub(crate) fn of_machine(ec2_id: String, id: String, cluster: &str, now: Timestamp) -> ContainerInstance {
    ContainerInstance {
        id,
        cluster: cluster.to_owned(),
        node: None,
        ec2_instance_id: Some(ec2_id),
        status: Status::Active,
        by_itself: false,
        registered_at: now,
        capacity_provider: None,
        attributes: BTreeMap::new(),
        resources: Resources::default(),
        versions: Default::default(),
        tags: Default::default(),
        version: 0,
    }
}

/// Writes an instance, and that its node is it.
pub(crate) fn write(tx: &mut Tx, place: &Place, instance: &mut ContainerInstance) {
    instance.put(tx, place);
    if let Some(node) = &instance.node {
        let membership = Membership { instance: instance.id.clone(), active: instance.is_registered() };
        tx.put(&MEMBERSHIPS, &membership_key(node, place, &instance.cluster), &membership);
    }
}

/// Forgets the instances of a cluster that is deleted: a new one of its name begins without any.
pub(crate) async fn forget(tx: &mut Tx, place: &Place, cluster: &str) -> Result<(), StoreError> {
    for (key, row) in tx.scan(&CONTAINER_INSTANCES, &cluster::key(place, cluster), Scan::all()).await? {
        tx.delete(&CONTAINER_INSTANCES, &key);
        if let Some(node) = &row.node {
            tx.delete(&MEMBERSHIPS, &membership_key(node, place, cluster));
        }
    }
    Ok(())
}

/// An instance with what its machine says of itself.
pub(crate) struct Seen {
    pub instance: ContainerInstance,
    pub node: Option<Node>,
    /// Its attributes, the machine's own among them.
    pub attributes: BTreeMap<String, String>,
    pub registered: Resources,
    pub remaining: Resources,
    pub agent_version: String,
    pub runtime_version: String,
    pub connected: bool,
    pub last_heard: Option<Timestamp>,
}

impl Seen {
    /// Reads what the node of the instance says.
    pub(crate) async fn of(
        ecs: &Ecs,
        tx: &mut Tx,
        place: &Place,
        instance: ContainerInstance,
        now: Timestamp,
    ) -> Result<Seen, StoreError> {
        let node = match &instance.node {
            Some(id) => tx.peek(&NODES, &key!(id)).await?.map(|node| (id.clone(), node)),
            None => None,
        };
        let Some((id, node)) = node else {
            let (agent_version, runtime_version) = instance.versions.clone();
            return Ok(Seen {
                attributes: instance.attributes.clone(),
                registered: instance.resources.clone(),
                remaining: instance.resources.clone(),
                agent_version,
                runtime_version,
                connected: false,
                last_heard: None,
                node: None,
                instance,
            });
        };
        let taken = tx.peek_scan(&RESERVATIONS, &key!(id), Scan::all()).await?;
        let registered = resources(&node);
        let remaining = without(&registered, taken.iter().map(|(_, one)| one));
        let last_heard = ecs.connected().last_heard(&id);
        let version = |name: &str| node.versions.get(name).cloned().unwrap_or_default();
        let runtime = version("containerd");
        Ok(Seen {
            attributes: attributes(place, &node, &instance),
            registered,
            remaining,
            agent_version: version("gantry"),
            runtime_version: if runtime.is_empty() { runtime } else { format!("containerd {runtime}") },
            connected: instance.is_registered() && now.since(last_heard) <= SILENCE,
            last_heard: Some(last_heard),
            node: Some(node),
            instance,
        })
    }
}

/// The attributes of a node that is an instance: what it can do, what it is, and what was put on it.
pub(crate) fn attributes(
    place: &Place,
    node: &Node,
    instance: &ContainerInstance,
) -> BTreeMap<String, String> {
    let elsewhere = node.launch.is_some();
    // File systems are on the control plane's machine alone.
    let can = CAPABILITIES.iter().filter(|name| !(elsewhere && name.starts_with("ecs.capability.efs")));
    let mut all: BTreeMap<String, String> = can.map(|name| ((*name).to_owned(), String::new())).collect();
    if node.launch == Some(LaunchType::External) {
        all.insert("ecs.capability.external".to_owned(), String::new());
    }
    all.extend(node.attributes.clone());
    all.extend(instance.attributes.clone());
    all.insert(ZONE.to_owned(), zone_of(place, node));
    all
}

/// The zone that a node is in for a region: the one that its operator gave it, or else the region's first.
pub(crate) fn zone_of(place: &Place, node: &Node) -> String {
    node.attributes.get(ZONE).cloned().unwrap_or_else(|| format!("{}a", place.region))
}

/// All that a node offers.
fn resources(node: &Node) -> Resources {
    let ports = |wanted: Protocol| {
        let of = node.reserved_ports.iter().filter(move |(protocol, _)| *protocol == wanted);
        of.map(|(_, port)| *port).collect()
    };
    Resources {
        cpu_units: node.cpu_units,
        memory_mib: node.memory_mib,
        tcp_ports: ports(Protocol::Tcp),
        udp_ports: ports(Protocol::Udp),
    }
}

/// What is left when these have taken theirs.
fn without<'a>(all: &Resources, taken: impl Iterator<Item = &'a Reservation>) -> Resources {
    let mut left = all.clone();
    for one in taken {
        left.cpu_units = left.cpu_units.saturating_sub(one.cpu_units);
        left.memory_mib = left.memory_mib.saturating_sub(one.memory_mib);
        for (protocol, port) in &one.host_ports {
            match protocol {
                Protocol::Tcp => left.tcp_ports.push(*port),
                Protocol::Udp => left.udp_ports.push(*port),
            }
        }
    }
    left
}

/// The key of an instance's row; for whoever has only its names.
pub(crate) async fn find(
    tx: &mut Tx,
    place: &Place,
    cluster: &str,
    id: &str,
) -> Result<Option<ContainerInstance>, StoreError> {
    tx.get(&CONTAINER_INSTANCES, &instance_key(place, cluster, id)).await
}
