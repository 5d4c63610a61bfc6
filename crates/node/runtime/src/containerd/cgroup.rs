//! Control groups: `/gantry-INSTANCE/TASK/CONTAINER` in each hierarchy.
//!
//! The runtime makes and removes the container's own; the task's, with the limits of all its containers
//! together, is ours. Both versions of the kernel's interface are spoken.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::engine::container::{ContainerId, Limits, TaskId};
use crate::engine::error::EngineError;
use crate::engine::observed::Stats;
use crate::spec::resources;

use super::stats::{self, keyed};

/// Processes that were killed leave their group a moment later.
const REMOVAL_TRIES: u32 = 50;
const REMOVAL_PAUSE: Duration = Duration::from_millis(10);
/// What is still in a group after so many tries belongs to nothing that is known, and is killed.
const KILL_AFTER_TRIES: u32 = 10;
/// The group of the process that holds a task's shared namespaces; no container is named so.
const PAUSE: &str = "pause";
/// Processes and threads of a task that sets no limit of its own, so that none can take all of the machine's.
const MOST_PROCESSES: u64 = 4096;

#[derive(Debug, Clone)]
pub(crate) struct Cgroups {
    instance: String,
    hierarchies: Vec<Hierarchy>,
    v2: bool,
}

#[derive(Debug, Clone)]
struct Hierarchy {
    root: PathBuf,
    /// Empty for the second version's, which has all.
    controllers: Vec<String>,
}

impl Cgroups {
    pub(crate) fn find(instance: &str, v2: bool) -> Result<Self, EngineError> {
        let mounts = fs::read_to_string("/proc/self/mountinfo")
            .map_err(|error| EngineError::internal("read the mounts", error))?;
        let hierarchies = parse(&mounts);
        if hierarchies.is_empty() {
            return Err(EngineError::Invalid("no control groups are mounted on this machine".into()));
        }
        Ok(Self { instance: format!("gantry-{instance}"), hierarchies, v2 })
    }

    /// From the root of each hierarchy.
    pub(crate) fn of_container(&self, task: &TaskId, id: &ContainerId) -> PathBuf {
        Path::new("/").join(&self.instance).join(task.as_str()).join(id.as_str())
    }

    fn task_dir(&self, hierarchy: &Hierarchy, task: &TaskId) -> PathBuf {
        hierarchy.root.join(&self.instance).join(task.as_str())
    }

    /// The hierarchy of this controller.
    fn with(&self, controller: &str) -> Option<&Hierarchy> {
        match self.v2 {
            true => self.hierarchies.iter().find(|it| it.controllers.is_empty()),
            false => self.hierarchies.iter().find(|it| it.controllers.iter().any(|c| c == controller)),
        }
    }

    pub(crate) fn has_task(&self, task: &TaskId) -> bool {
        self.with("memory").is_some_and(|it| self.task_dir(it, task).is_dir())
    }

    pub(crate) fn prepare_task(&self, task: &TaskId, limits: &Limits) -> Result<(), EngineError> {
        let made = || match self.v2 {
            true => self.prepare_v2(task, limits),
            false => self.prepare_v1(task, limits),
        };
        made().map_err(|error| EngineError::internal(&format!("limit task {task}"), error))
    }

