//! DescribeLogStreams: a group's streams, by name or by the time of their last event.

use gantry_api_logs as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::chunks::{Head, StreamId};
use crate::error::LogsError;
use crate::tables::{Group, STREAMS, Stream, stream_key, streams_key};
use crate::{Logs, name, token};

const LARGEST_PAGE: usize = 50;

/// How many streams are looked up at once.
const BATCH: usize = 1000;

/// Lists streams.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::DescribeLogStreamsRequest,
) -> Result<api::DescribeLogStreamsResponse, Failure> {
    let group_name = name::group_name(&cx, input.log_group_name, input.log_group_identifier)?;
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &group_name).await?;
    let arn = name::stream_arn(&cx, &group_name, "");
    cx.authorize(name::permission("logs:DescribeLogStreams", &arn, group.as_ref()))?;

    let by_time = input.order_by.as_deref() == Some("LastEventTime");
    let descending = input.descending == Some(true);
    if by_time && input.log_stream_name_prefix.is_some() {
        let message = "Cannot order by LastEventTime with a logStreamNamePrefix.";
        return Err(LogsError::invalid(message).into());
    }
    let size = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LARGEST_PAGE);
    let size = size.clamp(1, LARGEST_PAGE);
    let group = group.ok_or(LogsError::GroupNotFound)?;
    let scope = format!("DescribeLogStreams/{}/{by_time}/{descending}", group.id);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token)).transpose();
    let after = after.map_err(|_| LogsError::invalid("The specified nextToken is invalid."))?;

    let (rows, more) = if by_time {
        let rows = tx.peek_scan(&STREAMS, &streams_key(&group.id), Scan::all()).await?;
        let streams = rows.into_iter().map(|(_, stream)| stream).collect();
        let rows = with_heads(logs, &group, streams).await?;
        by_last_event(rows, after, size, descending)
    } else {
        let prefix = streams_key(&group.id).partial(&input.log_stream_name_prefix.unwrap_or_default());
        let after = after.map(|name| stream_key(&group.id, &name));
        let scan = Scan { after, limit: Some(size + 1), reverse: descending };
        let mut rows = tx.peek_scan(&STREAMS, &prefix, scan).await?;
        let more = rows.len() > size;
        rows.truncate(size);
        (with_heads(logs, &group, rows.into_iter().map(|(_, stream)| stream).collect()).await?, more)
    };
    let next = |row: &(Stream, Option<Head>)| if by_time { time_key(row) } else { row.0.name.clone() };
    let next_token = rows.last().filter(|_| more).map(|row| PageToken::encode(&scope, &next(row)));
    let streams = rows.into_iter().map(|row| answer(&cx, &group, row)).collect();
    Ok(api::DescribeLogStreamsResponse { log_streams: Some(streams), next_token })
}

async fn with_heads(
    logs: &Logs,
    group: &Group,
    streams: Vec<Stream>,
) -> Result<Vec<(Stream, Option<Head>)>, Failure> {
    let mut heads = Vec::with_capacity(streams.len());
    for some in streams.chunks(BATCH) {
        let id = |stream: &Stream| StreamId { group: group.id.clone(), stream: stream.id.clone() };
        let ids: Vec<_> = some.iter().map(id).collect();
        heads.extend(logs.chunks.heads(&ids).await?);
    }
    Ok(streams.into_iter().zip(heads).collect())
}

/// A text by which streams sort as by the time of their last event; those without events come first.
fn time_key((stream, head): &(Stream, Option<Head>)) -> String {
    format!("{:020}/{}", head.as_ref().map_or(0, |head| head.last.max(0)), stream.name)
}

fn by_last_event(
    mut rows: Vec<(Stream, Option<Head>)>,
    after: Option<String>,
    size: usize,
    descending: bool,
) -> (Vec<(Stream, Option<Head>)>, bool) {
    rows.sort_by_cached_key(time_key);
    if descending {
        rows.reverse();
    }
    if let Some(after) = after {
        rows.retain(|row| if descending { time_key(row) < after } else { time_key(row) > after });
    }
    let more = rows.len() > size;
    rows.truncate(size);
    (rows, more)
}

fn answer(cx: &Cx, group: &Group, (stream, head): (Stream, Option<Head>)) -> api::LogStream {
    api::LogStream {
        arn: Some(name::stream_arn(cx, &group.name, &stream.name).to_string()),
        creation_time: Some(stream.created_at.as_millis()),
        first_event_timestamp: head.as_ref().map(|head| head.first),
        last_event_timestamp: head.as_ref().map(|head| head.last),
        last_ingestion_time: head.as_ref().map(|head| head.last_ingestion),
        // A stream has none before its first events.
        upload_sequence_token: head.map(|head| token::sequence_token(head.next_sequence)),
        // AWS says 0 for streams since 2019.
        stored_bytes: Some(0),
        log_stream_name: Some(stream.name),
    }
}
