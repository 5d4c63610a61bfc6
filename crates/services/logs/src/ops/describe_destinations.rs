//! DescribeDestinations: where others' subscription filters may deliver to. None can be made here.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure, Permission};

use crate::Logs;

/// Lists none.
pub async fn run(
    _: &Logs,
    cx: Cx,
    _: api::DescribeDestinationsRequest,
) -> Result<api::DescribeDestinationsResponse, Failure> {
    cx.authorize(Permission::of("logs:DescribeDestinations"))?;
    Ok(api::DescribeDestinationsResponse { destinations: Some(Vec::new()), next_token: None })
}
