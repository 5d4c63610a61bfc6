//! What a container's process may do.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use oci_spec::runtime::{
    Capability, LinuxCapabilities, LinuxCapabilitiesBuilder, LinuxDevice, LinuxDeviceBuilder,
    LinuxDeviceCgroup, LinuxDeviceCgroupBuilder, LinuxDeviceType,
};

use super::Failed;
use super::user::Identity;
use crate::engine::container::{Device, Security};
use crate::engine::error::EngineError;

/// What of this machine a specification depends on.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub cgroup_v2: bool,
    /// Whether the kernel counts swap for control groups.
    pub counts_swap: bool,
    /// The capabilities that this process could give.
    pub capabilities: HashSet<Capability>,
    /// The most open files that this process could allow.
    pub nofile_most: u64,
    /// The program that is a container's first process where that is asked for.
    pub init: Option<PathBuf>,
}

/// In the order of their numbers.
const CAPABILITIES: [Capability; 41] = [
    Capability::Chown,
    Capability::DacOverride,
    Capability::DacReadSearch,
    Capability::Fowner,
    Capability::Fsetid,
    Capability::Kill,
    Capability::Setgid,
    Capability::Setuid,
    Capability::Setpcap,
    Capability::LinuxImmutable,
    Capability::NetBindService,
    Capability::NetBroadcast,
    Capability::NetAdmin,
    Capability::NetRaw,
    Capability::IpcLock,
    Capability::IpcOwner,
    Capability::SysModule,
    Capability::SysRawio,
    Capability::SysChroot,
    Capability::SysPtrace,
    Capability::SysPacct,
    Capability::SysAdmin,
    Capability::SysBoot,
    Capability::SysNice,
    Capability::SysResource,
    Capability::SysTime,
    Capability::SysTtyConfig,
    Capability::Mknod,
    Capability::Lease,
    Capability::AuditWrite,
    Capability::AuditControl,
    Capability::Setfcap,
    Capability::MacOverride,
    Capability::MacAdmin,
    Capability::Syslog,
    Capability::WakeAlarm,
    Capability::BlockSuspend,
    Capability::AuditRead,
    Capability::Perfmon,
    Capability::Bpf,
    Capability::CheckpointRestore,
];

/// What Docker and Fargate give.
const DEFAULT: [Capability; 14] = [
    Capability::AuditWrite,
    Capability::Chown,
    Capability::DacOverride,
    Capability::Fowner,
    Capability::Fsetid,
    Capability::Kill,
    Capability::Mknod,
    Capability::NetBindService,
    Capability::NetRaw,
    Capability::Setfcap,
    Capability::Setgid,
    Capability::Setpcap,
    Capability::Setuid,
    Capability::SysChroot,
];

/// A first process that reaps and passes signals on, linked so that it runs in any image. Debian has it in `tini`.
const INITS: [&str; 2] = ["/usr/bin/tini-static", "/usr/local/bin/tini-static"];

impl Machine {
    pub(crate) fn look() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let bounding = status.lines().find_map(|line| line.strip_prefix("CapBnd:"));
        let mask = bounding.and_then(|it| u64::from_str_radix(it.trim(), 16).ok()).unwrap_or(0);
        let has = |number: &usize| mask >> number & 1 == 1;
        let numbered = CAPABILITIES.iter().enumerate();
        let capabilities: HashSet<_> =
            numbered.filter(|(number, _)| has(number)).map(|(_, it)| *it).collect();
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let hard = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().nth(1)?.parse().ok());
        let nofile_most = match capabilities.contains(&Capability::SysResource) {
            true => u64::MAX,
            false => hard.unwrap_or(1024),
        };
        let cgroup_v2 = Path::new("/sys/fs/cgroup/cgroup.controllers").exists();
        let counts_swap = match cgroup_v2 {
            true => fs::read_dir("/sys/fs/cgroup").is_ok_and(|entries| {
                let mut groups = entries.flatten().filter(|it| it.path().is_dir());
                groups.any(|it| it.path().join("memory.swap.max").exists())
            }),
            false => Path::new("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes").exists(),
        };
        let init = INITS.iter().map(Path::new).find(|path| path.exists()).map(Path::to_owned);
        Self { cgroup_v2, counts_swap, capabilities, nofile_most, init }
    }
}

/// The capabilities that a root of this container has.
pub(crate) fn granted(security: &Security, machine: &Machine) -> Result<HashSet<Capability>, EngineError> {
    let parse = |name: &String| {
        let upper = name.to_ascii_uppercase();
        let bare = upper.strip_prefix("CAP_").unwrap_or(&upper);
        let unknown = |_| EngineError::Invalid(format!("{name:?} is not a capability"));
        bare.parse::<Capability>().map_err(unknown)
    };
    let is_all = |name: &&String| name.eq_ignore_ascii_case("all");
    let mut set: HashSet<Capability> = DEFAULT.into_iter().collect();
    if security.privileged || security.add_capabilities.iter().any(|it| is_all(&it)) {
        set = CAPABILITIES.into_iter().collect();
    }
    if security.drop_capabilities.iter().any(|it| is_all(&it)) {
        set.clear();
    }
    for name in security.drop_capabilities.iter().filter(|it| !is_all(it)) {
        set.remove(&parse(name)?);
    }
    for name in security.add_capabilities.iter().filter(|it| !is_all(it)) {
        set.insert(parse(name)?);
    }
    // The runtime fails over what this process itself may not have.
    Ok(set.intersection(&machine.capabilities).copied().collect())
}

