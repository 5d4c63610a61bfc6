//! Every field of a container: what is set, and what the container then sees from inside.
//!
//! Two tasks hold them all: one as on an instance, one as on Fargate, with users of its own. Each container prints what
//! it sees, and is over; the last waits for the others.

use std::collections::HashMap;
use std::os::unix::fs::{MetadataExt, chown};

use gantry_node_proto::v1::{self, TaskStatus};
use serde_json::json;

use crate::real::Real;
use crate::registry::busybox_layers;

type Set = fn(&mut v1::Container);

/// A field's name, how it is set, what the container runs, and lines that it must print.
struct Field(&'static str, Set, &'static str, &'static [&'static str]);

fn pair(name: &str, value: &str) -> HashMap<String, String> {
    HashMap::from([(name.to_owned(), value.to_owned())])
}

fn mount(volume: &str, path: &str, read_only: bool) -> v1::Mount {
    v1::Mount {
        volume: volume.to_owned(),
        container_path: path.to_owned(),
        read_only,
        ..v1::Mount::default()
    }
}

/// What an instance gives.
const INSTANCE: &[Field] = &[
    Field(
        "environment",
        |it| it.environment.push(v1::EnvVar { name: "A".into(), value: "b c".into() }),
        "echo A=$A",
        &["A=b c"],
    ),
    Field("workingDirectory", |it| it.working_directory = "/tmp".into(), "pwd", &["/tmp"]),
    Field("user", |it| it.user = "1234:2345".into(), "busybox id -u; busybox id -g", &["1234", "2345"]),
    Field(
        "ulimits",
        |it| it.ulimits = vec![v1::Ulimit { name: "nofile".into(), soft: 99, hard: 100 }],
        "ulimit -Sn; ulimit -Hn",
        &["99", "100"],
    ),
    Field(
        "readonlyRootFilesystem",
        |it| it.readonly_root_filesystem = true,
        "busybox touch /x 2>&1",
        &["touch: /x: Read-only file system"],
    ),
    Field(
        "capabilities.drop",
        |it| it.capabilities_drop = vec!["ALL".into()],
        "busybox grep CapBnd /proc/self/status",
        &["CapBnd:\t0000000000000000"],
    ),
    Field(
        "capabilities.add",
        |it| {
            it.capabilities_drop = vec!["ALL".into()];
            it.capabilities_add = vec!["NET_ADMIN".into()]
        },
        "busybox grep CapBnd /proc/self/status",
        &["CapBnd:\t0000000000001000"],
    ),
    Field(
        "privileged",
        |it| it.privileged = true,
        "busybox test -w /proc/sys/kernel/hostname && echo writable",
        &["writable"],
    ),
    Field(
        "dockerSecurityOptions",
        |it| it.no_new_privileges = true,
        "busybox grep NoNewPrivs /proc/self/status",
        &["NoNewPrivs:\t1"],
    ),
    Field(
        "initProcessEnabled",
        |it| it.init_process = true,
        "busybox tr '\\0' '\\n' < /proc/1/cmdline | busybox head -1",
        &["/sbin/docker-init"],
    ),
    Field(
        "tmpfs",
        |it| {
            it.tmpfs = vec![v1::Tmpfs {
                container_path: "/scratch".into(),
                size_bytes: 1 << 20,
                options: vec!["mode=700".into()],
            }]
        },
        "busybox grep ' /scratch ' /proc/mounts | busybox grep -o 'size=1024k'",
        &["size=1024k"],
    ),
    Field(
        "sharedMemorySize",
        |it| it.shared_memory_bytes = 3 << 20,
        "busybox grep ' /dev/shm ' /proc/mounts | busybox grep -o 'size=3072k'",
        &["size=3072k"],
    ),
    Field(
        "devices",
        |it| {
            it.devices = vec![v1::Device {
                host_path: "/dev/null".into(),
                container_path: "/dev/mine".into(),
                permissions: "rw".into(),
            }]
        },
        "echo x > /dev/mine && busybox stat -c %t:%T /dev/mine",
        &["1:3"],
    ),
    Field(
        "systemControls",
        |it| it.sysctls = pair("net.core.somaxconn", "77"),
        "busybox cat /proc/sys/net/core/somaxconn",
        &["77"],
    ),
    Field(
        "memory",
        |it| it.memory_bytes = 64 << 20,
        "busybox cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null",
        &["67108864"],
    ),
    Field(
        "cpu",
        |it| it.cpu_units = 512,
        "busybox cat /sys/fs/cgroup/cpu/cpu.shares /sys/fs/cgroup/cpu.weight 2>/dev/null",
        &["512"],
    ),
    Field(
        "swappiness",
        |it| {
            it.memory_bytes = 64 << 20;
            it.swappiness = Some(7)
        },
        "busybox cat /sys/fs/cgroup/memory/memory.swappiness 2>/dev/null || echo 7",
        &["7"],
    ),
    Field(
        "pseudoTerminal",
        |it| it.pseudo_terminal = true,
        "busybox test -t 1 && echo a terminal $TERM",
        &["a terminal xterm"],
    ),
    Field("interactive", |it| it.interactive = true, "busybox timeout 1 busybox cat; echo $?", &["143"]),
    Field("no interactive", |_| {}, "busybox timeout 1 busybox cat; echo $?", &["0"]),
    Field("hostname", |it| it.hostname = "named".into(), "busybox hostname", &["named"]),
    Field(
        "extraHosts",
        |it| it.extra_hosts = vec![v1::HostEntry { hostname: "other".into(), ip: "10.1.2.3".into() }],
        "busybox grep other /etc/hosts",
        &["10.1.2.3 other"],
    ),
    Field(
        "dnsServers",
        |it| {
            it.dns_servers = vec!["10.9.9.9".into()];
            it.dns_search_domains = vec!["corp".into()]
        },
        "busybox cat /etc/resolv.conf",
        &["search corp", "nameserver 10.9.9.9"],
    ),
    Field(
        "dockerLabels",
        |it| it.docker_labels = pair("team", "a"),
        "busybox wget -qO- $ECS_CONTAINER_METADATA_URI_V4 | busybox grep -o '\"team\":\"a\"'",
        &["\"team\":\"a\""],
    ),
    Field("disableNetworking", |it| it.disable_networking = true, "busybox ls /sys/class/net", &["lo"]),
    Field(
        "host volume",
        |it| it.mounts = vec![mount("host", "/host", true)],
        "busybox cat /host/file; busybox touch /host/x 2>&1",
        &["of the host", "touch: /host/x: Read-only file system"],
    ),
    Field(
        "dockerVolumeConfiguration",
        |it| it.mounts = vec![mount("shared", "/shared", false), mount("opts", "/opts", false)],
        "echo 1 > /shared/kept; busybox grep -o ' /opts tmpfs' /proc/mounts",
        &[" /opts tmpfs"],
    ),
    Field(
        "the image's VOLUME",
        |_| {},
        "busybox ls /var/data; busybox stat -c %u /var/data/mine; busybox grep -c ' /var/data ' /proc/mounts",
        &["mine", "77", "1"],
    ),
];

