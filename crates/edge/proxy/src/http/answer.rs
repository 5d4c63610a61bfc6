//! What the load balancer says itself.

use bytes::Bytes;
use gantry_elb_core::action::FixedResponse;
use http::header::{CONNECTION, CONTENT_TYPE, LOCATION, SERVER};
use http::{HeaderValue, Response, StatusCode};

use super::Body;
use super::forward::Tunnel;
use crate::one::names::Names;

/// How AWS's load balancers call themselves.
const NAME: &str = "awselb/2.0";

/// An answer, and whose it is.
pub struct Answered {
    pub response: Response<Body>,
    /// Else it is the load balancer's own.
    pub by_target: bool,
    /// How a target that speaks HTTP/1 spelled it.
    pub names: Option<Names>,
    /// What the client's connection goes on with after it, where that is no HTTP.
    pub tunnel: Option<Box<Tunnel>>,
}

impl Answered {
    /// The load balancer's own.
    pub fn own(response: Response<Body>) -> Answered {
        Answered { response, by_target: false, names: None, tunnel: None }
    }
}

/// A body of these bytes.
pub fn body(bytes: impl Into<Bytes>) -> Body {
    Body::Whole(bytes.into())
}

/// An error page in AWS's form.
pub fn page(status: u16, server: bool) -> Response<Body> {
    let reason = match status {
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Time-out",
        414 => "Request-URI Too Large",
        502 => "Bad Gateway",
        503 => "Service Temporarily Unavailable",
        504 => "Gateway Time-out",
        505 => "HTTP Version Not Supported",
        other => {
            StatusCode::from_u16(other).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
        }
    };
    let title = format!("{status} {reason}");
    let text = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    let mut response = Response::new(body(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    named(response, server)
}

/// The same, after which the connection ends.
pub fn last_page(status: u16, server: bool) -> Response<Body> {
    let mut response = page(status, server);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// An answer that a rule fixes.
pub fn fixed(fixed: &FixedResponse, server: bool) -> Response<Body> {
    let mut response = Response::new(body(fixed.body.clone().unwrap_or_default()));
    *response.status_mut() = StatusCode::from_u16(fixed.status).unwrap_or(StatusCode::OK);
    let kind = fixed.content_type.as_deref().unwrap_or("text/plain");
    let kind = match kind.starts_with("text/") || kind.ends_with("javascript") || kind.ends_with("json") {
        true => format!("{kind}; charset=utf-8"),
        false => kind.to_owned(),
    };
    if let Ok(value) = HeaderValue::from_str(&kind) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    named(response, server)
}

/// A redirect. What a request could bring into the location that no header may have makes it a bad request.
pub fn redirect(location: &str, permanent: bool, server: bool) -> Response<Body> {
    let Ok(location) = HeaderValue::from_str(location) else { return page(400, server) };
    let mut response = page(if permanent { 301 } else { 302 }, server);
    response.headers_mut().insert(LOCATION, location);
    response
}

fn named(mut response: Response<Body>, server: bool) -> Response<Body> {
    if server {
        response.headers_mut().insert(SERVER, HeaderValue::from_static(NAME));
    }
    response
}
