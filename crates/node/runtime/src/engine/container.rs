//! What is said about tasks and containers that should be.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::EngineError;

/// Names are 1 to 76 letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit.
fn check_id(kind: &str, id: &str) -> Result<(), EngineError> {
    let bytes = id.as_bytes();
    let inner = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    let edge = |c: Option<&u8>| c.is_some_and(u8::is_ascii_alphanumeric);
    let doubled = bytes.windows(2).any(|w| w.iter().all(|c| !c.is_ascii_alphanumeric()));
    if bytes.len() > 76 || !bytes.iter().all(inner) || !edge(bytes.first()) || !edge(bytes.last()) || doubled
    {
        return Err(EngineError::Invalid(format!("{id:?} cannot be a {kind}")));
    }
    Ok(())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            pub fn new(id: impl Into<String>) -> Result<Self, EngineError> {
                let id = id.into();
                check_id($kind, &id)?;
                Ok(Self(id))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A group of containers that share a shim and limits.
    TaskId,
    "task id"
);
id!(
    /// A container, for ever: ids are not used twice.
    ContainerId,
    "container id"
);

/// A task's group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskSpec {
    pub id: TaskId,
    /// Of all its containers together.
    pub limits: Limits,
    /// `None`: its processes are who they are on the host.
    pub users: Option<OwnUsers>,
}

/// How many users and groups a task's namespace has.
pub const IDS: u32 = 65_536;

/// A user namespace of a task's own, with a network namespace that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnUsers {
    /// The host's user and group that are the task's root; the [`IDS`] from there are the task's. At least [`IDS`].
    pub first: u32,
    /// Where the network namespace is made.
    pub network: PathBuf,
}

/// What may be used at most, and what is had when others want it too. `None` is without limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Beyond it, a process is killed.
    pub memory_bytes: Option<u64>,
    /// What is kept when memory is short.
    pub memory_reservation_bytes: Option<u64>,
    /// Memory and swap together; `None` allows no swap when memory is limited.
    pub memory_swap_bytes: Option<u64>,
    /// ECS CPU units (1024 for each processor): a weight against others.
    pub cpu_shares: Option<u64>,
    /// ECS CPU units (1024 for each processor): a ceiling.
    pub cpu_ceiling: Option<u64>,
    pub pids: Option<u64>,
    /// How readily memory is swapped out, 0 to 100.
    pub swappiness: Option<u64>,
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerSpec {
    pub id: ContainerId,
    pub task: TaskId,
    /// The reference of an image that was pulled.
    pub image: String,
    /// Kept with the container and told by `observe`.
    pub labels: BTreeMap<String, String>,
    /// Instead of the image's; then the image's `cmd` does not count either.
    pub entrypoint: Option<Vec<String>>,
    /// Instead of the image's.
    pub command: Option<Vec<String>>,
    /// Added to the image's, and in place of those of the same name.
    pub environment: Vec<(String, String)>,
    /// The first of its task's users, where that has its own.
    pub users: Option<u32>,
    /// Instead of the image's.
    pub working_directory: Option<String>,
    /// `user`, `user:group`, by name or number, instead of the image's.
    pub user: Option<String>,
    pub hostname: Option<String>,
    /// The first process is one that reaps and passes signals on, and starts the container's own.
    pub init: bool,
    /// Its output is that of a terminal.
    pub terminal: bool,
    /// Its input stays open, though nobody writes.
    pub interactive: bool,
    pub network: Namespace,
    pub pid: Namespace,
    pub ipc: Namespace,
    pub mounts: Vec<Mount>,
    /// Of `/dev/shm`; `None` is 64 MiB.
    pub shm_bytes: Option<u64>,
    pub limits: Limits,
    /// Besides `nofile`, which is 65535 unless it is named here.
    pub ulimits: Vec<Ulimit>,
    pub sysctls: BTreeMap<String, String>,
    pub devices: Vec<Device>,
    pub security: Security,
    pub output: Output,
    /// The container waits with its output while more than this of it has not been taken from its file, where the
    /// engine can have it wait; `None`: the files grow.
    pub most_output_waiting: Option<u64>,
}

impl ContainerSpec {
    /// As the image says, with its own namespaces and the default security.
    pub fn new(id: ContainerId, task: TaskId, image: impl Into<String>, output: Output) -> Self {
        Self {
            id,
            task,
            image: image.into(),
            labels: BTreeMap::new(),
            entrypoint: None,
            command: None,
            environment: Vec::new(),
            users: None,
            working_directory: None,
            user: None,
            hostname: None,
            init: false,
            terminal: false,
            interactive: false,
            network: Namespace::Own,
            pid: Namespace::Own,
            ipc: Namespace::Own,
            mounts: Vec::new(),
            shm_bytes: None,
            limits: Limits::default(),
            ulimits: Vec::new(),
            sysctls: BTreeMap::new(),
            devices: Vec::new(),
            security: Security::default(),
            output,
            most_output_waiting: None,
        }
    }
}

