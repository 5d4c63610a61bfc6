//! From an image and a container's settings to an OCI specification.
//!
//! Everything here is a function of its arguments; what depends on the machine is in [`Machine`].

mod mounts;
pub(crate) mod resources;
mod seccomp;
mod security;
pub(crate) mod user;

use std::collections::HashMap;
use std::path::PathBuf;

use oci_spec::OciSpecError;
use oci_spec::runtime::{
    Linux, LinuxBuilder, LinuxIdMappingBuilder, LinuxNamespace, LinuxNamespaceBuilder, LinuxNamespaceType,
    PosixRlimit, PosixRlimitBuilder, PosixRlimitType, Process, ProcessBuilder, RootBuilder, Spec,
    SpecBuilder, UserBuilder,
};

use crate::containerd::Places;
use crate::engine::container::{ContainerSpec, IDS, Namespace, Ulimit};
use crate::engine::error::EngineError;
use crate::engine::image::ImageConfig;
use user::Identity;

pub(crate) use security::Machine;

/// The shim that a container shares is found by this annotation's value.
const GROUP: &str = "io.containerd.runc.v2.group";
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// What programs at a terminal take it for.
const TERM: &str = "TERM=xterm";
/// Where a container finds its first process when it is ours, as with Docker.
const INIT: &str = "/sbin/docker-init";
/// As on Fargate.
const NOFILE: u64 = 65_535;

/// What a specification is made of besides the container's own settings.
pub(crate) struct Given<'a> {
    pub image: &'a ImageConfig,
    pub identity: Identity,
    /// Of the container, from the root of each hierarchy.
    pub cgroup: PathBuf,
    pub machine: &'a Machine,
    /// The task's user namespace, and the first of its users on the host.
    pub users: Option<(PathBuf, u32)>,
    /// Where what its task's containers share is.
    pub shared: Places,
}

pub(crate) fn build(container: &ContainerSpec, given: &Given<'_>) -> Result<Spec, EngineError> {
    let built = || -> Result<Spec, Failed> {
        let root =
            RootBuilder::default().path("rootfs").readonly(container.security.read_only_root).build()?;
        let mut spec = SpecBuilder::default()
            .version("1.0.2")
            .root(root)
            .process(process(container, given)?)
            .mounts(mounts::all(container, given)?)
            .annotations(HashMap::from([(GROUP.to_owned(), container.task.to_string())]))
            .linux(linux(container, given)?)
            .build()?;
        // A host's name belongs to the container only with a namespace for it.
        spec.set_hostname(container.hostname.clone().filter(|_| container.network != Namespace::Host));
        Ok(spec)
    };
    built().map_err(|failed| match failed {
        Failed::Spec(error) => EngineError::internal("write a specification", error),
        Failed::Asked(error) => error,
    })
}

/// Either what was asked for is wrong, or a builder of ours misses a field.
pub(crate) enum Failed {
    Spec(OciSpecError),
    Asked(EngineError),
}

impl From<OciSpecError> for Failed {
    fn from(error: OciSpecError) -> Self {
        Self::Spec(error)
    }
}

impl From<EngineError> for Failed {
    fn from(error: EngineError) -> Self {
        Self::Asked(error)
    }
}

fn process(container: &ContainerSpec, given: &Given<'_>) -> Result<Process, Failed> {
    let mut args = arguments(container, given.image);
    if args.first().is_none_or(String::is_empty) {
        let why = "No command specified: neither the image nor the container definition has one";
        return Err(EngineError::Invalid(why.into()).into());
    }
    if container.init {
        args.splice(..0, [INIT, "--"].map(str::to_owned));
    }
    let cwd = match &container.working_directory {
        Some(directory) => directory.as_str(),
        None => given.image.working_dir.as_str(),
    };
    let cwd = if cwd.is_empty() { "/" } else { cwd };
    if !cwd.starts_with('/') {
        let why = format!("the working directory '{cwd}' is invalid, it needs to be an absolute path");
        return Err(EngineError::Invalid(why).into());
    }
    let identity = &given.identity;
    let user = UserBuilder::default()
        .uid(identity.uid)
        .gid(identity.gid)
        .additional_gids(identity.additional_gids.clone())
        .build()?;
    let security = &container.security;
    let mut process = ProcessBuilder::default()
        .terminal(container.terminal)
        .user(user)
        .args(args)
        .env(environment(container, given.image))
        .cwd(cwd)
        .capabilities(security::capabilities(security, identity, given.machine)?)
        .rlimits(rlimits(&container.ulimits, given.machine)?)
        .no_new_privileges(security.no_new_privileges)
        .build()?;
    process.set_apparmor_profile(security.apparmor.clone());
    process.set_selinux_label(security.selinux.clone());
    Ok(process)
}

/// The entry point and its arguments. Another entry point leaves the image's arguments out.
fn arguments(container: &ContainerSpec, image: &ImageConfig) -> Vec<String> {
    let entrypoint = container.entrypoint.as_ref().unwrap_or(&image.entrypoint);
    let none = Vec::new();
    let command = match (&container.command, &container.entrypoint) {
        (Some(command), _) => command,
        (None, None) => &image.cmd,
        (None, Some(_)) => &none,
    };
    entrypoint.iter().chain(command).cloned().collect()
}

