//! Answers and errors in the client's protocol.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::router::{Rejection, Route};
use super::seen::{Fields, Seen};
use crate::cbor::CborSink;
use crate::error::ApiError;
use crate::json::JsonSink;
use crate::model::{Kind, Model, Op, Protocol, Ref};
use crate::rest::{Body, bind};
use crate::sink::ValueSink;
use crate::typed::Put;
use crate::value::Value;
use crate::xml::XmlSink;

/// How to speak to one client about one request.
#[derive(Clone)]
pub struct Speak {
    pub protocol: Protocol,
    /// The service, as far as the request told.
    pub model: Option<&'static Model>,
    pub op: Option<&'static Op>,
    /// The awsJson version that the client speaks.
    pub json_version: &'static str,
    /// The client asked for query's error codes beside its protocol's own.
    pub query_mode: bool,
}

/// Why a caller is not let in, before any policy is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthFailure {
    /// No credentials at all.
    Missing,
    /// The signature's parts cannot be read.
    Incomplete,
    /// Nobody has this access key.
    UnknownKey,
    /// The signature is not what the key makes of the request.
    WrongSignature,
    /// The signature's time is too far from now.
    Expired,
    /// The session token's time is over.
    ExpiredToken,
    /// A policy says no.
    Denied,
    /// More requests than the caller may make.
    Throttled,
}

impl Route {
    /// The answer: the output in the client's protocol.
    pub fn encode(&self, output: &dyn Put, request_id: &str) -> Response<Bytes> {
        self.speak().answer(output, request_id)
    }
    /// The error in the client's protocol.
    pub fn encode_error(&self, error: &ApiError, request_id: &str) -> Response<Bytes> {
        self.speak().error(error, request_id)
    }
}

impl Rejection {
    pub fn encode(&self, request_id: &str) -> Response<Bytes> {
        self.speak.error(&self.error, request_id)
    }
}

impl Speak {
    pub fn new(protocol: Protocol, model: Option<&'static Model>) -> Self {
        Speak { protocol, model, op: None, json_version: "1.1", query_mode: false }
    }

    /// The error code and status with which AWS turns away a caller in this protocol.
    pub fn auth_error(&self, failure: AuthFailure, message: impl Into<String>) -> ApiError {
        use AuthFailure::*;
        let xml = matches!(self.protocol, Protocol::Query | Protocol::RestXml);
        let ec2 = self.protocol == Protocol::Ec2;
        // The JSON protocols without paths answer whatever is a client's fault with 400.
        let json = if matches!(self.protocol, Protocol::Json | Protocol::Cbor) { 400 } else { 403 };
        let (code, status) = match failure {
            Missing if ec2 || xml => ("MissingAuthenticationToken", 403),
            Missing => ("MissingAuthenticationTokenException", json),
            Incomplete if ec2 || xml => ("IncompleteSignature", 400),
            Incomplete => ("IncompleteSignatureException", 400),
            UnknownKey if ec2 => ("AuthFailure", 401),
            UnknownKey if xml => ("InvalidClientTokenId", 403),
            UnknownKey => ("UnrecognizedClientException", json),
            WrongSignature if ec2 => ("AuthFailure", 401),
            WrongSignature if xml => ("SignatureDoesNotMatch", 403),
            WrongSignature => ("InvalidSignatureException", json),
            Expired if ec2 || xml => ("RequestExpired", 400),
            Expired => ("InvalidSignatureException", json),
            ExpiredToken if ec2 => ("RequestExpired", 400),
            ExpiredToken if xml => ("ExpiredToken", 403),
            ExpiredToken => ("ExpiredTokenException", json),
            Denied if ec2 => ("UnauthorizedOperation", 403),
            Denied if xml => ("AccessDenied", 403),
            Denied if self.protocol == Protocol::RestJson => ("AccessDeniedException", 403),
            Denied => ("AccessDeniedException", 400),
            Throttled if ec2 => ("RequestLimitExceeded", 503),
            Throttled if self.protocol == Protocol::RestXml => ("SlowDown", 503),
            Throttled if xml => ("Throttling", 400),
            Throttled if self.protocol == Protocol::RestJson => ("TooManyRequestsException", 429),
            Throttled => ("ThrottlingException", 400),
        };
        ApiError::new(code, message).with_status(status)
    }

