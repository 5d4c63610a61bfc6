//! GetLogGroupFields: which fields the events of a group have, and how often.

use std::collections::BTreeMap;
use std::sync::Arc;

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::chunks::{Forward, StreamId, Window};
use crate::error::LogsError;
use crate::insights::{Record, Source};
use crate::tables::{STREAMS, streams_key};
use crate::{Logs, name};

/// AWS looks at a quarter of an hour: the last, or eight minutes around the given time.
const LOOKED_AT: i64 = 15 * 60 * 1000;

/// How many events are looked at.
const MAX_EVENTS: u64 = 10_000;

/// Which fields every event has.
const OWN: [&str; 4] = ["@ingestionTime", "@logStream", "@message", "@timestamp"];

/// Counts the fields of some events.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::GetLogGroupFieldsRequest,
) -> Result<api::GetLogGroupFieldsResponse, Failure> {
    let group_name = name::group_name(&cx, input.log_group_name, input.log_group_identifier)?;
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &group_name).await?;
    let arn = name::stream_arn(&cx, &group_name, "");
    cx.authorize(name::permission("logs:GetLogGroupFields", &arn, group.as_ref()))?;

    let group = group.ok_or(LogsError::GroupNotFound)?;
    // Given in seconds, as the times of queries are.
    let end = input.time.map_or(cx.now.as_millis(), |time| time.saturating_mul(1000) + LOOKED_AT / 2);
    let expired = group.expired_before(cx.now).map_or(0, |moment| moment.as_millis());
    let window = Window { from: (end - LOOKED_AT).max(expired), until: end.saturating_add(1) };
    let snapshot = logs.chunks.snapshot().await?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut events = 0;
    for (_, stream) in tx.peek_scan(&STREAMS, &streams_key(&group.id), Scan::all()).await? {
        let id = StreamId { group: group.id.clone(), stream: stream.id };
        let source = Arc::new(Source {
            log: String::new(),
            group: group_name.clone(),
            stream: stream.name,
            rank: id.rank(),
        });
        let mut reader = Forward::new(snapshot.clone(), id, window, None);
        while events < MAX_EVENTS
            && let Some((_, event)) = reader.next().await?
        {
            events += 1;
            for field in Record::of_event(source.clone(), event).discovered() {
                *counts.entry(field).or_default() += 1;
            }
        }
    }
    let percent = |count: u64| i32::try_from(count * 100 / events.max(1)).unwrap_or(100).max(1);
    let own = OWN.iter().filter(|_| events > 0).map(|name| ((*name).to_owned(), events));
    let mut fields: Vec<(String, u64)> = own.chain(counts).collect();
    fields.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let field = |(name, count)| api::LogGroupField { name: Some(name), percent: Some(percent(count)) };
    Ok(api::GetLogGroupFieldsResponse { log_group_fields: Some(fields.into_iter().map(field).collect()) })
}