    fn prepare_v1(&self, task: &TaskId, limits: &Limits) -> io::Result<()> {
        if let Some(memory) = self.with("memory") {
            let instance = memory.root.join(&self.instance);
            fs::create_dir_all(&instance)?;
            // Older kernels count a group's children only when told so before it has any.
            let hierarchy = instance.join("memory.use_hierarchy");
            if fs::read_to_string(&hierarchy).is_ok_and(|it| it.trim() == "0") {
                fs::write(&hierarchy, "1")?;
            }
            let dir = self.task_dir(memory, task);
            fs::create_dir_all(&dir)?;
            let bytes = limits.memory_bytes.map_or("-1".to_owned(), |it| it.to_string());
            let (limit, with_swap) =
                (dir.join("memory.limit_in_bytes"), dir.join("memory.memsw.limit_in_bytes"));
            if with_swap.exists() {
                // Memory with swap may never be below memory, so the larger one is raised first.
                let most = limits.memory_swap_bytes.max(limits.memory_bytes);
                let total = most.map_or("-1".to_owned(), |it| it.to_string());
                if fs::write(&limit, &bytes).is_err() {
                    fs::write(&with_swap, &total)?;
                    fs::write(&limit, &bytes)?;
                }
                fs::write(&with_swap, &total)?;
            } else {
                fs::write(&limit, &bytes)?;
            }
            if let Some(bytes) = limits.memory_reservation_bytes {
                fs::write(dir.join("memory.soft_limit_in_bytes"), bytes.to_string())?;
            }
        }
        if let Some(cpu) = self.with("cpu") {
            let dir = self.task_dir(cpu, task);
            fs::create_dir_all(&dir)?;
            let shares = limits.cpu_shares.map_or(1024, resources::shares);
            fs::write(dir.join("cpu.shares"), shares.to_string())?;
            if dir.join("cpu.cfs_quota_us").exists() {
                fs::write(dir.join("cpu.cfs_period_us"), resources::PERIOD_US.to_string())?;
                let quota =
                    limits.cpu_ceiling.map_or("-1".to_owned(), |it| resources::quota_us(it).to_string());
                fs::write(dir.join("cpu.cfs_quota_us"), quota)?;
            }
        }
        if let Some(pids) = self.with("pids") {
            let dir = self.task_dir(pids, task);
            fs::create_dir_all(&dir)?;
            fs::write(dir.join("pids.max"), max(Some(limits.pids.unwrap_or(MOST_PROCESSES))))?;
        }
        Ok(())
    }

    fn prepare_v2(&self, task: &TaskId, limits: &Limits) -> io::Result<()> {
        let Some(all) = self.with("memory") else { return Ok(()) };
        let (instance, dir) = (all.root.join(&self.instance), self.task_dir(all, task));
        fs::create_dir_all(&dir)?;
        for parent in [&all.root, &instance, &dir] {
            let has = fs::read_to_string(parent.join("cgroup.controllers"))?;
            for controller in has.split_whitespace() {
                if ["cpu", "cpuset", "io", "memory", "pids"].contains(&controller) {
                    fs::write(parent.join("cgroup.subtree_control"), format!("+{controller}"))?;
                }
            }
        }
        fs::write(dir.join("memory.max"), max(limits.memory_bytes))?;
        fs::write(dir.join("memory.low"), limits.memory_reservation_bytes.unwrap_or(0).to_string())?;
        let swap = dir.join("memory.swap.max");
        if swap.exists() {
            let more = limits
                .memory_bytes
                .map(|memory| limits.memory_swap_bytes.map_or(0, |total| total.saturating_sub(memory)));
            fs::write(swap, max(more))?;
        }
        let weight = limits.cpu_shares.map_or(100, resources::weight);
        fs::write(dir.join("cpu.weight"), weight.to_string())?;
        let quota = max(limits.cpu_ceiling.map(resources::quota_us));
        fs::write(dir.join("cpu.max"), format!("{quota} {}", resources::PERIOD_US))?;
        fs::write(dir.join("pids.max"), max(Some(limits.pids.unwrap_or(MOST_PROCESSES))))
    }

    /// Lifts the ceiling on the task's processor time: its processes are being killed, and dying takes time too.
    pub(crate) fn unthrottle(&self, task: &TaskId, id: &ContainerId) {
        let (file, none) = if self.v2 { ("cpu.max", "max") } else { ("cpu.cfs_quota_us", "-1") };
        let Some(cpu) = self.with("cpu") else { return };
        let dir = self.task_dir(cpu, task);
        // The container's own can't be above the task's, so the task's goes first.
        for file in [dir.join(file), dir.join(id.as_str()).join(file)] {
            if let Err(error) = fs::write(&file, none)
                && error.kind() != ErrorKind::NotFound
            {
                tracing::debug!(file = %file.display(), %error, "a ceiling stays");
            }
        }
    }

