//! What metric filters count. Pure; [`crate::chunks`] keeps the counts in the transaction that adds the events, so
//! an event is counted exactly as often as it is stored.
//!
//! Nobody asks for the counts yet but tests: they wait for CloudWatch, per minute, for [`KEPT`].

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::LogsError;
use crate::pattern::{Pattern, Reference};
use crate::tables::MetricFilter;

/// How long counts are kept; CloudWatch keeps minutes as long.
pub const KEPT: Duration = Duration::from_secs(15 * 24 * 60 * 60);

const MINUTE: i64 = 60 * 1000;

/// How many sets of dimensions a filter counts apart in a minute of one stream. Events of further ones are left out.
const MAX_SETS: usize = 100;

/// A metric filter that is ready to count.
pub struct Counter {
    pub filter: MetricFilter,
    pattern: Pattern,
    value: MetricValue,
    dimensions: Vec<(String, Reference)>,
}

enum MetricValue {
    Constant(f64),
    Of(Reference),
}

/// What a filter counted of one stream in one hour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    pub namespace: String,
    pub metric: String,
    pub unit: Option<String>,
    pub default_value: Option<f64>,
    /// By the beginning of the minute, in milliseconds since the epoch. A minute without sets had events, of which
    /// none matched.
    pub minutes: BTreeMap<i64, Vec<Set>>,
}

/// What was counted in a minute for one set of dimensions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Set {
    pub dimensions: BTreeMap<String, String>,
    pub samples: u64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
}

impl Counter {
    /// The counter of a filter; an error where its pattern or its transformation can't be understood.
    pub fn new(filter: &MetricFilter) -> Result<Counter, LogsError> {
        let pattern = Pattern::of_metric_filter(&filter.pattern)?;
        let invalid = |reason: &str| LogsError::invalid(format!("Invalid metric transformation: {reason}"));
        let written = &filter.metric.value;
        let value = match written.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => MetricValue::Constant(number),
            _ => MetricValue::Of(
                Reference::parse(written, &pattern)
                    .ok_or_else(|| invalid(&format!("metric value {written} must be a valid number")))?,
            ),
        };
        if !filter.metric.dimensions.is_empty() && !pattern.has_values() {
            return Err(LogsError::invalid("The specified filter pattern does not support dimensions"));
        }
        let dimension = |(name, field): (&String, &String)| {
            let field = Reference::parse(field, &pattern)
                .ok_or_else(|| invalid("dimension value must be valid selector"))?;
            Ok::<_, LogsError>((name.clone(), field))
        };
        let dimensions = filter.metric.dimensions.iter().map(dimension).collect::<Result<_, _>>()?;
        Ok(Counter { filter: filter.clone(), pattern, value, dimensions })
    }

    /// Nothing counted yet.
    pub fn counts(&self) -> Counts {
        Counts {
            namespace: self.filter.metric.namespace.clone(),
            metric: self.filter.metric.name.clone(),
            unit: self.filter.metric.unit.clone(),
            default_value: self.filter.metric.default_value,
            minutes: BTreeMap::new(),
        }
    }

    /// Counts an event.
    pub fn count(&self, timestamp: i64, message: &str, counts: &mut Counts) {
        let minute = timestamp - timestamp.rem_euclid(MINUTE);
        if !self.pattern.matches(message) {
            // That there were events matters only where no match is a number, too.
            if counts.default_value.is_some() {
                counts.minutes.entry(minute).or_default();
            }
            return;
        }
        let value = match &self.value {
            MetricValue::Constant(number) => Some(*number),
            MetricValue::Of(reference) => reference
                .find(&self.pattern, message)
                .and_then(|text| text.parse::<f64>().ok())
                .filter(|number| number.is_finite()),
        };
        let Some(value) = value else { return };
        let dimension = |(name, reference): &(String, Reference)| {
            Some((name.clone(), reference.find(&self.pattern, message)?))
        };
        // As in AWS, an event that lacks a dimension counts without dimensions.
        let dimensions: Option<BTreeMap<String, String>> = self.dimensions.iter().map(dimension).collect();
        let dimensions = dimensions.unwrap_or_default();
        let sets = counts.minutes.entry(minute).or_default();
        let full = sets.len() >= MAX_SETS;
        match sets.iter_mut().find(|set| set.dimensions == dimensions) {
            Some(set) => {
                set.samples += 1;
                set.sum += value;
                set.min = set.min.min(value);
                set.max = set.max.max(value);
            }
            None if !full => {
                sets.push(Set { dimensions, samples: 1, sum: value, min: value, max: value });
            }
            None => tracing::debug!(
                filter = self.filter.name,
                "too many sets of dimensions; an event is not counted"
            ),
        }
    }
}
