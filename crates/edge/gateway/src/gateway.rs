//! Which way a request goes: Gantry's own paths, the registry, or an AWS API.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use gantry_base::{Admission, Clock, Ids, Region};
use gantry_iam_core::Denial;
use gantry_service::{Audit, Handlers, Origin};
use gantry_wire::Router;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::json;

use crate::authenticate::Door;
use crate::large::Large;
use crate::metrics::Metrics;
use crate::throttle::Throttle;

/// The body of an answer; the registry's are streams.
pub type Answer = Response<UnsyncBoxBody<Bytes, std::io::Error>>;

/// A request that a part of Gantry answers by itself, such as the registry's.
pub type Local =
    Arc<dyn Fn(Request<Incoming>, Origin) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

/// One part of Gantry and how it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub name: &'static str,
    pub ready: bool,
    /// In a word or a sentence.
    pub state: String,
}

/// How Gantry is.
#[derive(Debug, Clone, Default)]
pub struct Health {
    pub parts: Vec<Part>,
}

impl Health {
    /// Whether every part is ready.
    pub fn ready(&self) -> bool {
        self.parts.iter().all(|part| part.ready)
    }

    /// The health as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        let parts: Vec<_> = self
            .parts
            .iter()
            .map(|part| json!({ "name": part.name, "ready": part.ready, "state": part.state }))
            .collect();
        json!({ "ready": self.ready(), "parts": parts })
    }
}

/// The path at which a replica is asked by the others.
pub const REPLICAS: &str = "/_gantry/replicas";

/// What lies below this path is a data channel of a session in a container.
pub const DATA_CHANNELS: &str = "/v1/data-channel/";

/// Empties everything; only there in development.
pub type Reset = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// The endpoint.
pub struct Gateway {
    pub router: Router,
    pub handlers: Handlers,
    pub door: Door,
    /// Answers what lies under `/v2`.
    pub registry: Local,
    /// Answers what lies below [`DATA_CHANNELS`].
    pub data_channels: Local,
    /// Answers what other replicas ask for at [`REPLICAS`]; none where there are no others.
    pub replicas: Option<Local>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    /// The region of requests whose signature names none that is a region (`aws-global` and the like).
    pub region: Region,
    pub health: Box<dyn Fn() -> Health + Send + Sync>,
    pub reset: Option<Reset>,
    pub metrics: Metrics,
    pub throttle: Throttle,
    /// The places for bodies that are larger than most.
    pub large: Large,
    /// A denial sealed, for whoever may decode it. EC2's errors carry it.
    pub encode_denial: Box<dyn Fn(&Denial) -> String + Send + Sync>,
    /// Where calls are recorded before they are answered.
    pub audit: Arc<dyn Audit>,
}

impl Gateway {
    /// Answers one request.
    pub async fn answer(&self, request: Request<Incoming>, peer: SocketAddr, secure: bool) -> Answer {
        let origin = origin(&request, peer, secure);
        let path = request.uri().path();
        if path == "/v2" || path.starts_with("/v2/") {
            return (self.registry)(self.with_admission(request, &origin), origin).await;
        }
        if path.starts_with(DATA_CHANNELS) {
            return (self.data_channels)(request, origin).await;
        }
        if let Some(replicas) = self.replicas.as_ref().filter(|_| path == REPLICAS) {
            return replicas(request, origin).await;
        }
        if let Some(answer) = self.own(&request).await {
            return answer;
        }
        self.call(request, origin).await
    }

    /// The registry finds out who calls, and then counts the request as one of that caller's.
    fn with_admission(&self, mut request: Request<Incoming>, origin: &Origin) -> Request<Incoming> {
        let (throttle, now, address) = (self.throttle.clone(), self.clock.now(), origin.source_ip);
        let admission = Admission::new(move |principal| {
            throttle.admit(&taker(principal.map(str::to_owned), address), now)
        });
        request.extensions_mut().insert(admission);
        request
    }

    /// Gantry's own paths, which no AWS service has.
    async fn own(&self, request: &Request<Incoming>) -> Option<Answer> {
        let answer = match (request.method(), request.uri().path()) {
            (&Method::GET, "/_gantry/health") => {
                let health = (self.health)();
                let status = if health.ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
                plain(status, "application/json", health.to_json().to_string())
            }
            (&Method::GET, "/metrics") if request.headers().get(header::AUTHORIZATION).is_none() => {
                plain(StatusCode::OK, "text/plain; version=0.0.4", self.metrics.text())
            }
            (&Method::POST, "/_gantry/reset") => match &self.reset {
                None => plain(
                    StatusCode::FORBIDDEN,
                    "text/plain",
                    "only gantry up --dev can be reset\n".to_owned(),
                ),
                Some(reset) => match reset().await {
                    Ok(()) => plain(StatusCode::OK, "application/json", json!({ "reset": true }).to_string()),
                    Err(why) => plain(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", why),
                },
            },
            (_, path) if path.starts_with("/_gantry/") => {
                plain(StatusCode::NOT_FOUND, "text/plain", format!("Gantry has no {path}\n"))
            }
            _ => return None,
        };
        Some(answer)
    }
}

/// Who is limited together: a user, a role with all its sessions, an account's root; the nameless by address.
pub fn taker(principal: Option<String>, address: Option<IpAddr>) -> String {
    principal.unwrap_or_else(|| address.map_or_else(String::new, |address| address.to_string()))
}

fn origin(request: &Request<Incoming>, peer: SocketAddr, secure: bool) -> Origin {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).map(str::to_owned);
    Origin {
        source_ip: Some(peer.ip()),
        secure,
        user_agent: text(header::USER_AGENT).map(|agent| agent.chars().take(512).collect()),
        host: host.or_else(|| request.uri().authority().map(ToString::to_string)),
        via: None,
    }
}

fn plain(status: StatusCode, content_type: &'static str, text: String) -> Answer {
    let mut answer = Response::new(whole(text.into()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    answer
}

/// A body that is there already.
pub fn whole(bytes: Bytes) -> UnsyncBoxBody<Bytes, std::io::Error> {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}
