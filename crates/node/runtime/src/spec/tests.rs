use serde_json::{Value, json};

use super::*;
use crate::engine::container::{ContainerId, Limits, Mount, Output, TaskId};

fn shared() -> Places {
    Places { pid: "/run/t.pid".into(), ipc: "/run/t.ipc".into(), shm: "/run/t.shm".into() }
}

fn container() -> ContainerSpec {
    let output = Output { stdout: "/out".into(), stderr: "/err".into() };
    let (id, task) = (ContainerId::new("t-c").unwrap(), TaskId::new("t").unwrap());
    ContainerSpec::new(id, task, "app", output)
}

fn machine() -> Machine {
    Machine { nofile_most: u64::MAX, cgroup_v2: false, counts_swap: true, ..Machine::look() }
}

fn image() -> ImageConfig {
    ImageConfig {
        entrypoint: vec!["/entry".into()],
        cmd: vec!["serve".into()],
        env: vec!["A=1".into(), "PATH=/bin".into()],
        working_dir: "/srv".into(),
        ..ImageConfig::default()
    }
}

fn built_as(container: &ContainerSpec, uid: u32) -> Result<Value, EngineError> {
    let machine = machine();
    let image = image();
    let given = Given {
        image: &image,
        identity: Identity { uid, gid: 6, additional_gids: vec![7] },
        cgroup: "/gantry-x/t/t-c".into(),
        machine: &machine,
        users: None,
        shared: shared(),
    };
    build(container, &given).map(|spec| serde_json::to_value(spec).unwrap())
}

fn built(container: &ContainerSpec) -> Value {
    built_as(container, 0).unwrap()
}

#[test]
fn the_image_says_what_the_container_does_not() {
    let spec = built(&container());
    assert_eq!(spec["process"]["args"], json!(["/entry", "serve"]));
    assert_eq!(spec["process"]["env"], json!(["PATH=/bin", "A=1"]));
    assert_eq!(spec["process"]["cwd"], "/srv");
    assert_eq!(spec["process"]["user"], json!({"uid": 0, "gid": 6, "additionalGids": [7]}));
    assert_eq!(spec["process"]["rlimits"], json!([{"type": "RLIMIT_NOFILE", "soft": 65535, "hard": 65535}]));
    assert_eq!(spec["annotations"][GROUP], "t");
    assert_eq!(spec["linux"]["cgroupsPath"], "/gantry-x/t/t-c");
    assert_eq!(spec["root"], json!({"path": "rootfs", "readonly": false}));
}

#[test]
fn the_container_overrides_the_image() {
    let mut it = container();
    it.entrypoint = Some(vec!["sh".into(), "-c".into()]);
    it.environment = vec![("A".into(), "2=3".into()), ("B".into(), String::new())];
    it.hostname = Some("h".into());
    let spec = built(&it);
    assert_eq!(
        spec["process"]["args"],
        json!(["sh", "-c"]),
        "the image's command is for its own entry point"
    );
    assert_eq!(spec["process"]["env"], json!(["PATH=/bin", "HOSTNAME=h", "A=2=3", "B="]));
    it.command = Some(vec!["exit 3".into()]);
    assert_eq!(built(&it)["process"]["args"], json!(["sh", "-c", "exit 3"]));
    it.entrypoint = Some(Vec::new());
    it.command = Some(Vec::new());
    assert!(built_as(&it, 0).unwrap_err().to_string().contains("No command specified"));
}

#[test]
fn capabilities_are_those_of_docker() {
    let sorted = |value: &Value| {
        let mut names: Vec<String> = serde_json::from_value(value.clone()).unwrap();
        names.sort();
        names
    };
    let mut it = container();
    let spec = built(&it);
    let bounding = sorted(&spec["process"]["capabilities"]["bounding"]);
    assert!(bounding.contains(&"CAP_NET_BIND_SERVICE".to_owned()) && bounding.len() <= 14);
    assert_eq!(sorted(&spec["process"]["capabilities"]["effective"]), bounding);
    assert_eq!(spec["process"]["capabilities"]["inheritable"], json!([]));
    let user = built_as(&it, 5).unwrap();
    assert_eq!(user["process"]["capabilities"]["effective"], json!([]));
    assert_eq!(sorted(&user["process"]["capabilities"]["bounding"]), bounding);
    it.security.drop_capabilities = vec!["ALL".into()];
    it.security.add_capabilities = vec!["cap_kill".into()];
    assert_eq!(sorted(&built(&it)["process"]["capabilities"]["bounding"]), ["CAP_KILL"]);
    it.security.add_capabilities = vec!["FLY".into()];
    assert!(built_as(&it, 0).unwrap_err().to_string().contains("FLY"));
}