    /// An operation's output.
    pub fn answer(&self, output: &dyn Put, request_id: &str) -> Response<Bytes> {
        let (Some(model), Some(op)) = (self.model, self.op) else {
            return self.error(&ApiError::internal(), request_id);
        };
        let root = op.output.map(Ref::plain);
        let body = match (self.protocol, root) {
            (Protocol::RestJson | Protocol::RestXml, Some(root)) => {
                return self.rest(model, op, root, output, request_id);
            }
            (Protocol::Json, Some(root)) => {
                let mut sink = JsonSink::new(model, root);
                output.put(&mut sink);
                sink.finish()
            }
            (Protocol::Cbor, Some(root)) => {
                let mut sink = CborSink::new(model, root);
                output.put(&mut sink);
                sink.finish()
            }
            (Protocol::Query, root) => query_answer(model, op, root, output, request_id),
            (Protocol::Ec2, root) => ec2_answer(model, op, root, output, request_id),
            (_, None) => Vec::new(),
        };
        self.response(op.status, body.into(), request_id)
    }

    fn rest(
        &self,
        model: &'static Model,
        op: &Op,
        root: Ref,
        output: &dyn Put,
        request_id: &str,
    ) -> Response<Bytes> {
        let mut sink = ValueSink::default();
        output.put(&mut sink);
        let (Some(value), Kind::Struct(def)) = (sink.finish(), &model.shape(root.shape).kind) else {
            return self.error(&ApiError::internal(), request_id);
        };
        let bound = bind(model, def, value);
        let mut raw = false;
        let body = match bound.body {
            Body::Nothing => Bytes::new(),
            Body::Raw(bytes) => {
                raw = true;
                bytes
            }
            Body::Members(value) => self.document(model, root, None, value),
            Body::Payload(at, value) => self.document(model, at, at.wire, value),
        };
        let mut response = self.response(bound.status.unwrap_or(op.status), body, request_id);
        if raw {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        }
        for (name, value) in bound.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }

    /// A REST body: JSON, or XML whose root is named by the member or by the shape.
    fn document(&self, model: &'static Model, at: Ref, name: Option<&str>, mut value: Value) -> Bytes {
        if self.protocol != Protocol::RestXml {
            let mut sink = JsonSink::new(model, at);
            value.put(&mut sink);
            return sink.finish().into();
        }
        attributes_first(model, at, &mut value);
        let shape = model.shape(at.shape);
        let name = match &shape.kind {
            Kind::Struct(def) => name.or(def.location_name).unwrap_or(shape.name),
            _ => name.unwrap_or(shape.name),
        };
        let mut sink = XmlSink::new(model, at);
        sink.start(name, model.namespace);
        value.put(&mut sink);
        sink.end(name);
        sink.finish().into()
    }

