//! The operations, one file each.

pub mod create_log_group;
pub mod create_log_stream;
pub mod delete_log_group;
pub mod delete_log_stream;
pub mod delete_retention_policy;
pub mod describe_log_groups;
pub mod describe_log_streams;
pub mod filter_log_events;
pub mod get_log_events;
pub mod put_log_events;
pub mod put_retention_policy;

/// The most events of one page.
const PAGE_EVENTS: usize = 10_000;

/// The most bytes of messages of one page.
const PAGE_BYTES: usize = 1_048_576;

/// How many events a request wants on a page.
fn page_events(limit: Option<i32>) -> usize {
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE_EVENTS).clamp(1, PAGE_EVENTS)
}
