//! From a container as it is desired to what the engine is asked for.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use gantry_node_proto::v1;
use gantry_runtime::{
    ContainerSpec, Credentials, Limits, Mount, Namespace, Output, Pull, Security, Source, TaskSpec, Ulimit,
    When,
};

use crate::files::Files;
use crate::wish::{Network, Task};

/// The label by which a container's task is known again.
pub const TASK_LABEL: &str = "com.amazonaws.ecs.task-arn";

pub fn group(task: &Task) -> TaskSpec {
    let memory = task.sent.memory_bytes;
    TaskSpec {
        id: task.id.clone(),
        limits: Limits {
            memory_bytes: some(memory),
            cpu_ceiling: some(task.sent.cpu_units.into()),
            ..Limits::default()
        },
    }
}

pub fn pull(task: &Task, index: usize) -> Pull {
    let none = v1::Image::default();
    let image = task.container_as_sent(index).image.as_ref();
    let image = image.unwrap_or(&none);
    let mut reference = image.reference.clone();
    if !image.pinned_digest.is_empty() && !reference.contains('@') {
        reference = format!("{reference}@{}", image.pinned_digest);
    }
    Pull {
        reference,
        source: match image.registry_url.as_str() {
            "" => Source::Reference,
            base => Source::Endpoint { base: base.to_owned(), host: text(&image.registry_host) },
        },
        credentials: match &image.auth {
            None => Credentials::None,
            Some(auth) => {
                Credentials::Basic { username: auth.username.clone(), password: auth.password.clone() }
            }
        },
        when: match image.pull_behavior() {
            v1::PullBehavior::Unspecified => When::Newest,
            v1::PullBehavior::Always => When::Always,
            v1::PullBehavior::PreferCached | v1::PullBehavior::Once => When::Absent,
        },
        platform: None,
    }
}

/// Where a container's output goes.
pub fn output(files: &Files, task: &Task, index: usize) -> Output {
    let dir = files.output_dir(task);
    let id = &task.containers[index].id;
    Output { stdout: dir.join(format!("{id}.stdout")), stderr: dir.join(format!("{id}.stderr")) }
}

/// `namespace` is where the task's network is mounted; `port` is where a task in the host's network finds its endpoint.
pub fn spec(
    files: &Files,
    task: &Task,
    index: usize,
    namespace: &Path,
    port: Option<u16>,
) -> io::Result<ContainerSpec> {
    let sent = task.container_as_sent(index);
    let id = task.containers[index].id.clone();
    let image = pull(task, index).reference;
    let mut spec = ContainerSpec::new(id, task.id.clone(), image, output(files, task, index));
    spec.labels = labels(task, sent);
    spec.entrypoint = list(&sent.entry_point);
    spec.command = list(&sent.command);
    spec.environment = environment(task, index, port);
    spec.working_directory = text(&sent.working_directory);
    spec.user = text(&sent.user);
    spec.init = sent.init_process;
    spec.hostname = match &task.network {
        Network::Awsvpc(interface) => text(&interface.hostname),
        Network::Host | Network::None => None,
    };
    if !sent.hostname.is_empty() {
        spec.hostname = Some(sent.hostname.clone());
    }
    spec.network = match task.network {
        Network::Awsvpc(_) | Network::None => Namespace::Join(namespace.to_owned()),
        Network::Host => Namespace::Host,
    };
    if task.sent.pid_mode() == v1::PidMode::Host {
        spec.pid = Namespace::Host;
    }
    if task.sent.ipc_mode() == v1::IpcMode::Host {
        spec.ipc = Namespace::Host;
    }
    spec.mounts = files.etc(task, index)?;
    spec.mounts.extend(mounts(files, task, index, 0)?);
    spec.mounts.extend(sent.tmpfs.iter().map(|tmpfs| Mount::Tmpfs {
        target: PathBuf::from(&tmpfs.container_path),
        size_bytes: some(tmpfs.size_bytes),
        options: tmpfs.options.clone(),
    }));
    spec.shm_bytes = some(sent.shared_memory_bytes);
    spec.limits = Limits {
        memory_bytes: some(sent.memory_bytes),
        memory_reservation_bytes: some(sent.memory_reservation_bytes),
        memory_swap_bytes: sent
            .swap_bytes
            .and_then(|swap| u64::try_from(swap).ok())
            .filter(|_| sent.memory_bytes > 0)
            .map(|swap| sent.memory_bytes + swap),
        cpu_shares: some(sent.cpu_units.into()),
        ..Limits::default()
    };
    spec.ulimits = sent.ulimits.iter().map(ulimit).collect();
    spec.sysctls = sent.sysctls.clone().into_iter().collect();
    spec.security = Security {
        privileged: sent.privileged,
        read_only_root: sent.readonly_root_filesystem,
        add_capabilities: sent.capabilities_add.clone(),
        drop_capabilities: sent.capabilities_drop.clone(),
        ..Security::default()
    };
    Ok(spec)
}

