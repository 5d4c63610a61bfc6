//! GetLogEvents: a stream's events, from either end, in pages that lead both ways.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};

use super::{PAGE_BYTES, page_events};
use crate::chunks::{Backward, Event, Forward, Position, StreamId, Window};
use crate::error::LogsError;
use crate::token::{self, Direction};
use crate::{Logs, name};

/// Reads a page of a stream's events, always in the order of their times.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::GetLogEventsRequest,
) -> Result<api::GetLogEventsResponse, Failure> {
    let group_name = name::group_name(&cx, input.log_group_name, input.log_group_identifier)?;
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &group_name).await?;
    let arn = name::stream_arn(&cx, &group_name, &input.log_stream_name);
    cx.authorize(name::permission("logs:GetLogEvents", &arn, group.as_ref()))?;

    let group = group.ok_or(LogsError::GroupNotFound)?;
    let stream = name::find_stream(&mut tx, &group, &input.log_stream_name).await?;
    let stream = stream.ok_or(LogsError::StreamNotFound)?;
    let expired = group.expired_before(cx.now).map_or(0, |moment| moment.as_millis());
    let id = StreamId { group: group.id, stream: stream.id };
    let window = Window {
        from: input.start_time.unwrap_or(0).max(expired),
        until: input.end_time.unwrap_or(i64::MAX),
    };
    let given = input.next_token.map(|text| token::decode(&text, id.rank())).transpose()?;
    let from_head = input.start_from_head == Some(true);
    let direction = match given {
        Some((direction, _)) => direction,
        None if from_head => Direction::Forward,
        None => Direction::Backward,
    };
    let place = given.map(|(_, place)| place);
    let limit = page_events(input.limit);
    let snapshot = logs.chunks.snapshot().await?;
    let page = match direction {
        Direction::Forward => forward(Forward::new(snapshot, id, window, place), limit).await?,
        Direction::Backward => backward(Backward::new(snapshot, id, window, place), limit).await?,
    };
    // A page without events leads to where it was asked for, so its tokens are those that were given.
    let here = place.unwrap_or_default();
    let first = page.first().map_or(here, |(position, _)| *position);
    let last = page.last().map_or(here, |(position, _)| *position);
    let event = |(_, event): (Position, Event)| api::OutputLogEvent {
        timestamp: Some(event.timestamp),
        message: Some(event.message),
        ingestion_time: Some(event.ingestion),
    };
    Ok(api::GetLogEventsResponse {
        events: Some(page.into_iter().map(event).collect()),
        next_forward_token: Some(token::encode(Direction::Forward, last)),
        next_backward_token: Some(token::encode(Direction::Backward, first)),
    })
}

async fn forward(mut reader: Forward, limit: usize) -> Result<Vec<(Position, Event)>, Failure> {
    let mut page = Page::new(limit);
    while page.has_room() {
        let Some(found) = reader.next().await? else { break };
        if !page.take(found) {
            break;
        }
    }
    Ok(page.events)
}

async fn backward(mut reader: Backward, limit: usize) -> Result<Vec<(Position, Event)>, Failure> {
    let mut page = Page::new(limit);
    while page.has_room() {
        let Some(found) = reader.next().await? else { break };
        if !page.take(found) {
            break;
        }
    }
    page.events.reverse();
    Ok(page.events)
}

struct Page {
    events: Vec<(Position, Event)>,
    limit: usize,
    bytes: usize,
}

impl Page {
    fn new(limit: usize) -> Page {
        Page { events: Vec::new(), limit, bytes: 0 }
    }

    fn has_room(&self) -> bool {
        self.events.len() < self.limit
    }

    /// Takes an event unless it is too much; the first one always fits.
    fn take(&mut self, found: (Position, Event)) -> bool {
        let bytes = self.bytes + found.1.message.len();
        if bytes > PAGE_BYTES && !self.events.is_empty() {
            return false;
        }
        self.bytes = bytes;
        self.events.push(found);
        true
    }
}
