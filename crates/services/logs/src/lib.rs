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
//! (what PutLogEvents accepts), [`pattern`] (the filter language), [`ops`], [`loops`].

pub mod batch;
pub mod chunks;
pub mod error;
pub mod loops;
mod name;
pub mod ops;
pub mod pattern;
pub mod tables;
mod token;

use std::sync::Arc;

use gantry_api_logs as api;
use gantry_base::Ids;
use gantry_service::Registry;
use gantry_store::{Db, Kv};

pub use chunks::Chunks;

/// What the operations work with.
pub struct Logs {
    pub(crate) db: Db,
    pub(crate) chunks: Chunks,
    pub(crate) ids: Arc<dyn Ids>,
}

/// Serves the operations of CloudWatch Logs. Events are kept in `events`, which may be the store's own engine
/// or one beside it; nobody watches it, so it needs hardly any history. The loops in [`loops`] must run beside
/// the operations, over the same two.
pub fn register(registry: &mut Registry, db: Db, events: Arc<dyn Kv>, ids: Arc<dyn Ids>) {
    let logs = Arc::new(Logs { db, chunks: Chunks::new(events), ids });
    macro_rules! serve {
        ($($operation:ident: $module:ident),* $(,)?) => {$(
            let service = logs.clone();
            registry.on::<api::$operation, _, _, _>(move |cx, input| {
                let logs = service.clone();
                async move { ops::$module::run(&logs, cx, input).await }
            });
        )*};
    }
    serve! {
        CreateLogGroup: create_log_group,
        CreateLogStream: create_log_stream,
        DeleteLogGroup: delete_log_group,
        DeleteLogStream: delete_log_stream,
        DeleteRetentionPolicy: delete_retention_policy,
        DescribeLogGroups: describe_log_groups,
        DescribeLogStreams: describe_log_streams,
        FilterLogEvents: filter_log_events,
        GetLogEvents: get_log_events,
        PutLogEvents: put_log_events,
        PutRetentionPolicy: put_retention_policy,
    }
}
