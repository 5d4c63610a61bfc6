//! KMS's errors.

use gantry_service::Failure;
use gantry_wire::ApiError;

/// What KMS answers when it does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KmsError {
    #[error("{kind} '{arn}' does not exist")]
    NotFound { kind: &'static str, arn: String },
    #[error("Alias {arn} is not found.")]
    AliasNotFound { arn: String },
    #[error("Invalid keyId '{given}'")]
    InvalidKeyId { given: String },
    #[error("No such policy exists")]
    NoSuchPolicy,
    #[error("Invalid arn {region}")]
    ElsewhereArn { region: String },
    #[error("Grant ID {id} not found")]
    GrantNotFound { id: String },
    #[error("Invalid arn {given}")]
    InvalidArn { given: String },
    #[error("{arn} is disabled.")]
    Disabled { arn: String },
    #[error("{arn} is pending deletion.")]
    PendingDeletion { arn: String },
    #[error("{arn} is pending import.")]
    PendingImport { arn: String },
    #[error("{0}")]
    IncorrectKeyMaterial(&'static str),
    #[error("The import token is invalid.")]
    InvalidImportToken,
    #[error("The import token has expired.")]
    ExpiredImportToken,
    #[error("{arn} is not pending deletion.")]
    NotPendingDeletion { arn: String },
    #[error("An alias with the name {arn} already exists")]
    AliasExists { arn: String },
    /// AWS gives no words with it.
    #[error("")]
    ReservedAlias,
    #[error("The ciphertext is not one of this key and encryption context, or it was changed.")]
    InvalidCiphertext,
    #[error("The key ID in the request does not identify a CMK that can perform this operation.")]
    IncorrectKey,
    #[error("{arn} key usage is {usage} which is not valid for {operation}.")]
    InvalidKeyUsage { arn: String, usage: &'static str, operation: &'static str },
    #[error("The MAC is not the one of this message under {arn}.")]
    InvalidMac { arn: String },
    #[error("Algorithm {algorithm} is incompatible with key spec {spec}.")]
    InvalidAlgorithm { algorithm: String, spec: &'static str },
    /// AWS gives no words with it.
    #[error("")]
    InvalidSignature,
    #[error("{0}")]
    MalformedPolicy(String),
    #[error("{0}")]
    Unsupported(String),
    #[error("{0}")]
    Validation(String),
    #[error("{0}")]
    LimitExceeded(String),
    #[error("{0}")]
    Tag(String),
    #[error("The marker is not valid.")]
    InvalidMarker,
    #[error("Invalid grant token.")]
    InvalidGrantToken,
    #[error("Invalid grant ID {id}")]
    InvalidGrantId { id: String },
    #[error("The request would have succeeded, but the DryRun option is set.")]
    DryRun,
}

impl KmsError {
    fn code(&self) -> &'static str {
        match self {
            KmsError::NotFound { .. }
            | KmsError::AliasNotFound { .. }
            | KmsError::InvalidKeyId { .. }
            | KmsError::GrantNotFound { .. }
            | KmsError::NoSuchPolicy
            | KmsError::ElsewhereArn { .. } => "NotFoundException",
            KmsError::InvalidArn { .. } => "InvalidArnException",
            KmsError::Disabled { .. } => "DisabledException",
            KmsError::PendingDeletion { .. }
            | KmsError::PendingImport { .. }
            | KmsError::NotPendingDeletion { .. } => "KMSInvalidStateException",
            KmsError::IncorrectKeyMaterial(_) => "IncorrectKeyMaterialException",
            KmsError::InvalidImportToken => "InvalidImportTokenException",
            KmsError::ExpiredImportToken => "ExpiredImportTokenException",
            KmsError::AliasExists { .. } => "AlreadyExistsException",
            KmsError::ReservedAlias => "NotAuthorizedException",
            KmsError::InvalidCiphertext => "InvalidCiphertextException",
            KmsError::IncorrectKey => "IncorrectKeyException",
            KmsError::InvalidKeyUsage { .. } | KmsError::InvalidAlgorithm { .. } => {
                "InvalidKeyUsageException"
            }
            KmsError::InvalidSignature => "KMSInvalidSignatureException",
            KmsError::InvalidMac { .. } => "KMSInvalidMacException",
            KmsError::MalformedPolicy(_) => "MalformedPolicyDocumentException",
            KmsError::Unsupported(_) => "UnsupportedOperationException",
            KmsError::Validation(_) => "ValidationException",
            KmsError::LimitExceeded(_) => "LimitExceededException",
            KmsError::Tag(_) => "TagException",
            KmsError::InvalidMarker => "InvalidMarkerException",
            KmsError::InvalidGrantToken => "InvalidGrantTokenException",
            KmsError::InvalidGrantId { .. } => "InvalidGrantIdException",
            KmsError::DryRun => "DryRunOperationException",
        }
    }
}

impl From<KmsError> for Failure {
    fn from(error: KmsError) -> Failure {
        ApiError::new(error.code(), error.to_string()).into()
    }
}