    /// An error, with status, code and further members as the model has them.
    pub fn error(&self, error: &ApiError, request_id: &str) -> Response<Bytes> {
        let known = self.model.and_then(|model| model.error(&error.code).map(|found| (model, found)));
        let def = known.as_ref().map(|(_, (_, _, def))| *def).unwrap_or_default();
        let status = error.status.or(def.status).unwrap_or(if def.fault { 500 } else { 400 });
        let seen = Seen {
            error,
            name: known.as_ref().map_or(error.code.as_ref(), |(_, (shape, ..))| shape.name),
            code: def
                .code
                .or(known.as_ref().map(|(_, (shape, ..))| shape.name))
                .unwrap_or(error.code.as_ref()),
            sender: def.sender.unwrap_or(status < 500),
            fields: known.and_then(|(model, found)| Fields::of(model, found, error)),
        };
        let body = match self.protocol {
            Protocol::Json => seen.json(true),
            Protocol::RestJson => seen.json(false),
            Protocol::Cbor => seen.cbor(),
            Protocol::Query | Protocol::Ec2 | Protocol::RestXml => {
                seen.xml(self.protocol, self.model, request_id)
            }
        };
        let mut response = self.response(status, body.into(), request_id);
        let headers = response.headers_mut();
        if self.protocol == Protocol::RestJson
            && let Ok(value) = HeaderValue::from_str(seen.code)
        {
            headers.insert(HeaderName::from_static("x-amzn-errortype"), value);
        }
        if self.query_mode && self.model.is_some_and(|model| model.query_compatible) {
            let text = format!("{};{}", seen.code, if seen.sender { "Sender" } else { "Receiver" });
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(HeaderName::from_static("x-amzn-query-error"), value);
            }
        }
        if let Some(fields) = &seen.fields {
            for (name, value) in fields.headers() {
                headers.insert(name, value);
            }
        }
        response
    }

    fn response(&self, status: u16, body: Bytes, request_id: &str) -> Response<Bytes> {
        let empty = body.is_empty();
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        let content_type = match self.protocol {
            Protocol::Json if self.json_version == "1.0" => "application/x-amz-json-1.0",
            Protocol::Json => "application/x-amz-json-1.1",
            Protocol::Query => "text/xml",
            Protocol::Ec2 => "text/xml;charset=UTF-8",
            Protocol::RestJson => "application/json",
            Protocol::RestXml => "application/xml",
            Protocol::Cbor => "application/cbor",
        };
        if !empty || self.protocol == Protocol::Json {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if self.protocol == Protocol::Cbor {
            headers
                .insert(HeaderName::from_static("smithy-protocol"), HeaderValue::from_static("rpc-v2-cbor"));
        }
        if let Ok(value) = HeaderValue::from_str(request_id) {
            let bare =
                self.protocol == Protocol::RestXml && self.model.is_some_and(|model| model.bare_errors);
            let name = if bare { "x-amz-request-id" } else { "x-amzn-requestid" };
            headers.insert(HeaderName::from_static(name), value);
        }
        response
    }
}

fn query_answer(
    model: &'static Model,
    op: &Op,
    root: Option<Ref>,
    output: &dyn Put,
    request_id: &str,
) -> Vec<u8> {
    let response = format!("{}Response", op.name);
    let mut sink = XmlSink::new(model, root.unwrap_or(Ref::plain(crate::model::ShapeId(0))));
    sink.start(&response, model.namespace);
    if root.is_some() {
        let wrapper = op.wrapper.map_or_else(|| Cow::from(format!("{}Result", op.name)), Cow::from);
        sink.start(&wrapper, "");
        output.put(&mut sink);
        sink.end(&wrapper);
    }
    sink.start("ResponseMetadata", "");
    sink.text_element("RequestId", request_id);
    sink.end("ResponseMetadata");
    sink.end(&response);
    sink.finish()
}

fn ec2_answer(
    model: &'static Model,
    op: &Op,
    root: Option<Ref>,
    output: &dyn Put,
    request_id: &str,
) -> Vec<u8> {
    let response = format!("{}Response", op.name);
    let mut sink = XmlSink::new(model, root.unwrap_or(Ref::plain(crate::model::ShapeId(0))));
    sink.start(&response, &format!("{}/", model.namespace.trim_end_matches('/')));
    sink.text_element("requestId", request_id);
    match root {
        Some(_) => output.put(&mut sink),
        None => sink.text_element("return", "true"),
    }
    sink.end(&response);
    sink.finish()
}

/// XML wants an element's attributes before its children.
fn attributes_first(model: &Model, at: Ref, value: &mut Value) {
    match (value, &model.shape(at.shape).kind) {
        (Value::Struct(members), Kind::Struct(def)) => {
            members.sort_by_key(|(index, _)| !def.members[usize::from(*index)].at.attribute);
            for (index, value) in members {
                attributes_first(model, def.members[usize::from(*index)].at, value);
            }
        }
        (Value::List(items), Kind::List { item, .. }) => {
            items.iter_mut().for_each(|value| attributes_first(model, *item, value));
        }
        (Value::Map(entries), Kind::Map { value: at, .. }) => {
            entries.iter_mut().for_each(|(_, value)| attributes_first(model, *at, value));
        }
        _ => {}
    }
}
