//! What every protocol does with a body before it reads it, and how it words one that it cannot read.

use std::io::Read;

use bytes::Bytes;
use http::HeaderMap;

use crate::error::ApiError;
use crate::limits::{Fault, FaultKind, Limits};
use crate::model::Protocol;

/// The body without its content encoding, never larger than the limit.
pub(crate) fn plain_body(headers: &HeaderMap, body: &Bytes, limits: &Limits) -> Result<Bytes, Fault> {
    let too_large = || Fault::limit(format!("The request is larger than {} bytes", limits.body));
    if body.len() > limits.body {
        return Err(too_large());
    }
    let encoding = headers.get(http::header::CONTENT_ENCODING).map(|value| value.as_bytes());
    if encoding != Some(b"gzip") {
        return Ok(body.clone());
    }
    let mut plain = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(&body[..]).take(limits.body as u64 + 1);
    reader.read_to_end(&mut plain).map_err(|_| Fault::syntax("The body is not gzip"))?;
    if plain.len() > limits.body {
        return Err(too_large());
    }
    Ok(plain.into())
}

/// What each protocol answers to a body that it cannot read.
pub(crate) fn fault_error(protocol: Protocol, fault: &Fault) -> ApiError {
    let (code, status) = match (protocol, fault.kind) {
        (Protocol::Query | Protocol::Ec2, FaultKind::Syntax) => ("MalformedQueryString", 404),
        (Protocol::Query, FaultKind::Type | FaultKind::Unknown) => ("MalformedInput", 400),
        (Protocol::Ec2, FaultKind::Type) => ("InvalidParameterValue", 400),
        (Protocol::Ec2, FaultKind::Unknown) => ("UnknownParameter", 400),
        (Protocol::RestXml, FaultKind::Syntax | FaultKind::Type | FaultKind::Unknown) => {
            ("MalformedXML", 400)
        }
        (Protocol::Query | Protocol::Ec2 | Protocol::RestXml, FaultKind::Limit) => {
            ("RequestEntityTooLarge", 413)
        }
        (_, FaultKind::Limit) => ("RequestEntityTooLargeException", 413),
        _ => ("SerializationException", 400),
    };
    ApiError::new(code, fault.message.clone()).with_status(status)
}
