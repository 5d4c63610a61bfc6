//! CloudTrail's errors.

use gantry_service::Failure;
use gantry_wire::ApiError;
use thiserror::Error;

/// What LookupEvents refuses.
#[derive(Debug, Error)]
pub enum LookupError {
    #[error("{0}")]
    InvalidLookupAttributes(String),
    #[error("The maximum results must be between 1 and 50.")]
    InvalidMaxResults,
    #[error("The token is invalid, has expired, or belongs to another request.")]
    InvalidNextToken,
    #[error("The start time must not be after the end time.")]
    InvalidTimeRange,
    #[error("The event category {0} is not supported: management events alone are recorded.")]
    InvalidEventCategory(String),
}

impl From<LookupError> for Failure {
    fn from(error: LookupError) -> Failure {
        let code = match &error {
            LookupError::InvalidLookupAttributes(_) => "InvalidLookupAttributesException",
            LookupError::InvalidMaxResults => "InvalidMaxResultsException",
            LookupError::InvalidNextToken => "InvalidNextTokenException",
            LookupError::InvalidTimeRange => "InvalidTimeRangeException",
            LookupError::InvalidEventCategory(_) => "InvalidEventCategoryException",
        };
        ApiError::new(code, error.to_string()).into()
    }
}
