//! ExecuteCommand: a session in a running container, for whoever brings the answer's token to its stream.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_api_ecs as api;
use gantry_base::Arn;
use gantry_ecs_core::status::ContainerStatus;
use gantry_service::{Cx, Failure, Permission};

use super::describe_tasks::name;
use super::shared::{self, Having};
use crate::Ecs;
use crate::error::EcsError;
use crate::exec::Wanted;
use crate::exec::object::{self, InBucket};
use crate::exec::transcript::{KeptIn, destination};
use crate::session::of_task;
use crate::tables::cluster::Cluster;
use crate::tables::task::{TASKS, Task};

/// What AWS says in one breath of two cases.
const NOT_ENABLED: &str = "The execute command failed because execute command was not enabled when the task was run \
    or the execute command agent isn\u{2019}t running. Wait and try again or run a new task with execute command \
    enabled and try again.";
/// As a command line of the kernel is bounded.
const MAX_COMMAND: usize = 64 * 1024;
const TOKEN_BYTES: usize = 96;

/// Opens the session. Its process is started by whoever comes for it.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::ExecuteCommandRequest,
) -> Result<api::ExecuteCommandResponse, Failure> {
    let place = shared::place(&cx);
    let cluster_name = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let mut tx = ecs.db.begin();
    let name = match name(&place, &cluster_name, &input.task) {
        Ok(name) => name,
        Err(error) => {
            return Err(shared::misnamed(&mut tx, &cx, input.cluster.as_deref(), error).await.into());
        }
    };
    let task = tx.peek(&TASKS, &name.key()).await?;
    let asked = input.container.clone().filter(|name| !name.is_empty());
    let container = asked.clone().or_else(|| task.as_ref().and_then(only_container));
    let (arn, cluster_arn) = (name.arn(), place.cluster_arn(&cluster_name));
    let cluster_tags = shared::cluster_tags(&mut tx, &place, &cluster_name).await?;
    let on_cluster = Permission::on("ecs:ExecuteCommand", &cluster_arn).having(cluster_tags.iter());
    let task_tags = task.iter().flat_map(|task| task.tags.iter());
    let on_task = Permission::on("ecs:ExecuteCommand", &arn).having(task_tags);
    for permission in [on_cluster, on_task] {
        let permission = permission.key("ecs:task", [arn.to_string()]);
        let permission = match &container {
            Some(name) => permission.key("ecs:container-name", [name.as_str()]),
            None => permission,
        };
        cx.authorize(shared::in_cluster(permission, &place, &cluster_name))?;
    }

    let cluster = shared::active_cluster(&mut tx, &place, &cluster_name).await?;
    if !input.interactive {
        return Err(EcsError::invalid("Interactive is the only mode supported currently.").into());
    }
    let args = words(&input.command)?;
    let task = task.ok_or_else(|| EcsError::invalid("The referenced task was not found."))?;
    let container = container.ok_or_else(|| {
        EcsError::invalid("Container name is required for tasks that have more than one container.")
    })?;
    let mut wanted = wanted(ecs, &task, &container, input.command, args)?;
    (wanted.kept_in, wanted.in_bucket) = kept_in(ecs, &cluster, &wanted).await?;
    let mut facts = task.containers.iter().zip(task.life.containers());
    let facts = facts.find(|(_, life)| life.name == container).map(|(facts, _)| facts);

    let session = format!("ecs-execute-command-0{}", ecs.ids.hex(16));
    let mut token = [0; TOKEN_BYTES];
    ecs.ids.fill(&mut token);
    let token = BASE64.encode(token);
    if !ecs.execs().wait_for(&session, &token, wanted, cx.now) {
        return Err(EcsError::client("Too many sessions wait to be entered. Try again later.").into());
    }
    Ok(api::ExecuteCommandResponse {
        cluster_arn: Some(cluster_arn.to_string()),
        container_arn: facts.map(|facts| task.name.container_arn(&facts.id).to_string()),
        container_name: Some(container),
        interactive: Some(true),
        session: Some(api::Session {
            stream_url: Some(stream_url(ecs, &cx, &session)),
            session_id: Some(session),
            token_value: Some(token),
        }),
        task_arn: Some(arn.to_string()),
    })
}

