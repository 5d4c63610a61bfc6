//! Systems Manager's errors.

use gantry_service::Failure;
use gantry_wire::ApiError;

/// What Parameter Store answers when it does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    #[error("Parameter {name} not found.")]
    NotFound { name: String },
    #[error(
        "An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret {name} not found."
    )]
    SecretNotFound { name: String },
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
    #[error("The parameter policies are not valid: {why}.")]
    InvalidPolicy { why: String },
    #[error("The parameter policy type {given:?} is not supported.")]
    InvalidPolicyType { given: String },
    #[error("A parameter can have at most {most} policies.")]
    PolicyLimit { most: usize },
    #[error(
        "Parameter policies are for advanced parameters. Use the advanced-parameter tier, or leave the policies out."
    )]
    PoliciesNeedAdvanced,
    #[error(
        "A parameter version can have maximum {most} labels.Move one or more labels to another version and try again."
    )]
    LabelLimit { most: usize },
    #[error(
        "Version {version} of {name} can't be forgotten for a new one, because it has labels. Move them to a newer \
         version, and try again."
    )]
    MaxVersions { name: String, version: u64 },
    #[error("The key {key} can't be used: {why}")]
    InvalidKey { key: String, why: String },
    #[error("The resource type {given} is not valid here: only parameters have tags.")]
    InvalidResourceType { given: String },
    #[error("The resource ID {id} is not valid. Verify that you entered the correct ID and try again.")]
    InvalidResourceId { id: String },
    #[error("The parameter can have at most 50 tags.")]
    TooManyTags,
    #[error("The following filter key is not valid: {key}. Valid filter keys include: {valid}.")]
    InvalidFilterKey { key: String, valid: &'static str },
    #[error(
        "The following filter is duplicated in the request: {key}. A request can contain only one occurrence of a \
         specific filter."
    )]
    DuplicateFilter { key: String },
    #[error("The following filter option is not valid: {option}. Valid options include: {valid}.")]
    InvalidFilterOption { option: String, valid: &'static str },
    #[error("The following filter values are missing : null for filter key {key}")]
    NoFilterValues { key: String },
    #[error("The following filter value is not valid: {value}. Valid values include: [{valid}].")]
    InvalidFilterValue { value: String, valid: String },
    #[error("The specified token is not valid.")]
    InvalidNextToken,
    #[error("{0}")]
    InvalidParameters(String),
    #[error("The activation {id} does not exist.")]
    InvalidActivation { id: String },
}

impl ParameterError {
    fn code(&self) -> &'static str {
        match self {
            ParameterError::NotFound { .. } | ParameterError::SecretNotFound { .. } => "ParameterNotFound",
            ParameterError::VersionNotFound { .. } => "ParameterVersionNotFound",
            ParameterError::AlreadyExists => "ParameterAlreadyExists",
            ParameterError::Validation(_) => "ValidationException",
            ParameterError::ReservedName { .. } => "AccessDeniedException",
            ParameterError::TooDeep { .. } => "HierarchyLevelLimitExceededException",
            ParameterError::TypeChanged { .. } => "HierarchyTypeMismatchException",
            ParameterError::InvalidAllowedPattern { .. } => "InvalidAllowedPatternException",
            ParameterError::PatternMismatch { .. } => "ParameterPatternMismatchException",
            ParameterError::UnsupportedType { .. } => "UnsupportedParameterType",
            ParameterError::InvalidPolicy { .. } => "InvalidPolicyAttributeException",
            ParameterError::InvalidPolicyType { .. } => "InvalidPolicyTypeException",
            ParameterError::PolicyLimit { .. } => "PoliciesLimitExceededException",
            ParameterError::PoliciesNeedAdvanced => "ValidationException",
            ParameterError::LabelLimit { .. } => "ParameterVersionLabelLimitExceeded",
            ParameterError::MaxVersions { .. } => "ParameterMaxVersionLimitExceeded",
            ParameterError::InvalidKey { .. } => "InvalidKeyId",
            ParameterError::InvalidResourceType { .. } => "InvalidResourceType",
            ParameterError::InvalidResourceId { .. } => "InvalidResourceId",
            ParameterError::TooManyTags => "TooManyTagsError",
            ParameterError::InvalidFilterKey { .. } | ParameterError::DuplicateFilter { .. } => {
                "InvalidFilterKey"
            }
            ParameterError::InvalidFilterOption { .. } => "InvalidFilterOption",
            ParameterError::NoFilterValues { .. } | ParameterError::InvalidFilterValue { .. } => {
                "InvalidFilterValue"
            }
            ParameterError::InvalidNextToken => "InvalidNextToken",
            ParameterError::InvalidParameters(_) => "InvalidParameters",
            ParameterError::InvalidActivation { .. } => "InvalidActivation",
        }
    }
}

impl From<ParameterError> for Failure {
    fn from(error: ParameterError) -> Failure {
        ApiError::new(error.code(), error.to_string()).into()
    }
}