/// As after an `execve`: who is not root has none in effect.
pub(crate) fn capabilities(
    security: &Security,
    identity: &Identity,
    machine: &Machine,
) -> Result<LinuxCapabilities, Failed> {
    let bounding = granted(security, machine)?;
    let effective = if identity.uid == 0 { bounding.clone() } else { HashSet::new() };
    Ok(LinuxCapabilitiesBuilder::default()
        .bounding(bounding)
        .effective(effective.clone())
        .permitted(effective)
        .inheritable(HashSet::new())
        .ambient(HashSet::new())
        .build()?)
}

/// Where the kernel tells what a container should not know.
pub(crate) fn masked_paths(security: &Security) -> Vec<String> {
    const MASKED: [&str; 13] = [
        "/proc/acpi",
        "/proc/asound",
        "/proc/interrupts",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/sched_debug",
        "/proc/scsi",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/sys/devices/system/cpu/cpu0/thermal_throttle",
        "/sys/devices/virtual/powercap",
        "/sys/firmware",
    ];
    paths(security, &MASKED)
}

/// With the first version's control groups, runtimes leave the folder above the hierarchies writable.
pub(crate) fn read_only_paths(security: &Security) -> Vec<String> {
    paths(
        security,
        &["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/sys/fs/cgroup"],
    )
}

fn paths(security: &Security, paths: &[&str]) -> Vec<String> {
    if security.privileged { Vec::new() } else { paths.iter().map(|it| (*it).to_owned()).collect() }
}

/// The devices of the machine, for a privileged container.
pub(crate) fn host_devices() -> Result<Vec<LinuxDevice>, Failed> {
    let mut devices = Vec::new();
    collect_devices(Path::new("/dev"), &mut devices)?;
    Ok(devices)
}

fn collect_devices(dir: &Path, devices: &mut Vec<LinuxDevice>) -> Result<(), Failed> {
    // What a container gets of its own, in every case.
    const OWN: [&str; 12] =
        ["pts", "shm", "fd", "mqueue", "console", "ptmx", "null", "zero", "full", "random", "urandom", "tty"];
    // A device may go while it is looked at.
    let Ok(entries) = fs::read_dir(dir) else { return Ok(()) };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let Ok(meta) = fs::symlink_metadata(&path) else { continue };
        let top = dir == Path::new("/dev");
        if top && name.to_str().is_some_and(|name| OWN.contains(&name)) {
            continue;
        }
        let kind = match meta.file_type() {
            it if it.is_dir() => {
                collect_devices(&path, devices)?;
                continue;
            }
            _ => match kind_of(&meta) {
                Some(kind) => kind,
                None => continue,
            },
        };
        devices.push(node(&path, kind, &meta)?);
    }
    Ok(())
}

/// The device that this file is, at another place.
fn node(target: &Path, kind: LinuxDeviceType, meta: &fs::Metadata) -> Result<LinuxDevice, Failed> {
    let number = |it: u32| i64::from(it);
    Ok(LinuxDeviceBuilder::default()
        .path(target)
        .typ(kind)
        .major(number(libc::major(meta.rdev())))
        .minor(number(libc::minor(meta.rdev())))
        .file_mode(meta.mode() & 0o777)
        .uid(meta.uid())
        .gid(meta.gid())
        .build()?)
}

/// A device by its kind, if the file is one.
fn kind_of(meta: &fs::Metadata) -> Option<LinuxDeviceType> {
    match meta.file_type() {
        it if it.is_block_device() => Some(LinuxDeviceType::B),
        it if it.is_char_device() => Some(LinuxDeviceType::C),
        _ => None,
    }
}

/// Those that were asked for. A directory is all the devices below it.
pub(crate) fn devices(wanted: &[Device]) -> Result<Vec<LinuxDevice>, Failed> {
    let mut all = Vec::new();
    for one in found(wanted)? {
        all.push(node(&one.target, one.kind, &one.meta)?);
    }
    Ok(all)
}

/// Rules for the control group of devices.
pub(crate) fn device_rules(wanted: &[Device]) -> Result<Vec<LinuxDeviceCgroup>, Failed> {
    let mut rules = Vec::new();
    for one in found(wanted)? {
        let number = |it: u32| i64::from(it);
        rules.push(
            LinuxDeviceCgroupBuilder::default()
                .allow(true)
                .typ(one.kind)
                .major(number(libc::major(one.meta.rdev())))
                .minor(number(libc::minor(one.meta.rdev())))
                .access(one.access)
                .build()?,
        );
    }
    Ok(rules)
}

struct Found {
    target: PathBuf,
    kind: LinuxDeviceType,
    meta: fs::Metadata,
    access: String,
}

fn found(wanted: &[Device]) -> Result<Vec<Found>, EngineError> {
    let mut all = Vec::new();
    for one in wanted {
        let failed = |why: &dyn std::fmt::Display| {
            let source = one.source.display();
            EngineError::Invalid(format!(
                "error gathering device information while adding custom device \"{source}\": {why}"
            ))
        };
        let meta = fs::metadata(&one.source).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => failed(&"no such file or directory"),
            _ => failed(&error),
        })?;
        let access = one.access.clone();
        if let Some(kind) = kind_of(&meta) {
            all.push(Found { target: one.target.clone(), kind, meta, access });
            continue;
        }
        if !meta.is_dir() {
            return Err(failed(&"not a device node"));
        }
        for entry in fs::read_dir(&one.source).map_err(|error| failed(&error))?.flatten() {
            let Ok(meta) = fs::metadata(entry.path()) else { continue };
            if let Some(kind) = kind_of(&meta) {
                let target = one.target.join(entry.file_name());
                all.push(Found { target, kind, meta, access: access.clone() });
            }
        }
    }
    Ok(all)
}
