//! Signing, for Gantry's own clients.

use std::fmt;
use std::time::Duration;

use gantry_base::Timestamp;
use http::header::{HOST, HeaderName, HeaderValue};
use http::{HeaderMap, Request, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::canonical::{Head, string_to_sign};
use crate::claim::{ALGORITHM, Location};
use crate::key::{sha256_hex, signature};
use crate::stamp;
use crate::verify::Rules;

/// An access key with its secret. Its debug form does not show the secret.
#[derive(Clone)]
pub struct Credentials {
    pub access_key: String,
    pub secret: String,
    pub session_token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// What a request cannot be signed for.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The request has neither a `host` header nor an authority in its URI.
    #[error("the request names no host")]
    NoHost,
    /// A credential, region or service cannot stand in a header or URI.
    #[error("{0} cannot be sent")]
    Unsendable(&'static str),
}

/// Signs requests to one service in one region.
#[derive(Debug, Clone)]
pub struct Signer<'a> {
    pub credentials: &'a Credentials,
    pub region: &'a str,
    pub service: &'a str,
    pub now: Timestamp,
}

impl Signer<'_> {
    /// Adds `x-amz-date`, `authorization` and what else is needed, over all of the request's headers.
    pub fn sign<B: AsRef<[u8]>>(&self, request: &mut Request<B>) -> Result<(), SignError> {
        let stamp = stamp::format(self.now);
        let payload_hash = sha256_hex(request.body().as_ref());
        add_host(request)?;
        let headers = request.headers_mut();
        insert(headers, "x-amz-date", &stamp)?;
        if self.service == "s3" {
            insert(headers, "x-amz-content-sha256", &payload_hash)?;
        }
        if let Some(token) = &self.credentials.session_token {
            insert(headers, "x-amz-security-token", token)?;
        }
        headers.remove(http::header::AUTHORIZATION);
        let signed = signed_headers(headers);
        let scope = [&stamp[..8], self.region, self.service];
        let signature = self.signature(request, Location::Headers, &signed, &payload_hash, &stamp, scope);
        let authorization = format!(
            "{ALGORITHM} Credential={}, SignedHeaders={}, Signature={signature}",
            self.credential(scope),
            signed.join(";"),
        );
        insert(request.headers_mut(), "authorization", &authorization)
    }

    /// Puts the signature into the query: whoever has the URL may send the request for `lifetime`. Every header
    /// of the request must then be sent as it is.
    pub fn presign<B: AsRef<[u8]>>(
        &self,
        request: &mut Request<B>,
        lifetime: Duration,
    ) -> Result<(), SignError> {
        let stamp = stamp::format(self.now);
        let payload_hash = match self.service {
            "s3" => "UNSIGNED-PAYLOAD".to_owned(),
            _ => sha256_hex(request.body().as_ref()),
        };
        add_host(request)?;
        let signed = signed_headers(request.headers());
        let scope = [&stamp[..8], self.region, self.service];
        let mut query = request.uri().query().unwrap_or_default().to_owned();
        let mut add = |name: &str, value: &str| {
            let joint = if query.is_empty() { "" } else { "&" };
            let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
            query.push_str(&format!("{joint}{name}={value}"));
        };
        add("X-Amz-Algorithm", ALGORITHM);
        add("X-Amz-Credential", &self.credential(scope));
        add("X-Amz-Date", &stamp);
        add("X-Amz-Expires", &lifetime.as_secs().to_string());
        add("X-Amz-SignedHeaders", &signed.join(";"));
        if let Some(token) = &self.credentials.session_token {
            add("X-Amz-Security-Token", token);
        }
        set_query(request, &query)?;
        let signature = self.signature(request, Location::Query, &signed, &payload_hash, &stamp, scope);
        query.push_str(&format!("&X-Amz-Signature={signature}"));
        set_query(request, &query)
    }

    fn credential(&self, scope: [&str; 3]) -> String {
        format!("{}/{}/aws4_request", self.credentials.access_key, scope.join("/"))
    }

    fn signature<B>(
        &self,
        request: &Request<B>,
        location: Location,
        signed: &[String],
        payload_hash: &str,
        stamp: &str,
        scope: [&str; 3],
    ) -> String {
        let head = Head {
            method: request.method().as_str(),
            path: request.uri().path(),
            query: request.uri().query().unwrap_or_default(),
            headers: request.headers(),
            authority: None,
        };
        let style = Rules::of(self.service).style;
        let text = string_to_sign(&head, style, location, signed, payload_hash, stamp, scope);
        hex::encode(signature(&self.credentials.secret, scope, &text))
    }
}

/// Headers that a proxy or the transport may change on the way.
const NEVER_SIGNED: [&str; 9] = [
    "authorization",
    "connection",
    "content-length",
    "expect",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

fn signed_headers(headers: &HeaderMap) -> Vec<String> {
    let names = headers.keys().map(HeaderName::as_str).filter(|name| !NEVER_SIGNED.contains(name));
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort_unstable();
    names
}

fn add_host<B>(request: &mut Request<B>) -> Result<(), SignError> {
    if request.headers().contains_key(HOST) {
        return Ok(());
    }
    let authority = request.uri().authority().ok_or(SignError::NoHost)?;
    let usual = matches!(
        (request.uri().scheme_str(), authority.port_u16()),
        (Some("http"), Some(80)) | (Some("https"), Some(443))
    );
    let host = if usual { authority.host() } else { authority.as_str() };
    let host = HeaderValue::from_str(host).map_err(|_| SignError::Unsendable("the host"))?;
    request.headers_mut().insert(HOST, host);
    Ok(())
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), SignError> {
    let value = HeaderValue::from_str(value).map_err(|_| SignError::Unsendable(name))?;
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}

fn set_query<B>(request: &mut Request<B>, query: &str) -> Result<(), SignError> {
    let mut parts = request.uri().clone().into_parts();
    let path = request.uri().path();
    let path_and_query = format!("{path}?{query}").parse().map_err(|_| SignError::Unsendable("the query"))?;
    parts.path_and_query = Some(path_and_query);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| SignError::Unsendable("the URI"))?;
    Ok(())
}