    /// Puts the process that holds the task's shared namespaces into a group of its own.
    pub(crate) fn put_pausing(&self, task: &TaskId, pid: i32) -> io::Result<()> {
        for hierarchy in &self.hierarchies {
            let of_task = self.task_dir(hierarchy, task);
            if of_task.is_dir() {
                let dir = of_task.join(PAUSE);
                fs::create_dir_all(&dir)?;
                fs::write(dir.join("cgroup.procs"), pid.to_string())?;
            }
        }
        Ok(())
    }

    /// The process that holds the task's shared namespaces, if it has one that lives.
    pub(crate) fn pausing(&self, task: &TaskId) -> Vec<i32> {
        let Some(hierarchy) = self.with("memory") else { return Vec::new() };
        let procs = self.task_dir(hierarchy, task).join(PAUSE).join("cgroup.procs");
        let text = fs::read_to_string(procs).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).filter(|pid| *pid > 0).collect()
    }

    /// Waits for processes that are about to leave, and kills what nobody knows of.
    pub(crate) fn remove_task(&self, task: &TaskId) -> Result<(), EngineError> {
        for hierarchy in &self.hierarchies {
            let dir = self.task_dir(hierarchy, task);
            let mut tries = 0;
            while let Err(error) = remove_tree(&dir) {
                tries += 1;
                if tries == KILL_AFTER_TRIES {
                    kill_all(&dir);
                }
                if tries >= REMOVAL_TRIES {
                    return Err(EngineError::internal(&format!("remove {}", dir.display()), error));
                }
                std::thread::sleep(REMOVAL_PAUSE);
            }
        }
        Ok(())
    }

    /// Removes the instance's own group where nothing is in it.
    pub(crate) fn remove_instance(&self) {
        for hierarchy in &self.hierarchies {
            match fs::remove_dir(hierarchy.root.join(&self.instance)) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    tracing::debug!(root = %hierarchy.root.display(), %error, "a control group stays");
                }
                _ => {}
            }
        }
    }

    /// Kills and removes everything of the instance; true when nothing is left.
    pub(crate) fn clear_instance(&self) -> bool {
        let mut gone = true;
        for dir in self.instance_dirs() {
            kill_all(&dir);
            if let Err(error) = remove_tree(&dir) {
                tracing::debug!(group = %dir.display(), %error, "a control group is not empty yet");
                gone = false;
            }
        }
        gone
    }

    /// The groups of the instance that are there.
    pub(crate) fn instance_dirs(&self) -> Vec<PathBuf> {
        let dirs = self.hierarchies.iter().map(|hierarchy| hierarchy.root.join(&self.instance));
        dirs.filter(|dir| dir.exists()).collect()
    }

    fn container_dir(&self, controller: &str, task: &TaskId, id: &ContainerId) -> Option<PathBuf> {
        self.with(controller).map(|it| self.task_dir(it, task).join(id.as_str()))
    }

    /// Whether the kernel killed one of the container's processes for want of memory.
    pub(crate) fn ran_out_of_memory(&self, task: &TaskId, id: &ContainerId) -> bool {
        let Some(dir) = self.container_dir("memory", task, id) else { return false };
        let file = if self.v2 { "memory.events" } else { "memory.oom_control" };
        keyed(&dir.join(file), "oom_kill").is_some_and(|count| count > 0)
    }

    /// `None` when there is no such group any more.
    pub(crate) fn stats(&self, task: &TaskId, id: &ContainerId) -> Option<Stats> {
        let dir = |controller| self.container_dir(controller, task, id);
        let memory = dir("memory")?;
        let mut stats = match self.v2 {
            true => stats::of_v2(&memory)?,
            false => stats::of_v1(&memory, dir("cpu"), dir("cpuacct"), dir("pids"), dir("blkio"))?,
        };
        stats.interfaces = stats::interfaces(&memory);
        Some(stats)
    }
}

fn max(limit: Option<u64>) -> String {
    limit.map_or("max".to_owned(), |it| it.to_string())
}

/// Kills every process in the group and below it.
fn kill_all(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten().filter(|it| it.file_type().is_ok_and(|kind| kind.is_dir())) {
        kill_all(&entry.path());
    }
    let left = fs::read_to_string(dir.join("cgroup.procs")).unwrap_or_default();
    for pid in left.lines().filter_map(|line| line.parse().ok()).filter(|pid| *pid > 0) {
        tracing::warn!(pid, group = %dir.display(), "killing a process that a cut off attempt left");
        let pid = nix::unistd::Pid::from_raw(pid);
        if let Err(error) = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL) {
            tracing::debug!(%pid, %error, "it ended by itself");
        }
    }
}

