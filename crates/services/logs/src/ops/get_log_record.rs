//! GetLogRecord: the event that a row of a query's results points to, with all its fields.

use std::sync::Arc;

use gantry_api_logs as api;
use gantry_service::{Cx, Failure, Permission};

use crate::chunks::{Forward, Position, StreamId, Window};
use crate::error::LogsError;
use crate::insights::record::parse_pointer;
use crate::insights::{Record, Source, Value};
use crate::{Logs, name};

/// Reads one event.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::GetLogRecordRequest,
) -> Result<api::GetLogRecordResponse, Failure> {
    cx.authorize(Permission::of("logs:GetLogRecord"))?;

    let pointer = parse_pointer(&input.log_record_pointer);
    let (group_name, position) =
        pointer.ok_or_else(|| LogsError::invalid("The specified log record pointer is invalid."))?;
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &group_name).await?.ok_or(LogsError::GroupNotFound)?;
    let not_found = || LogsError::NotFound("The specified log record does not exist.".into());
    if group.expired_before(cx.now).is_some_and(|moment| position.timestamp < moment.as_millis()) {
        return Err(not_found().into());
    }
    let id = StreamId { group: group.id.clone(), stream: format!("{:016x}", position.stream) };
    let stream = name::stream_of_id(&mut tx, &group, &id.stream).await?.ok_or_else(not_found)?;
    let window = Window { from: position.timestamp, until: position.timestamp + 1 };
    let mut reader = Forward::new(logs.chunks.snapshot().await?, id, window, before(position));
    let (_, event) = reader.next().await?.filter(|(at, _)| *at == position).ok_or_else(not_found)?;
    let source = Source {
        log: format!("{}:{group_name}", cx.account),
        group: group_name,
        stream: stream.name,
        rank: position.stream,
    };
    let record = Record::of_event(Arc::new(source), event);
    let own = ["@timestamp", "@ingestionTime", "@message", "@logStream", "@log", "@ptr"].map(str::to_owned);
    let text = |name: &String| match record.get(name) {
        // Here times are numbers, unlike in a query's results.
        Value::Time(millis) => Some(millis.to_string()),
        value => value.text(),
    };
    let fields = own.into_iter().chain(record.discovered());
    let fields = fields.filter_map(|name| text(&name).map(|value| (name, value))).collect();
    Ok(api::GetLogRecordResponse { log_record: Some(fields) })
}

/// The position that comes right before another.
fn before(position: Position) -> Option<Position> {
    Some(Position { ordinal: position.ordinal.checked_sub(1)?, ..position })
}
