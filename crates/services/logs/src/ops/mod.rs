//! The operations, one file each.

pub mod cancel_export_task;
pub mod create_log_group;
pub mod create_log_stream;
pub mod delete_log_group;
pub mod delete_log_stream;
pub mod delete_metric_filter;
pub mod delete_query_definition;
pub mod delete_resource_policy;
pub mod delete_retention_policy;
pub mod describe_destinations;
pub mod describe_export_tasks;
pub mod describe_log_groups;
pub mod describe_log_streams;
pub mod describe_metric_filters;
pub mod describe_queries;
pub mod describe_query_definitions;
pub mod describe_resource_policies;
pub mod describe_subscription_filters;
pub mod filter_log_events;
pub mod get_log_events;
pub mod get_log_group_fields;
pub mod get_log_record;
pub mod get_query_results;
pub mod list_log_groups;
pub mod list_log_groups_for_query;
pub mod list_tags_for_resource;
pub mod list_tags_log_group;
pub mod put_log_events;
pub mod put_log_group_deletion_protection;
pub mod put_metric_filter;
pub mod put_output;
pub mod put_query_definition;
pub mod put_resource_policy;
pub mod put_retention_policy;
pub mod start_live_tail;
pub mod start_query;
pub mod stop_query;
pub mod tag_log_group;
pub mod tag_resource;
pub mod test_metric_filter;
pub mod untag_log_group;
pub mod untag_resource;

/// The most events of one page.
const PAGE_EVENTS: usize = 10_000;

/// The most bytes of messages of one page.
const PAGE_BYTES: usize = 1_048_576;

/// How many events a request wants on a page.
fn page_events(limit: Option<i32>) -> usize {
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE_EVENTS).clamp(1, PAGE_EVENTS)
}