/// Groups are directories of files that cannot be removed; only directories can, children first.
fn remove_tree(dir: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|it| it.is_dir()) {
            remove_tree(&entry.path())?;
        }
    }
    match fs::remove_dir(dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn parse(mountinfo: &str) -> Vec<Hierarchy> {
    let mut found: Vec<Hierarchy> = Vec::new();
    for line in mountinfo.lines() {
        let Some((mount, rest)) = line.split_once(" - ") else { continue };
        let mut rest = rest.split(' ');
        let (kind, options) = (rest.next().unwrap_or_default(), rest.nth(1).unwrap_or_default());
        let (Some(within), Some(root)) = (mount.split(' ').nth(3), mount.split(' ').nth(4)) else {
            continue;
        };
        let controllers: Vec<String> = match kind {
            "cgroup" => options.split(',').filter(|it| *it != "rw").map(str::to_owned).collect(),
            "cgroup2" => Vec::new(),
            _ => continue,
        };
        let seen = found.iter().any(|it| it.controllers == controllers);
        if within == "/" && !seen {
            found.push(Hierarchy { root: root.into(), controllers });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hierarchies_of_both_versions() {
        let hybrid = "30 1 0:2 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n\
                      31 1 0:3 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                      33 1 0:3 /x /elsewhere rw - cgroup cgroup rw,memory\n\
                      34 1 0:5 / /mnt rw - ext4 /dev/sda rw\n\
                      32 1 0:4 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let found = parse(hybrid);
        assert_eq!(found.len(), 3);
        let groups = Cgroups { instance: "gantry-a".into(), hierarchies: found, v2: false };
        assert_eq!(groups.with("cpu").unwrap().root, Path::new("/sys/fs/cgroup/cpu,cpuacct"));
        let groups = Cgroups { v2: true, ..groups };
        assert_eq!(groups.with("memory").unwrap().root, Path::new("/sys/fs/cgroup/unified"));
    }

    #[test]
    fn the_second_version_is_limited_by_files() {
        let dir = tempfile::tempdir().unwrap();
        let (root, task) = (dir.path().to_path_buf(), TaskId::new("t").unwrap());
        for at in ["", "gantry-a", "gantry-a/t"] {
            fs::create_dir_all(root.join(at)).unwrap();
            fs::write(root.join(at).join("cgroup.controllers"), "cpu memory pids rdma\n").unwrap();
        }
        let made = root.join("gantry-a/t");
        fs::write(made.join("memory.swap.max"), "").unwrap();
        let hierarchies = vec![Hierarchy { root, controllers: Vec::new() }];
        let groups = Cgroups { instance: "gantry-a".into(), hierarchies, v2: true };
        let limits = Limits {
            memory_bytes: Some(1 << 29),
            cpu_ceiling: Some(256),
            cpu_shares: Some(256),
            ..Limits::default()
        };
        groups.prepare_task(&task, &limits).unwrap();
        let text = |name: &str| fs::read_to_string(made.join(name)).unwrap();
        assert_eq!(text("memory.max"), "536870912");
        assert_eq!(text("memory.swap.max"), "0");
        assert_eq!(text("cpu.max"), "25000 100000");
        assert_eq!(text("pids.max"), "4096");
        assert_eq!(text("cgroup.subtree_control"), "+pids");
        fs::write(made.join("memory.events"), "oom 1\noom_kill 1\n").unwrap();
        fs::create_dir_all(made.join("c")).unwrap();
        fs::write(made.join("c/memory.events"), "oom 0\noom_kill 0\n").unwrap();
        assert!(!groups.ran_out_of_memory(&task, &ContainerId::new("c").unwrap()));
        fs::write(made.join("c/memory.events"), "oom 1\noom_kill 1\n").unwrap();
        assert!(groups.ran_out_of_memory(&task, &ContainerId::new("c").unwrap()));
    }
}
