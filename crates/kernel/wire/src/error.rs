//! The error that an operation answers with.

use std::borrow::Cow;
use std::fmt;

/// An error on its way to a client. The code is either the name of a modelled error shape
/// (`ClusterNotFoundException`) or the code that the wire carries for it (`NoSuchEntity`); either is found
/// in the model, which then gives status, sender or receiver, and the wire's spelling. A code that no model
/// knows is sent as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    pub code: Cow<'static, str>,
    pub message: String,
    /// The HTTP status; without it the model's, and 400 where the model is silent.
    pub status: Option<u16>,
    /// Further members of the modelled error, by the model's member name.
    pub fields: Vec<(Cow<'static, str>, serde_json::Value)>,
}

impl ApiError {
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        ApiError { code: code.into(), message: message.into(), status: None, fields: Vec::new() }
    }

    /// The same error with this HTTP status instead of the model's.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same error with one more member of its shape.
    pub fn with_field(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<serde_json::Value>,
    ) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// The answer to an operation that AWS has and this endpoint has not. 501, because clients do not try
    /// that again, as they would 500 and 503.
    pub fn not_implemented(service: &str, operation: &str) -> Self {
        ApiError::new("NotImplemented", format!("{service}:{operation} is not implemented by Gantry"))
            .with_status(501)
    }

    /// The answer when something failed that the client has no part in.
    pub fn internal() -> Self {
        ApiError::new("InternalFailure", "The request processing has failed because of an unknown error")
            .with_status(500)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for ApiError {}
