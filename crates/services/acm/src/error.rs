//! ACM's errors, with AWS's codes.

use gantry_base::tags::TagError;
use gantry_service::Failure;
use gantry_wire::ApiError;

use crate::tables::Certificate;

/// What ACM answers when it does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcmError {
    code: &'static str,
    message: String,
}

impl AcmError {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        AcmError { code, message: message.into() }
    }

    /// A certificate is not there.
    pub fn not_found(arn: &str) -> Self {
        Self::new("ResourceNotFoundException", format!("Could not find certificate {arn}."))
    }

    /// An ARN is none.
    pub fn invalid_arn(given: &str) -> Self {
        Self::new("InvalidArnException", format!("The ARN '{given}' is not valid."))
    }

    /// A value is not what it must be.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// What is said of the validation of a name can't be.
    pub fn validation_options(message: impl Into<String>) -> Self {
        Self::new("InvalidDomainValidationOptionsException", message)
    }

    /// It is in a state in which that can't be done.
    pub fn state(message: impl Into<String>) -> Self {
        Self::new("InvalidStateException", message)
    }

    /// It is none of a private authority.
    pub fn not_private(row: &Certificate) -> Self {
        Self::validation(format!("Certificate ARN: {} is not a private certificate", row.arn()))
    }

    /// It is in use.
    pub fn in_use(message: impl Into<String>) -> Self {
        Self::new("ResourceInUseException", message)
    }

    /// What AWS does and Gantry does not.
    pub fn not_served(what: &str) -> Self {
        Self::new("InvalidParameterException", format!("{what} is not served by Gantry."))
    }
}

impl From<TagError> for AcmError {
    fn from(error: TagError) -> Self {
        match error {
            TagError::TooMany { .. } => Self::new("TooManyTagsException", error.to_string()),
            TagError::Reserved { .. } => {
                Self::validation("AWS internal tags cannot be changed with this API")
            }
            other => Self::new("InvalidTagException", other.to_string()),
        }
    }
}

impl From<AcmError> for Failure {
    fn from(error: AcmError) -> Self {
        Failure::Answer(ApiError::new(error.code, error.message))
    }
}
