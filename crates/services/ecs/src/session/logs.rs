//! Container output, put into CloudWatch Logs as the task's execution role.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gantry_api_logs as logs;
use gantry_base::{Region, Timestamp};
use gantry_node_proto::v1::{LogAck, LogBatch, PutLogsRequest, PutLogsResponse};
use gantry_service::{Cx, Failure, LogPosition, RoleSession};
use gantry_store::Key;
use gantry_wire::ApiError;

use super::NodeAuthority;
use crate::launch::{Actor, NOBODY, create_stream, instance};
use crate::names::TaskName;
use crate::tables::node::LOG_OFFSETS;
use crate::tables::task::{LaunchType, TASKS, Task};
use crate::{Ecs, for_tasks};

/// CloudWatch Logs' bounds on one request: events, and bytes with 26 for each event.
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1_048_576;
const EVENT_OVERHEAD: usize = 26;

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
            (None, LaunchType::Ec2) => instance(ecs, task, now).await.map_err(Failure::Internal)?,
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
    let mut offsets: HashMap<Key, u64> = HashMap::new();
    let mut acks = Vec::with_capacity(request.batches.len());
    for batch in request.batches {
        let stored = one(ecs, &node, batch, &mut offsets, now).await;
        acks.push(stored.map_err(|failure| format!("{failure:?}"))?);
    }
    let mut tx = ecs.db.begin();
    for (key, offset) in &offsets {
        tx.put(&LOG_OFFSETS, key, offset);
    }
    tx.commit(&NodeAuthority(&node)).await.map_err(|error| error.to_string())?;
    Ok(PutLogsResponse { acks })
}

async fn one(
    ecs: &Ecs,
    node: &str,
    batch: LogBatch,
    offsets: &mut HashMap<Key, u64>,
    now: Timestamp,
) -> Result<LogAck, Failure> {
    let refuse = |why: &str| Ok(LogAck { accepted_offset: batch.end_offset, refused: why.to_owned() });
    let Some(name) = TaskName::of_arn(&batch.task_arn) else {
        return refuse("the task's name can't be read");
    };
    let mut tx = ecs.db.begin();
    let Some(task) = tx.peek(&TASKS, &name.key()).await? else {
        return refuse("the task is not known any more");
    };
    if task.node.as_deref() != Some(node) {
        return refuse("the task is not on this node");
    }
    let key = name.key().with(&batch.container).with(&batch.output);
    let accepted = match offsets.get(&key) {
        Some(accepted) => *accepted,
        None => tx.peek(&LOG_OFFSETS, &key).await?.unwrap_or(0),
    };
    let fresh = batch.events.iter().any(|event| event.end_offset > accepted && !event.message.is_empty());
    let refused = if fresh {
        match writer(ecs, &task, &batch.region, now).await {
            Ok(cx) => store(ecs, &cx, &task, &batch, accepted).await?,
            Err(Failure::Answer(error)) => error.to_string(),
            Err(Failure::Denied(denial)) => denial.to_string(),
            Err(failure) => return Err(failure),
        }
    } else {
        String::new()
    };
    let accepted_offset = accepted.max(batch.end_offset);
    offsets.insert(key, accepted_offset);
    Ok(LogAck { accepted_offset, refused })
}

async fn writer(ecs: &Ecs, task: &Task, region: &str, now: Timestamp) -> Result<Cx, Failure> {
    let refused = |code: &'static str, why: String| Failure::Answer(ApiError::new(code, why));
    let session = ecs.log_writers().session(ecs, task, now).await?;
    let session = session.ok_or_else(|| refused("AccessDeniedException", NOBODY.to_owned()))?;
    let region: Result<Region, _> = region.parse();
    let region =
        region.map_err(|error| refused("InvalidParameterException", format!("awslogs-region: {error}")))?;
    // A call from within: only of those are positions of sources taken.
    Ok(Cx { region, key: None, ..ecs.as_role(&session, task.place(), now) })
}

