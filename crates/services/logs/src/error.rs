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
    #[error("{0}")]
    InvalidParameter(String),
    #[error("{0}")]
    InvalidOperation(String),
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    LimitExceeded(String),
    #[error("A conflicting operation is currently in progress against this resource. Please try again.")]
    OperationAborted,
    #[error("A log group can have at most 50 tags.")]
    TooManyTags,
    #[error("The log group is protected from deletion. Disable its deletion protection first.")]
    DeletionProtected,
    #[error("LogGroup name and LogGroup ARN are mutually exclusive parameters.")]
    TwoGroupNames,
    /// A query that can't be understood, with the offsets of the characters that it is about.
    #[error("{message}")]
    MalformedQuery { message: String, start: usize, end: usize },
}

impl LogsError {
    /// An InvalidParameterException.
    pub fn invalid(message: impl Into<String>) -> LogsError {
        LogsError::InvalidParameter(message.into())
    }

    /// A LimitExceededException.
    pub fn limit(message: impl Into<String>) -> LogsError {
        LogsError::LimitExceeded(message.into())
    }

    /// There is no query of that id.
    pub fn query_not_found() -> LogsError {
        LogsError::NotFound("The specified query does not exist.".into())
    }

    /// There is no query under that id.
    pub fn definition_not_found() -> LogsError {
        LogsError::NotFound("The specified query definition does not exist.".into())
    }

    fn code(&self) -> &'static str {
        match self {
            LogsError::GroupNotFound | LogsError::StreamNotFound | LogsError::NotFound(_) => {
                "ResourceNotFoundException"
            }
            LogsError::GroupExists | LogsError::StreamExists => "ResourceAlreadyExistsException",
            LogsError::InvalidParameter(_) => "InvalidParameterException",
            LogsError::InvalidOperation(_) => "InvalidOperationException",
            LogsError::LimitExceeded(_) => "LimitExceededException",
            LogsError::OperationAborted => "OperationAbortedException",
            LogsError::TooManyTags => "TooManyTagsException",
            LogsError::DeletionProtected | LogsError::TwoGroupNames => "ValidationException",
            LogsError::MalformedQuery { .. } => "MalformedQueryException",
        }
    }
}

impl From<LogsError> for Failure {
    fn from(error: LogsError) -> Failure {
        let answer = ApiError::new(error.code(), error.to_string());
        match error {
            LogsError::MalformedQuery { message, start, end } => {
                let place = serde_json::json!({ "startCharOffset": start, "endCharOffset": end });
                let error = serde_json::json!({ "location": place, "message": message });
                answer.with_field("queryCompileError", error).into()
            }
            _ => answer.into(),
        }
    }
}
