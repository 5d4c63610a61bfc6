//! TestMetricFilter: which of some messages a pattern matches, and what it extracts from them.
//!
//! The first message has the number 0, as in the examples of
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html>.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure, Permission};

use crate::Logs;
use crate::pattern::Pattern;

/// Holds messages against a pattern.
pub async fn run(
    _: &Logs,
    cx: Cx,
    input: api::TestMetricFilterRequest,
) -> Result<api::TestMetricFilterResponse, Failure> {
    cx.authorize(Permission::of("logs:TestMetricFilter"))?;

    let pattern = Pattern::parse(&input.filter_pattern)?;
    let matching = (0i64..).zip(input.log_event_messages).filter(|(_, message)| pattern.matches(message));
    let matches = matching.map(|(number, message)| api::MetricFilterMatchRecord {
        event_number: Some(number),
        extracted_values: Some(pattern.extract(&message)),
        event_message: Some(message),
    });
    Ok(api::TestMetricFilterResponse { matches: Some(matches.collect()) })
}
