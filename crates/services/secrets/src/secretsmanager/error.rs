//! Secrets Manager's errors.

use gantry_service::Failure;
use gantry_wire::ApiError;

/// What Secrets Manager answers when it does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("Secrets Manager can't find the specified secret.")]
    NotFound,
    #[error("Secrets Manager can't find the specified secret value for {which}")]
    VersionNotFound { which: String },
    #[error("{0}")]
    InvalidRequest(&'static str),
    #[error("{0}")]
    InvalidParameter(String),
    #[error("{0}")]
    Validation(&'static str),
    #[error("The operation failed because the secret {name} already exists.")]
    Exists { name: String },
    #[error(
        "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {arn}."
    )]
    TokenInUse { token: String, arn: String },
    #[error("{0}")]
    LimitExceeded(&'static str),
    #[error("{0}")]
    MalformedPolicy(String),
    #[error(
        "The resource policy grants broad access to the secret. Name who may, or narrow it by a condition, or leave \
         BlockPublicPolicy out."
    )]
    PublicPolicy,
    #[error("Secrets Manager can't encrypt the protected secret text using the provided KMS key: {why}")]
    Encryption { why: String },
    #[error("Secrets Manager can't decrypt the protected secret text using the provided KMS key: {why}")]
    Decryption { why: String },
    #[error(
        "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS service key."
    )]
    ForeignDefaultKey,
    #[error("The NextToken that you specified is not valid.")]
    InvalidNextToken,
}

/// What a secret that is scheduled for deletion answers to nearly everything.
pub const MARKED_FOR_DELETION: SecretError = SecretError::InvalidRequest(
    "You can't perform this operation on the secret because it was marked for deletion.",
);

/// What a replica answers to what would change it.
pub const ON_REPLICA: &str =
    "Operation not permitted on a replica secret. Call must be made in primary secret's region.";

impl SecretError {
    fn code(&self) -> &'static str {
        match self {
            SecretError::NotFound | SecretError::VersionNotFound { .. } => "ResourceNotFoundException",
            SecretError::InvalidRequest(_) | SecretError::ForeignDefaultKey => "InvalidRequestException",
            SecretError::InvalidParameter(_) => "InvalidParameterException",
            SecretError::Validation(_) => "ValidationException",
            SecretError::Exists { .. } | SecretError::TokenInUse { .. } => "ResourceExistsException",
            SecretError::LimitExceeded(_) => "LimitExceededException",
            SecretError::MalformedPolicy(_) => "MalformedPolicyDocumentException",
            SecretError::PublicPolicy => "PublicPolicyException",
            SecretError::Encryption { .. } => "EncryptionFailure",
            SecretError::Decryption { .. } => "DecryptionFailure",
            SecretError::InvalidNextToken => "InvalidNextTokenException",
        }
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Failure {
        ApiError::new(error.code(), error.to_string()).into()
    }
}