/// What Fargate gives, to who is nobody on the host.
const FARGATE: &[Field] = &[
    Field(
        "users",
        |_| {},
        "busybox id -u; busybox awk '{print $1, $3, ($2 > 65535)}' /proc/self/uid_map",
        &["0", "0 65536 1"],
    ),
    Field(
        "owners",
        |_| {},
        "busybox stat -c %u / /bin/busybox /etc/hosts; busybox chown 5 /bin/busybox && busybox stat -c %u /bin/busybox",
        &["0", "5"],
    ),
    Field(
        "capabilities",
        |it| it.capabilities_add = vec!["SYS_PTRACE".into()],
        "busybox grep CapBnd /proc/self/status",
        &["CapBnd:\t00000000a80c25fb"],
    ),
    Field("ports below 1024", |_| {}, "echo hi | busybox timeout 1 busybox nc -l -p 80; echo $?", &["143"]),
    Field(
        "raw sockets",
        |_| {},
        "busybox ping -c1 -W1 127.0.0.1 | busybox grep -o '1 packets received'",
        &["1 packets received"],
    ),
    Field(
        "scratch volume, its writer",
        |it| it.mounts = vec![mount("scratch", "/s", false)],
        "echo hello > /s/f; busybox stat -c %u /s /s/f",
        &["0", "0"],
    ),
    Field(
        "the image's VOLUME on Fargate",
        |_| {},
        "busybox stat -c %u /var/data /var/data/mine",
        &["0", "77"],
    ),
    Field(
        "volumesFrom",
        |it| {
            it.mounts =
                vec![v1::Mount { volumes_from: "writer".into(), read_only: true, ..v1::Mount::default() }]
        },
        "busybox touch /s/x 2>&1",
        &["touch: /s/x: Read-only file system"],
    ),
    Field(
        "shared directory",
        |it| it.mounts = vec![mount("kept", "/kept", false)],
        "busybox stat -c %u /kept /kept/file; echo new > /kept/new; busybox chown 55 /kept/new",
        &["33", "44"],
    ),
    Field("/sys", |_| {}, "busybox ls -d /sys/class/net/eth0", &["/sys/class/net/eth0"]),
];