/// Stores the events behind `accepted`; what comes back is why some were refused for good.
///
/// How far the output has come is kept with the events, in one transaction. It is what counts: our own row is written
/// after it, and a crash between the two leaves it behind.
async fn store(ecs: &Ecs, cx: &Cx, task: &Task, batch: &LogBatch, accepted: u64) -> Result<String, Failure> {
    let source = format!("{}:{}:{}", task.name.id, batch.container, batch.output);
    let mut refused = String::new();
    let mut accepted = accepted;
    let mut stands = accepted;
    while let Some((events, end)) = next_part(batch, accepted) {
        let part = LogPosition { source: source.clone(), from: stands, to: end.max(stands) };
        match put_events(ecs, cx, batch, events, &part).await {
            Ok(why) => {
                if !why.is_empty() {
                    refused = why;
                }
                (accepted, stands) = (end, part.to);
            }
            Err(Failure::Answer(error)) => match position(&error, &source) {
                // It is the position that the events have that counts; there is none of a stream that was made anew.
                Some(elsewhere) if elsewhere != stands => {
                    (accepted, stands) = (accepted.max(elsewhere), elsewhere);
                }
                _ => {
                    refused = error.to_string();
                    accepted = end;
                }
            },
            Err(Failure::Denied(denial)) => {
                refused = denial.to_string();
                accepted = end;
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(refused)
}

/// The next events behind `accepted` that fit one request, and where they end.
fn next_part(batch: &LogBatch, accepted: u64) -> Option<(Vec<logs::InputLogEvent>, u64)> {
    let (mut events, mut bytes, mut end) = (Vec::new(), 0, accepted);
    // Parts of one long line end at one place, and are not parted.
    for line in batch.events.chunk_by(|a, b| a.end_offset == b.end_offset) {
        let fresh = line.iter().filter(|event| event.end_offset > accepted && !event.message.is_empty());
        let line_bytes: usize = fresh.clone().map(|event| event.message.len() + EVENT_OVERHEAD).sum();
        let full = events.len() + line.len() > MOST_EVENTS || bytes + line_bytes > MOST_BYTES;
        if full && !events.is_empty() {
            break;
        }
        bytes += line_bytes;
        end = end.max(line.last().map_or(0, |event| event.end_offset));
        events.extend(fresh.map(|event| logs::InputLogEvent {
            timestamp: event.timestamp_ms,
            message: event.message.clone(),
        }));
    }
    if batch.events.last().is_some_and(|event| event.end_offset <= end) {
        end = end.max(batch.end_offset);
    }
    // CloudWatch Logs wants each request in the order of time; lines that came at one moment stay in their order.
    events.sort_by_key(|event| event.timestamp);
    (!events.is_empty()).then_some((events, end))
}

/// Where the source stands, if that is what the error says.
fn position(error: &ApiError, source: &str) -> Option<u64> {
    let expected = error.fields.iter().find(|(name, _)| name == "expectedSequenceToken")?;
    let position: LogPosition = expected.1.as_str()?.parse().ok()?;
    (position.source == source).then_some(position.to)
}

async fn put_events(
    ecs: &Ecs,
    cx: &Cx,
    batch: &LogBatch,
    log_events: Vec<logs::InputLogEvent>,
    part: &LogPosition,
) -> Result<String, Failure> {
    let input = logs::PutLogEventsRequest {
        log_group_name: batch.group.clone(),
        log_stream_name: batch.stream.clone(),
        log_events,
        sequence_token: Some(part.to_string()),
        ..Default::default()
    };
    let answer = match ecs.siblings.call::<logs::PutLogEvents>(cx, input.clone()).await {
        // The stream was made before the task began; somebody has deleted it since.
        Err(Failure::Answer(error)) if error.code == "ResourceNotFoundException" => {
            create_stream(ecs, cx, &batch.group, &batch.stream).await?;
            ecs.siblings.call::<logs::PutLogEvents>(cx, input).await?
        }
        answer => answer?,
    };
    Ok(match answer.rejected_log_events_info {
        None => String::new(),
        Some(info) => format!(
            "events before {:?} are too old, before {:?} expired, from {:?} on too new",
            info.too_old_log_event_end_index,
            info.expired_log_event_end_index,
            info.too_new_log_event_start_index
        ),
    })
}
