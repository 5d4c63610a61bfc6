//! Systems Manager's errors.

use gantry_service::Failure;
use gantry_wire::ApiError;

/// What Parameter Store answers when it does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    #[error("Parameter {name} not found.")]
    NotFound { name: String },
    #[error("Systems Manager could not find version {version} of {name}. Verify the version and try again.")]
    VersionNotFound { name: String, version: String },
    #[error(
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."
    )]
    AlreadyExists,
    #[error("{0}")]
    Validation(String),
    #[error("No access to reserved parameter name: {name}.")]
    ReservedName { name: String },
    #[error("The parameter name {name} has more than {limit} levels.")]
    TooDeep { name: String, limit: usize },
    #[error(
        "The type of the parameter {name} can't be changed from {from} to {to}. Delete the parameter and create a new one."
    )]
    TypeChanged { name: String, from: &'static str, to: &'static str },
    #[error("The request does not meet the regular expression requirement: {pattern} is not valid.")]
    InvalidAllowedPattern { pattern: String },
    #[error("Parameter value, cannot be validated against allowedPattern: {pattern}")]
    PatternMismatch { pattern: String },
    #[error("The parameter type {given} is not supported.")]
    UnsupportedType { given: String },
    #[error("Parameter policies are not supported by Gantry.")]
    PoliciesUnsupported,
    #[error("The filter key {key} is not valid here.")]
    InvalidFilterKey { key: String },
    #[error("The filter option {option} is not valid for the key {key}.")]
    InvalidFilterOption { key: String, option: String },
    #[error("The filter {key} must have one value or more.")]
    InvalidFilterValue { key: String },
    #[error("The specified token is not valid.")]
    InvalidNextToken,
}

impl ParameterError {
    fn code(&self) -> &'static str {
        match self {
            ParameterError::NotFound { .. } => "ParameterNotFound",
            ParameterError::VersionNotFound { .. } => "ParameterVersionNotFound",
            ParameterError::AlreadyExists => "ParameterAlreadyExists",
            ParameterError::Validation(_) => "ValidationException",
            ParameterError::ReservedName { .. } => "AccessDeniedException",
            ParameterError::TooDeep { .. } => "HierarchyLevelLimitExceededException",
            ParameterError::TypeChanged { .. } => "HierarchyTypeMismatchException",
            ParameterError::InvalidAllowedPattern { .. } => "InvalidAllowedPatternException",
            ParameterError::PatternMismatch { .. } => "ParameterPatternMismatchException",
            ParameterError::UnsupportedType { .. } => "UnsupportedParameterType",
            ParameterError::PoliciesUnsupported => "InvalidPolicyTypeException",
            ParameterError::InvalidFilterKey { .. } => "InvalidFilterKey",
            ParameterError::InvalidFilterOption { .. } => "InvalidFilterOption",
            ParameterError::InvalidFilterValue { .. } => "InvalidFilterValue",
            ParameterError::InvalidNextToken => "InvalidNextToken",
        }
    }
}

impl From<ParameterError> for Failure {
    fn from(error: ParameterError) -> Failure {
        ApiError::new(error.code(), error.to_string()).into()
    }
}