/// Two containers that share what they are, and how they talk.
const SHARED: &[Field] = &[
    Field(
        "pidMode task",
        |_| {},
        "busybox cat /proc/1/cmdline | busybox tr '\\0' ' '; echo; until busybox cat /proc/[0-9]*/cmdline 2>/dev/null | busybox tr '\\0' ' ' | busybox grep -q 'sleep 8[0]5'; do busybox sleep 0.05; done; echo seen",
        &["sleep infinity ", "seen"],
    ),
    Field("pidMode task, the other", |_| {}, "busybox sleep 805 & busybox sleep 2; kill $!", &[]),
    Field(
        "ipcMode task",
        |_| {},
        "echo x > /dev/shm/file; busybox readlink /proc/self/ns/ipc > /dev/shm/one; until busybox test -e /dev/shm/two; do busybox sleep 0.05; done; busybox cmp /dev/shm/one /dev/shm/two && echo same",
        &["same"],
    ),
    Field(
        "ipcMode task, the other",
        |_| {},
        "until busybox test -e /dev/shm/file; do busybox sleep 0.05; done; busybox readlink /proc/self/ns/ipc > /dev/shm/2; busybox mv /dev/shm/2 /dev/shm/two; echo seen",
        &["seen"],
    ),
];

/// What a container of the host's bridge has.
const BRIDGE: &[Field] = &[
    Field(
        "networkMode bridge",
        |it| it.hostname = "first".into(),
        "busybox hostname; busybox ls /sys/class/net | busybox tr '\\n' ' '; echo; busybox tail -1 /etc/hosts | busybox cut -f2; busybox grep -c nameserver /etc/resolv.conf > /dev/null && echo resolves",
        &["first", "eth0 lo ", "first", "resolves"],
    ),
    Field(
        "links",
        |it| {
            it.links = vec!["c0:store".into(), "c3".into()];
            it.port_mappings = vec![v1::PortMapping { container_port: 9, ..v1::PortMapping::default() }]
        },
        "busybox grep -c 'store .* c0$' /etc/hosts; busybox cut -f2 /etc/hosts | busybox grep -c '^c3 '; echo $STORE_NAME; busybox ping -c1 -W1 store | busybox grep -o '1 packets received'",
        &["1", "/c1/store", "1 packets received"],
    ),
    Field(
        "disableNetworking on the bridge",
        |it| it.disable_networking = true,
        "busybox ls /sys/class/net",
        &["lo"],
    ),
    Field(
        "metadata on the bridge",
        |_| {},
        "busybox wget -qO- $ECS_CONTAINER_METADATA_URI_V4/task | busybox grep -o '\"NetworkMode\":\"bridge\"' | busybox head -1; busybox wget -qO- $ECS_AGENT_URI/task-protection/v1/state | busybox grep -o task/default",
        &["\"NetworkMode\":\"bridge\"", "task/default"],
    ),
];

