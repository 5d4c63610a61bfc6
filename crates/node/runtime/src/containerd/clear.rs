//! Leaving the machine as it was: everything of one engine ended and removed, in whatever state it is.
//!
//! Crashes in the middle of things leave shims that nobody knows of, folders, mounts and groups. What is ours is told
//! by our directories and our instance's name alone, so that nothing of anybody else's is touched.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::join_all;
use nix::mount::{MntFlags, umount2};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::cgroup::Cgroups;
use super::options::Options;
use super::{Containerd, Inner};
use crate::spec::Machine;

/// For all containers together.
const DELETE_LIMIT: Duration = Duration::from_secs(30);
/// Killed processes are gone soon after.
const GONE_TRIES: u32 = 100;
const GONE_PAUSE: Duration = Duration::from_millis(50);

impl Containerd {
    /// Ends all containers and containerd and removes what they have on this machine but images and file systems.
    /// Answers what is left all the same.
    pub async fn clear(&self) -> Vec<String> {
        self.inner.delete_all().await;
        if let Err(error) = self.inner.daemon.stop().await {
            tracing::warn!(%error, "containerd did not end by itself");
        }
        let options = self.inner.options.clone();
        let cleared = tokio::task::spawn_blocking(move || {
            clear(&options);
            left(&options)
        });
        cleared.await.unwrap_or_else(|error| vec![format!("clearing up broke off: {error}")])
    }
}

impl Inner {
    /// The orderly way, so that nothing is known of them any more. What fails is cleared without containerd's help.
    async fn delete_all(&self) {
        let all = self.records.all();
        let deletions = all.iter().map(|(id, _)| async move {
            if let Err(error) = self.remove(id).await {
                tracing::warn!(%id, %error, "a container could not be deleted");
            }
        });
        if tokio::time::timeout(DELETE_LIMIT, join_all(deletions)).await.is_err() {
            tracing::warn!("deleting all containers took too long");
        }
    }
}

/// What of the engine with these options is on this machine: processes, mounts, groups and its run directory.
pub fn left(options: &Options) -> Vec<String> {
    let processes = processes(options).into_iter().map(|pid| format!("process {pid} ({})", name_of(pid)));
    let mounts = mounts(&options.run_dir).into_iter().map(|mount| format!("mount {}", mount.display()));
    let groups = groups(options).map(|it| it.instance_dirs()).unwrap_or_default();
    let groups = groups.into_iter().map(|dir| format!("control group {}", dir.display()));
    let run_dir = options.run_dir.exists().then(|| format!("directory {}", options.run_dir.display()));
    processes.chain(mounts).chain(groups).chain(run_dir).collect()
}

fn clear(options: &Options) {
    let groups = groups(options);
    for _ in 0..GONE_TRIES {
        let left = processes(options);
        for pid in &left {
            tracing::warn!(pid, name = name_of(*pid), "killing a process that was left");
            if let Err(error) = kill(Pid::from_raw(*pid), Signal::SIGKILL) {
                tracing::debug!(pid, %error, "it ended by itself");
            }
        }
        let gone = groups.as_ref().is_none_or(Cgroups::clear_instance);
        if left.is_empty() && gone {
            break;
        }
        std::thread::sleep(GONE_PAUSE);
    }
    for mount in mounts(&options.run_dir) {
        if let Err(error) = umount2(&mount, MntFlags::MNT_DETACH) {
            tracing::warn!(mount = %mount.display(), %error, "a mount stays");
        }
    }
    // Never through a mount that stayed into somebody's files.
    if mounts(&options.run_dir).is_empty()
        && let Err(error) = fs::remove_dir_all(&options.run_dir)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(dir = %options.run_dir.display(), %error, "the run directory stays");
    }
}

fn groups(options: &Options) -> Option<Cgroups> {
    Cgroups::find(&options.instance, Machine::look().cgroup_v2).ok()
}

/// Our containerd and its shims, which name our socket or settings.
fn processes(options: &Options) -> Vec<i32> {
    let ours = [options.socket(), options.config_file()].map(PathBuf::into_os_string);
    let is_ours = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let mut words = line.split(|byte| *byte == 0);
        let program = words.next().and_then(|it| it.rsplit(|byte| *byte == b'/').next());
        program.is_some_and(|it| it.starts_with(b"containerd"))
            && words.any(|word| ours.iter().any(|it| it.as_bytes() == word))
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|it| it.file_name().to_str()?.parse().ok()).filter(is_ours).collect()
}

fn name_of(pid: i32) -> String {
    fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_owned()
}

/// The mounts below a directory, the innermost first.
fn mounts(dir: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let targets = text.lines().filter_map(|line| line.split(' ').nth(4)).map(PathBuf::from);
    let mut found: Vec<PathBuf> = targets.filter(|target| target.starts_with(dir)).collect();
    found.reverse();
    found
}
