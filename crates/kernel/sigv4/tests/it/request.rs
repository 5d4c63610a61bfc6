//! Random requests, and the checks that the gateway makes of one.

use gantry_base::Timestamp;
use gantry_sigv4::{Body, Claim, Credentials, Head, Rules, SignatureError};
use http::Request;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

pub const NOW: Timestamp = Timestamp::from_secs(1_767_323_045);

pub fn credentials(token: bool) -> Credentials {
    Credentials {
        access_key: "AKIAIOSFODNN7EXAMPLE".into(),
        secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        session_token: token.then(|| "IQoJb3JpZ2lu/+x==".into()),
    }
}

/// Verifies as the gateway does: claim, scope, time, signature.
pub fn verify(request: &Request<Vec<u8>>, service: &str, now: Timestamp) -> Result<Claim, SignatureError> {
    let head = Head {
        method: request.method().as_str(),
        path: request.uri().path(),
        query: request.uri().query().unwrap_or_default(),
        headers: request.headers(),
        authority: request.uri().authority().map(|authority| authority.as_str()),
    };
    let claim = Claim::parse(&head)?;
    if claim.access_key != credentials(false).access_key {
        return Err(SignatureError::InvalidClientTokenId);
    }
    claim.check_scope(service, Some("us-east-1"))?;
    claim.check_time(now)?;
    claim.verify(&head, &credentials(false).secret, Body::Bytes(request.body()), Rules::of(service))?;
    Ok(claim)
}

fn encoded(text: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~').remove(b'.');
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A request that no one has signed yet.
pub fn unsigned() -> impl Strategy<Value = Request<Vec<u8>>> {
    let method = prop::sample::select(vec!["GET", "POST", "PUT", "DELETE"]);
    let segment = "[a-zA-Z0-9 :/é~_@%+*.-]{0,8}";
    let path = prop::collection::vec(segment, 0..4);
    let query = prop::collection::vec(("[a-zA-Z0-9 é/._-]{1,6}", "[a-zA-Z0-9 é+=&/%~*:]{0,8}"), 0..5);
    let headers = prop::collection::vec(
        (
            prop::sample::select(vec!["content-type", "x-amz-target", "x-amz-meta", "accept", "date"]),
            "[a-zA-Z0-9][a-zA-Z0-9 .,;/=-]{0,15}",
        ),
        0..4,
    );
    (method, path, query, headers, prop::collection::vec(any::<u8>(), 0..40)).prop_map(
        |(method, path, query, headers, body)| {
            let path: String = path.iter().map(|segment| format!("/{}", encoded(segment))).collect();
            let path = if path.is_empty() { "/".to_owned() } else { path };
            let query: Vec<String> =
                query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
            let joint = if query.is_empty() { "" } else { "?" };
            let uri = format!("http://127.0.0.1:4566{path}{joint}{}", query.join("&"));
            let mut request = Request::builder().method(method).uri(uri);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            request.body(body).unwrap()
        },
    )
}
