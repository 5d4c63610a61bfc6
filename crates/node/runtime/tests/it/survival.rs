//! What lives through the death of Gantry, of containerd and of shims.

use std::fs;
use std::time::Duration;

use gantry_runtime::*;

use crate::world::{LIMIT, World, eventually, processes_of};

fn kill(pid: i32) {
    // SAFETY: kill takes two integers.
    assert_eq!(unsafe { libc::kill(pid, libc::SIGKILL) }, 0);
}

async fn up_again(world: &World, generation: u64) {
    let mut health = world.engine.health();
    let up = health.wait_for(|it| matches!(it, Health::Up { generation: it, .. } if *it >= generation));
    tokio::time::timeout(LIMIT, up).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn containerd_is_killed_and_nothing_happens() {
    let (world, image) = World::with_busybox().await;
    let long = world.shell("long", &image, "while :; do echo tick; sleep 0.02; done");
    let started = world.run(&long).await;
    let ending = world.shell("ending", &image, "sleep 0.7; exit 9");
    world.run(&ending).await;
    let waiting = world.engine.wait(&ending.id);
    let killing = async {
        kill(world.containerd_pid());
        let answer = world.engine.inspect(&long.id).await;
        assert!(matches!(answer, Ok(_) | Err(EngineError::Unavailable(_))), "{answer:?}");
        up_again(&world, 2).await;
    };
    let (exit, ()) = tokio::join!(tokio::time::timeout(LIMIT, waiting), killing);
    assert_eq!(exit.unwrap().unwrap().code, 9, "its end is known");
    let State::Running(now) = world.state(&long.id).await else { panic!("it ran") };
    assert_eq!(now.pid, started.pid);
    let size = || fs::metadata(world.output("long")).unwrap().len();
    let before = size();
    eventually("it goes on writing", || size() > before).await;
    world.engine.delete(&long.id).await.unwrap();
    let after = world.shell("after", &image, "echo new; exit 1");
    assert_eq!(world.finish(&after).await, (1, "new\n".to_owned()));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_while_containerd_is_away_is_known_later() {
    let (mut world, image) = World::with_busybox().await;
    let spec = world.shell("c", &image, "sleep 0.5; exit 5");
    let pid = world.run(&spec).await.pid;
    let idle = world.shell("idle", &image, "sleep 1000");
    let started = world.run(&idle).await;
    world.engine.stop().await.unwrap();
    eventually("it ended", || !fs::exists(format!("/proc/{pid}")).unwrap()).await;
    let options = world.dir.options();
    let old = std::mem::replace(&mut world.engine, restarted(&options).await);
    drop(old);
    let exit = tokio::time::timeout(LIMIT, world.engine.wait(&spec.id)).await.unwrap().unwrap();
    assert_eq!(exit.code, 5);
    let State::Running(now) = world.state(&idle.id).await else { panic!("it runs") };
    assert_eq!(now.pid, started.pid);
    let off = |a: std::time::SystemTime, b: std::time::SystemTime| {
        a.duration_since(b).or_else(|it| Ok::<_, ()>(it.duration())).unwrap()
    };
    assert!(off(now.at, started.at) < Duration::from_millis(2), "when it began is remembered");
    world.close().await;
}

/// Another engine on the directory of one that is being dropped.
pub async fn restarted(options: &Options) -> Containerd {
    let began = std::time::Instant::now();
    loop {
        assert!(began.elapsed() < LIMIT, "the directory is held by whoever should have let it go");
        match Containerd::start(options.clone()).await {
            Err(EngineError::Invalid(why)) if why.contains("held by another") => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            answer => return answer.unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gantry_goes_and_comes_back() {
    let (world, image) = World::with_busybox().await;
    let spec = world.shell("c", &image, "sleep 1000");
    let started = world.run(&spec).await;
    let pid = world.containerd_pid();
    let second = Containerd::start(world.dir.options()).await.err().unwrap();
    assert!(second.to_string().contains("held by another Gantry"), "{second}");
    let World { engine, .. } = &world;
    assert!(matches!(*engine.health().borrow(), Health::Up { generation: 1, .. }));

    let mut world = world;
    let placeholder = World::new().await;
    let old = std::mem::replace(&mut world.engine, placeholder.engine);
    drop(old);
    let engine = restarted(&world.dir.options()).await;
    let other = std::mem::replace(&mut world.engine, engine);
    assert_eq!(world.containerd_pid(), pid, "the one that runs is adopted");
    let observed = world.engine.observe().await.unwrap();
    assert!(matches!(observed[0].state, State::Running(now) if now.pid == started.pid));
    assert!(world.engine.image(&image).await.unwrap().is_some());
    // An adopted one is kept running too.
    kill(pid);
    up_again(&world, 2).await;
    assert!(matches!(world.state(&spec.id).await, State::Running(now) if now.pid == started.pid));
    other.stop().await.unwrap();
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_shim_loses_its_container_and_says_so() {
    let (world, image) = World::with_busybox().await;
    let spec = world.shell("c", &image, "sleep 1000");
    let started = world.run(&spec).await;
    let containerd = world.containerd_pid();
    let shim = processes_of(world.dir.path()).into_iter().find(|it| *it != containerd).unwrap();
    kill(shim);
    let gone = tokio::time::timeout(LIMIT, world.engine.wait(&spec.id)).await.unwrap();
    assert!(matches!(gone, Err(EngineError::State { state: "lost", .. })), "{gone:?}");
    assert_eq!(world.state(&spec.id).await, State::Lost);
    eventually("its process is gone", || !fs::exists(format!("/proc/{}", started.pid)).unwrap()).await;
    assert_eq!(world.engine.delete(&spec.id).await.unwrap(), None);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_reboot_containers_are_lost_and_can_be_deleted() {
    let (mut world, image) = World::with_busybox().await;
    let spec = world.shell("c", &image, "sleep 1000");
    world.run(&spec).await;
    let made = world.shell("made", &image, "sleep 1000");
    world.engine.create(&made).await.unwrap();
    // As a reboot does: no process, no mount, no run directory.
    world.engine.stop().await.unwrap();
    for pid in processes_of(world.dir.path()) {
        kill(pid);
    }
    for it in [&spec.id, &made.id] {
        let group = format!("t/{it}");
        for dir in world.cgroups() {
            let procs = fs::read_to_string(dir.join(&group).join("cgroup.procs")).unwrap_or_default();
            procs.lines().for_each(|pid| {
                // SAFETY: kill takes two integers; a process named twice is gone the second time.
                unsafe { libc::kill(pid.parse().unwrap(), libc::SIGKILL) };
            });
        }
    }
    eventually("no shims", || processes_of(world.dir.path()).is_empty()).await;
    for mount in crate::world::mounts_below(world.dir.path()) {
        nix::mount::umount2(&mount, nix::mount::MntFlags::MNT_DETACH).unwrap();
    }
    let options = world.dir.options();
    fs::remove_dir_all(&options.run_dir).unwrap();
    let placeholder = World::new().await;
    drop(std::mem::replace(&mut world.engine, placeholder.engine));
    let engine = restarted(&options).await;
    std::mem::replace(&mut world.engine, engine).stop().await.unwrap();
    // What ran is known to have run, and is not run again by itself; what surely has not can be made again.
    for (id, state) in [(&spec.id, State::Lost), (&made.id, State::Incomplete)] {
        assert_eq!(world.state(id).await, state);
        assert_eq!(world.engine.delete(id).await.unwrap(), None);
    }
    world.engine.create(&made).await.unwrap();
    world.engine.start(&made.id).await.unwrap();
    assert!(matches!(world.state(&made.id).await, State::Running(_)));
    assert!(world.engine.image(&image).await.unwrap().is_some(), "images survive");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clearing_leaves_nothing_whatever_crashes_left() {
    let (world, image) = World::with_busybox().await;
    let running = world.shell("running", &image, "trap '' TERM; while :; do sleep 1; done");
    let pid = world.run(&running).await.pid;
    let made = world.shell("made", &image, "sleep 1000");
    world.engine.create(&made).await.unwrap();
    // A shim whose container nobody knows any more.
    lose_folder(&world, &made.id);
    let options = world.dir.options();
    let left = left(&options);
    for kind in ["process ", "mount ", "control group ", "directory "] {
        assert!(left.iter().any(|it| it.starts_with(kind)), "{kind} is not in {left:?}");
    }
    kill(world.containerd_pid());
    assert_eq!(world.engine.clear().await, Vec::<String>::new());
    eventually("it is gone", || !fs::exists(format!("/proc/{pid}")).unwrap()).await;
    assert_eq!(processes_of(world.dir.path()), Vec::<i32>::new());
    assert_eq!(world.cgroups(), Vec::<std::path::PathBuf>::new());
    assert_eq!(crate::world::mounts_below(world.dir.path()), Vec::<std::path::PathBuf>::new());
    assert!(!options.run_dir.exists());
}

/// Removes the folder that containerd has of a container, as it does itself after a crash in the middle of things.
fn lose_folder(world: &World, id: &ContainerId) {
    let state = world.dir.path().join("run/state/io.containerd.runtime.v2.task/gantry").join(id.as_str());
    nix::mount::umount2(&state.join("rootfs"), nix::mount::MntFlags::MNT_DETACH).unwrap();
    fs::remove_dir_all(state).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_whose_folder_is_lost_before_it_starts_is_made_anew() {
    let (world, image) = World::with_busybox().await;
    let spec = world.shell("c", &image, "echo once; exit 4");
    world.engine.create(&spec).await.unwrap();
    lose_folder(&world, &spec.id);
    let answer = world.engine.start(&spec.id).await;
    assert!(matches!(answer, Err(EngineError::Unavailable(_))), "{answer:?}");
    assert_eq!(world.finish(&spec).await, (4, "once\n".to_owned()));

    // The runtime alone still has one of that name, of an attempt that everybody else forgot.
    let bundle = world.dir.path().join("bundle");
    fs::create_dir_all(bundle.join("rootfs")).unwrap();
    let root = world.dir.path().join("run/oci/gantry");
    let runc = |args: &[&str]| {
        let mut command = std::process::Command::new("runc");
        command.arg("--root").arg(&root).args(args).current_dir(&bundle);
        command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
        assert!(command.stderr(std::process::Stdio::null()).status().unwrap().success(), "{args:?}");
    };
    runc(&["spec"]);
    let spec = fs::read_to_string(bundle.join("config.json")).unwrap();
    fs::write(bundle.join("config.json"), spec.replace("\"terminal\": true", "\"terminal\": false")).unwrap();
    fs::create_dir_all(bundle.join("rootfs/bin")).unwrap();
    fs::copy("/bin/busybox", bundle.join("rootfs/bin/sh")).unwrap();
    runc(&["create", "again"]);
    let again = world.shell("again", &image, "echo again");
    assert_eq!(world.finish(&again).await, (0, "again\n".to_owned()));

    let unused = world.shell("unused", &image, "echo never");
    world.engine.create(&unused).await.unwrap();
    lose_folder(&world, &unused.id);
    assert_eq!(world.engine.delete(&unused.id).await.unwrap(), None);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_live_side_by_side() {
    let ((a, image_a), (b, image_b)) = tokio::join!(World::with_busybox(), World::with_busybox());
    let (in_a, in_b) = (a.shell("c", &image_a, "sleep 1000"), b.shell("c", &image_b, "sleep 1000"));
    a.run(&in_a).await;
    b.run(&in_b).await;
    a.engine.delete(&in_a.id).await.unwrap();
    assert!(matches!(b.state(&in_b.id).await, State::Running(_)));
    a.close().await;
    b.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_containerd_is_told_what_to_install() {
    let dir = tempfile::Builder::new().prefix("gantry").tempdir().unwrap();
    let mut options = Options::new(dir.path().join("data"), dir.path().join("run"), "none");
    options.containerd = "/nowhere/containerd".into();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let answer = Containerd::start(options).await.err().unwrap();
    assert!(answer.to_string().contains("install containerd"), "{answer}");
}