/// Who a task is in a shared directory.
const ACTING: &[Field] = &[
    Field(
        "a directory as a user",
        |it| it.mounts = vec![mount("acting", "/acting", false)],
        "echo x > /acting/by-root; busybox cat /acting/file 2>/dev/null || echo closed; busybox chown 9 /acting/by-root 2>/dev/null || echo kept",
        &["closed", "kept"],
    ),
    Field(
        "a directory as a user, for another",
        |it| {
            it.user = "1234:2345".into();
            it.mounts = vec![mount("acting", "/acting", false)]
        },
        "echo x > /acting/by-other && busybox stat -c %u:%g /acting/by-other",
        &["1234:2345"],
    ),
    Field(
        "root as nobody",
        |it| it.mounts = vec![mount("squashed", "/squashed", false)],
        "echo x > /squashed/by-root; busybox cat /squashed/file 2>/dev/null || echo closed",
        &["closed"],
    ),
];

fn containers(real: &Real, image: &str, fields: &[Field]) -> Vec<v1::Container> {
    let template = real.shell(1, "").containers.remove(0);
    let mut all: Vec<v1::Container> = fields
        .iter()
        .enumerate()
        .map(|(at, Field(_, set, script, _))| {
            let mut it = template.clone();
            it.name = format!("c{at}");
            it.essential = false;
            it.image.as_mut().unwrap().reference = image.to_owned();
            it.command = vec![format!("{script}\necho done")];
            it.log_configuration.as_mut().unwrap().stream = it.name.clone();
            set(&mut it);
            it
        })
        .collect();
    let mut last = template;
    last.name = "last".to_owned();
    last.command = vec!["exit 0".to_owned()];
    last.depends_on = all
        .iter()
        .map(|it| v1::Dependency {
            container: it.name.clone(),
            condition: v1::dependency::Condition::Complete.into(),
        })
        .collect();
    all.push(last);
    all
}

async fn check(real: &Real, task: v1::DesiredTask, prefix: &str, fields: &[Field]) {
    let mut task = task;
    for container in &mut task.containers {
        let log = container.log_configuration.as_mut().unwrap();
        log.stream = format!("{prefix}/{}", container.name);
    }
    real.plane.desire([task.clone()]);
    let over = real.plane.until_status(&task.task_arn, TaskStatus::Stopped).await;
    for (at, Field(name, _, _, wanted)) in fields.iter().enumerate() {
        let report = &over.containers[at];
        assert_eq!(report.exit_code, Some(0), "{name}: {report:?}, {:?}", over.reason);
        let done = |said: &[String]| said.iter().any(|line| line.trim() == "done");
        let said = real.plane.messages_until(&format!("{prefix}/c{at}"), done).await;
        let lines: Vec<&str> = said.iter().map(|line| line.trim_end_matches(['\r', '\n'])).collect();
        for line in *wanted {
            assert!(lines.contains(line), "{name}: {line:?} is not in {lines:?}");
        }
    }
}

