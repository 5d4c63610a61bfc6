//! How answers and errors look.

use bytes::Bytes;
use gantry_ecr_core::{ManifestError, Refusal};
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use serde_json::json;

/// The body of an answer.
pub type Body = UnsyncBoxBody<Bytes, std::io::Error>;
/// An answer.
pub type Answer = Response<Body>;

/// `Docker-Content-Digest`
pub const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
/// `Docker-Upload-UUID`
pub const UPLOAD_UUID: HeaderName = HeaderName::from_static("docker-upload-uuid");
/// `OCI-Subject`
pub const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");
/// `OCI-Filters-Applied`
pub const FILTERS_APPLIED: HeaderName = HeaderName::from_static("oci-filters-applied");
const API_VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");

/// An answer without a body.
pub fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(0));
    answer
}

/// An answer with a body that is at hand.
pub fn whole(status: StatusCode, content_type: &'static str, content: Bytes) -> Answer {
    let length = HeaderValue::from(content.len());
    let mut answer = Response::new(Full::new(content).map_err(|never| match never {}).boxed_unsync());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer.headers_mut().insert(header::CONTENT_LENGTH, length);
    answer
}

/// An answer in JSON.
pub fn json(status: StatusCode, content_type: &'static str, content: &serde_json::Value) -> Answer {
    whole(status, content_type, content.to_string().into())
}

/// Sets a header to a text that is ours: paths, digests, ids and numbers, which are all that headers may have.
pub fn set(answer: &mut Answer, name: HeaderName, value: impl std::fmt::Display) {
    match HeaderValue::try_from(value.to_string()) {
        Ok(value) => {
            answer.headers_mut().insert(name, value);
        }
        Err(error) => tracing::error!(%error, %name, "a header was left out"),
    }
}

/// Puts on what every answer has, and takes the body off the answer to a HEAD.
pub fn finish(mut answer: Answer, head_only: bool) -> Answer {
    answer.headers_mut().insert(API_VERSION, HeaderValue::from_static("registry/2.0"));
    if head_only {
        *answer.body_mut() = Empty::new().map_err(|never| match never {}).boxed_unsync();
    }
    answer
}

/// What asks a client for its password.
pub fn challenge(host: &str) -> String {
    let host: String = host.chars().filter(|c| c.is_ascii_alphanumeric() || ".:-[]".contains(*c)).collect();
    format!("Basic realm=\"https://{host}/\",service=\"ecr.amazonaws.com\"")
}

/// The error codes of OCI's specification, and of Docker's where OCI has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    BlobUnknown,
    BlobUploadInvalid,
    BlobUploadUnknown,
    Denied,
    DigestInvalid,
    ManifestBlobUnknown,
    ManifestInvalid,
    ManifestUnknown,
    NameInvalid,
    NameUnknown,
    NotFound,
    PaginationNumberInvalid,
    RangeInvalid,
    SizeInvalid,
    TagInvalid,
    TooManyRequests,
    Unauthorized,
    Unknown,
    Unsupported,
}

impl Code {
    /// The code as clients know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::BlobUnknown => "BLOB_UNKNOWN",
            Code::BlobUploadInvalid => "BLOB_UPLOAD_INVALID",
            Code::BlobUploadUnknown => "BLOB_UPLOAD_UNKNOWN",
            Code::Denied => "DENIED",
            Code::DigestInvalid => "DIGEST_INVALID",
            Code::ManifestBlobUnknown => "MANIFEST_BLOB_UNKNOWN",
            Code::ManifestInvalid => "MANIFEST_INVALID",
            Code::ManifestUnknown => "MANIFEST_UNKNOWN",
            Code::NameInvalid => "NAME_INVALID",
            Code::NameUnknown => "NAME_UNKNOWN",
            Code::NotFound => "NOT_FOUND",
            Code::PaginationNumberInvalid => "PAGINATION_NUMBER_INVALID",
            Code::RangeInvalid => "RANGE_INVALID",
            Code::SizeInvalid => "SIZE_INVALID",
            Code::TagInvalid => "TAG_INVALID",
            Code::TooManyRequests => "TOOMANYREQUESTS",
            Code::Unauthorized => "UNAUTHORIZED",
            Code::Unknown => "UNKNOWN",
            Code::Unsupported => "UNSUPPORTED",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Code::BlobUnknown
            | Code::BlobUploadUnknown
            | Code::ManifestUnknown
            | Code::NameUnknown
            | Code::NotFound => StatusCode::NOT_FOUND,
            Code::BlobUploadInvalid
            | Code::DigestInvalid
            | Code::ManifestBlobUnknown
            | Code::ManifestInvalid
            | Code::NameInvalid
            | Code::PaginationNumberInvalid
            | Code::SizeInvalid
            | Code::TagInvalid => StatusCode::BAD_REQUEST,
            Code::Denied => StatusCode::FORBIDDEN,
            Code::RangeInvalid => StatusCode::RANGE_NOT_SATISFIABLE,
            Code::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Code::Unauthorized => StatusCode::UNAUTHORIZED,
            Code::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
            Code::Unsupported => StatusCode::METHOD_NOT_ALLOWED,
        }
    }
}