fn only_container(task: &Task) -> Option<String> {
    match task.life.containers() {
        [only] => Some(only.name.clone()),
        _ => None,
    }
}

/// The words of a command, by the quotes of a POSIX shell; there is no shell that would do more with it
/// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html)).
fn words(command: &str) -> Result<Vec<String>, EcsError> {
    if command.len() > MAX_COMMAND {
        return Err(EcsError::invalid(format!("Command must be at most {MAX_COMMAND} bytes long.")));
    }
    match shlex::split(command) {
        None => Err(EcsError::invalid("Command has a quote that is not closed.")),
        Some(words) if words.is_empty() => Err(EcsError::invalid("Command can not be blank.")),
        Some(words) if words.iter().any(|word| word.contains('\0')) => {
            Err(EcsError::invalid("Command has a character that no command can have."))
        }
        Some(words) => Ok(words),
    }
}

/// Where the command would run, or why it can't.
fn wanted(
    ecs: &Ecs,
    task: &Task,
    container: &str,
    command: String,
    args: Vec<String>,
) -> Result<Wanted, EcsError> {
    let life = task.life.containers().iter().find(|life| life.name == container);
    let life = life
        .ok_or_else(|| EcsError::invalid(format!("The container {container} does not exist in the task.")))?;
    let runs = life.status == ContainerStatus::Running && !life.runtime_id.is_empty();
    let node = task.node.clone().filter(|_| task.enable_execute_command && runs);
    let node = node.ok_or_else(|| EcsError::invalid(NOT_ENABLED))?;
    if !ecs.connected().is_open(&node) {
        return Err(EcsError::TargetNotConnected);
    }
    Ok(Wanted {
        task: task.name.clone(),
        container: container.to_owned(),
        runtime_id: life.runtime_id.clone(),
        node,
        command,
        args,
        kept_in: None,
        in_bucket: None,
    })
}

/// Where the cluster wants the session's words kept.
async fn kept_in(
    ecs: &Ecs,
    cluster: &Cluster,
    wanted: &Wanted,
) -> Result<(Option<KeptIn>, Option<InBucket>), Failure> {
    let sent = of_task(ecs, &wanted.task, &wanted.node).await?;
    let container = sent.iter().flat_map(|task| &task.containers).find(|one| one.name == wanted.container);
    let log = container.and_then(|one| one.log_configuration.as_ref()).filter(|log| log.driver == "awslogs");
    let own = log.map(|log| (log.group.clone(), log.region.clone()));
    let to = destination(&cluster.configuration, own, wanted.task.place.region.as_str())?;
    let role = sent.as_ref().and_then(|task| task.task_role.as_ref());
    let task_role: Option<Arn> =
        role.map(|role| role.role_arn.parse().map_err(Failure::internal)).transpose()?;
    let bucket = object::destination(&cluster.configuration);
    if let Some((bucket, _)) = &bucket {
        object::check(ecs, bucket).await?;
    }
    let in_group = to.map(|(group, region)| KeptIn { group, region, task_role: task_role.clone() });
    Ok((in_group, bucket.map(|(bucket, prefix)| InBucket { bucket, prefix, task_role })))
}

/// Where the session's stream is, by the name that the caller knows this endpoint by.
fn stream_url(ecs: &Ecs, cx: &Cx, session: &str) -> String {
    let own = || {
        let (_, host) = ecs.config.registry_url.split_once("://").unwrap_or_default();
        host.to_owned()
    };
    let (scheme, host) = match &cx.origin.host {
        Some(host) => (if cx.origin.secure { "wss" } else { "ws" }, host.clone()),
        None => ("ws", own()),
    };
    format!("{scheme}://{host}/v1/data-channel/{session}?role=publish_subscribe")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_words_and_no_shell() {
        let of = |command: &str| words(command).ok();
        assert_eq!(of("/bin/sh -c 'a && b'").unwrap(), ["/bin/sh", "-c", "a && b"]);
        assert_eq!(of("ls $HOME | wc").unwrap(), ["ls", "$HOME", "|", "wc"]);
        for wrong in ["", "   ", "sh -c 'open"] {
            assert!(of(wrong).is_none(), "{wrong}");
        }
    }
}