/// What the task definition and the control plane give, and after it what only the node knows.
fn environment(task: &Task, index: usize, port: Option<u16>) -> Vec<(String, String)> {
    let sent = task.container_as_sent(index);
    let mut environment: Vec<(String, String)> =
        sent.environment.iter().map(|variable| (variable.name.clone(), variable.value.clone())).collect();
    let id = &task.containers[index].id;
    let base = match port {
        Some(port) => format!("http://{}:{port}", Ipv4Addr::LOCALHOST),
        None => format!("http://{}", gantry_net::TASK_ENDPOINT),
    };
    let mut add = |name: &str, value: String| environment.push((name.to_owned(), value));
    add("ECS_CONTAINER_METADATA_URI", format!("{base}/v3/{id}"));
    add("ECS_CONTAINER_METADATA_URI_V4", format!("{base}/v4/{id}"));
    if let Some(role) = &task.sent.task_role {
        let path = format!("/v2/credentials/{}", role.id);
        match port {
            Some(_) => add("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{base}{path}")),
            None => add("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", path),
        }
    }
    environment
}

pub fn labels(task: &Task, sent: &v1::Container) -> BTreeMap<String, String> {
    let mut labels: BTreeMap<String, String> = sent.docker_labels.clone().into_iter().collect();
    let own = [
        (TASK_LABEL, task.arn.clone()),
        ("com.amazonaws.ecs.cluster", task.sent.cluster_arn.clone()),
        ("com.amazonaws.ecs.container-name", sent.name.clone()),
        ("com.amazonaws.ecs.task-definition-family", task.sent.family.clone()),
        ("com.amazonaws.ecs.task-definition-version", task.sent.revision.to_string()),
    ];
    for (name, value) in own {
        labels.insert(name.to_owned(), value);
    }
    labels
}

/// How many containers deep `volumesFrom` is followed.
const DEPTH: usize = 10;

fn mounts(files: &Files, task: &Task, index: usize, depth: usize) -> io::Result<Vec<Mount>> {
    let mut mounts = Vec::new();
    for mount in &task.container_as_sent(index).mounts {
        if mount.volumes_from.is_empty() {
            let source = volume(files, task, &mount.volume)?;
            mounts.push(Mount::Bind {
                source,
                target: PathBuf::from(&mount.container_path),
                read_only: mount.read_only,
            });
            continue;
        }
        let from = task
            .containers
            .iter()
            .position(|other| other.name == mount.volumes_from)
            .filter(|_| depth < DEPTH)
            .ok_or_else(|| invalid(format!("no container {} to take volumes from", mount.volumes_from)))?;
        for taken in self::mounts(files, task, from, depth + 1)? {
            mounts.push(match taken {
                Mount::Bind { source, target, read_only } => {
                    Mount::Bind { source, target, read_only: read_only || mount.read_only }
                }
                other => other,
            });
        }
    }
    Ok(mounts)
}

/// The directory of a volume, made if it is not there.
fn volume(files: &Files, task: &Task, name: &str) -> io::Result<PathBuf> {
    let volume = task
        .sent
        .volumes
        .iter()
        .find(|volume| volume.name == name)
        .ok_or_else(|| invalid(format!("the task has no volume {name}")))?;
    let path = match &volume.source {
        None | Some(v1::volume::Source::Scratch(_)) => files.scratch_volume(task, name),
        Some(v1::volume::Source::HostPath(path)) => PathBuf::from(path),
        Some(v1::volume::Source::Docker(docker)) if docker.shared => files.named_volume(name),
        Some(v1::volume::Source::Docker(_)) => files.scratch_volume(task, name),
    };
    if !path.exists() {
        fs::create_dir_all(&path)?;
    }
    Ok(path)
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

fn ulimit(sent: &v1::Ulimit) -> Ulimit {
    // As everywhere, a negative limit is none.
    let limit = |value: i64| u64::try_from(value).unwrap_or(u64::MAX);
    Ulimit { name: sent.name.clone(), soft: limit(sent.soft), hard: limit(sent.hard) }
}

fn some(value: u64) -> Option<u64> {
    (value > 0).then_some(value)
}

fn text(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn list(values: &[String]) -> Option<Vec<String>> {
    (!values.is_empty()).then(|| values.to_vec())
}
