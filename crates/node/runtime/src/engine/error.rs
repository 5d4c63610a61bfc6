//! How an engine fails.

use std::time::Duration;

/// Why a step could not be made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EngineError {
    /// The engine does not answer now, or stopped answering on the way. Repeating is right.
    #[error("the container engine does not answer: {0}")]
    Unavailable(String),
    #[error("no such {what}: {id}")]
    NotFound { what: &'static str, id: String },
    /// What was asked for can never work, whatever the state.
    #[error("{0}")]
    Invalid(String),
    /// The step does not fit the state that the container is in.
    #[error("container {id} is {state}, so that {step} is not possible")]
    State { id: String, state: &'static str, step: &'static str },
    /// The OCI runtime refused; its words say why (no such program, no such directory, not executable).
    #[error("{0}")]
    Runtime(String),
    #[error("{what} took longer than {limit:?}")]
    Timeout { what: &'static str, limit: Duration },
    #[error("{0}")]
    Internal(String),
}

impl EngineError {
    pub(crate) fn internal(doing: &str, error: impl std::fmt::Display) -> Self {
        Self::Internal(format!("{doing}: {error}"))
    }
}

/// Why an image could not be made present.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PullError {
    #[error("invalid reference format: {reference}: {why}")]
    InvalidReference { reference: String, why: &'static str },
    /// The registry has no such repository, tag or digest.
    #[error("{reference}: not found")]
    NotFound { reference: String },
    /// The registry wants other credentials, or any.
    #[error("pull access denied for {reference}: {detail}")]
    Unauthorized { reference: String, detail: String },
    #[error("toomanyrequests: {registry} limits how often it is asked")]
    TooManyRequests { registry: String },
    /// The registry could not be reached, broke off or answered with an error of its own.
    #[error("failed to do request: {detail}")]
    Network { detail: String },
    /// What arrived is not what its digest says.
    #[error("{digest}: {detail}")]
    Corrupt { digest: String, detail: String },
    #[error("image Manifest does not contain descriptor matching platform '{wanted}' (it has {available})")]
    NoPlatform { wanted: String, available: String },
    #[error("unsupported media type {media_type}")]
    Unsupported { media_type: String },
    #[error("no space left on device")]
    NoSpace,
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl PullError {
    /// Whether the same pull may succeed later without anyone changing the image or the credentials.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::TooManyRequests { .. } | Self::Network { .. } | Self::Corrupt { .. } | Self::NoSpace => {
                true
            }
            Self::Engine(error) => matches!(error, EngineError::Unavailable(_) | EngineError::Timeout { .. }),
            Self::InvalidReference { .. }
            | Self::NotFound { .. }
            | Self::Unauthorized { .. }
            | Self::NoPlatform { .. }
            | Self::Unsupported { .. } => false,
        }
    }
}
