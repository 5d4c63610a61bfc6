//! From a container as it is desired to what the engine is asked for.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use gantry_node_proto::v1;
use gantry_runtime::{
    ContainerSpec, Credentials, Device, Limits, Mount, Namespace, Output, OwnUsers, Pull, Security, Source,
    TaskSpec, Ulimit, When,
};

use crate::config::PullBehavior;
use crate::files::Files;
use crate::known::Known;
use crate::wish::{Network, Task};

/// The label by which a container's task is known again.
pub const TASK_LABEL: &str = "com.amazonaws.ecs.task-arn";

/// `namespace` is where the task's network is mounted.
pub fn group(task: &Task, known: &Known, namespace: PathBuf) -> TaskSpec {
    let memory = task.sent.memory_bytes;
    TaskSpec {
        id: task.id.clone(),
        limits: Limits {
            memory_bytes: some(memory),
            cpu_ceiling: some(task.sent.cpu_units.into()),
            ..Limits::default()
        },
        users: known.first_user.map(|first| OwnUsers { first, network: namespace }),
    }
}

/// `behavior` is the node's, for images whose task does not say.
pub fn pull(task: &Task, index: usize, behavior: PullBehavior) -> Pull {
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
            v1::PullBehavior::Unspecified => match behavior {
                PullBehavior::Default => When::Newest,
                PullBehavior::Always => When::Always,
                PullBehavior::Once | PullBehavior::PreferCached => When::Absent,
            },
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

/// How much output may wait until a container waits, too, where it shall.
const MOST_WAITING: u64 = 16 * 1024 * 1024;

/// Whether the container shall rather wait than have output dropped.
fn blocks(sent: &v1::Container) -> bool {
    let mode = sent.log_configuration.as_ref().and_then(|log| log.options.get("mode"));
    mode.is_some_and(|mode| mode == "blocking")
}

/// `namespace` is where the task's network is mounted.
pub fn spec(
    files: &Files,
    task: &Task,
    index: usize,
    known: &Known,
    namespace: &Path,
) -> io::Result<ContainerSpec> {
    let port = known.endpoint_port;
    let sent = task.container_as_sent(index);
    let id = task.containers[index].id.clone();
    let image = pull(task, index, PullBehavior::Default).reference;
    let mut spec = ContainerSpec::new(id, task.id.clone(), image, output(files, task, index));
    spec.labels = labels(task, sent);
    spec.most_output_waiting = blocks(sent).then_some(MOST_WAITING);
    spec.entrypoint = list(&sent.entry_point);
    spec.command = list(&sent.command);
    spec.environment = environment(task, index, port);
    spec.working_directory = text(&sent.working_directory);
    spec.user = text(&sent.user);
    spec.users = known.first_user;
    spec.init = sent.init_process;
    spec.terminal = sent.pseudo_terminal;
    spec.interactive = sent.interactive;
    spec.hostname = match &task.network {
        Network::Awsvpc(interface) => text(&interface.hostname),
        Network::Host => None,
        // As Docker names a container that has no other name.
        Network::None => spec.id.as_str().get(..12).map(str::to_owned),
    };
    if !sent.hostname.is_empty() {
        spec.hostname = Some(sent.hostname.clone());
    }
    spec.network = match task.network {
        _ if sent.disable_networking => Namespace::Own,
        Network::Awsvpc(_) | Network::None => Namespace::Join(namespace.to_owned()),
        Network::Host => Namespace::Host,
    };
    if task.sent.pid_mode() == v1::PidMode::Host {
        spec.pid = Namespace::Host;
    }
    if task.sent.ipc_mode() == v1::IpcMode::Host {
        spec.ipc = Namespace::Host;
    }
    spec.mounts = files.etc(task, index, known.first_user)?;
    spec.mounts.extend(mounts(files, task, known, index, 0)?);
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
        swappiness: sent.swappiness.map(u64::from),
        ..Limits::default()
    };
    spec.devices = sent.devices.iter().map(device).collect();
    spec.ulimits = sent.ulimits.iter().map(ulimit).collect();
    spec.sysctls = sent.sysctls.clone().into_iter().collect();
    spec.security = Security {
        privileged: sent.privileged,
        read_only_root: sent.readonly_root_filesystem,
        add_capabilities: sent.capabilities_add.clone(),
        drop_capabilities: sent.capabilities_drop.clone(),
        no_new_privileges: sent.no_new_privileges,
        apparmor: text(&sent.apparmor_profile).filter(|profile| profile != "unconfined"),
        selinux: label(&sent.selinux_labels),
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

/// What a container has mounted: its own volumes, those of the containers that it takes them from, and a directory for
/// each volume of its image that is none of these.
fn mounts(files: &Files, task: &Task, known: &Known, index: usize, depth: usize) -> io::Result<Vec<Mount>> {
    let mut mounts = Vec::new();
    for mount in &task.container_as_sent(index).mounts {
        if mount.volumes_from.is_empty() {
            mounts.push(volume(files, task, mount)?);
            continue;
        }
        let from = task
            .containers
            .iter()
            .position(|other| other.name == mount.volumes_from)
            .filter(|_| depth < DEPTH)
            .ok_or_else(|| invalid(format!("no container {} to take volumes from", mount.volumes_from)))?;
        for taken in self::mounts(files, task, known, from, depth + 1)? {
            mounts.push(match taken {
                Mount::Bind { source, target, read_only } => {
                    Mount::Bind { source, target, read_only: read_only || mount.read_only }
                }
                Mount::Kept { source, target, read_only } => {
                    Mount::Kept { source, target, read_only: read_only || mount.read_only }
                }
                Mount::Volume { source, target, read_only } => {
                    Mount::Volume { source, target, read_only: read_only || mount.read_only }
                }
                other => other,
            });
        }
    }
    let sent = task.container_as_sent(index);
    for path in &known.containers[index].volumes {
        let target = PathBuf::from(path);
        let taken = mounts.iter().any(|it| it.target() == target)
            || sent.tmpfs.iter().any(|it| Path::new(&it.container_path) == target);
        if !target.is_absolute() || taken {
            continue;
        }
        let source = files.anonymous_volume(task, &sent.name, path);
        fs::create_dir_all(&source)?;
        mounts.push(Mount::Volume { source, target, read_only: false });
    }
    Ok(mounts)
}

/// A volume of the task at its place, made if it is not there.
fn volume(files: &Files, task: &Task, mount: &v1::Mount) -> io::Result<Mount> {
    use v1::volume::Source as Sent;
    let name = &mount.volume;
    let volume = task
        .sent
        .volumes
        .iter()
        .find(|volume| &volume.name == name)
        .ok_or_else(|| invalid(format!("the task has no volume {name}")))?;
    let (target, read_only) = (PathBuf::from(&mount.container_path), mount.read_only);
    let source = match &volume.source {
        None | Some(Sent::Scratch(_)) => files.scratch_volume(task, name),
        Some(Sent::HostPath(path)) => {
            let source = PathBuf::from(path);
            if !source.exists() {
                fs::create_dir_all(&source)?;
            }
            return Ok(Mount::Bind { source, target, read_only });
        }
        Some(Sent::Shared(shared)) => {
            let source = PathBuf::from(&shared.path);
            if !source.exists() {
                fs::create_dir_all(&source)?;
                std::os::unix::fs::chown(&source, Some(shared.uid), Some(shared.gid))?;
            }
            return Ok(Mount::Kept { source, target, read_only: read_only || shared.read_only });
        }
        Some(Sent::Docker(docker)) if docker.driver_opts.is_empty() => {
            let source = match docker.shared {
                true => files.named_volume(name),
                false => files.scratch_volume(task, name),
            };
            // Docker makes whatever is named; the agent asks first whether a shared one shall be there already.
            if docker.shared && !docker.autoprovision && !source.exists() {
                return Err(invalid(format!("get {name}: no such volume")));
            }
            source
        }
        Some(Sent::Docker(docker)) => return mounted(docker, target, read_only),
    };
    fs::create_dir_all(&source)?;
    Ok(Mount::Volume { source, target, read_only })
}

/// The driver `local` with options mounts what they say.
fn mounted(docker: &v1::DockerVolume, target: PathBuf, read_only: bool) -> io::Result<Mount> {
    let option = |name: &str| docker.driver_opts.get(name).map(String::as_str).unwrap_or_default();
    let options: Vec<String> =
        option("o").split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect();
    match option("type") {
        "tmpfs" => {
            let mut options = options;
            options.extend(["suid", "dev", "exec"].map(str::to_owned));
            Ok(Mount::Tmpfs { target, size_bytes: None, options })
        }
        "none" | "" if options.iter().any(|it| it == "bind" || it == "rbind") => {
            let source = PathBuf::from(option("device"));
            if !source.exists() {
                let device = source.display();
                return Err(invalid(format!(
                    "failed to mount local volume: mount {device}: no such file or directory"
                )));
            }
            let read_only = read_only || options.iter().any(|it| it == "ro");
            Ok(Mount::Bind { source, target, read_only })
        }
        other => Err(invalid(format!(
            "failed to mount local volume: the type {other:?} is not served; tmpfs and bind are"
        ))),
    }
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

fn ulimit(sent: &v1::Ulimit) -> Ulimit {
    // As everywhere, a negative limit is none.
    let limit = |value: i64| u64::try_from(value).unwrap_or(u64::MAX);
    Ulimit { name: sent.name.clone(), soft: limit(sent.soft), hard: limit(sent.hard) }
}

fn device(sent: &v1::Device) -> Device {
    Device {
        source: PathBuf::from(&sent.host_path),
        target: PathBuf::from(&sent.container_path),
        access: sent.permissions.clone(),
    }
}

/// `user:role:type:level`, where what is not given is what containers have.
fn label(parts: &[String]) -> Option<String> {
    let part = |name: &str, default: &str| {
        let given = parts.iter().find_map(|it| it.strip_prefix(name)?.strip_prefix(':'));
        given.unwrap_or(default).to_owned()
    };
    if parts.is_empty() || parts.iter().any(|it| it == "disable") {
        return None;
    }
    let (user, role) = (part("user", "system_u"), part("role", "system_r"));
    Some(format!("{user}:{role}:{}:{}", part("type", "container_t"), part("level", "s0")))
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