/// The image's, then the container's; a later one of a name takes the earlier one's place.
fn environment(container: &ContainerSpec, image: &ImageConfig) -> Vec<String> {
    let mut variables: Vec<String> = vec![PATH.to_owned()];
    if container.terminal {
        variables.push(TERM.to_owned());
    }
    let hostname = container.hostname.iter().map(|name| format!("HOSTNAME={name}"));
    let own = container.environment.iter().map(|(name, value)| format!("{name}={value}"));
    for variable in hostname.chain(image.env.iter().cloned()).chain(own) {
        let name = variable.split('=').next().unwrap_or_default();
        let same = |it: &&mut String| it.split('=').next() == Some(name);
        match variables.iter_mut().find(same) {
            Some(earlier) => *earlier = variable,
            None => variables.push(variable),
        }
    }
    variables
}

fn rlimits(ulimits: &[Ulimit], machine: &Machine) -> Result<Vec<PosixRlimit>, Failed> {
    let mut limits: Vec<PosixRlimit> = Vec::new();
    for ulimit in ulimits {
        let name = format!("RLIMIT_{}", ulimit.name.to_ascii_uppercase());
        let unknown = |_| EngineError::Invalid(format!("{:?} is not a ulimit's name", ulimit.name));
        let kind: PosixRlimitType = name.parse().map_err(unknown)?;
        if ulimit.soft > ulimit.hard {
            let why = format!(
                "ulimit {}: soft limit {} is above hard limit {}",
                ulimit.name, ulimit.soft, ulimit.hard
            );
            return Err(EngineError::Invalid(why).into());
        }
        let limit = PosixRlimitBuilder::default().typ(kind).soft(ulimit.soft).hard(ulimit.hard);
        limits.push(limit.build()?);
    }
    if !limits.iter().any(|it| it.typ() == PosixRlimitType::RlimitNofile) {
        // Who may not raise limits can give no more than what it has.
        let most = NOFILE.min(machine.nofile_most);
        let kind = PosixRlimitType::RlimitNofile;
        limits.push(PosixRlimitBuilder::default().typ(kind).soft(most).hard(most).build()?);
    }
    Ok(limits)
}

fn linux(container: &ContainerSpec, given: &Given<'_>) -> Result<Linux, Failed> {
    let security = &container.security;
    let mut linux = LinuxBuilder::default()
        .cgroups_path(given.cgroup.clone())
        .namespaces(namespaces(container, given)?)
        .resources(resources::of_container(container, given.machine)?)
        .sysctl(container.sysctls.clone().into_iter().collect::<HashMap<_, _>>())
        .masked_paths(security::masked_paths(security))
        .readonly_paths(security::read_only_paths(security))
        .build()?;
    if let Some((_, first)) = given.users {
        let all = LinuxIdMappingBuilder::default().container_id(0_u32).host_id(first).size(IDS).build()?;
        linux.set_uid_mappings(Some(vec![all])).set_gid_mappings(Some(vec![all]));
    }
    if security.privileged {
        linux.set_devices(Some(security::host_devices()?));
    } else if !container.devices.is_empty() {
        linux.set_devices(Some(security::devices(&container.devices)?));
    }
    if security.privileged {
        // It may call whatever there is.
    } else if !security.seccomp_unconfined {
        let had = security::granted(security, given.machine)?;
        linux.set_seccomp(Some(seccomp::filter(&had)?));
    }
    Ok(linux)
}

fn namespaces(container: &ContainerSpec, given: &Given<'_>) -> Result<Vec<LinuxNamespace>, Failed> {
    let mut namespaces = Vec::new();
    let shared = &given.shared;
    let mut add = |kind: LinuxNamespaceType, wanted: &Namespace| -> Result<(), Failed> {
        let namespace = LinuxNamespaceBuilder::default().typ(kind);
        match wanted {
            Namespace::Task if kind == LinuxNamespaceType::Pid => {
                namespaces.push(namespace.path(shared.pid.clone()).build()?)
            }
            Namespace::Task if kind == LinuxNamespaceType::Ipc => {
                namespaces.push(namespace.path(shared.ipc.clone()).build()?)
            }
            Namespace::Task => {
                let why = format!("containers of a task do not share a namespace of the kind {kind:?}");
                return Err(EngineError::Invalid(why).into());
            }
            Namespace::Own => namespaces.push(namespace.build()?),
            Namespace::Host => {}
            Namespace::Join(path) => namespaces.push(namespace.path(path.clone()).build()?),
        }
        Ok(())
    };
    add(LinuxNamespaceType::Mount, &Namespace::Own)?;
    add(LinuxNamespaceType::Pid, &container.pid)?;
    add(LinuxNamespaceType::Ipc, &container.ipc)?;
    add(LinuxNamespaceType::Network, &container.network)?;
    let names = match container.network {
        Namespace::Host => Namespace::Host,
        Namespace::Own | Namespace::Task | Namespace::Join(_) => Namespace::Own,
    };
    add(LinuxNamespaceType::Uts, &names)?;
    if let Some((path, _)) = &given.users {
        add(LinuxNamespaceType::User, &Namespace::Join(path.clone()))?;
    }
    if given.machine.cgroup_v2 {
        add(LinuxNamespaceType::Cgroup, &Namespace::Own)?;
    }
    Ok(namespaces)
}

#[cfg(test)]
mod tests;
