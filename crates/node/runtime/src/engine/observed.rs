//! What an engine says about containers.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::container::{ContainerId, TaskId};

/// A container as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    pub id: ContainerId,
    pub task: TaskId,
    /// As given to `create`.
    pub labels: BTreeMap<String, String>,
    /// The reference of the image that it was created from.
    pub image: String,
    /// The image's digest: what the reference meant when the container was created.
    pub image_digest: String,
    pub state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// `create` was begun and not finished; call it again or `delete`.
    Incomplete,
    /// Everything is there but the process's start.
    Created,
    Running(Started),
    Stopped(Exit),
    /// Its process is gone and how it ended is not known: the machine was restarted or its shim killed.
    Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// Of the container's first process, as the host sees it.
    pub pid: u32,
    pub at: SystemTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// The process's exit code, or 128 plus the signal that ended it.
    pub code: i32,
    pub at: SystemTime,
    /// The kernel killed a process of this container for want of memory.
    pub out_of_memory: bool,
}

/// A wake with a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Started(ContainerId),
    Exited(ContainerId),
    OutOfMemory(ContainerId),
    Removed(ContainerId),
    /// Something may have happened unseen: look at everything.
    Resync,
}

/// What a container uses, since its start where it is a total.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    pub cpu_usage_ns: u64,
    pub cpu_user_ns: u64,
    pub cpu_system_ns: u64,
    pub cpu_periods: u64,
    pub cpu_throttled_periods: u64,
    pub cpu_throttled_ns: u64,
    /// Of each processor; empty where the kernel does not count so.
    pub cpu_each_ns: Vec<u64>,
    pub memory_usage_bytes: u64,
    /// What of it the kernel could take back without swapping.
    pub memory_inactive_file_bytes: u64,
    pub memory_limit_bytes: Option<u64>,
    pub memory_peak_bytes: u64,
    /// How often the limit was hit.
    pub memory_failures: u64,
    /// As the kernel names and counts them.
    pub memory: BTreeMap<String, u64>,
    pub io: Vec<DeviceIo>,
    /// Of all its interfaces but loopback, by name; those of its namespace, which it may share.
    pub interfaces: BTreeMap<String, Interface>,
    pub pids: u64,
}

/// What was read from and written to one device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeviceIo {
    pub major: u64,
    pub minor: u64,
    pub read_bytes: u64,
    pub write_bytes: u64,
    pub reads: u64,
    pub writes: u64,
}

/// What went through an interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Interface {
    pub rx_bytes: u64,
    pub rx_packets: u64,
    pub rx_errors: u64,
    pub rx_dropped: u64,
    pub tx_bytes: u64,
    pub tx_packets: u64,
    pub tx_errors: u64,
    pub tx_dropped: u64,
}
