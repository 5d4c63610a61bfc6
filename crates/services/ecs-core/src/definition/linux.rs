//! What of the kernel a container asks for: limits, capabilities, devices, settings.

use std::collections::HashSet;

use super::container::{Context, whole, wrong};
use super::{Invalid, document};
use crate::spec::{Device, IpcMode, LinuxParameters, NetworkMode, SecurityOptions, Tmpfs, Ulimit};

/// Limits that can be set.
const ULIMITS: [&str; 15] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

/// What a tmpfs can be mounted with, besides `mode=`, `uid=` and the like.
const MOUNT_OPTIONS: [&str; 33] = [
    "defaults",
    "ro",
    "rw",
    "suid",
    "nosuid",
    "dev",
    "nodev",
    "exec",
    "noexec",
    "sync",
    "async",
    "dirsync",
    "remount",
    "mand",
    "nomand",
    "atime",
    "noatime",
    "diratime",
    "nodiratime",
    "bind",
    "rbind",
    "unbindable",
    "runbindable",
    "private",
    "rprivate",
    "shared",
    "rshared",
    "slave",
    "rslave",
    "relatime",
    "norelatime",
    "strictatime",
    "nostrictatime",
];
const VALUED_OPTIONS: [&str; 6] = ["mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"];

/// Capabilities that can be added or dropped.
const CAPABILITIES: [&str; 38] = [
    "ALL",
    "AUDIT_CONTROL",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "SYSLOG",
    "WAKE_ALARM",
];

pub(super) fn ulimits(container: &str, given: &[document::Ulimit]) -> Result<Vec<Ulimit>, Invalid> {
    let mut seen = HashSet::new();
    for one in given {
        if !ULIMITS.contains(&one.name.as_str()) {
            return Err(wrong(container, format_args!("The ulimit '{}' is not known.", one.name)));
        }
        if !seen.insert(&one.name) {
            return Err(wrong(container, format_args!("The ulimit '{}' is given more than once.", one.name)));
        }
        let (soft, hard) = (one.soft_limit, one.hard_limit);
        // -1 is "unlimited", above every number.
        if hard != -1 && (soft == -1 || soft > hard) {
            return Err(Invalid::new(format!("Soft limit exceeds hard limit for ulimit {}", one.name)));
        }
    }
    let of = |one: &document::Ulimit| Ulimit {
        name: one.name.clone(),
        soft: one.soft_limit,
        hard: one.hard_limit,
    };
    Ok(given.iter().map(of).collect())
}

pub(super) fn parameters(
    container: &str,
    given: Option<&document::LinuxParameters>,
) -> Result<LinuxParameters, Invalid> {
    let Some(given) = given else { return Ok(LinuxParameters::default()) };
    let capabilities = given.capabilities.clone().unwrap_or_default();
    for name in capabilities.add.iter().chain(&capabilities.drop) {
        if !CAPABILITIES.contains(&name.as_str()) {
            return Err(wrong(container, format_args!("The capability '{name}' is not known.")));
        }
    }
    let swappiness = whole(container, "swappiness", given.swappiness, 0)?;
    if swappiness.is_some_and(|value| value > 100) {
        return Err(wrong(container, "The 'swappiness' must be between 0 and 100."));
    }
    Ok(LinuxParameters {
        capabilities_add: capabilities.add,
        capabilities_drop: capabilities.drop,
        init_process: given.init_process_enabled.unwrap_or(false),
        shared_memory_mib: whole(container, "sharedMemorySize", given.shared_memory_size, 0)?,
        tmpfs: given.tmpfs.iter().map(|one| tmpfs(container, one)).collect::<Result<_, _>>()?,
        max_swap_mib: whole(container, "maxSwap", given.max_swap, 0)?,
        // Without maxSwap, AWS ignores it.
        swappiness: swappiness.filter(|_| given.max_swap.is_some()),
        devices: given.devices.iter().map(|one| device(container, one)).collect::<Result<_, _>>()?,
    })
}