/// Files that the container's output is added to, made if absent (their directory must exist).
///
/// They are written by the shim, or by a process that it starts, so they grow whether Gantry or containerd runs or not. Two files keep
/// unfinished lines of the two streams apart; one file named twice keeps the order of what was written
/// some microseconds apart, since the shim copies each stream by itself.
/// Both are opened for appending: a reader may truncate what it has shipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    pub stdout: PathBuf,
    pub stderr: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Namespace {
    Own,
    Host,
    /// The one that this file is, as `/run/netns/x` or `/proc/1/ns/ipc`.
    Join(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mount {
    Bind {
        source: PathBuf,
        target: PathBuf,
        read_only: bool,
    },
    /// A directory whose files keep their owners, also for a task with users of its own.
    Kept {
        source: PathBuf,
        target: PathBuf,
        read_only: bool,
    },
    /// A directory that gets what the image has at the target, with its owner and mode, while it is empty.
    Volume {
        source: PathBuf,
        target: PathBuf,
        read_only: bool,
    },
    /// `options` are added to `nosuid`, `nodev` and `noexec`, and `exec` and the like undo those.
    Tmpfs {
        target: PathBuf,
        size_bytes: Option<u64>,
        options: Vec<String>,
    },
}

impl Mount {
    /// Where the container has it.
    pub fn target(&self) -> &Path {
        match self {
            Mount::Bind { target, .. }
            | Mount::Kept { target, .. }
            | Mount::Volume { target, .. }
            | Mount::Tmpfs { target, .. } => target,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ulimit {
    /// As ECS names it: `nofile`, `nproc`, `core`, ...
    pub name: String,
    pub soft: u64,
    pub hard: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Security {
    pub privileged: bool,
    pub read_only_root: bool,
    /// As `SYS_PTRACE` or `CAP_SYS_PTRACE`; `ALL` is all.
    pub add_capabilities: Vec<String>,
    pub drop_capabilities: Vec<String>,
    pub no_new_privileges: bool,
    /// Without the list of allowed system calls.
    pub seccomp_unconfined: bool,
    /// A profile of AppArmor; the machine must have it.
    pub apparmor: Option<String>,
    /// SELinux's label of the process; the machine must have it.
    pub selinux: Option<String>,
}

/// A device of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub source: PathBuf,
    pub target: PathBuf,
    /// Of `r`, `w` and `m`.
    pub access: String,
}

/// A signal by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal(pub u32);

impl Signal {
    pub const TERM: Self = Self(libc::SIGTERM as u32);
    pub const KILL: Self = Self(libc::SIGKILL as u32);

    /// From an image's or a user's word: `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`.
    pub fn parse(name: &str) -> Option<Self> {
        if let Ok(number) = name.parse::<u32>() {
            return (1..=64).contains(&number).then_some(Self(number));
        }
        let upper = name.to_ascii_uppercase();
        let bare = upper.strip_prefix("SIG").unwrap_or(&upper);
        if let Some(above) = bare.strip_prefix("RTMIN") {
            let above = if above.is_empty() { 0 } else { above.strip_prefix('+')?.parse::<u32>().ok()? };
            return (above <= 30).then_some(Self(34 + above));
        }
        if let Some(below) = bare.strip_prefix("RTMAX") {
            let below = if below.is_empty() { 0 } else { below.strip_prefix('-')?.parse::<u32>().ok()? };
            return (below <= 30).then_some(Self(64 - below));
        }
        format!("SIG{bare}").parse::<nix::sys::signal::Signal>().ok().map(|signal| Self(signal as u32))
    }
}

/// One more process in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exec {
    /// Unique in its container; the same id again while it runs is refused.
    pub id: String,
    pub args: Vec<String>,
    /// After it, the process is killed and [`EngineError::Timeout`] is the answer.
    pub timeout: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecOutput {
    pub code: i32,
    /// Standard output and error in the order in which they came, the first 64 KiB.
    pub output: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_by_any_name() {
        for (name, number) in [
            ("SIGTERM", 15),
            ("term", 15),
            ("9", 9),
            ("SIGRTMIN+3", 37),
            ("RTMAX-1", 63),
            ("SIGQUIT", 3),
            ("HUP", 1),
        ] {
            assert_eq!(Signal::parse(name), Some(Signal(number)), "{name}");
        }
        for name in ["", "0", "65", "SIGNOPE", "RTMIN+31", "RTMIN-1"] {
            assert_eq!(Signal::parse(name), None, "{name}");
        }
    }

    #[test]
    fn ids_that_every_runtime_takes() {
        for id in ["a", "0f3b-main", "a_b.c", &"x".repeat(76)] {
            assert!(ContainerId::new(id).is_ok(), "{id}");
        }
        for id in ["", "-a", "a-", "a/b", "..", "a--b", &"x".repeat(77)] {
            assert!(ContainerId::new(id).is_err(), "{id}");
        }
    }
}
