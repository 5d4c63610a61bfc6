//! The volumes of a definition.

use std::collections::HashSet;

use super::Invalid;
use super::document;
use crate::spec::{ContainerSpec, VolumeSource, VolumeSpec};

pub(super) fn parse_all(
    given: &[document::Volume],
    unsupported: &mut Vec<String>,
) -> Result<Vec<VolumeSpec>, Invalid> {
    let mut seen = HashSet::new();
    let mut all = Vec::with_capacity(given.len());
    for one in given {
        let name = one.name.clone().unwrap_or_default();
        let fits = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if name.is_empty() || name.len() > 255 || !fits {
            return Err(Invalid::new(format!("Volume name '{name}' is not valid.")));
        }
        if !seen.insert(name.clone()) {
            return Err(Invalid::new(format!("Volume name '{name}' is used twice.")));
        }
        all.push(VolumeSpec { source: source(one, &name, unsupported)?, name });
    }
    Ok(all)
}

/// A volume that is configured at launch is for a container: one must mount it. Others may be there for nothing.
pub(super) fn check_mounted(given: &[document::Volume], containers: &[ContainerSpec]) -> Result<(), Invalid> {
    let mounted = |name: &str| {
        containers.iter().flat_map(|container| &container.mounts).any(|mount| mount.volume == name)
    };
    let idle: Vec<&str> = given
        .iter()
        .filter(|one| one.configured_at_launch == Some(true))
        .filter_map(|one| one.name.as_deref())
        .filter(|name| !mounted(name))
        .collect();
    if idle.is_empty() {
        return Ok(());
    }
    Err(Invalid::new(format!("Volumes [{}] are not referenced by any of the containers", idle.join(", "))))
}

fn source(
    one: &document::Volume,
    name: &str,
    unsupported: &mut Vec<String>,
) -> Result<VolumeSource, Invalid> {
    let host_path =
        one.host.as_ref().and_then(|host| host.source_path.clone()).filter(|path| !path.is_empty());
    let others = [
        (one.s3_files_volume_configuration.is_some(), "s3filesVolumeConfiguration"),
        (one.fsx_volume_configuration.is_some(), "fsxWindowsFileServerVolumeConfiguration"),
        (one.configured_at_launch == Some(true), "configuredAtLaunch"),
    ];
    let kinds = usize::from(host_path.is_some())
        + usize::from(one.docker_volume_configuration.is_some())
        + usize::from(one.efs_volume_configuration.is_some())
        + others.iter().filter(|(wanted, _)| *wanted).count();
    if kinds > 1 {
        return Err(Invalid::new(
            "When the volume parameter is specified, only one volume configuration type should be used.",
        ));
    }
    if let Some((_, field)) = others.iter().find(|(wanted, _)| *wanted) {
        unsupported.push(format!("volumes[{name}].{field}"));
        return Ok(VolumeSource::Unsupported);
    }
    if let Some(efs) = &one.efs_volume_configuration {
        return file_system(efs);
    }
    if let Some(path) = host_path {
        if super::container::is_of_windows(&path) {
            unsupported.push(format!("volumes[{name}].host.sourcePath {path}"));
            return Ok(VolumeSource::Unsupported);
        }
        if !path.starts_with('/') {
            return Err(Invalid::new(format!("The sourcePath '{path}' of volume '{name}' is not absolute.")));
        }
        return Ok(VolumeSource::Host(path));
    }
    let Some(docker) = &one.docker_volume_configuration else { return Ok(VolumeSource::Scratch) };
    let shared = match docker.scope.as_deref() {
        None | Some("task") => false,
        Some("shared") => true,
        Some(other) => {
            return Err(Invalid::new(format!("The scope '{other}' of volume '{name}' is not valid.")));
        }
    };
    match docker.autoprovision {
        Some(false) if !shared => {
            return Err(Invalid::new(
                "When 'scope' parameter is 'task', 'autoprovision' must either not be specified or set to 'True'.",
            ));
        }
        // AWS registers it, and its agent then provisions no such volume.
        Some(true) if !shared => {
            unsupported
                .push(format!("volumes[{name}].dockerVolumeConfiguration.autoprovision with the scope task"));
        }
        _ => {}
    }
    let driver =
        docker.driver.clone().filter(|driver| !driver.is_empty()).unwrap_or_else(|| "local".to_owned());
    if driver != "local" {
        unsupported.push(format!("volumes[{name}].dockerVolumeConfiguration.driver {driver}"));
    } else if let Some(other) =
        docker.driver_opts.keys().find(|key| !["type", "device", "o"].contains(&key.as_str()))
    {
        // AWS registers it, and Docker then makes no such volume.
        unsupported.push(format!("volumes[{name}].dockerVolumeConfiguration.driverOpts {other}"));
    }
    Ok(VolumeSource::Docker {
        shared,
        autoprovision: docker.autoprovision.unwrap_or(false),
        driver,
        driver_opts: docker.driver_opts.clone(),
        labels: docker.labels.clone(),
    })
}

/// A volume that is a file system of EFS.
fn file_system(efs: &document::EfsVolume) -> Result<VolumeSource, Invalid> {
    let root = efs.root_directory.clone().filter(|path| !path.is_empty()).unwrap_or_else(|| "/".to_owned());
    if !root.starts_with('/') {
        return Err(Invalid::new(format!(
            "The rootDirectory '{root}' of an EFS volume must begin with '/'."
        )));
    }
    let encrypted = efs.transit_encryption.as_deref() == Some("ENABLED");
    if efs.transit_encryption_port.is_some_and(|port| !(1..=65535).contains(&port)) {
        return Err(Invalid::new("The transitEncryptionPort of an EFS volume must be between 1 and 65535."));
    }
    if efs.transit_encryption_port.is_some() && !encrypted {
        return Err(Invalid::new("TransitEncryptionPort requires that TransitEncryption is enabled."));
    }
    let authorization = efs.authorization_config.clone().unwrap_or_default();
    let access_point = authorization.access_point_id.filter(|id| !id.is_empty());
    let iam = authorization.iam.as_deref() == Some("ENABLED");
    if access_point.is_some() && root != "/" {
        return Err(Invalid::new(
            "When using an EFS access point, the root directory must either be set to \"/\" or be omitted.",
        ));
    }
    if access_point.is_some() && !encrypted {
        return Err(Invalid::new("When using an EFS access point, transit encryption must be enabled."));
    }
    if iam && !encrypted {
        return Err(Invalid::new("EFS IAM authorization requires TransitEncryption to be enabled."));
    }
    Ok(VolumeSource::Efs { file_system: efs.file_system_id.clone(), root, access_point, iam })
}
