//! `gantry audit`: who called what. It reads the trail's files, so it needs no running Gantry.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use comfy_table::Table;
use gantry_base::{Clock, SystemClock, Timestamp};
use gantry_cloudtrail::event::user_name;
use gantry_cloudtrail::trail::search::{self, Fits};
use gantry_cloudtrail::trail::{Entry, Page, Query};
use serde_json::Value;

use crate::cli::Audit;
use crate::layout::Layout;

pub fn run(layout: &Layout, options: &Audit, json: bool) -> Result<()> {
    let folder = layout.audit();
    if !folder.exists() {
        bail!("there is no audit trail at {}: has this Gantry been started?", folder.display());
    }
    let now = SystemClock.now();
    let moment = |text: &Option<String>| text.as_deref().map(|text| when(text, now)).transpose();
    let wanted = options.clone();
    let mut query = Query {
        from: moment(&options.since)?,
        until: moment(&options.until)?,
        fits: Fits(Arc::new(move |event| fits(event, &wanted))),
        ..Query::default()
    };
    let mut left = options.lines;
    let mut table = table();
    while left > 0 {
        query.limit = left;
        let Page { events, next } = search::page(&folder, &query)
            .with_context(|| format!("the audit trail at {} can't be read", folder.display()))?;
        left -= events.len();
        for Entry { moment, event, .. } in events {
            if json {
                writeln!(std::io::stdout().lock(), "{event}")?;
            } else {
                table.add_row(row(moment, &event));
            }
        }
        query.before = next;
        if query.before.is_none() {
            break;
        }
    }
    if !json {
        writeln!(std::io::stdout().lock(), "{table}")?;
    }
    Ok(())
}

/// A span before now (`15m`) or a moment.
fn when(text: &str, now: Timestamp) -> Result<Timestamp> {
    if let Some(moment) = Timestamp::from_rfc3339(text) {
        return Ok(moment);
    }
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 24 * 3600,
        _ => 0,
    };
    match text.get(..text.len().saturating_sub(1)).and_then(|number| number.parse::<u64>().ok()) {
        Some(number) if unit > 0 => Ok(now - Duration::from_secs(number.saturating_mul(unit))),
        _ => bail!("{text} is no time: write 90s, 15m, 2h, 7d, or 2026-01-31T12:00:00Z"),
    }
}

fn fits(event: &Value, wanted: &Audit) -> bool {
    let account = || wanted.account.is_none_or(|account| event["recipientAccountId"] == account.to_string());
    let who = || {
        wanted.who.as_ref().is_none_or(|who| {
            let identity = &event["userIdentity"];
            user_name(event).as_ref() == Some(who)
                || identity["arn"] == **who
                || identity["accessKeyId"] == **who
        })
    };
    let what = || {
        wanted.what.as_ref().is_none_or(|what| {
            let service = service(event);
            let name = event["eventName"].as_str().unwrap_or_default();
            what == service || what == name || *what == format!("{service}:{name}")
        })
    };
    let failed = || !wanted.failed || event["errorCode"].is_string();
    account() && who() && what() && failed()
}

fn service(event: &Value) -> &str {
    event["eventSource"].as_str().and_then(|source| source.split('.').next()).unwrap_or_default()
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_header(["TIME", "ACCOUNT", "REGION", "WHO", "FROM", "WHAT", "OUTCOME"]);
    table
}

fn row(moment: Timestamp, event: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let outcome = event["errorCode"].as_str().map_or("ok".to_owned(), str::to_owned);
    vec![
        moment.to_string(),
        text(&event["recipientAccountId"]),
        text(&event["awsRegion"]),
        user_name(event).unwrap_or_default(),
        text(&event["sourceIPAddress"]),
        format!("{}:{}", service(event), text(&event["eventName"])),
        outcome,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spans_or_moments() {
        let now = Timestamp::from_secs(100_000);
        assert_eq!(when("90s", now).unwrap(), Timestamp::from_secs(99_910));
        assert_eq!(when("1d", now).unwrap(), Timestamp::from_secs(13_600));
        assert_eq!(when("1970-01-01T00:00:05Z", now).unwrap(), Timestamp::from_secs(5));
        for wrong in ["", "h", "5", "-3m", "yesterday", "5µ"] {
            assert!(when(wrong, now).is_err(), "{wrong}");
        }
    }
}
