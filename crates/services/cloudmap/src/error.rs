//! Cloud Map's errors.

use gantry_base::tags::TagError;
use gantry_service::Failure;
use gantry_wire::ApiError;

/// What Cloud Map answers when it does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloudMapError {
    #[error("{0}")]
    InvalidInput(String),
    #[error("{0}")]
    NamespaceNotFound(String),
    #[error("{0}")]
    ServiceNotFound(String),
    #[error("{0}")]
    InstanceNotFound(String),
    #[error("{0}")]
    OperationNotFound(String),
    #[error("{0}")]
    CustomHealthNotFound(String),
    #[error("The resource {0} can't be found.")]
    ResourceNotFound(String),
    #[error("The namespace that you're trying to create already exists.")]
    NamespaceAlreadyExists { id: String, creator_request_id: String },
    #[error("Service already exists.")]
    ServiceAlreadyExists { id: String, arn: String, creator_request_id: String },
    #[error("{0}")]
    ResourceInUse(String),
    #[error("{0}")]
    ResourceLimitExceeded(String),
    #[error("{0}")]
    TooManyTags(String),
    #[error("{0}")]
    ServiceAttributesLimitExceeded(String),
}

impl CloudMapError {
    /// An InvalidInput.
    pub fn invalid(message: impl Into<String>) -> CloudMapError {
        CloudMapError::InvalidInput(message.into())
    }

    fn code(&self) -> &'static str {
        match self {
            CloudMapError::InvalidInput(_) => "InvalidInput",
            CloudMapError::NamespaceNotFound(_) => "NamespaceNotFound",
            CloudMapError::ServiceNotFound(_) => "ServiceNotFound",
            CloudMapError::InstanceNotFound(_) => "InstanceNotFound",
            CloudMapError::OperationNotFound(_) => "OperationNotFound",
            CloudMapError::CustomHealthNotFound(_) => "CustomHealthNotFound",
            CloudMapError::ResourceNotFound(_) => "ResourceNotFoundException",
            CloudMapError::NamespaceAlreadyExists { .. } => "NamespaceAlreadyExists",
            CloudMapError::ServiceAlreadyExists { .. } => "ServiceAlreadyExists",
            CloudMapError::ResourceInUse(_) => "ResourceInUse",
            CloudMapError::ResourceLimitExceeded(_) => "ResourceLimitExceeded",
            CloudMapError::TooManyTags(_) => "TooManyTagsException",
            CloudMapError::ServiceAttributesLimitExceeded(_) => "ServiceAttributesLimitExceededException",
        }
    }
}

impl From<TagError> for CloudMapError {
    fn from(error: TagError) -> CloudMapError {
        match error {
            TagError::TooMany { .. } => CloudMapError::TooManyTags(error.to_string()),
            _ => CloudMapError::invalid(error.to_string()),
        }
    }
}

impl From<CloudMapError> for Failure {
    fn from(error: CloudMapError) -> Failure {
        let answer = ApiError::new(error.code(), error.to_string());
        match error {
            CloudMapError::NamespaceAlreadyExists { id, creator_request_id } => {
                answer.with_field("NamespaceId", id).with_field("CreatorRequestId", creator_request_id).into()
            }
            CloudMapError::ServiceAlreadyExists { id, arn, creator_request_id } => answer
                .with_field("ServiceId", id)
                .with_field("ServiceArn", arn)
                .with_field("CreatorRequestId", creator_request_id)
                .into(),
            _ => answer.into(),
        }
    }
}
