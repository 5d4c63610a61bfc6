//! CloudWatch Logs: groups of streams of events.
//!
//! Groups and streams are rows of the store. Events are not: they lie in compressed chunks, in an engine that
//! may be another one than the store's, so that a flood of lines never holds up the control plane. Names and
//! chunks are joined by ids that are never used again, so what is left of a deleted group is out of sight at
//! once and is swept later.
//!
//! This crate never answers that an event is accepted before it is durable, never shows an event of a group
//! past its retention, and never keeps an event in a row of its own for long.
//!
//! Read in this order: [`tables`], [`chunks`] (how events lie, are read in order and are merged), [`batch`]
//! (what PutLogEvents accepts), [`pattern`] (the filter language), [`metrics`] (what metric filters count),
//! [`insights`] (the query language), [`ops`], [`loops`].

pub mod batch;
pub mod chunks;
pub mod error;
pub mod insights;
pub mod loops;
pub mod metrics;
mod name;
pub mod ops;
pub mod pattern;
mod queries;
mod resource_policy;
pub mod tables;
mod tagged;
mod tail;
mod token;

use std::sync::Arc;

use gantry_api_logs as api;
use gantry_base::{Clock, Ids};
use gantry_service::{PutOutput, Registry};
use gantry_store::{Db, Kv};

pub use chunks::Chunks;

use queries::Queries;
use tail::Hub;

/// What the operations work with.
pub struct Logs {
    pub(crate) db: Db,
    pub(crate) chunks: Chunks,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) queries: Queries,
    pub(crate) hub: Hub,
}

/// Serves the operations of CloudWatch Logs. Events are kept in `events`, which may be the store's own engine
/// or one beside it; nobody watches it, so it needs hardly any history. The loops in [`loops`] must run beside
/// the operations, over the same two.
pub fn register(
    registry: &mut Registry,
    db: Db,
    events: Arc<dyn Kv>,
    ids: Arc<dyn Ids>,
    clock: Arc<dyn Clock>,
) {
    let chunks = Chunks::new(events);
    let queries = Queries::new(db.clone(), chunks.clone(), clock);
    let logs = Arc::new(Logs { db, chunks, ids, queries, hub: Hub::new() });
    macro_rules! serve {
        ($($operation:ident: $module:ident),* $(,)?) => {$(
            let service = logs.clone();
            registry.on::<api::$operation, _, _, _>(move |cx, input| {
                let logs = service.clone();
                async move { ops::$module::run(&logs, cx, input).await }
            });
        )*};
    }
    let service = logs.clone();
    registry.on_stream::<api::StartLiveTail, _, _>(move |cx, input| {
        let logs = service.clone();
        async move { ops::start_live_tail::run(&logs, cx, input).await }
    });
    let service = logs.clone();
    registry.on_within::<PutOutput, _, _>(move |cx, input| {
        let logs = service.clone();
        async move { ops::put_output::run(&logs, cx, input).await }
    });
    serve! {
        CancelExportTask: cancel_export_task,
        CreateLogGroup: create_log_group,
        CreateLogStream: create_log_stream,
        DeleteLogGroup: delete_log_group,
        DeleteLogStream: delete_log_stream,
        DeleteMetricFilter: delete_metric_filter,
        DeleteQueryDefinition: delete_query_definition,
        DeleteResourcePolicy: delete_resource_policy,
        DeleteRetentionPolicy: delete_retention_policy,
        DescribeDestinations: describe_destinations,
        DescribeExportTasks: describe_export_tasks,
        DescribeLogGroups: describe_log_groups,
        DescribeLogStreams: describe_log_streams,
        DescribeMetricFilters: describe_metric_filters,
        DescribeQueries: describe_queries,
        DescribeQueryDefinitions: describe_query_definitions,
        DescribeResourcePolicies: describe_resource_policies,
        DescribeSubscriptionFilters: describe_subscription_filters,
        FilterLogEvents: filter_log_events,
        GetLogEvents: get_log_events,
        GetLogGroupFields: get_log_group_fields,
        GetLogRecord: get_log_record,
        GetQueryResults: get_query_results,
        ListLogGroups: list_log_groups,
        ListLogGroupsForQuery: list_log_groups_for_query,
        ListTagsForResource: list_tags_for_resource,
        ListTagsLogGroup: list_tags_log_group,
        PutLogEvents: put_log_events,
        PutLogGroupDeletionProtection: put_log_group_deletion_protection,
        PutMetricFilter: put_metric_filter,
        PutQueryDefinition: put_query_definition,
        PutResourcePolicy: put_resource_policy,
        PutRetentionPolicy: put_retention_policy,
        StartQuery: start_query,
        StopQuery: stop_query,
        TagLogGroup: tag_log_group,
        TagResource: tag_resource,
        TestMetricFilter: test_metric_filter,
        UntagLogGroup: untag_log_group,
        UntagResource: untag_resource,
    }
}
