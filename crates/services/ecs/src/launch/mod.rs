//! What a placed task needs to start: an interface, the values of its secrets, its files of variables, a way into its
//! registries, log streams and its role's credentials. All is asked of the siblings as whoever AWS would ask as: the
//! execution role, or ECS itself for the interface.
//!
//! Everything here may be done twice: what it makes is found again by the task's id.

mod connect;
mod desired;
mod environment_files;
mod file_systems;
mod logs;
mod network;
mod registry;
mod secrets;

use std::time::Duration;

use gantry_base::{Arn, Timestamp};
use gantry_ecs_core::TaskSpec;
use gantry_ecs_core::overrides;
use gantry_ecs_core::stop::Stop;
use gantry_node_proto::v1;
use gantry_service::{Cx, Failure, RoleSession};

use crate::tables::task::{Attachment, LaunchType, Task};
use crate::tables::task_definition::{TaskDefinition, home};
use crate::{Ecs, INSTANCE_ROLE, TaskName, for_instances, for_tasks};

pub(crate) use logs::create_stream;
pub(crate) use network::find as find_interface;

/// A task that can start.
pub(crate) struct Prepared {
    pub desired: v1::DesiredTask,
    pub attachment: Option<Attachment>,
    /// The zone of its interface.
    pub zone: Option<String>,
    /// When its role's credentials are to be renewed.
    pub renew_at: Option<Timestamp>,
}

/// A task that can't start.
#[derive(Debug)]
pub(crate) struct Unready {
    /// Why it stops; none = it may work later.
    pub stop: Option<Stop>,
    /// For the log.
    pub detail: String,
}

impl Unready {
    /// Something of ours was not there; it is tried again.
    pub(crate) fn later(detail: impl std::fmt::Display) -> Unready {
        Unready { stop: None, detail: detail.to_string() }
    }

    /// The user has to mend it.
    fn stop(stop: Stop) -> Unready {
        let detail = stop.reason.clone();
        Unready { stop: Some(stop), detail }
    }

    /// A sibling's refusal is the user's to mend, in the words that `say` gives it; anything else is tried again.
    fn of(failure: Failure, say: impl FnOnce(&str) -> Stop) -> Unready {
        match failure {
            Failure::Answer(error) => Unready::stop(say(&format!("{}: {}", error.code, error.message))),
            Failure::Denied(denial) => Unready::stop(say(&format!("AccessDeniedException: {denial}"))),
            Failure::Conflict | Failure::Internal(_) => Unready::later(format_args!("{failure:?}")),
        }
    }
}

/// Who acts for the task: its execution role, or where it has none and is no Fargate task, the instance's.
pub(crate) enum Actor {
    Role(Box<RoleSession>),
    Nobody,
}

impl Actor {
    /// The context of the actor's calls.
    pub(crate) fn cx(&self, ecs: &Ecs, task: &Task, now: Timestamp) -> Option<Cx> {
        match self {
            Actor::Role(session) => Some(ecs.as_role(session, task.place(), now)),
            Actor::Nobody => None,
        }
    }
}

/// What a task is told that has nobody to act for it.
pub(crate) const NOBODY: &str = "the task definition has no execution role";

/// Makes everything the task needs.
pub(crate) async fn prepare(
    ecs: &Ecs,
    task: &Task,
    definition: &TaskDefinition,
    now: Timestamp,
) -> Result<Prepared, Unready> {
    let spec = &logs::with_mode(ecs, task, spec_of(task, definition)?).await?;
    let interface = network::make(ecs, task, now).await?;
    let actor = actor(ecs, task, spec, now).await?;
    let (values, files, access, (), role, mounts) = tokio::try_join!(
        secrets::values(ecs, task, spec, &actor, now),
        environment_files::variables(ecs, task, spec, &actor, now),
        registry::access(ecs, task, spec, &actor, now),
        logs::streams(ecs, task, spec, &actor, now),
        task_role(ecs, task, spec, now),
        file_systems::mounts(ecs, task, spec, interface.as_ref(), now),
    )?;
    let upstreams = connect::upstreams(ecs, task).await?;
    let (role, session) = role.unzip();
    let (attachment, zone) = interface.as_ref().map(|one| (one.attachment.clone(), one.zone.clone())).unzip();
    let desired = desired::message(
        ecs,
        task,
        spec,
        desired::Made { values, files, access, role, interface, mounts, upstreams },
    );
    Ok(Prepared { desired, attachment, zone, renew_at: session.map(|session| renew_at(&session, now)) })
}

