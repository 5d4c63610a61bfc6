//! The file systems of EFS that a task mounts.

use std::net::Ipv4Addr;

use gantry_base::Timestamp;
use gantry_ecs_core::TaskSpec;
use gantry_ecs_core::spec::VolumeSource;
use gantry_ecs_core::stop::Stop;
use gantry_node_proto::v1;
use gantry_service::{Caller, Cx, Failure, MountingFrom, Principal, WantedMount};

use super::Unready;
use super::network::Interface;
use crate::tables::task::Task;
use crate::{Ecs, for_tasks};

/// What the node binds for each volume that is a file system's; it is there when this answers.
pub(super) async fn mounts(
    ecs: &Ecs,
    task: &Task,
    spec: &TaskSpec,
    interface: Option<&Interface>,
    now: Timestamp,
) -> Result<Vec<Option<v1::SharedDirectory>>, Unready> {
    let mut mounts = Vec::with_capacity(spec.volumes.len());
    for volume in &spec.volumes {
        mounts.push(match &volume.source {
            VolumeSource::Efs { file_system, root, access_point, iam } => {
                let wanted = WantedMount {
                    file_system_id: file_system.clone(),
                    access_point_id: access_point.clone(),
                    path: root.clone(),
                    from: interface.map(from),
                };
                Some(mount(ecs, task, spec, &wanted, *iam, now).await?)
            }
            VolumeSource::Scratch
            | VolumeSource::Host(_)
            | VolumeSource::Docker { .. }
            | VolumeSource::Unsupported => None,
        });
    }
    Ok(mounts)
}

async fn mount(
    ecs: &Ecs,
    task: &Task,
    spec: &TaskSpec,
    wanted: &WantedMount,
    iam: bool,
    now: Timestamp,
) -> Result<v1::SharedDirectory, Unready> {
    let cx = client(ecs, task, spec, iam, now).await;
    let cx = cx.map_err(|failure| Unready::of(failure, |why| failed(why, 1)))?;
    let mounted = ecs.file_systems.mount(&cx, wanted).await.map_err(|failure| match failure {
        Failure::Denied(_) => {
            let path = &wanted.path;
            let why = format!("b'mount.nfs4: access denied by server while mounting 127.0.0.1:{path}'");
            Unready::stop(failed(&why, 32))
        }
        // For a mount helper what is not there is a name that nobody knows.
        Failure::Answer(error) if error.code == "FileSystemNotFound" => Unready::stop(failed(
            &format!(
                "Failed to resolve \"{}.efs.{}.amazonaws.com\" - check that your file system ID is correct, and ensure \
                 that the VPC has an EFS mount target for this file system ID. See \
                 https://docs.aws.amazon.com/console/efs/mount-dns-name for more detail.",
                wanted.file_system_id,
                task.place().region,
            ),
            1,
        )),
        Failure::Answer(error) => {
            let code = if error.message.starts_with("Failed") { 1 } else { 32 };
            Unready::stop(failed(&error.message, code))
        }
        failure => Unready::of(failure, |why| failed(why, 1)),
    })?;
    Ok(v1::SharedDirectory {
        path: mounted.path.to_string_lossy().into_owned(),
        read_only: mounted.read_only,
        user: mounted.user.map(|(uid, gid)| v1::PosixUser { uid, gid }),
        root_is_nobody: !mounted.root,
        ..v1::SharedDirectory::default()
    })
}

/// EC2 gave the interface its address; one that can't be read reaches nothing.
fn from(interface: &Interface) -> MountingFrom {
    MountingFrom {
        vpc_id: interface.vpc_id.clone(),
        zone: interface.zone.clone(),
        address: interface.attachment.private_ipv4.parse().unwrap_or(Ipv4Addr::UNSPECIFIED),
        security_groups: interface.security_groups.clone(),
    }
}

/// Who mounts: the task's role where the volume wants IAM, or else nobody.
async fn client(ecs: &Ecs, task: &Task, spec: &TaskSpec, iam: bool, now: Timestamp) -> Result<Cx, Failure> {
    match &spec.task_role {
        Some(role) if iam => {
            let service = for_tasks(task.place());
            let session = ecs.roles.credentials_for_role(&service, role, &task.name.id, now).await?;
            Ok(ecs.as_role(&session, task.place(), now))
        }
        _ => Ok(ecs.as_service(task.place(), now).as_caller(Caller::new(Principal::Anonymous))),
    }
}

/// In the words of AWS's agent and its mount helper.
fn failed(why: &str, code: i32) -> Stop {
    Stop::resource_initialization(&format!(
        "failed to invoke EFS utils commands to set up EFS volumes: stderr: {why} : unsuccessful EFS utils command \
         execution; code: {code}"
    ))
}
