//! Metric filters, and what they have counted.

use std::collections::BTreeMap;

use gantry_base::Timestamp;
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By the group's id and the filter's name.
pub const METRIC_FILTERS: Table<MetricFilter> = Table::new("logs.metric_filter", 1);

/// A metric filter of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricFilter {
    /// Another one each time the filter is put; what was counted under an older one is not its own.
    pub id: String,
    pub name: String,
    pub pattern: String,
    pub metric: Metric,
    pub created_at: Timestamp,
}

/// What becomes of a matching event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    pub namespace: String,
    pub name: String,
    /// A number, or the name of a field of the event: `$.latency`, `$bytes`.
    pub value: String,
    pub default_value: Option<f64>,
    pub unit: Option<String>,
    /// Names of dimensions and the fields that give their values.
    pub dimensions: BTreeMap<String, String>,
}

/// The key of a filter.
pub fn metric_filter_key(group_id: &str, name: &str) -> Key {
    key!(group_id, name)
}

/// The prefix of a group's filters.
pub fn metric_filters_key(group_id: &str) -> Key {
    key!(group_id)
}
