//! FilterLogEvents: the events of all or some streams of a group, in the order of their times.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use gantry_api_logs as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure};
use gantry_store::{Scan, Tx};

use super::{PAGE_BYTES, page_events};
use crate::chunks::{Event, Forward, Head, Position, StreamId, Window};
use crate::error::LogsError;
use crate::pattern::Pattern;
use crate::tables::{Group, STREAMS, Stream, streams_key};
use crate::{Logs, name, token};

/// How many bytes of messages one page looks at. A page that ends here may be empty, and has a token.
const EXAMINED_BYTES: u64 = 32 * 1024 * 1024;

/// How many streams are looked up at once.
const BATCH: usize = 1000;

/// Reads a page of a group's events that match a pattern.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::FilterLogEventsRequest,
) -> Result<api::FilterLogEventsResponse, Failure> {
    let group_name = name::group_name(&cx, input.log_group_name, input.log_group_identifier)?;
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &group_name).await?;
    let arn = name::stream_arn(&cx, &group_name, "");
    cx.authorize(name::permission("logs:FilterLogEvents", &arn, group.as_ref()))?;

    let pattern = Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default())?;
    if input.log_stream_names.is_some() && input.log_stream_name_prefix.is_some() {
        let message = "The parameters logStreamNames and logStreamNamePrefix are mutually exclusive.";
        return Err(LogsError::invalid(message).into());
    }
    if input.start_from_head == Some(false) {
        let message = "Reading from the tail with startFromHead false is not supported by Gantry.";
        return Err(LogsError::invalid(message).into());
    }
    let group = group.ok_or(LogsError::GroupNotFound)?;
    let window = window(&cx, &group, input.start_time, input.end_time)?;
    let scope = format!("FilterLogEvents/{}", group.id);
    let after = input.next_token.map(|text| place(&scope, &text)).transpose()?;

    let streams = streams(&mut tx, &group, input.log_stream_names, input.log_stream_name_prefix).await?;
    let names: HashMap<u64, &str> =
        streams.iter().map(|stream| (stream_id(&group, stream).rank(), stream.name.as_str())).collect();
    let heads = heads(logs, &group, &streams, window).await?;
    let mut reader = Merged::new(logs, heads, window, after).await?;
    let (events, next) = page(&mut reader, &pattern, page_events(input.limit)).await?;

    let event = |(position, event): (Position, Event)| api::FilteredLogEvent {
        log_stream_name: names.get(&position.stream).map(|name| (*name).to_owned()),
        timestamp: Some(event.timestamp),
        message: Some(event.message),
        ingestion_time: Some(event.ingestion),
        event_id: Some(token::event_id(position)),
    };
    Ok(api::FilterLogEventsResponse {
        events: Some(events.into_iter().map(event).collect()),
        // AWS no longer says which streams were searched.
        searched_log_streams: Some(Vec::new()),
        next_token: next.map(|position| PageToken::encode(&scope, &token::position_text(position))),
    })
}

fn window(cx: &Cx, group: &Group, start: Option<i64>, end: Option<i64>) -> Result<Window, LogsError> {
    if let (Some(start), Some(end)) = (start, end)
        && start > end
    {
        return Err(LogsError::invalid("startTime must not be later than endTime."));
    }
    let expired = group.expired_before(cx.now).map_or(0, |moment| moment.as_millis());
    // Here, unlike in GetLogEvents, the end belongs to the range.
    let until = end.map_or(i64::MAX, |end| end.saturating_add(1));
    Ok(Window { from: start.unwrap_or(0).max(expired), until })
}

fn place(scope: &str, text: &str) -> Result<Position, LogsError> {
    let decoded = PageToken::decode(scope, text).ok().and_then(|text| token::parse_position(&text));
    decoded.ok_or_else(|| LogsError::invalid("The specified nextToken is invalid."))
}

fn stream_id(group: &Group, stream: &Stream) -> StreamId {
    StreamId { group: group.id.clone(), stream: stream.id.clone() }
}

