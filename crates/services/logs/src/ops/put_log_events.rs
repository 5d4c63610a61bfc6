//! PutLogEvents: a batch of events for a stream.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};

use crate::batch::{self, Accepted};
use crate::chunks::{Incoming, StreamId};
use crate::error::LogsError;
use crate::{Logs, name, token};

/// Adds a batch to a stream. What is accepted is durable when this answers.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::PutLogEventsRequest,
) -> Result<api::PutLogEventsResponse, Failure> {
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &input.log_group_name).await?;
    let arn = name::stream_arn(&cx, &input.log_group_name, &input.log_stream_name);
    let permit = cx.authorize(name::permission("logs:PutLogEvents", &arn, group.as_ref()))?;

    let group = group.ok_or(LogsError::GroupNotFound)?;
    let stream = name::find_stream(&mut tx, &group, &input.log_stream_name).await?;
    let stream = stream.ok_or(LogsError::StreamNotFound)?;
    let incoming =
        |event: api::InputLogEvent| Incoming { timestamp: event.timestamp, message: event.message };
    let events = input.log_events.into_iter().map(incoming).collect();
    let accepted = batch::accept(events, cx.now, group.expired_before(cx.now))?;

    let id = StreamId { group: group.id, stream: stream.id };
    let next_sequence = match accepted.events.is_empty() {
        true => logs
            .chunks
            .heads(std::slice::from_ref(&id))
            .await?
            .pop()
            .flatten()
            .map_or(1, |head| head.next_sequence),
        false => logs.chunks.append(&permit, &id, &accepted.events, cx.now.as_millis()).await?.next_sequence,
    };
    Ok(api::PutLogEventsResponse {
        next_sequence_token: Some(token::sequence_token(next_sequence)),
        rejected_log_events_info: rejected(&accepted),
        rejected_entity_info: None,
    })
}

fn rejected(accepted: &Accepted) -> Option<api::RejectedLogEventsInfo> {
    let index = |at: Option<usize>| at.and_then(|at| i32::try_from(at).ok());
    let info = api::RejectedLogEventsInfo {
        too_new_log_event_start_index: index(accepted.too_new_start),
        too_old_log_event_end_index: index(accepted.too_old_end),
        expired_log_event_end_index: index(accepted.expired_end),
    };
    let any = accepted.too_new_start.or(accepted.too_old_end).or(accepted.expired_end);
    any.map(|_| info)
}
