//! Container output, put into CloudWatch Logs as the task's execution role.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use gantry_base::{Region, Timestamp};
use gantry_node_proto::packed::unpack;
use gantry_node_proto::v1::{LogAck, LogBatch, PutLogsRequest, PutLogsResponse};
use gantry_service::{Cx, Failure, LogPosition, OutputBatch, OutputEvent, OutputPut, PutOutput, RoleSession};
use gantry_wire::ApiError;

use crate::launch::{Actor, NOBODY, create_stream, instance};
use crate::names::TaskName;
use crate::tables::task::{LaunchType, TASKS, Task};
use crate::{Ecs, for_tasks};

/// Batches of a request that are stored at once, so that one commit of the disk serves many streams.
const AT_ONCE: usize = 64;
/// How often a batch is offered: once where the node says it belongs, once where the stream says.
const OFFERS: usize = 4;

/// How long before its end a session is not used any more.
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// How many sessions are kept at once.
const MOST_WRITERS: usize = 4096;

/// Sessions of execution roles, kept as long as they last; none where nobody acts for the task.
#[derive(Default)]
pub(crate) struct LogWriters(Mutex<HashMap<TaskName, Writer>>);

struct Writer {
    session: Option<Arc<RoleSession>>,
    until: Timestamp,
}

impl LogWriters {
    async fn session(
        &self,
        ecs: &Ecs,
        task: &Task,
        now: Timestamp,
    ) -> Result<Option<Arc<RoleSession>>, Failure> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(writer) = lock().get(&task.name)
            && now < writer.until
        {
            return Ok(writer.session.clone());
        }
        let actor = match (&task.execution_role, task.launch) {
            (Some(role), _) => {
                let role = role.parse().map_err(Failure::internal)?;
                let session = ecs
                    .roles
                    .credentials_for_role(&for_tasks(task.place()), &role, &task.name.id, now)
                    .await?;
                Actor::Role(Box::new(session))
            }
            (None, LaunchType::Ec2 | LaunchType::External) => {
                instance(ecs, task, now).await.map_err(Failure::Internal)?
            }
            (None, LaunchType::Fargate) => Actor::Nobody,
        };
        let (session, until) = match actor {
            Actor::Role(session) => {
                let until = session.expires_at - MARGIN;
                (Some(Arc::new(*session)), until)
            }
            Actor::Nobody => (None, now + MARGIN),
        };
        let mut kept = lock();
        if kept.len() >= MOST_WRITERS {
            kept.retain(|_, writer| now < writer.until);
        }
        if kept.len() < MOST_WRITERS {
            kept.insert(task.name.clone(), Writer { session: session.clone(), until });
        }
        Ok(session)
    }
}

/// Stores the batches. An error means that nothing is acknowledged, and all is sent again.
pub(super) async fn put(ecs: &Ecs, request: PutLogsRequest) -> Result<PutLogsResponse, String> {
    let now = ecs.clock.now();
    let node = request.node_id;
    let stored = futures::stream::iter(request.batches).map(|batch| one(ecs, &node, batch, now));
    let acks = stored.buffered(AT_ONCE).try_collect().await;
    Ok(PutLogsResponse { acks: acks.map_err(|failure| format!("{failure:?}"))? })
}

async fn one(ecs: &Ecs, node: &str, batch: LogBatch, now: Timestamp) -> Result<LogAck, Failure> {
    let ack = |refused: String| Ok(LogAck { accepted_offset: batch.end_offset, refused });
    let Some(name) = TaskName::of_arn(&batch.task_arn) else {
        return ack("the task's name can't be read".to_owned());
    };
    let mut tx = ecs.db.begin();
    let Some(task) = tx.peek(&TASKS, &name.key()).await? else {
        return ack("the task is not known any more".to_owned());
    };
    if task.node.as_deref() != Some(node) {
        return ack("the task is not on this node".to_owned());
    }
    let stored = match writer(ecs, &task, &batch.region, now).await {
        Ok(cx) => store(ecs, &cx, &task, &batch).await,
        Err(failure) => Err(failure),
    };
    match stored {
        Ok(refused) => ack(refused),
        Err(Failure::Answer(error)) => ack(error.to_string()),
        Err(Failure::Denied(denial)) => ack(denial.to_string()),
        Err(failure) => Err(failure),
    }
}

