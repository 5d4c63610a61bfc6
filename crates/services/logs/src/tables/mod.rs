//! What is stored beside the events.

mod garbage;
mod group;
mod metric_filter;
mod query;
mod query_definition;
mod resource_policy;
mod stream;

pub use garbage::{GARBAGE, Garbage, garbage_key};
pub use group::{GROUPS, Group, GroupClass, group_key, groups_key};
pub use metric_filter::{METRIC_FILTERS, Metric, MetricFilter, metric_filter_key, metric_filters_key};
pub use query::{QUERIES, Query, QueryStatus, Statistics, queries_key, query_key};
pub use query_definition::{QUERY_DEFINITIONS, QueryDefinition, query_definition_key, query_definitions_key};
pub use resource_policy::{RESOURCE_POLICIES, ResourcePolicy, resource_policies_key, resource_policy_key};
pub use stream::{STREAMS, Stream, stream_key, streams_key};