/// The streams that are searched: the named ones, each of which must exist, or those of a prefix.
async fn streams(
    tx: &mut Tx,
    group: &Group,
    names: Option<Vec<String>>,
    prefix: Option<String>,
) -> Result<Vec<Stream>, Failure> {
    let Some(names) = names else {
        let under = streams_key(&group.id).partial(prefix.as_deref().unwrap_or_default());
        let rows = tx.peek_scan(&STREAMS, &under, Scan::all()).await?;
        return Ok(rows.into_iter().map(|(_, stream)| stream).collect());
    };
    let mut streams: Vec<Stream> = Vec::with_capacity(names.len());
    for name in names {
        let stream = name::find_stream(tx, group, &name).await?.ok_or(LogsError::StreamNotFound)?;
        if !streams.iter().any(|known| known.id == stream.id) {
            streams.push(stream);
        }
    }
    Ok(streams)
}

/// The streams that may have events in the window, with their heads.
async fn heads(
    logs: &Logs,
    group: &Group,
    streams: &[Stream],
    window: Window,
) -> Result<Vec<(StreamId, Head)>, Failure> {
    let mut found = Vec::new();
    for some in streams.chunks(BATCH) {
        let ids: Vec<_> = some.iter().map(|stream| stream_id(group, stream)).collect();
        let heads = logs.chunks.heads(&ids).await?;
        let pairs = ids.into_iter().zip(heads).filter_map(|(id, head)| Some((id, head?)));
        found.extend(pairs.filter(|(_, head)| window.touches(head)));
    }
    Ok(found)
}

/// The events of several streams in one order. A stream is not opened before its first event may be next.
struct Merged {
    waiting: BinaryHeap<Reverse<(Position, usize)>>,
    readers: Vec<Reader>,
}

struct Reader {
    stream: Forward,
    next: Option<Event>,
}

impl Merged {
    async fn new(
        logs: &Logs,
        heads: Vec<(StreamId, Head)>,
        window: Window,
        after: Option<Position>,
    ) -> Result<Merged, Failure> {
        let snapshot = logs.chunks.snapshot().await?;
        let mut merged = Merged { waiting: BinaryHeap::new(), readers: Vec::with_capacity(heads.len()) };
        for (at, (id, head)) in heads.into_iter().enumerate() {
            let timestamp = head.first.max(window.from).max(after.map_or(0, |after| after.timestamp));
            // No event of the stream comes before this position.
            let earliest = Position { timestamp, ingestion: i64::MIN, ..Position::default() };
            merged.waiting.push(Reverse((earliest, at)));
            let stream = Forward::new(snapshot.clone(), id, window, after);
            merged.readers.push(Reader { stream, next: None });
        }
        Ok(merged)
    }

    async fn next(&mut self) -> Result<Option<(Position, Event)>, Failure> {
        while let Some(Reverse((position, at))) = self.waiting.pop() {
            let reader = &mut self.readers[at];
            let event = reader.next.take();
            if let Some((position, event)) = reader.stream.next().await? {
                reader.next = Some(event);
                self.waiting.push(Reverse((position, at)));
            }
            if let Some(event) = event {
                return Ok(Some((position, event)));
            }
        }
        Ok(None)
    }

    fn examined(&self) -> u64 {
        self.readers.iter().map(|reader| reader.stream.examined).sum()
    }
}

/// A page of matching events, and where to go on if there may be more.
async fn page(
    reader: &mut Merged,
    pattern: &Pattern,
    limit: usize,
) -> Result<(Vec<(Position, Event)>, Option<Position>), Failure> {
    let mut events: Vec<(Position, Event)> = Vec::new();
    let mut bytes = 0;
    let mut last = None;
    while let Some((position, event)) = reader.next().await? {
        let matches = pattern.matches(&event.message);
        let size = event.message.len();
        if matches && (events.len() == limit || bytes + size > PAGE_BYTES && !events.is_empty()) {
            return Ok((events, last));
        }
        last = Some(position);
        if matches {
            bytes += size;
            events.push((position, event));
        }
        if reader.examined() > EXAMINED_BYTES {
            return Ok((events, last));
        }
    }
    Ok((events, None))
}