/// The context in which a task's log is written: as its execution role, or as its instance's.
pub(crate) async fn writer(ecs: &Ecs, task: &Task, region: &str, now: Timestamp) -> Result<Cx, Failure> {
    let refused = |code: &'static str, why: String| Failure::Answer(ApiError::new(code, why));
    let session = ecs.log_writers().session(ecs, task, now).await?;
    let session = session.ok_or_else(|| refused("AccessDeniedException", NOBODY.to_owned()))?;
    let region: Result<Region, _> = region.parse();
    let region =
        region.map_err(|error| refused("InvalidParameterException", format!("awslogs-region: {error}")))?;
    Ok(Cx { region, key: None, ..ecs.as_role(&session, task.place(), now) })
}

/// Stores the batch; what comes back is why some of it was refused for good.
///
/// How far the output has come is kept with the events, in one transaction, and it is what counts: a node that died
/// before it heard, or before it noted what it heard, sends again what is there.
async fn store(ecs: &Ecs, cx: &Cx, task: &Task, batch: &LogBatch) -> Result<String, Failure> {
    let source = format!("{}:{}:{}", task.name.id, batch.container, batch.output);
    let mut accepted = batch.start_offset;
    let mut stands = batch.start_offset;
    for _ in 0..OFFERS {
        let part = LogPosition { source: source.clone(), from: stands, to: batch.end_offset.max(stands) };
        // What begins the batch may end where it begins: a note that something before it was dropped.
        let events = events(batch, (accepted > batch.start_offset).then_some(accepted))?;
        if events.is_empty() {
            return Ok(String::new());
        }
        let output = OutputBatch {
            group: batch.group.clone(),
            stream: batch.stream.clone(),
            part,
            buffer: batch.events.clone(),
            events,
        };
        match put_output(ecs, cx, Arc::new(output)).await? {
            OutputPut::Stored { out_of_time: 0 } => return Ok(String::new()),
            OutputPut::Stored { out_of_time } => {
                return Ok(format!("{out_of_time} events are too old or too new"));
            }
            // There is no position of a stream that was made anew, and an older one where output was refused meanwhile.
            OutputPut::Elsewhere(at) => (accepted, stands) = (accepted.max(at), at),
        }
    }
    Err(Failure::Conflict)
}

/// The events of a batch behind a position. An empty line is no event: CloudWatch Logs has none.
fn events(batch: &LogBatch, behind: Option<u64>) -> Result<Vec<OutputEvent>, Failure> {
    let mut events = Vec::with_capacity(batch.events.len() / 64);
    for event in unpack(&batch.events) {
        let event = event.map_err(Failure::internal)?;
        if behind.is_none_or(|behind| event.end_offset > behind) && !event.message.is_empty() {
            let message = event.at..event.at + event.message.len();
            events.push(OutputEvent { timestamp: event.timestamp_ms, message });
        }
    }
    // Lines that came at one moment stay in their order.
    if !events.is_sorted_by_key(|event| event.timestamp) {
        events.sort_by_key(|event| event.timestamp);
    }
    Ok(events)
}

async fn put_output(ecs: &Ecs, cx: &Cx, output: Arc<OutputBatch>) -> Result<OutputPut, Failure> {
    match ecs.siblings.call_within::<PutOutput>(cx, output.clone()).await {
        // The stream was made before the task began; somebody has deleted it since.
        Err(Failure::Answer(error)) if error.code == "ResourceNotFoundException" => {
            create_stream(ecs, cx, &output.group, &output.stream).await?;
            ecs.siblings.call_within::<PutOutput>(cx, output).await
        }
        answer => answer,
    }
}
