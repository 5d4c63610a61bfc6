//! CloudWatch Logs' errors.

use gantry_service::Failure;
use gantry_wire::ApiError;

/// What CloudWatch Logs answers when it does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogsError {
    #[error("The specified log group does not exist.")]
    GroupNotFound,
    #[error("The specified log stream does not exist.")]
    StreamNotFound,
    #[error("The specified log group already exists")]
    GroupExists,
    #[error("The specified log stream already exists")]
    StreamExists,
    #[error("The given sequenceToken is invalid. The next expected sequenceToken is: {expected}")]
    InvalidSequenceToken { expected: String },
    #[error("{0}")]
    InvalidParameter(String),
}

impl LogsError {
    /// An InvalidParameterException.
    pub fn invalid(message: impl Into<String>) -> LogsError {
        LogsError::InvalidParameter(message.into())
    }

    fn code(&self) -> &'static str {
        match self {
            LogsError::GroupNotFound | LogsError::StreamNotFound => "ResourceNotFoundException",
            LogsError::GroupExists | LogsError::StreamExists => "ResourceAlreadyExistsException",
            LogsError::InvalidSequenceToken { .. } => "InvalidSequenceTokenException",
            LogsError::InvalidParameter(_) => "InvalidParameterException",
        }
    }
}

impl From<LogsError> for Failure {
    fn from(error: LogsError) -> Failure {
        let answer = ApiError::new(error.code(), error.to_string());
        match error {
            LogsError::InvalidSequenceToken { expected } => {
                answer.with_field("expectedSequenceToken", expected).into()
            }
            _ => answer.into(),
        }
    }
}