/// Why a request has no answer, as the client is told.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The code.
    pub code: Code,
    /// The status, where it is not the code's usual one.
    status: Option<StatusCode>,
    /// What the client is told.
    pub message: String,
    headers: Vec<(HeaderName, String)>,
}

impl Fault {
    /// A fault with this code and text.
    pub fn new(code: Code, message: impl Into<String>) -> Fault {
        Fault { code, status: None, message: message.into(), headers: Vec::new() }
    }

    /// The client must come with a password.
    pub fn unauthorized(host: &str, message: &str) -> Fault {
        Fault::new(Code::Unauthorized, message).with(header::WWW_AUTHENTICATE, &challenge(host))
    }

    /// Something of ours is broken; `why` is for the log.
    pub fn internal(why: impl std::fmt::Display) -> Fault {
        tracing::error!(%why, "a request to the registry failed");
        Fault::new(Code::Unknown, "The request processing has failed because of an unknown error")
    }

    /// The method is not one that the path has.
    pub fn method(allowed: &'static str) -> Fault {
        Fault::new(Code::Unsupported, "The operation is unsupported.").with(header::ALLOW, allowed)
    }

    /// The same with a header.
    pub fn with(mut self, name: HeaderName, value: &str) -> Fault {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same with another status than the code's usual one.
    pub fn with_status(self, status: StatusCode) -> Fault {
        Fault { status: Some(status), ..self }
    }

    /// The fault as an answer.
    pub fn answer(self) -> Answer {
        let content = json!({
            "errors": [{ "code": self.code.as_str(), "message": self.message, "detail": null }]
        });
        let status = self.status.unwrap_or_else(|| self.code.status());
        let mut answer = json(status, "application/json", &content);
        for (name, value) in self.headers {
            set(&mut answer, name, value);
        }
        answer
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        let code = match &refusal {
            Refusal::RepositoryNotFound { .. } => Code::NameUnknown,
            Refusal::ImageNotFound { .. } => Code::ManifestUnknown,
            Refusal::LayerNotFound { .. } => Code::BlobUnknown,
            Refusal::UploadNotFound { .. } => Code::BlobUploadUnknown,
            Refusal::PartOutOfOrder { .. } => Code::RangeInvalid,
            Refusal::PartLength { .. } | Refusal::LayerTooLarge { .. } => Code::SizeInvalid,
            Refusal::UploadBusy { .. } | Refusal::BodyBrokeOff(_) => Code::BlobUploadInvalid,
            Refusal::DigestMismatch { .. } | Refusal::DigestInvalid(_) => Code::DigestInvalid,
            Refusal::ManifestInvalid(_) => Code::ManifestInvalid,
            Refusal::LayersNotFound { .. } | Refusal::ReferencedImagesNotFound { .. } => {
                Code::ManifestBlobUnknown
            }
            Refusal::ReferencedByList { .. } | Refusal::ImageArchived { .. } | Refusal::Denied(_) => {
                Code::Denied
            }
            Refusal::Upstream { .. } => Code::Unknown,
            Refusal::TagImmutable { .. } => Code::TagInvalid,
            Refusal::TooManyRequests => Code::TooManyRequests,
            Refusal::Internal(why) => return Fault::internal(why),
        };
        let fault = Fault::new(code, refusal.to_string());
        match refusal {
            Refusal::LayerTooLarge { .. } | Refusal::ManifestInvalid(ManifestError::TooLarge { .. }) => {
                fault.with_status(StatusCode::PAYLOAD_TOO_LARGE)
            }
            Refusal::Upstream { .. } => fault.with_status(StatusCode::BAD_GATEWAY),
            Refusal::UploadBusy { .. } | Refusal::ReferencedByList { .. } => {
                fault.with_status(StatusCode::CONFLICT)
            }
            _ => fault,
        }
    }
}
