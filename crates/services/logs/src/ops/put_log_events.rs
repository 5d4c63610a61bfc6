//! PutLogEvents: a batch of events for a stream.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_store::{Scan, Tx};

use crate::batch::{self, Accepted};
use crate::chunks::{Appended, Head, Incoming, StreamId};
use crate::error::LogsError;
use crate::metrics::Counter;
use crate::tables::{Group, METRIC_FILTERS, metric_filters_key};
use crate::tail::Arrived;
use crate::{Logs, name, resource_policy, token};

/// Adds a batch to a stream. What is accepted is durable when this answers.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::PutLogEventsRequest,
) -> Result<api::PutLogEventsResponse, Failure> {
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &input.log_group_name).await?;
    let arn = name::stream_arn(&cx, &input.log_group_name, &input.log_stream_name);
    let policy = resource_policy::of(&mut tx, &cx).await?;
    let permission = name::permission("logs:PutLogEvents", &arn, group.as_ref());
    let permit = cx.authorize(permission.resource_policy(policy.as_ref()))?;

    let group = group.ok_or(LogsError::GroupNotFound)?;
    let stream = name::find_stream(&mut tx, &group, &input.log_stream_name).await?;
    let stream = stream.ok_or(LogsError::StreamNotFound)?;
    let incoming =
        |event: api::InputLogEvent| Incoming { timestamp: event.timestamp, message: event.message };
    let events = input.log_events.into_iter().map(incoming).collect();
    let mut accepted = batch::accept(events, cx.now, group.expired_before(cx.now))?;

    let counters = counters(&mut tx, &group).await?;
    let id = StreamId { group: group.id, stream: stream.id };
    let head: Option<Head> = match accepted.events.is_empty() {
        true => logs.chunks.heads(std::slice::from_ref(&id)).await?.pop().flatten(),
        false => {
            let now = cx.now.as_millis();
            let appended = logs.chunks.append(&permit, &id, &accepted.events, None, &counters, now).await?;
            if logs.hub.watched() {
                logs.hub.pass(Arrived {
                    group_id: id.group,
                    stream: stream.name,
                    ingestion: now,
                    events: std::mem::take(&mut accepted.events),
                });
            }
            match appended {
                Appended::Done(head) => Some(head),
                Appended::Elsewhere(_) => None,
            }
        }
    };
    let next_sequence = head.map_or(1, |head| head.next_sequence);
    Ok(api::PutLogEventsResponse {
        next_sequence_token: Some(token::sequence_token(next_sequence)),
        rejected_log_events_info: rejected(&accepted),
        rejected_entity_info: None,
    })
}

/// What counts the events of a group.
pub(super) async fn counters(tx: &mut Tx, group: &Group) -> Result<Vec<Counter>, Failure> {
    if group.metric_filters == 0 {
        return Ok(Vec::new());
    }
    let rows = tx.peek_scan(&METRIC_FILTERS, &metric_filters_key(&group.id), Scan::all()).await?;
    // Each was checked when it was put.
    Ok(rows.iter().filter_map(|(_, filter)| Counter::new(filter).ok()).collect())
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
