//! PutOutput: container output, which no AWS client sends.

use std::sync::Arc;

use gantry_service::{Cx, Failure, OutputBatch, OutputPut};

use super::put_log_events::counters;
use crate::batch::moments;
use crate::chunks::{Appended, Incoming, StreamId};
use crate::error::LogsError;
use crate::tail::Arrived;
use crate::{Logs, name, resource_policy};

/// Adds what a container said to a stream, and how far its source has come, in one transaction. It may be more than
/// PutLogEvents takes at once, so that a commit of the disk is worth it.
pub async fn run(logs: &Logs, cx: Cx, input: Arc<OutputBatch>) -> Result<OutputPut, Failure> {
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &input.group).await?;
    let arn = name::stream_arn(&cx, &input.group, &input.stream);
    let policy = resource_policy::of(&mut tx, &cx).await?;
    let permission = name::permission("logs:PutLogEvents", &arn, group.as_ref());
    let permit = cx.authorize(permission.resource_policy(policy.as_ref()))?;

    let group = group.ok_or(LogsError::GroupNotFound)?;
    let stream = name::find_stream(&mut tx, &group, &input.stream).await?;
    let stream = stream.ok_or(LogsError::StreamNotFound)?;
    let taken = moments(cx.now, group.expired_before(cx.now));
    let mut events = Vec::with_capacity(input.events.len());
    for event in input.events.iter().filter(|event| taken.contains(&event.timestamp)) {
        let message = input.buffer.get(event.message.clone()).map(std::str::from_utf8);
        let Some(Ok(message)) = message else {
            return Err(Failure::internal("a message of container output is no text"));
        };
        events.push((event.timestamp, message));
    }
    let counters = counters(&mut tx, &group).await?;
    let id = StreamId { group: group.id, stream: stream.id };
    let now = cx.now.as_millis();
    match logs.chunks.append(&permit, &id, &events, Some(&input.part), &counters, now).await? {
        Appended::Elsewhere(at) => Ok(OutputPut::Elsewhere(at)),
        Appended::Done(_) => {
            if logs.hub.watched() && !events.is_empty() {
                let incoming = |(timestamp, message): &(i64, &str)| Incoming {
                    timestamp: *timestamp,
                    message: (*message).to_owned(),
                };
                logs.hub.pass(Arrived {
                    group_id: id.group,
                    stream: stream.name,
                    ingestion: now,
                    events: events.iter().map(incoming).collect(),
                });
            }
            Ok(OutputPut::Stored { out_of_time: input.events.len() - events.len() })
        }
    }
}