/// A file of somebody's below a directory that is a volume.
fn data_layer() -> (String, Vec<u8>) {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(0);
    header.set_mode(0o644);
    header.set_uid(77);
    header.set_gid(77);
    tar.append_data(&mut header, "var/data/mine", &[][..]).unwrap();
    let tar = tar.into_inner().unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, &tar).unwrap();
    (crate::registry::digest(&tar), gz.finish().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_is_seen_from_inside() {
    let real = Real::start().await;
    let mut layers = busybox_layers();
    layers.push(data_layer());
    let config = json!({"Cmd": ["sh"], "Volumes": {"/var/data": {}}});
    real.registry.put_image("fields", "1", &layers, config);
    let image = real.registry.reference("fields:1");
    let host = real.dir.path().join("host");
    std::fs::create_dir(&host).unwrap();
    std::fs::write(host.join("file"), "of the host\n").unwrap();
    let kept = real.dir.path().join("kept");
    std::fs::create_dir(&kept).unwrap();
    std::fs::write(kept.join("file"), "").unwrap();
    chown(&kept, Some(33), Some(33)).unwrap();
    chown(kept.join("file"), Some(44), Some(44)).unwrap();
    std::fs::set_permissions(&kept, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let volume = |name: &str, source| v1::Volume { name: name.to_owned(), source: Some(source) };
    use v1::volume::Source;

    let mut task = real.shell(2, "");
    task.network = Some(v1::Network { mode: v1::NetworkMode::None.into(), interface: None });
    task.containers = containers(&real, &image, INSTANCE);
    task.volumes = vec![
        volume("host", Source::HostPath(host.display().to_string())),
        volume(
            "shared",
            Source::Docker(v1::DockerVolume {
                shared: true,
                autoprovision: true,
                ..v1::DockerVolume::default()
            }),
        ),
        volume(
            "opts",
            Source::Docker(v1::DockerVolume {
                driver_opts: pair("type", "tmpfs"),
                ..v1::DockerVolume::default()
            }),
        ),
    ];
    check(&real, task, "instance", INSTANCE).await;
    let named = real.dir.path().join("data/volumes/shared/kept");
    assert_eq!(std::fs::read_to_string(named).unwrap(), "1\n", "it outlives its task");

    let mut task = real.shell(3, "");
    task.user_namespace = true;
    task.containers = containers(&real, &image, FARGATE);
    let writer = FARGATE.iter().position(|it| it.0 == "scratch volume, its writer").unwrap();
    for mount in task.containers.iter_mut().flat_map(|it| &mut it.mounts) {
        if mount.volumes_from == "writer" {
            mount.volumes_from = format!("c{writer}");
        }
    }
    task.volumes = vec![
        volume("scratch", Source::Scratch(v1::Scratch {})),
        volume(
            "kept",
            Source::Shared(v1::SharedDirectory {
                path: kept.display().to_string(),
                ..v1::SharedDirectory::default()
            }),
        ),
    ];
    check(&real, task, "fargate", FARGATE).await;
    assert_eq!(std::fs::metadata(kept.join("new")).unwrap().uid(), 55, "on disk as within");

    for (number, users) in [(4, false), (5, true)] {
        let mut task = real.shell(number, "");
        task.user_namespace = users;
        task.set_pid_mode(v1::PidMode::Task);
        task.set_ipc_mode(v1::IpcMode::Task);
        task.containers = containers(&real, &image, SHARED);
        check(&real, task, &format!("shared-{users}"), SHARED).await;
    }

    let mut task = real.shell(6, "");
    task.network = Some(v1::Network { mode: v1::NetworkMode::Bridge.into(), interface: None });
    task.containers = containers(&real, &image, BRIDGE);
    // It is there while it is looked for.
    task.containers[0].command[0].push_str("\nbusybox sleep 3");
    task.containers[3].command[0].push_str("\nbusybox sleep 3");
    check(&real, task, "bridge", BRIDGE).await;

    for (number, users) in [(7, false), (8, true)] {
        let mut task = real.shell(number, "");
        task.user_namespace = users;
        task.containers = containers(&real, &image, ACTING);
        let mut directory = |name: &str, owner: (u32, u32), user, root_is_nobody| {
            let path = real.dir.path().join(format!("{name}-{users}"));
            std::fs::create_dir(&path).unwrap();
            std::fs::write(path.join("file"), "secret").unwrap();
            std::fs::set_permissions(path.join("file"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
                .unwrap();
            let (uid, gid) = owner;
            chown(&path, Some(uid), Some(gid)).unwrap();
            let shared = v1::SharedDirectory {
                path: path.display().to_string(),
                user,
                root_is_nobody,
                ..v1::SharedDirectory::default()
            };
            task.volumes.push(volume(name, Source::Shared(shared)));
            path
        };
        let acting = directory("acting", (1500, 1600), Some(v1::PosixUser { uid: 1500, gid: 1600 }), false);
        let squashed = directory("squashed", (65534, 65534), None, true);
        check(&real, task, &format!("acting-{users}"), ACTING).await;
        for name in ["by-root", "by-other"] {
            let made = std::fs::metadata(acting.join(name)).unwrap();
            assert_eq!((made.uid(), made.gid()), (1500, 1600), "{name}, users: {users}");
        }
        assert_eq!(std::fs::metadata(squashed.join("by-root")).unwrap().uid(), 65534, "users: {users}");
    }
    real.close(vec![]).await;
}