#[test]
fn limits_are_the_kernels() {
    let mut it = container();
    it.limits = Limits {
        memory_bytes: Some(64 << 20),
        memory_reservation_bytes: Some(32 << 20),
        memory_swap_bytes: None,
        cpu_shares: Some(1),
        cpu_ceiling: Some(512),
        pids: Some(10),
        ..Limits::default()
    };
    let resources = &built(&it)["linux"]["resources"];
    let memory = json!({"limit": 67_108_864, "reservation": 33_554_432, "swap": 67_108_864});
    assert_eq!(resources["memory"], memory);
    assert_eq!(resources["cpu"], json!({"shares": 2, "quota": 50_000, "period": 100_000}));
    assert_eq!(resources["pids"]["limit"], 10);
    assert_eq!(resources["devices"], json!([{"allow": false, "access": "rwm"}]));
    assert_eq!((resources::weight(2), resources::weight(1024), resources::weight(262_144)), (1, 39, 10_000));
}

#[test]
fn namespaces_and_mounts() {
    let mut it = container();
    it.network = Namespace::Join("/run/netns/x".into());
    it.mounts = vec![
        Mount::Bind { source: "/a".into(), target: "/data/a".into(), read_only: true },
        Mount::Tmpfs { target: "/data".into(), size_bytes: Some(1024), options: vec!["exec".into()] },
    ];
    let spec = built(&it);
    let namespaces = spec["linux"]["namespaces"].as_array().unwrap();
    assert!(namespaces.contains(&json!({"type": "network", "path": "/run/netns/x"})));
    assert!(namespaces.contains(&json!({"type": "pid"})));
    let mounts = spec["mounts"].as_array().unwrap();
    let asked = &mounts[mounts.len() - 2..];
    assert_eq!(asked[0]["destination"], "/data", "what is above is mounted first");
    assert_eq!(asked[0]["options"], json!(["nosuid", "nodev", "size=1024"]));
    assert_eq!(asked[1]["options"], json!(["rbind", "rprivate", "ro"]));
    it.network = Namespace::Host;
    it.hostname = Some("h".into());
    let spec = built(&it);
    assert_eq!(spec["hostname"], Value::Null, "the host keeps its name");
    it.mounts = vec![Mount::Bind { source: "/a".into(), target: "b".into(), read_only: true }];
    assert!(built_as(&it, 0).is_err());
}

#[test]
fn privileged_is_without_a_fence() {
    let mut it = container();
    assert!(built(&it)["linux"]["seccomp"].is_object());
    it.security.privileged = true;
    let spec = built(&it);
    assert_eq!(spec["linux"]["seccomp"], Value::Null);
    assert_eq!(spec["linux"]["maskedPaths"], json!([]));
    assert_eq!(spec["linux"]["resources"]["devices"][0]["allow"], true);
}

#[test]
fn an_init_goes_before_the_command_where_there_is_one() {
    let with = |init: Option<&str>| {
        let machine = Machine { init: init.map(Into::into), ..machine() };
        let given = Given {
            image: &image(),
            identity: Identity { uid: 0, gid: 0, additional_gids: vec![] },
            cgroup: "/g".into(),
            machine: &machine,
            users: None,
            shared: shared(),
        };
        let container = ContainerSpec { init: true, ..container() };
        build(&container, &given).map(|spec| serde_json::to_value(spec).unwrap())
    };
    let spec = with(Some("/usr/bin/tini-static")).unwrap();
    assert_eq!(spec["process"]["args"], json!(["/sbin/docker-init", "--", "/entry", "serve"]));
    let mounts = spec["mounts"].as_array().unwrap();
    let init = mounts.iter().find(|it| it["destination"] == "/sbin/docker-init").unwrap();
    assert_eq!(init["source"], "/usr/bin/tini-static");
    let refused = with(None).unwrap_err().to_string();
    assert!(refused.contains("apt-get install tini"), "{refused}");
}

#[test]
fn a_task_s_own_users_are_joined_and_mapped() {
    let machine = machine();
    let given = Given {
        image: &image(),
        identity: Identity { uid: 0, gid: 0, additional_gids: vec![] },
        cgroup: "/g".into(),
        machine: &machine,
        users: Some(("/run/users/t".into(), 1 << 20)),
        shared: shared(),
    };
    let spec = serde_json::to_value(build(&container(), &given).unwrap()).unwrap();
    let map = serde_json::json!([{"containerID": 0, "hostID": 1 << 20, "size": 65_536}]);
    assert_eq!((&spec["linux"]["uidMappings"], &spec["linux"]["gidMappings"]), (&map, &map));
    let namespaces = spec["linux"]["namespaces"].as_array().unwrap();
    assert!(namespaces.contains(&serde_json::json!({"type": "user", "path": "/run/users/t"})));
}
