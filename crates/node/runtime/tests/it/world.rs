//! One Gantry's containerd in a directory of its own, gone with the test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gantry_runtime::*;
use tempfile::TempDir;

use crate::registry::Registry;

/// Generous: a test fails by it only when something hangs.
pub const LIMIT: Duration = Duration::from_secs(60);

pub struct World {
    pub engine: Containerd,
    pub registry: Registry,
    pub dir: Cleanup,
    instance: String,
}

/// Removes what the test started, also when it fails.
pub struct Cleanup(TempDir);

impl Cleanup {
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn options(&self) -> Options {
        let name = self.path().file_name().unwrap().to_str().unwrap();
        let instance: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        Options::new(self.path().join("data"), self.path().join("run"), instance)
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        // An engine that still lives cannot start another containerd without this.
        fs::rename(self.path().join("data"), self.path().join("gone")).ok();
        for _ in 0..2 {
            for pid in processes_of(self.path()) {
                // SAFETY: kill takes two integers.
                unsafe { libc::kill(pid, libc::SIGKILL) };
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        for mount in mounts_below(self.path()) {
            nix::mount::umount2(&mount, nix::mount::MntFlags::MNT_DETACH).ok();
        }
        let instance = format!("gantry-{}", self.options().instance);
        for hierarchy in cgroup_roots() {
            remove_groups(&hierarchy.join(&instance));
        }
    }
}

fn remove_groups(dir: &Path) {
    for pid in fs::read_to_string(dir.join("cgroup.procs")).unwrap_or_default().lines() {
        // SAFETY: kill takes two integers.
        unsafe { libc::kill(pid.parse().unwrap(), libc::SIGKILL) };
    }
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_groups(&entry.path());
        }
    }
    for _ in 0..50 {
        if !dir.exists() || fs::remove_dir(dir).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Processes with this directory in their command line.
pub fn processes_of(dir: &Path) -> Vec<i32> {
    let needle = dir.to_str().unwrap().as_bytes();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let has = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.windows(needle.len()).any(|it| it == needle) && *pid != std::process::id() as i32
    };
    entries.filter_map(|it| it.file_name().to_str()?.parse().ok()).filter(has).collect()
}

/// The innermost first.
pub fn mounts_below(dir: &Path) -> Vec<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let targets = mounts.lines().filter_map(|it| it.split(' ').nth(4)).map(PathBuf::from);
    let mut found: Vec<_> = targets.filter(|it| it.starts_with(dir)).collect();
    found.sort_by_key(|it| std::cmp::Reverse(it.components().count()));
    found
}

fn cgroup_roots() -> Vec<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let groups = mounts.lines().filter(|it| it.contains(" - cgroup"));
    groups.filter_map(|it| it.split(' ').nth(4)).map(PathBuf::from).collect()
}

impl World {
    pub async fn new() -> Self {
        // Another test of this process may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = Cleanup(tempfile::Builder::new().prefix("gantry").tempdir().unwrap());
        // Tasks with users of their own look for their file systems as nobody.
        fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o711)).unwrap();
        let options = dir.options();
        let instance = options.instance.clone();
        let engine = Containerd::start(options).await.unwrap();
        let registry = Registry::start().await;
        Self { engine, registry, dir, instance }
    }

    /// With busybox pulled and a task `t` prepared.
    pub async fn with_busybox() -> (Self, String) {
        let world = Self::new().await;
        let image = world.registry.put_busybox();
        world.engine.pull(&Pull::new(&image)).await.unwrap();
        world.task("t").await;
        (world, image)
    }

    pub async fn task(&self, id: &str) {
        let spec = TaskSpec {
            id: TaskId::new(id).unwrap(),
            limits: Limits::default(),
            users: None,
            shares: Default::default(),
        };
        self.engine.prepare_task(&spec).await.unwrap();
    }

    pub fn output(&self, id: &str) -> PathBuf {
        self.dir.path().join(format!("{id}.log"))
    }

    /// A container of task `t` that runs this in a shell.
    pub fn shell(&self, id: &str, image: &str, script: &str) -> ContainerSpec {
        let file = self.output(id);
        let output = Output { stdout: file.clone(), stderr: file };
        let (id, task) = (ContainerId::new(id).unwrap(), TaskId::new("t").unwrap());
        let mut spec = ContainerSpec::new(id, task, image, output);
        spec.entrypoint = Some(vec!["sh".into(), "-c".into()]);
        spec.command = Some(vec![script.into()]);
        spec
    }

    pub async fn run(&self, spec: &ContainerSpec) -> Started {
        self.engine.create(spec).await.unwrap();
        self.engine.start(&spec.id).await.unwrap()
    }

    /// Waits until a container that was started has written `up`.
    pub async fn until_up(&self, spec: &ContainerSpec) {
        let file = self.output(spec.id.as_str());
        let said = || fs::read_to_string(&file).is_ok_and(|text| text.starts_with("up\n"));
        eventually("it is up", said).await;
    }

    /// Runs it to its end and answers its code and output.
    pub async fn finish(&self, spec: &ContainerSpec) -> (i32, String) {
        self.run(spec).await;
        let exit = tokio::time::timeout(LIMIT, self.engine.wait(&spec.id)).await.unwrap().unwrap();
        let text = self.settled_output(spec.id.as_str(), &self.output(spec.id.as_str())).await;
        (exit.code, text)
    }

    /// Deleting waits for the shim to have copied all output.
    async fn settled_output(&self, id: &str, file: &Path) -> String {
        self.engine.delete(&ContainerId::new(id).unwrap()).await.unwrap();
        fs::read_to_string(file).unwrap()
    }

    pub async fn state(&self, id: &ContainerId) -> State {
        self.engine.inspect(id).await.unwrap().unwrap().state
    }

    /// The process of containerd itself.
    pub fn containerd_pid(&self) -> i32 {
        match *self.engine.health().borrow() {
            Health::Up { pid, .. } => pid as i32,
            ref other => panic!("{other:?}"),
        }
    }

    pub fn cgroups(&self) -> Vec<PathBuf> {
        let name = format!("gantry-{}", self.instance);
        cgroup_roots().into_iter().map(|it| it.join(&name)).filter(|it| it.exists()).collect()
    }

    /// Ends it and sees that nothing is left.
    pub async fn close(self) {
        for it in self.engine.observe().await.unwrap() {
            self.engine.delete(&it.id).await.unwrap();
        }
        self.engine.remove_task(&TaskId::new("t").unwrap()).await.unwrap();
        eventually("no mounts", || mounts_below(self.dir.path()).is_empty()).await;
        self.engine.stop().await.unwrap();
        eventually("no processes", || processes_of(self.dir.path()).is_empty()).await;
        assert_eq!(self.cgroups(), Vec::<PathBuf>::new());
        assert_eq!(fs::read_dir(self.dir.path().join("data/marks")).unwrap().count(), 0);
    }
}

pub async fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !so() {
        assert!(began.elapsed() < LIMIT, "{what}: not so in time");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