/// The definition with the run's overrides. Both were valid when the run was accepted.
fn spec_of(task: &Task, definition: &TaskDefinition) -> Result<TaskSpec, Unready> {
    let place = task.place();
    let spec = definition.spec(place).map_err(Unready::later)?;
    overrides::apply(&spec, &task.overrides, task.launch.compatibility(), home(place)).map_err(Unready::later)
}

async fn actor(ecs: &Ecs, task: &Task, spec: &TaskSpec, now: Timestamp) -> Result<Actor, Unready> {
    let Some(role) = &spec.execution_role else {
        return match task.launch {
            LaunchType::Fargate => Ok(Actor::Nobody),
            LaunchType::Ec2 | LaunchType::External => instance(ecs, task, now).await.map_err(Unready::later),
        };
    };
    let session = ecs.roles.credentials_for_role(&for_tasks(task.place()), role, &task.name.id, now).await;
    let say = |why: &str| {
        Stop::resource_initialization(&format!(
            "unable to pull secrets or registry auth: execution resource retrieval failed: unable to assume the \
             execution role {role}: {why}"
        ))
    };
    Ok(Actor::Role(Box::new(session.map_err(|failure| Unready::of(failure, say))?)))
}

/// The role of container instances, if the account has it.
pub(crate) async fn instance(ecs: &Ecs, task: &Task, now: Timestamp) -> Result<Actor, String> {
    let place = task.place();
    let role =
        Arn::global("iam", place.region.partition(), place.account, format_args!("role/{INSTANCE_ROLE}"));
    match ecs.roles.credentials_for_role(&for_instances(place), &role, &task.name.id, now).await {
        Ok(session) => Ok(Actor::Role(Box::new(session))),
        Err(Failure::Answer(_) | Failure::Denied(_)) => Ok(Actor::Nobody),
        Err(failure) => Err(format!("{failure:?}")),
    }
}

async fn task_role(
    ecs: &Ecs,
    task: &Task,
    spec: &TaskSpec,
    now: Timestamp,
) -> Result<Option<(v1::Credentials, RoleSession)>, Unready> {
    let Some(role) = &spec.task_role else { return Ok(None) };
    let made = credentials(ecs, role, &task.name, None, now).await;
    let say =
        |why: &str| Stop::resource_initialization(&format!("unable to assume the task role {role}: {why}"));
    made.map(Some).map_err(|failure| Unready::of(failure, say))
}

/// A session of a task's role, under the id that its containers already know, if they do.
pub(crate) async fn credentials(
    ecs: &Ecs,
    role: &Arn,
    task: &TaskName,
    id: Option<String>,
    now: Timestamp,
) -> Result<(v1::Credentials, RoleSession), Failure> {
    let session = ecs.roles.credentials_for_role(&for_tasks(&task.place), role, &task.id, now).await?;
    let message = v1::Credentials {
        id: id.unwrap_or_else(|| ecs.ids.uuid()),
        role_arn: role.to_string(),
        access_key_id: session.access_key_id.clone(),
        secret_access_key: session.secret_access_key.clone(),
        session_token: session.session_token.clone(),
        expires_at_ms: session.expires_at.as_millis(),
    };
    Ok((message, session))
}

/// Half of what is left of a session's life, and not sooner than in a minute.
pub(crate) fn renew_at(session: &RoleSession, now: Timestamp) -> Timestamp {
    now + (session.expires_at.since(now) / 2).max(Duration::from_secs(60))
}
