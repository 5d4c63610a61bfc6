//! The canonical request: the text that a signature stands for.
//!
//! The rules are those of AWS's
//! [guide](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).

use std::borrow::Cow;
use std::fmt::Write;

use http::HeaderMap;
use http::header::HOST;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::claim::Location;
use crate::key::sha256_hex;

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same with the separator of a path left as it is.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// A request's head as it came over the wire.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// `GET`, `POST`, ...
    pub method: &'a str,
    /// The path as it was sent, still percent-encoded.
    pub path: &'a str,
    /// What follows the `?`, still percent-encoded; empty where there is none.
    pub query: &'a str,
    /// All headers.
    pub headers: &'a HeaderMap,
    /// HTTP/2's `:authority`, for a request without a `host` header.
    pub authority: Option<&'a str>,
}

impl<'a> Head<'a> {
    /// The head of an HTTP request.
    pub fn of(parts: &'a http::request::Parts) -> Head<'a> {
        Head {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            authority: parts.uri.authority().map(|authority| authority.as_str()),
        }
    }

    /// A header's value, where there is exactly one and it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next()?;
        if values.next().is_some() { None } else { first.to_str().ok() }
    }

    /// The query's parameters, decoded.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
        self.query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
    }
}

fn decode(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned());
    }
    percent_decode_str(text).decode_utf8_lossy()
}

/// How a service's clients write the path into the canonical request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathStyle {
    /// Normalised, then encoded once more over the encoding it was sent with.
    Normalized,
    /// As it was sent; S3 alone.
    AsSent,
}

/// The string to sign of a request.
pub(crate) fn string_to_sign(
    head: &Head<'_>,
    style: PathStyle,
    location: Location,
    signed_headers: &[String],
    payload_hash: &str,
    stamp: &str,
    scope: [&str; 3],
) -> String {
    let mut text = String::with_capacity(512);
    text.push_str(head.method);
    text.push('\n');
    path(head.path, style, &mut text);
    text.push('\n');
    query(head, location, &mut text);
    text.push('\n');
    for name in signed_headers {
        text.push_str(name);
        text.push(':');
        header_values(head, name, &mut text);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&signed_headers.join(";"));
    text.push('\n');
    text.push_str(payload_hash);

    let [date, region, service] = scope;
    let hash = sha256_hex(text.as_bytes());
    format!("AWS4-HMAC-SHA256\n{stamp}\n{date}/{region}/{service}/aws4_request\n{hash}")
}

fn path(path: &str, style: PathStyle, text: &mut String) {
    match style {
        PathStyle::AsSent if path.is_empty() => text.push('/'),
        PathStyle::AsSent => text.push_str(path),
        PathStyle::Normalized => {
            let mut segments: Vec<&str> = Vec::new();
            for segment in path.split('/') {
                match segment {
                    "" | "." => {}
                    ".." => drop(segments.pop()),
                    _ => segments.push(segment),
                }
            }
            let ends_open = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
            for segment in &segments {
                text.push('/');
                text.extend(utf8_percent_encode(segment, RESERVED_IN_PATH));
            }
            if segments.is_empty() || ends_open {
                text.push('/');
            }
        }
    }
}

/// The parameters, each encoded anew, in the order of their encoded names and values. A presigned URL's own
/// signature is not part of what it signs.
fn query(head: &Head<'_>, location: Location, text: &mut String) {
    let mut pairs: Vec<(String, String)> = head
        .parameters()
        .filter(|(name, _)| location == Location::Headers || name != "X-Amz-Signature")
        .map(|(name, value)| {
            (
                utf8_percent_encode(&name, RESERVED).to_string(),
                utf8_percent_encode(&value, RESERVED).to_string(),
            )
        })
        .collect();
    pairs.sort_unstable();
    for (index, (name, value)) in pairs.iter().enumerate() {
        let joint = if index == 0 { "" } else { "&" };
        write!(text, "{joint}{name}={value}").expect("writing to a string does not fail");
    }
}

/// All values of a header, trimmed, with runs of spaces made one, joined by commas.
fn header_values(head: &Head<'_>, name: &str, text: &mut String) {
    let mut first = true;
    for value in head.headers.get_all(name) {
        if !std::mem::take(&mut first) {
            text.push(',');
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        for (index, word) in value.split(' ').filter(|word| !word.is_empty()).enumerate() {
            if index > 0 {
                text.push(' ');
            }
            text.push_str(word);
        }
    }
    if first && name == HOST.as_str() {
        text.push_str(head.authority.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalized(sent: &str) -> String {
        let mut text = String::new();
        path(sent, PathStyle::Normalized, &mut text);
        text
    }

    #[test]
    fn paths_are_normalized_and_encoded_again() {
        for (sent, expected) in [
            ("", "/"),
            ("/", "/"),
            ("//a///b", "/a/b"),
            ("/a/./b/../c/", "/a/c/"),
            ("/a/..", "/"),
            ("/a/b/.", "/a/b/"),
            ("/clusters/a%20b%2Fc", "/clusters/a%2520b%252Fc"),
            ("/a~b-c_d.e:f", "/a~b-c_d.e%3Af"),
        ] {
            assert_eq!(normalized(sent), expected, "{sent}");
        }
    }

    #[test]
    fn parameters_are_sorted_by_their_encoding() {
        let headers = HeaderMap::new();
        let head = Head {
            method: "GET",
            path: "/",
            query: "b=2&a=%2f&a&B=x+y&c=%7e&X-Amz-Signature=00",
            headers: &headers,
            authority: None,
        };
        let mut text = String::new();
        query(&head, Location::Query, &mut text);
        assert_eq!(text, "B=x%20y&a=&a=%2F&b=2&c=~");
    }
}
