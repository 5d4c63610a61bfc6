//! From a request to a route.

use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;

use super::speak::Speak;
use super::table::{Table, signing_name};
use crate::body::{fault_error, plain_body};
use crate::error::ApiError;
use crate::limits::{Fault, Limits};
use crate::model::{LazyModel, Model, Op, Protocol, Ref};
use crate::query::{Names, Params};
use crate::value::Value;
use crate::{cbor, json, query, rest, validate, xml};

/// Finds the operation that a request is for.
pub struct Router {
    table: Table,
    limits: Limits,
}

/// A request's operation, and how its answer is to be spoken.
pub struct Route {
    speak: Speak,
    model: &'static Model,
    op: &'static Op,
    labels: Vec<(&'static str, String)>,
    params: Params,
    limits: Limits,
}

/// A request that is for nothing here: the error, and how to speak it.
pub struct Rejection {
    pub error: ApiError,
    pub speak: Speak,
}

impl Router {
    /// A router over these services, with the standard limits.
    pub fn new(models: &[&'static LazyModel]) -> Self {
        Router::over(models.iter().map(|model| model.get()).collect(), Limits::STANDARD)
    }

    pub fn over(models: Vec<&'static Model>, limits: Limits) -> Self {
        Router { table: Table::new(models), limits }
    }

    /// Every service that is known.
    pub fn models(&self) -> &[&'static Model] {
        &self.table.models
    }

    /// Finds the operation. `scope` is the service in the request's SigV4 credential scope, if it has one.
    pub fn route(&self, head: &Parts, body: &Bytes, scope: Option<&str>) -> Result<Route, Rejection> {
        let path = head.uri.path();
        let scope = scope.map(signing_name);
        if let Some(rest) = path.strip_prefix("/service/")
            && let Some((target, operation)) = rest.split_once("/operation/")
            && (head.headers.contains_key("smithy-protocol")
                || content_type(&head.headers) == "application/cbor")
        {
            return self.cbor(head, target, operation);
        }
        if let Some(target) = header(&head.headers, "x-amz-target") {
            return self.target(head, target);
        }
        let query_text = head.uri.query().unwrap_or_default();
        let url = Params::parse(query_text.as_bytes(), &self.limits)
            .map_err(|fault| self.unreadable(&fault, scope))?;
        let is_form = content_type(&head.headers) == "application/x-www-form-urlencoded";
        if url.get("Action").is_some() && !self.is_rest(scope) {
            return self.action(url, scope);
        }
        if is_form && head.method == http::Method::POST && !self.is_rest(scope) {
            let plain = plain_body(&head.headers, body, &self.limits)
                .map_err(|fault| self.unreadable(&fault, scope))?;
            let mut form =
                Params::parse(&plain, &self.limits).map_err(|fault| self.unreadable(&fault, scope))?;
            form.0.splice(0..0, url.0);
            return self.action(form, scope);
        }
        self.path(head, url, scope)
    }

    fn is_rest(&self, scope: Option<&str>) -> bool {
        scope.and_then(|scope| self.table.by_signing.get(scope)).is_some_and(|models| {
            models.iter().all(|model| model.speaks(Protocol::RestJson) || model.speaks(Protocol::RestXml))
        })
    }

    fn cbor(&self, head: &Parts, target: &str, operation: &str) -> Result<Route, Rejection> {
        let mut speak = Speak::new(Protocol::Cbor, None);
        speak.query_mode = header(&head.headers, "x-amzn-query-mode") == Some("true");
        // Smithy's name of a service may carry its namespace.
        let target = target.rsplit_once('.').map_or(target, |(_, name)| name);
        match self.table.by_target.get(target) {
            None => Err(unknown_service(speak, target)),
            Some(model) if !model.speaks(Protocol::Cbor) => Err(unknown_operation(speak, model, operation)),
            Some(model) => self.named(speak, model, operation, Params::default()),
        }
    }

    fn target(&self, head: &Parts, target: &str) -> Result<Route, Rejection> {
        let mut speak = Speak::new(Protocol::Json, None);
        speak.query_mode = header(&head.headers, "x-amzn-query-mode") == Some("true");
        speak.json_version = match content_type(&head.headers) {
            "application/x-amz-json-1.0" => "1.0",
            _ => "1.1",
        };
        let (prefix, operation) = target.rsplit_once('.').unwrap_or((target, ""));
        match self.table.by_target.get(prefix) {
            None => Err(unknown_service(speak, prefix)),
            Some(model) => self.named(speak, model, operation, Params::default()),
        }
    }

    fn action(&self, params: Params, scope: Option<&str>) -> Result<Route, Rejection> {
        let version = params.get("Version").unwrap_or_default();
        let of_scope = |models: &[&'static Model]| {
            models.iter().copied().find(|model| scope.is_none_or(|scope| model.signing == scope))
        };
        let versioned = self.table.by_version.get(version).map(Vec::as_slice).unwrap_or_default();
        let scoped =
            scope.and_then(|scope| self.table.by_signing.get(scope)).map(Vec::as_slice).unwrap_or_default();
        let model = of_scope(versioned)
            .or_else(|| versioned.first().copied())
            .or_else(|| scoped.iter().copied().find(|model| query_protocol(model).is_some()));
        let Some(model) = model else {
            let name = scope.unwrap_or("with that API version").to_owned();
            return Err(unknown_service(Speak::new(Protocol::Query, None), &name));
        };
        let speak = Speak::new(query_protocol(model).unwrap_or(Protocol::Query), Some(model));
        let Some(action) = params.get("Action").map(str::to_owned) else {
            let error = ApiError::new("MissingAction", "The request must contain the parameter Action")
                .with_status(400);
            return Err(Rejection { error, speak });
        };
        if !version.is_empty() && version != model.version {
            let message = format!("Could not find operation {action} for version {version}");
            return Err(Rejection { error: ApiError::new("InvalidAction", message).with_status(400), speak });
        }
        self.named(speak, model, &action, params)
    }

    fn named(
        &self,
        mut speak: Speak,
        model: &'static Model,
        operation: &str,
        params: Params,
    ) -> Result<Route, Rejection> {
        speak.model = Some(model);
        match model.operation(operation) {
            None => Err(unknown_operation(speak, model, operation)),
            Some(op) => Ok(self.found(speak, model, op, Vec::new(), params)),
        }
    }

    fn path(&self, head: &Parts, params: Params, scope: Option<&str>) -> Result<Route, Rejection> {
        let (method, path) = (head.method.as_str(), head.uri.path());
        let services =
            self.table.rest.iter().filter(|service| scope.is_none_or(|scope| service.model.signing == scope));
        let mut nearest = None;
        for service in services {
            if let Some(found) = service.find(method, path, &params, &head.headers) {
                let speak = Speak::new(service.model.rest_protocol(), Some(service.model));
                return Ok(self.found(speak, service.model, found.op, found.labels, params));
            }
            nearest = Some(service.model);
        }
        let known = scope
            .and_then(|scope| self.table.by_signing.get(scope))
            .and_then(|models| models.first().copied());
        match (scope, known.or(nearest)) {
            (Some(_), Some(model)) => {
                let protocol = model.protocols.first().copied().unwrap_or(Protocol::RestJson);
                Err(unknown_operation(Speak::new(protocol, Some(model)), model, &format!("{method} {path}")))
            }
            (scope, _) => {
                Err(unknown_service(Speak::new(Protocol::RestJson, None), scope.unwrap_or("of that path")))
            }
        }
    }

    fn found(
        &self,
        mut speak: Speak,
        model: &'static Model,
        op: &'static Op,
        labels: Vec<(&'static str, String)>,
        params: Params,
    ) -> Route {
        speak.op = Some(op);
        Route { speak, model, op, labels, params, limits: self.limits }
    }

    #[cold]
    fn unreadable(&self, fault: &Fault, scope: Option<&str>) -> Rejection {
        let model = scope
            .and_then(|scope| self.table.by_signing.get(scope))
            .and_then(|models| models.first().copied());
        let protocol = model.and_then(|model| model.protocols.first().copied()).unwrap_or(Protocol::Query);
        Rejection { error: fault_error(protocol, fault), speak: Speak::new(protocol, model) }
    }
}

impl Route {
    /// The service's name as in `models/`: `elbv2`.
    pub fn service(&self) -> &'static str {
        self.model.service
    }
    /// AWS's name of the operation.
    pub fn operation(&self) -> &'static str {
        self.op.name
    }
    pub fn model(&self) -> &'static Model {
        self.model
    }
    pub fn op(&self) -> &'static Op {
        self.op
    }
    /// The service that the request must be signed for.
    pub fn signing_name(&self) -> &'static str {
        self.model.signing
    }
    /// Whether AWS lets anyone call this without a signature.
    pub fn unsigned(&self) -> bool {
        self.op.unsigned
    }
    /// How the answer is spoken.
    pub fn speak(&self) -> &Speak {
        &self.speak
    }

    /// The same with another limit on its body, in bytes.
    pub fn with_body_limit(self, body: usize) -> Route {
        Route { limits: Limits { body, ..self.limits }, ..self }
    }

    /// Decodes the input and holds it against the model.
    pub fn decode(&self, headers: &HeaderMap, body: &Bytes) -> Result<Value, ApiError> {
        let value = self.decode_unchecked(headers, body)?;
        if let Some(input) = self.op.input {
            validate::check(self.model, self.op, Ref::plain(input), &value, self.speak.protocol)?;
        }
        Ok(value)
    }

    /// Decodes the input alone.
    pub fn decode_unchecked(&self, headers: &HeaderMap, body: &Bytes) -> Result<Value, ApiError> {
        if !self.op.detailed {
            return Err(ApiError::not_implemented(self.model.service, self.op.name));
        }
        let Some(input) = self.op.input else { return Ok(Value::Struct(Vec::new())) };
        self.decode_body(Ref::plain(input), headers, body)
            .map_err(|fault| fault_error(self.speak.protocol, &fault))
    }

    fn decode_body(&self, at: Ref, headers: &HeaderMap, body: &Bytes) -> Result<Value, Fault> {
        let (model, limits) = (self.model, &self.limits);
        let names = match self.speak.protocol {
            Protocol::Json => return json::decode(model, at, &plain_body(headers, body, limits)?, limits),
            Protocol::Cbor => return cbor::decode(model, at, &plain_body(headers, body, limits)?, limits),
            Protocol::RestJson | Protocol::RestXml => {
                let decode =
                    if self.speak.protocol == Protocol::RestXml { xml::decode } else { json::decode };
                let body = &plain_body(headers, body, limits)?;
                let parts = rest::Parts { labels: &self.labels, query: &self.params, headers, body };
                return rest::decode(model, at, &parts, limits, decode);
            }
            Protocol::Query => Names::Query,
            Protocol::Ec2 => Names::Ec2,
        };
        query::decode(model, at, self.params.clone(), names, limits)
    }
}

fn query_protocol(model: &Model) -> Option<Protocol> {
    [Protocol::Query, Protocol::Ec2].into_iter().find(|protocol| model.speaks(*protocol))
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The media type without its parameters.
fn content_type(headers: &HeaderMap) -> &str {
    header(headers, "content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

#[cold]
fn unknown_service(speak: Speak, name: &str) -> Rejection {
    let message = format!("There is no service {name} at this endpoint");
    Rejection { error: ApiError::new("UnknownService", message).with_status(404), speak }
}

#[cold]
fn unknown_operation(mut speak: Speak, model: &'static Model, name: &str) -> Rejection {
    speak.model = Some(model);
    let error = match speak.protocol {
        Protocol::Query | Protocol::Ec2 => {
            ApiError::new("InvalidAction", format!("The action {name} is not valid for this web service."))
        }
        _ => ApiError::new(
            "UnknownOperationException",
            format!("{}: there is no operation {name}", model.service),
        ),
    };
    Rejection { error: error.with_status(400), speak }
}
