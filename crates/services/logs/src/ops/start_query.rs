//! StartQuery: a query of Logs Insights begins its work in the background.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::chunks::Window;
use crate::error::LogsError;
use crate::insights;
use crate::queries::{self, MAX_CONCURRENT, Task};
use crate::tables::{Group, GroupClass, QUERIES, Query, QueryStatus, queries_key, query_key};
use crate::{Logs, name};

/// How many groups a query may read.
const MAX_GROUPS: usize = 50;

/// How many rows a query answers where nothing else is said, and at most.
const MAX_ROWS: usize = 10_000;

/// Times from here on are milliseconds, as some clients send them, and no seconds.
const MILLIS_FROM: i64 = 100_000_000_000;

/// Begins a query. It has its row when this answers.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::StartQueryRequest,
) -> Result<api::StartQueryResponse, Failure> {
    let names = group_names(&cx, &input)?;
    let mut tx = logs.db.begin();
    let mut groups: Vec<Group> = Vec::new();
    let mut permit = None;
    for group_name in &names {
        let group = name::find_group(&mut tx, &cx, group_name).await?;
        let arn = name::stream_arn(&cx, group_name, "");
        permit = Some(cx.authorize(name::permission("logs:StartQuery", &arn, group.as_ref()))?);
        groups.push(group.ok_or(LogsError::GroupNotFound)?);
    }
    let Some(permit) = permit else {
        return Err(LogsError::invalid("A query needs at least one log group.").into());
    };

    if let Some(language) = input.query_language.as_deref().filter(|language| *language != "CWLI") {
        let message = format!("The query language {language} is not supported by Gantry.");
        return Err(LogsError::invalid(message).into());
    }
    if let Some(group) = groups.iter().find(|group| group.class == GroupClass::Delivery) {
        let message = format!("Log group {} is of the DELIVERY class and can't be queried.", group.name);
        return Err(LogsError::invalid(message).into());
    }
    let query = insights::parse(&input.query_string).map_err(|malformed| LogsError::MalformedQuery {
        message: malformed.message,
        start: malformed.at.start,
        end: malformed.at.end,
    })?;
    let window = window(&cx, &input, &groups)?;
    let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MAX_ROWS);

    let rows = tx.scan(&QUERIES, &queries_key(cx.account, &cx.region), Scan::all()).await?;
    let running = |query: &&Query| queries::status(query, cx.now) == QueryStatus::Running;
    if rows.iter().map(|(_, query)| query).filter(running).count() >= MAX_CONCURRENT {
        let message = format!("Account maximum query concurrency of [{MAX_CONCURRENT}] reached.");
        return Err(LogsError::limit(message).into());
    }
    let id = logs.ids.uuid();
    let row = Query {
        id: id.clone(),
        text: with_source(&names, window, &input.query_string),
        groups: names,
        created_at: cx.now,
        alive_at: cx.now,
        ended_at: None,
        status: QueryStatus::Running,
        reason: None,
        statistics: Default::default(),
        pages: 0,
        caller: cx.caller.principal.arn(),
    };
    tx.put(&QUERIES, &query_key(cx.account, &cx.region, &id), &row);
    tx.commit(&permit).await?;
    let task = Task {
        account: cx.account,
        region: cx.region.clone(),
        row,
        query,
        groups,
        window,
        limit: limit.min(MAX_ROWS),
    };
    logs.queries.begin(task, permit);
    Ok(api::StartQueryResponse { query_id: Some(id) })
}

/// The query as AWS shows it: with the groups that it reads and the milliseconds that it is about.
fn with_source(groups: &[String], window: Window, query: &str) -> String {
    let sources: Vec<String> = groups.iter().map(|group| format!("SOURCE \"{group}\"")).collect();
    let (start, end) = (window.from, window.until - 1);
    format!("{} START={start} END={end} | {query}", sources.join(" | "))
}

/// The groups that a query is to read, each once.
fn group_names(cx: &Cx, input: &api::StartQueryRequest) -> Result<Vec<String>, LogsError> {
    let given = [
        input.log_group_name.is_some(),
        input.log_group_names.is_some(),
        input.log_group_identifiers.is_some(),
    ];
    if given.into_iter().filter(|given| *given).count() > 1 {
        return Err(LogsError::invalid(
            "logGroupName, logGroupNames and logGroupIdentifiers are mutually exclusive parameters.",
        ));
    }
    let mut names: Vec<String> = Vec::new();
    names.extend(input.log_group_name.clone());
    names.extend(input.log_group_names.clone().unwrap_or_default());
    for identifier in input.log_group_identifiers.clone().unwrap_or_default() {
        names.push(name::from_identifier(cx, identifier)?);
    }
    if names.len() > MAX_GROUPS {
        return Err(LogsError::invalid("Too many log groups specified"));
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Ok(names)
}

/// The events that a query is to read. Both ends belong to the range.
fn window(cx: &Cx, input: &api::StartQueryRequest, groups: &[Group]) -> Result<Window, LogsError> {
    let (start, end) = (input.start_time, input.end_time);
    if start > end {
        return Err(LogsError::invalid("The query's start time must not be later than its end time."));
    }
    let millis = |time: i64, within: i64| {
        if time >= MILLIS_FROM { time.saturating_add(within.min(1)) } else { time * 1000 + within }
    };
    let window = Window { from: millis(start, 0), until: millis(end, 1000) };
    let outside = |group: &Group| {
        let expired = group.expired_before(cx.now).map_or(0, |moment| moment.as_millis());
        // Events may be older than their group, by what PutLogEvents takes.
        window.until <= expired
    };
    if groups.iter().all(outside) {
        let message = "Query's end date and time is either before the log groups creation time or exceeds the log \
                       groups log retention settings";
        return Err(LogsError::MalformedQuery { message: message.into(), start: 0, end: 0 });
    }
    Ok(window)
}
