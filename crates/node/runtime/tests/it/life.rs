//! Containers from their making to their end.

use std::fs;
use std::time::Duration;

use futures::StreamExt;
use gantry_runtime::*;

use crate::world::{LIMIT, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_container_runs_says_something_and_ends() {
    let (world, image) = World::with_busybox().await;
    let mut events = world.engine.events();
    let mut spec = world.shell("c", &image, "echo out; echo err >&2; echo $FROM_IMAGE $MINE; pwd; exit 7");
    spec.environment = vec![("MINE".into(), "too".into())];
    spec.labels.insert("name".into(), "value".into());
    let streams = Output { stdout: world.output("o"), stderr: world.output("e") };
    spec.output = streams;
    world.engine.create(&spec).await.unwrap();
    assert_eq!(world.state(&spec.id).await, State::Created);
    world.engine.create(&spec).await.unwrap();
    let started = world.engine.start(&spec.id).await.unwrap();
    assert!(started.pid > 0);
    let exit = tokio::time::timeout(LIMIT, world.engine.wait(&spec.id)).await.unwrap().unwrap();
    assert_eq!((exit.code, exit.out_of_memory), (7, false));
    assert!(exit.at >= started.at - Duration::from_secs(1));
    assert_eq!(world.state(&spec.id).await, State::Stopped(exit));
    let again = world.engine.start(&spec.id).await.unwrap();
    let early = started.at - Duration::from_millis(2);
    assert!(again.at >= early && again.at <= started.at, "a repeated start says when it began");
    world.engine.signal(&spec.id, Signal::TERM).await.unwrap();

    let observed = world.engine.observe().await.unwrap();
    assert_eq!(observed.len(), 1);
    assert_eq!(observed[0].labels, spec.labels);
    assert_eq!((observed[0].image.as_str(), observed[0].task.as_str()), (image.as_str(), "t"));
    assert!(world.engine.remove_task(&spec.task).await.is_err(), "it has a container");

    assert_eq!(world.engine.delete(&spec.id).await.unwrap(), Some(exit));
    assert_eq!(world.engine.delete(&spec.id).await.unwrap(), None);
    assert_eq!(fs::read_to_string(world.output("o")).unwrap(), "out\nyes too\n/srv\n");
    assert_eq!(fs::read_to_string(world.output("e")).unwrap(), "err\n");
    let mut seen = Vec::new();
    while !matches!(seen.last(), Some(Event::Removed(_))) {
        let event = tokio::time::timeout(LIMIT, events.next()).await.unwrap().unwrap();
        if event != Event::Resync {
            seen.push(event);
        }
    }
    let id = || spec.id.clone();
    assert_eq!(seen, [Event::Started(id()), Event::Exited(id()), Event::Removed(id())]);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_end_what_listens_and_kill_ends_all() {
    let (world, image) = World::with_busybox().await;
    let polite =
        world.shell("polite", &image, "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done");
    world.run(&polite).await;
    world.until_up(&polite).await;
    world.engine.signal(&polite.id, Signal::TERM).await.unwrap();
    let exit = tokio::time::timeout(LIMIT, world.engine.wait(&polite.id)).await.unwrap().unwrap();
    assert_eq!(exit.code, 3);

    let deaf = world.shell("deaf", &image, "trap '' TERM; echo up; while :; do sleep 1; done");
    world.run(&deaf).await;
    world.until_up(&deaf).await;
    world.engine.signal(&deaf.id, Signal::TERM).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(matches!(world.state(&deaf.id).await, State::Running(_)));
    world.engine.signal(&deaf.id, Signal::KILL).await.unwrap();
    let exit = tokio::time::timeout(LIMIT, world.engine.wait(&deaf.id)).await.unwrap().unwrap();
    assert_eq!(exit.code, 137);

    let running = world.shell("running", &image, "sleep 1000");
    world.run(&running).await;
    let exit = world.engine.delete(&running.id).await.unwrap().unwrap();
    assert_eq!(exit.code, 137, "deleting kills");
    let waiting = world.shell("waiting", &image, "sleep 1000");
    world.engine.create(&waiting).await.unwrap();
    assert_eq!(world.engine.delete(&waiting.id).await.unwrap(), None, "it never ran");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_and_where_it_is() {
    let (world, image) = World::with_busybox().await;
    let script = "id; hostname; cat /etc/hosts; ulimit -n; grep CapEff /proc/self/status; \
                  touch /x 2>&1; echo hi > /tmp/y && cat /tmp/y; mount | grep ' /dev/shm '; \
                  mount -t tmpfs x /srv 2>&1";
    let hosts = world.dir.path().join("hosts");
    fs::write(&hosts, "10.0.0.9 me\n").unwrap();
    let mut spec = world.shell("c", &image, script);
    spec.user = Some("web".into());
    spec.hostname = Some("ip-10-0-0-9".into());
    spec.security.read_only_root = true;
    spec.shm_bytes = Some(1 << 20);
    spec.ulimits = vec![Ulimit { name: "nofile".into(), soft: 123, hard: 456 }];
    spec.mounts = vec![
        Mount::Bind { source: hosts, target: "/etc/hosts".into(), read_only: true },
        Mount::Tmpfs { target: "/tmp".into(), size_bytes: Some(1 << 20), options: vec!["mode=1777".into()] },
    ];
    let (_, text) = world.finish(&spec).await;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "uid=33(web) gid=34(web) groups=34(web),50(logs)", "{text}");
    assert_eq!(&lines[1..4], ["ip-10-0-0-9", "10.0.0.9 me", "123"], "{text}");
    assert_eq!(lines[4], "CapEff:\t0000000000000000");
    assert!(lines[5].contains("Read-only file system"), "{text}");
    assert_eq!(lines[6], "hi");
    assert!(lines[7].contains("size=1024k"), "{text}");
    assert!(lines[8].to_lowercase().contains("not permitted") || lines[8].contains("are you root"), "{text}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_says_why_and_leaves_nothing() {
    let (world, image) = World::with_busybox().await;
    let mut spec = world.shell("c", &image, "");
    spec.entrypoint = Some(vec!["/nope".into()]);
    for _ in 0..2 {
        let answer = world.engine.create(&spec).await;
        let Err(EngineError::Runtime(words)) = &answer else { panic!("{answer:?}") };
        assert!(words.contains("/nope") && words.contains("no such file"), "{words}");
        assert_eq!(world.engine.observe().await.unwrap(), []);
    }
    spec.user = Some("ghost".into());
    let answer = world.engine.create(&spec).await;
    assert!(matches!(&answer, Err(EngineError::Invalid(words)) if words.contains("ghost")), "{answer:?}");
    let unknown = ContainerSpec { image: "absent:1".into(), ..spec.clone() };
    let answer = world.engine.create(&unknown).await;
    assert!(matches!(&answer, Err(EngineError::NotFound { what: "image", .. })), "{answer:?}");
    let orphan = ContainerSpec { task: TaskId::new("other").unwrap(), ..spec };
    let answer = world.engine.create(&orphan).await;
    assert!(matches!(&answer, Err(EngineError::NotFound { what: "task", .. })), "{answer:?}");
    let id = ContainerId::new("c").unwrap();
    assert!(matches!(world.engine.start(&id).await, Err(EngineError::NotFound { .. })));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_and_use_is_counted() {
    let (world, image) = World::with_busybox().await;
    let greedy = "dd if=/dev/zero of=/dev/shm/x bs=1M count=64; echo $?";
    let mut spec = world.shell("hungry", &image, greedy);
    spec.limits.memory_bytes = Some(16 << 20);
    world.run(&spec).await;
    let exit = tokio::time::timeout(LIMIT, world.engine.wait(&spec.id)).await.unwrap().unwrap();
    assert!(exit.out_of_memory, "{exit:?}");
    assert!(world.engine.delete(&spec.id).await.unwrap().unwrap().out_of_memory);

    let limits = Limits { memory_bytes: Some(24 << 20), cpu_ceiling: Some(256), ..Limits::default() };
    let task = TaskSpec { id: TaskId::new("t").unwrap(), limits, users: None, shares: Default::default() };
    world.engine.prepare_task(&task).await.unwrap();
    let spec = world.shell("shared", &image, greedy);
    world.run(&spec).await;
    let exit = tokio::time::timeout(LIMIT, world.engine.wait(&spec.id)).await.unwrap().unwrap();
    assert!(exit.out_of_memory, "the task's limit is its containers'");

    let mut spec = world.shell("busy", &image, "while :; do :; done");
    spec.limits.memory_bytes = Some(20 << 20);
    world.run(&spec).await;
    let counted = async {
        loop {
            let stats = world.engine.stats(&spec.id).await.unwrap().unwrap();
            // The runtime's own threads are still counted at first.
            if stats.cpu_usage_ns > 0 && stats.memory_usage_bytes > 0 && stats.pids == 1 {
                break stats;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let stats = tokio::time::timeout(LIMIT, counted).await.unwrap();
    assert_eq!(stats.memory_limit_bytes, Some(20 << 20));
    world.engine.delete(&spec.id).await.unwrap();
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_process_runs_inside() {
    let (world, image) = World::with_busybox().await;
    let mut spec = world.shell("c", &image, "echo kept > /tmp-file; echo up; sleep 1000");
    spec.working_directory = Some("/".into());
    world.run(&spec).await;
    world.until_up(&spec).await;
    let exec = |id: &str, script: &str, timeout| Exec {
        id: id.into(),
        args: vec!["sh".into(), "-c".into(), script.into()],
        timeout,
    };
    let run = |it: Exec| {
        let (engine, id) = (&world.engine, &spec.id);
        async move { engine.exec(id, &it).await }
    };
    let done = run(exec("a", "cat /tmp-file; echo e >&2; exit 4", LIMIT)).await.unwrap();
    let text = String::from_utf8(done.output).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!((done.code, lines), (4, vec!["e", "kept"]));
    let late = run(exec("b", "sleep 100", Duration::from_millis(200))).await;
    assert!(matches!(late, Err(EngineError::Timeout { .. })), "{late:?}");
    let again = run(exec("a", "true", LIMIT)).await.unwrap();
    assert_eq!(again.code, 0);
    world.engine.delete(&spec.id).await.unwrap();
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_of_a_task_share_a_shim() {
    let (world, image) = World::with_busybox().await;
    for id in ["t-a", "t-b", "t-c"] {
        world.run(&world.shell(id, &image, "sleep 1000")).await;
    }
    let shims = crate::world::processes_of(world.dir.path()).len() - 1;
    assert_eq!(shims, 1);
    let first = ContainerId::new("t-a").unwrap();
    world.engine.delete(&first).await.unwrap();
    assert!(matches!(world.state(&ContainerId::new("t-b").unwrap()).await, State::Running(_)));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_control_groups_are_its_own_and_to_read_only() {
    let (world, image) = World::with_busybox().await;
    let script = "ls /sys/fs/cgroup; mkdir /sys/fs/cgroup/x 2>&1; \
                  for d in /sys/fs/cgroup/*; do mkdir $d/x 2>/dev/null && echo made $d/x; done; echo over";
    let (_, text) = world.finish(&world.shell("c", &image, script)).await;
    assert!(text.lines().any(|it| it == "memory" || it == "memory.max"), "{text}");
    assert!(text.contains("Read-only file system") && !text.contains("made "), "{text}");
    assert!(text.ends_with("over\n"), "{text}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_init_reaps_and_passes_signals_on() {
    let (world, image) = World::with_busybox().await;
    // An orphan ends; without an init that reaps it would stay, as the shell that is no parent of it does not look.
    let script = "trap 'echo bye; exit 5' TERM; (sleep 0.1 & echo $! > /orphan); \
                  while [ -d /proc/$(cat /orphan) ]; do sleep 0.05; done; \
                  tr '\\0' ' ' < /proc/1/cmdline; echo; echo up; while :; do sleep 0.05; done";
    let mut spec = world.shell("c", &image, script);
    spec.init = true;
    world.run(&spec).await;
    let file = world.output("c");
    crate::world::eventually("it is up", || fs::read_to_string(&file).is_ok_and(|it| it.contains("up\n")))
        .await;
    assert!(fs::read_to_string(&file).unwrap().starts_with("/sbin/docker-init -- sh -c "));
    world.engine.signal(&spec.id, Signal::TERM).await.unwrap();
    let exit = tokio::time::timeout(LIMIT, world.engine.wait(&spec.id)).await.unwrap().unwrap();
    assert_eq!(exit.code, 5);
    world.engine.delete(&spec.id).await.unwrap();
    world.close().await;
}
