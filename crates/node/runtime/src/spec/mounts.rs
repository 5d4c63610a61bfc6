//! What a container sees mounted.

use oci_spec::runtime::{Mount as Mounted, MountBuilder};

use super::{Failed, Given, INIT};
use crate::engine::container::{ContainerSpec, Mount, Namespace};
use crate::engine::error::EngineError;

const SHM_BYTES: u64 = 64 << 20;

/// The kernel's file systems, then what was asked for, parents before children.
pub(crate) fn all(container: &ContainerSpec, given: &Given<'_>) -> Result<Vec<Mounted>, Failed> {
    let machine = given.machine;
    let privileged = container.security.privileged;
    let access = if privileged { "rw" } else { "ro" };
    let shm = format!("size={}", container.shm_bytes.unwrap_or(SHM_BYTES));
    let mut mounts = vec![
        mount("/proc", "proc", "proc", &["nosuid", "noexec", "nodev"])?,
        mount("/dev", "tmpfs", "tmpfs", &["nosuid", "strictatime", "mode=755", "size=65536k"])?,
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            &["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
        )?,
        mount("/sys", "sysfs", "sysfs", &["nosuid", "noexec", "nodev", access])?,
        mount("/sys/fs/cgroup", "cgroup", "cgroup", &["nosuid", "noexec", "nodev", access])?,
        mount("/dev/mqueue", "mqueue", "mqueue", &["nosuid", "noexec", "nodev"])?,
    ];
    mounts.push(match container.ipc {
        Namespace::Host => mount("/dev/shm", "bind", "/dev/shm", &["rbind", "nosuid", "noexec", "nodev"])?,
        Namespace::Task => {
            let Some(source) = given.shared.shm.to_str() else {
                let why = format!("a mount's source must be UTF-8: {}", given.shared.shm.display());
                return Err(EngineError::Invalid(why).into());
            };
            mount("/dev/shm", "bind", source, &["rbind", "rprivate", "nosuid", "noexec", "nodev"])?
        }
        // A joined namespace shares System V's memory; files in /dev/shm stay each container's own.
        Namespace::Own | Namespace::Join(_) => {
            mount("/dev/shm", "tmpfs", "shm", &["nosuid", "noexec", "nodev", "mode=1777", &shm])?
        }
    });
    if container.init {
        let Some(init) = machine.init.as_ref().and_then(|path| path.to_str()) else {
            let why = "initProcessEnabled: this machine has no init for containers (apt-get install tini, and start \
                       Gantry again)";
            return Err(EngineError::Invalid(why.into()).into());
        };
        mounts.push(mount(INIT, "bind", init, &["bind", "rprivate", "ro"])?);
    }
    let mut asked = container.mounts.iter().collect::<Vec<_>>();
    asked.sort_by_key(|it| it.target().components().count());
    for it in asked {
        mounts.push(one(it)?);
    }
    Ok(mounts)
}

fn one(wanted: &Mount) -> Result<Mounted, Failed> {
    let path = wanted.target();
    let Some(path) = path.to_str().filter(|_| path.is_absolute()) else {
        let why = format!("a mount's target must be an absolute path: {}", path.display());
        return Err(EngineError::Invalid(why).into());
    };
    match wanted {
        Mount::Bind { source, read_only, .. }
        | Mount::Kept { source, read_only, .. }
        | Mount::Volume { source, read_only, .. } => {
            let Some(source) = source.to_str() else {
                let why = format!("a mount's source must be UTF-8: {}", source.display());
                return Err(EngineError::Invalid(why).into());
            };
            let access = if *read_only { "ro" } else { "rw" };
            mount(path, "bind", source, &["rbind", "rprivate", access])
        }
        Mount::Tmpfs { size_bytes, options, .. } => {
            let size = size_bytes.map(|bytes| format!("size={bytes}"));
            let mut all = vec!["nosuid", "nodev", "noexec"];
            all.extend(size.as_deref());
            all.extend(options.iter().map(String::as_str));
            // The last word on a subject counts, but a runtime reads them as a set.
            let undone: Vec<&str> = all
                .iter()
                .filter(|it| !it.starts_with("no") && all.contains(&format!("no{it}").as_str()))
                .copied()
                .collect();
            all.retain(|it| !undone.iter().any(|word| *it == *word || *it == format!("no{word}")));
            mount(path, "tmpfs", "tmpfs", &all)
        }
    }
}

fn mount(target: &str, kind: &str, source: &str, options: &[&str]) -> Result<Mounted, Failed> {
    Ok(MountBuilder::default()
        .destination(target)
        .typ(kind)
        .source(source)
        .options(options.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())
        .build()?)
}
