//! How an operation fails.

use gantry_iam_core::Denial;
use gantry_store::StoreError;
use gantry_wire::ApiError;

/// Why an operation has no answer.
#[derive(Debug)]
pub enum Failure {
    /// One of the service's own errors, which the user sees as it is.
    Answer(ApiError),
    /// A policy refuses it. The user sees the denial under the code that the service's protocol has for it.
    Denied(Box<Denial>),
    /// Somebody else wrote what this operation had read. The whole operation is run again.
    Conflict,
    /// Something of ours is broken. The text is for the log; the user sees that the service failed.
    Internal(String),
}

impl Failure {
    /// Something of ours is broken; `what` is for the log.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        Failure::Internal(what.to_string())
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Failure::Answer(error)
    }
}

impl From<Denial> for Failure {
    fn from(denial: Denial) -> Self {
        Failure::Denied(Box::new(denial))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Failure::Conflict,
            // A full disk, or no quorum: nothing was done, and the client may try again.
            StoreError::Unavailable(_) => {
                tracing::warn!(%error, "answered that the service is unavailable");
                let text = "The service can't write at the moment; nothing was done. Try again.";
                Failure::Answer(ApiError::new("ServiceUnavailable", text).with_status(503))
            }
            other => Failure::Internal(other.to_string()),
        }
    }
}
