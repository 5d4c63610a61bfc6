//! StartLiveTail: shows events as they arrive.

use std::collections::HashMap;

use gantry_api_logs as api;
use gantry_service::{Cx, Events, Failure};

use crate::error::LogsError;
use crate::pattern::Pattern;
use crate::tables::GroupClass;
use crate::tail::{MAX_SESSIONS, Wanted};
use crate::{Logs, name};

/// Begins a session. What was let in stays let in until it ends.
pub async fn run(logs: &Logs, cx: Cx, input: api::StartLiveTailRequest) -> Result<Events, Failure> {
    let mut tx = logs.db.begin();
    let mut groups = HashMap::new();
    for identifier in &input.log_group_identifiers {
        let group_name = name::from_identifier(&cx, identifier.clone())?;
        let group = name::find_group(&mut tx, &cx, &group_name).await?;
        let arn = name::stream_arn(&cx, &group_name, "");
        cx.authorize(name::permission("logs:StartLiveTail", &arn, group.as_ref()))?;
        let group = group.ok_or(LogsError::GroupNotFound)?;
        if group.class != GroupClass::Standard {
            let class = group.class.as_str();
            let message = format!("Live Tail is not supported for log groups of the {class} class.");
            return Err(LogsError::InvalidOperation(message).into());
        }
        groups.insert(group.id, name::group_arn(&cx, &group_name).to_string());
    }
    if input.log_group_identifiers.iter().any(|identifier| !identifier.starts_with("arn:")) {
        return Err(LogsError::invalid("logGroupIdentifiers must be ARNs of log groups.").into());
    }
    let streams = input.log_stream_names.clone().unwrap_or_default();
    let stream_prefixes = input.log_stream_name_prefixes.clone().unwrap_or_default();
    if !streams.is_empty() && !stream_prefixes.is_empty() {
        let message = "Only one of logStreamNames or logStreamNamePrefixes can be provided.";
        return Err(LogsError::invalid(message).into());
    }
    if groups.len() > 1 && !(streams.is_empty() && stream_prefixes.is_empty()) {
        let message = "logStreamNames and logStreamNamePrefixes can only be used with a single log group.";
        return Err(LogsError::invalid(message).into());
    }
    let pattern = Pattern::parse(input.log_event_filter_pattern.as_deref().unwrap_or_default())?;
    let place = logs.hub.place(cx.account, &cx.region).ok_or_else(|| {
        LogsError::limit(format!(
            "An account can have at most {MAX_SESSIONS} Live Tail sessions in a region."
        ))
    })?;
    let start = api::LiveTailSessionStart {
        request_id: Some(cx.request_id.to_string()),
        session_id: Some(logs.ids.uuid()),
        log_group_identifiers: Some(input.log_group_identifiers),
        log_stream_names: Some(streams.clone()),
        log_stream_name_prefixes: Some(stream_prefixes.clone()),
        log_event_filter_pattern: Some(input.log_event_filter_pattern.unwrap_or_default()),
    };
    Ok(logs.hub.session(start, Wanted { groups, streams, stream_prefixes, pattern }, place))
}
