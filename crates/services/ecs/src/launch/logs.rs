//! The log streams of a task with the awslogs driver. They are made before the task starts, and one that can't be
//! made stops it, as on Fargate.

use gantry_api_logs as logs;
use gantry_base::Timestamp;
use gantry_ecs_core::TaskSpec;
use gantry_ecs_core::logs::{Destination, destination};
use gantry_ecs_core::settings::DEFAULT_LOG_DRIVER_MODE;
use gantry_ecs_core::spec::LogConfiguration;
use gantry_ecs_core::stop::Stop;
use gantry_service::{Cx, Failure};

use super::{Actor, NOBODY, Unready};
use crate::tables::task::Task;
use crate::{Ecs, settings};

/// The specification with the account's mode where a log driver's options don't say whether its container waits.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#default-log-driver-mode>
pub(super) async fn with_mode(ecs: &Ecs, task: &Task, mut spec: TaskSpec) -> Result<TaskSpec, Unready> {
    if spec.containers.iter().any(|one| one.log.as_ref().is_some_and(is_silent)) {
        let (mut tx, place) = (ecs.db.begin(), task.place());
        let root = settings::root(place);
        let chosen = settings::effective(&mut tx, place, &root, &DEFAULT_LOG_DRIVER_MODE).await;
        let (mode, _) = chosen.map_err(Unready::later)?;
        for log in spec.containers.iter_mut().filter_map(|one| one.log.as_mut()).filter(|log| is_silent(log))
        {
            log.options.insert("mode".to_owned(), mode.clone());
        }
    }
    Ok(spec)
}

fn is_silent(log: &LogConfiguration) -> bool {
    log.driver == "awslogs" && log.options.get("mode").is_none_or(String::is_empty)
}

/// Makes the streams, and the groups where the user asked for it.
pub(super) async fn streams(
    ecs: &Ecs,
    task: &Task,
    spec: &TaskSpec,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), Unready> {
    for container in &spec.containers {
        let Some(log) = &container.log else { continue };
        let Some(to) = destination(log, &container.name, &task.name.id) else { continue };
        let Some(cx) = actor.cx(ecs, task, now) else {
            return Err(Unready::stop(failed(NOBODY)));
        };
        let region = to.region.parse().map_err(|error| Unready::stop(failed(&format!("{error}"))))?;
        make(ecs, &Cx { region, ..cx }, &to).await?;
    }
    Ok(())
}

async fn make(ecs: &Ecs, cx: &Cx, to: &Destination) -> Result<(), Unready> {
    if to.create_group {
        let say = |why: &str| {
            failed(&format!(
                "create group has been retried 1 times: failed to create Cloudwatch log group: {why}"
            ))
        };
        let input = logs::CreateLogGroupRequest { log_group_name: to.group.clone(), ..Default::default() };
        already_there(ecs.siblings.call::<logs::CreateLogGroup>(cx, input).await.map(|_| ()))
            .map_err(|failure| Unready::of(failure, say))?;
    }
    let say = |why: &str| {
        failed(&format!(
            "create stream has been retried 1 times: failed to create Cloudwatch log stream: {why}"
        ))
    };
    create_stream(ecs, cx, &to.group, &to.stream).await.map_err(|failure| Unready::of(failure, say))
}

/// Makes a stream, or leaves the one that is there.
pub(crate) async fn create_stream(ecs: &Ecs, cx: &Cx, group: &str, stream: &str) -> Result<(), Failure> {
    let input =
        logs::CreateLogStreamRequest { log_group_name: group.to_owned(), log_stream_name: stream.to_owned() };
    already_there(ecs.siblings.call::<logs::CreateLogStream>(cx, input).await.map(|_| ()))
}

fn already_there(made: Result<(), Failure>) -> Result<(), Failure> {
    match made {
        Err(Failure::Answer(error)) if error.code == "ResourceAlreadyExistsException" => Ok(()),
        made => made,
    }
}

fn failed(why: &str) -> Stop {
    Stop::resource_initialization(&format!("failed to validate logger args: {why}"))
}
