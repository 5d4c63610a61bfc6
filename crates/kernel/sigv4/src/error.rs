//! Why a request is not let in.

/// Every way in which authentication fails. The text is AWS's message; [`SignatureError::code`] is the code in
/// the query protocols, [`SignatureError::json_code`] the one in the JSON protocols.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The request carries no signature.
    #[error("Request is missing Authentication Token")]
    MissingAuthenticationToken,
    /// The signature's parts are missing or malformed; the text says which.
    #[error("{0}")]
    IncompleteSignature(String),
    /// The signature, its scope or its date is wrong; the text says which.
    #[error("{0}")]
    SignatureDoesNotMatch(String),
    /// The request's time is too far from now.
    #[error("{0}")]
    Skewed(String),
    /// A presigned URL is past its time.
    #[error("Request has expired.")]
    RequestExpired,
    /// Nobody has this access key, or its session token is not the right one.
    #[error("The security token included in the request is invalid.")]
    InvalidClientTokenId,
    /// The temporary credentials have run out.
    #[error("The security token included in the request is expired")]
    ExpiredToken,
}

impl SignatureError {
    /// The signature is another one than the request and the secret yield.
    pub(crate) fn mismatch() -> Self {
        SignatureError::SignatureDoesNotMatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS \
             Secret Access Key and signing method. Consult the service documentation for details."
                .to_owned(),
        )
    }

    /// The error's code in query, ec2 and restXml.
    pub fn code(&self) -> &'static str {
        match self {
            SignatureError::MissingAuthenticationToken => "MissingAuthenticationToken",
            SignatureError::IncompleteSignature(_) => "IncompleteSignature",
            SignatureError::SignatureDoesNotMatch(_) | SignatureError::Skewed(_) => "SignatureDoesNotMatch",
            SignatureError::RequestExpired => "RequestExpired",
            SignatureError::InvalidClientTokenId => "InvalidClientTokenId",
            SignatureError::ExpiredToken => "ExpiredToken",
        }
    }

    /// The error's code in awsJson, restJson and CBOR.
    pub fn json_code(&self) -> &'static str {
        match self {
            SignatureError::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            SignatureError::IncompleteSignature(_) => "IncompleteSignatureException",
            SignatureError::SignatureDoesNotMatch(_) | SignatureError::Skewed(_) => {
                "InvalidSignatureException"
            }
            SignatureError::RequestExpired => "RequestExpired",
            SignatureError::InvalidClientTokenId => "UnrecognizedClientException",
            SignatureError::ExpiredToken => "ExpiredTokenException",
        }
    }

    /// The HTTP status in the query protocols and XML.
    pub fn status(&self) -> u16 {
        match self {
            SignatureError::IncompleteSignature(_) => 400,
            _ => 403,
        }
    }

    /// The HTTP status in the JSON protocols and CBOR.
    pub fn json_status(&self) -> u16 {
        400
    }
}