fn tmpfs(container: &str, one: &document::Tmpfs) -> Result<Tmpfs, Invalid> {
    let size_mib = whole(container, "tmpfs size", Some(one.size), 1)?.unwrap_or(1);
    if !one.container_path.starts_with('/') {
        return Err(wrong(
            container,
            format_args!("The tmpfs path '{}' is not absolute.", one.container_path),
        ));
    }
    for option in &one.mount_options {
        let known = match option.split_once('=') {
            Some((name, value)) => VALUED_OPTIONS.contains(&name) && !value.is_empty(),
            None => MOUNT_OPTIONS.contains(&option.as_str()),
        };
        if !known {
            return Err(wrong(container, format_args!("The tmpfs mount option '{option}' is not valid.")));
        }
    }
    Ok(Tmpfs { container_path: one.container_path.clone(), size_mib, options: one.mount_options.clone() })
}

fn device(container: &str, one: &document::Device) -> Result<Device, Invalid> {
    let host_path = one.host_path.clone().unwrap_or_default();
    let container_path = one.container_path.clone().unwrap_or_else(|| host_path.clone());
    for path in [&host_path, &container_path] {
        if !path.starts_with('/') {
            return Err(wrong(container, format_args!("The path '{path}' of a device is not absolute.")));
        }
    }
    let mut permissions = String::new();
    for (name, letter) in [("read", 'r'), ("write", 'w'), ("mknod", 'm')] {
        // None named is all of them.
        if one.permissions.is_empty() || one.permissions.iter().any(|it| it == name) {
            permissions.push(letter);
        }
    }
    Ok(Device { host_path, container_path, permissions })
}

pub(super) fn security_options(container: &str, given: &[String]) -> Result<SecurityOptions, Invalid> {
    let mut options = SecurityOptions::default();
    for text in given {
        match text.split_once([':', '=']) {
            None if text == "no-new-privileges" => options.no_new_privileges = true,
            Some(("no-new-privileges", value @ ("true" | "false"))) => {
                options.no_new_privileges = value == "true";
            }
            Some(("apparmor", profile)) if !profile.is_empty() => {
                options.apparmor = Some(profile.to_owned());
            }
            Some(("label", label)) if !label.is_empty() => options.labels.push(label.to_owned()),
            // Which Windows reads.
            Some(("credentialspec", spec)) if !spec.is_empty() => {}
            _ => {
                return Err(wrong(
                    container,
                    format_args!("The docker security option '{text}' is not valid."),
                ));
            }
        }
    }
    Ok(options)
}

/// Kernel settings that belong to a namespace of the container, and may be set.
const KERNEL: [&str; 8] = [
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "kernel.shm_rmid_forced",
];

pub(super) fn sysctls(
    container: &str,
    given: &[document::SystemControl],
    context: &Context<'_>,
) -> Result<Vec<(String, String)>, Invalid> {
    let mut all = Vec::with_capacity(given.len());
    for one in given {
        let (Some(name), Some(value)) = (one.namespace.clone(), one.value.clone()) else {
            return Err(wrong(container, "A systemControl needs a namespace and a value."));
        };
        let of_network = name.starts_with("net.");
        let of_ipc = KERNEL.contains(&name.as_str()) || name.starts_with("fs.mqueue.");
        if !of_network && !of_ipc {
            return Err(wrong(
                container,
                format_args!("The systemControl namespace '{name}' is not one that can be set."),
            ));
        }
        if of_network && matches!(context.network_mode, NetworkMode::Host) {
            return Err(wrong(
                container,
                format_args!("The systemControl '{name}' is not supported with networkMode host."),
            ));
        }
        if of_ipc && context.ipc_mode == IpcMode::Host {
            return Err(wrong(
                container,
                format_args!("The systemControl '{name}' is not supported with ipcMode host."),
            ));
        }
        all.push((name, value));
    }
    Ok(all)
}
