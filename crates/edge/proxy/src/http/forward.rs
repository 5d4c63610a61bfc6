//! A request goes to a target, and its answer comes back.

use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gantry_elb_core::configuration::{Protocol, Stickiness, Version};
use http::header::{HOST, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::answer::{self, Answered};
use super::headers::{From, add, remove_hops, size};
use super::record::Record;
use super::tracked::{self, Activity};
use super::{Body, cookie};
use crate::asleep::{self, Held};
use crate::listen::{Live, Shared};
use crate::table::{Group, Lease, Member};
use crate::tls;
use crate::watched::Watched;

/// How many targets are tried whose connections fail before a byte of the request was sent.
const TRIES: usize = 3;

/// The way that a request takes.
pub struct Passage {
    pub shared: Arc<Shared>,
    pub live: Arc<Live>,
    pub group: Arc<Group>,
    /// The host to send on.
    pub host: String,
    /// Path and query to send on, where they are others.
    pub target: Option<String>,
    /// Whether the client speaks HTTP/1, so that it may change the protocol.
    pub http1: bool,
    pub now: u64,
    /// For the access log, where there is one.
    pub record: Option<Arc<Record>>,
}

/// Why there is no answer.
enum Lost {
    /// There was no connection; the request can go elsewhere.
    Unsent(Box<Request<Body>>),
    /// No target took a connection in time.
    Silent,
    /// The connection ended or what came was no answer.
    Broken,
    /// No answer in time.
    TimedOut,
    /// The client did not send what it said.
    Client,
    /// What the client sent is no body.
    Malformed,
}

/// The most bytes that the head of a target's answer has, as AWS has it.
const MAX_ANSWER_HEAD: usize = 32 * 1024;

/// Sends a request on. Every failure is an answer, the load balancer's own.
pub async fn forward(passage: &Passage, request: Request<Incoming>, from: &From<'_>) -> Answered {
    let server = passage.live.listener.server_header;
    let configuration = passage.group.configuration();
    let mut member = sticky(passage, &request, configuration.stickiness.as_ref());
    let wants_cookie = member.is_none();
    let mut request = match prepare(passage, request, from) {
        Ok(prepared) => prepared,
        Err(status) => return Answered::own(answer::page(status, server)),
    };
    let mut tried: Vec<SocketAddr> = Vec::new();
    loop {
        let chosen = member.take().or_else(|| {
            let live = &passage.live;
            passage.group.choose(&live.of.zones, live.of.options.cross_zone, &tried, None)
        });
        let Some(chosen) = chosen else {
            if !tried.is_empty() {
                return Answered::own(answer::page(502, server));
            }
            match asleep::hold(&passage.shared.table, &passage.group).await {
                Held::Ready => continue,
                held => return Answered::own(asleep::unavailable(held, server)),
            }
        };
        if tried.is_empty() {
            passage.live.counts.requests.count();
            passage.group.counts.requests.count();
        }
        let address = chosen.address();
        if let Some(record) = &passage.record {
            record.goes_to(address);
        }
        match send(passage, &chosen, request).await {
            Ok(mut response) => {
                if let Some(record) = &passage.record {
                    record.comes_back(response.status());
                }
                let moved = wants_cookie || !tried.is_empty();
                stick(passage, &mut response, configuration.stickiness.as_ref(), address, moved, from);
                return Answered { response, by_target: true };
            }
            Err(Lost::Unsent(unsent)) if tried.len() + 1 < TRIES => {
                tried.push(address);
                request = unsent;
            }
            Err(Lost::Unsent(_) | Lost::Broken) => return Answered::own(answer::page(502, server)),
            Err(Lost::Silent | Lost::TimedOut) => return Answered::own(answer::page(504, server)),
            Err(Lost::Client) => return Answered::own(answer::last_page(408, server)),
            Err(Lost::Malformed) => return Answered::own(answer::last_page(400, server)),
        }
    }
}

/// A request as targets get it.
fn prepare(
    passage: &Passage,
    mut request: Request<Incoming>,
    from: &From<'_>,
) -> Result<Box<Request<Body>>, u16> {
    let upgrades = passage.http1 && to_websocket(request.headers());
    let client = upgrades.then(|| hyper::upgrade::on(&mut request));
    let activity = Activity::default();
    activity.tick();
    let (mut parts, body) = request.into_parts();
    remove_hops(&mut parts.headers, upgrades);
    let same = parts.headers.get(HOST).is_some_and(|given| given.as_bytes() == passage.host.as_bytes());
    if let (false, Ok(host)) = (same, HeaderValue::from_str(&passage.host)) {
        parts.headers.insert(HOST, host);
    }
    add(&mut parts.headers, &passage.live.of.options, from);
    if let Some(record) = &passage.record {
        record.traced(&parts.headers);
    }
    match (&passage.target, parts.uri.authority()) {
        // What came in the usual form goes on as it is.
        (None, None) if parts.uri.path_and_query().is_some() => {}
        (target, _) => {
            let path = target.as_deref().or_else(|| parts.uri.path_and_query().map(|it| it.as_str()));
            parts.uri = path.unwrap_or("/").parse().map_err(|_| 400u16)?;
        }
    }
    let idle = Duration::from_secs(passage.live.of.options.idle_timeout_seconds.into());
    let body = match body.is_end_stream() {
        true => answer::body(bytes::Bytes::new()),
        false => {
            let (activity, record) = (activity.clone(), passage.record.clone());
            tracked::Request { inner: body, activity, idle, sleep: None, record }.boxed_unsync()
        }
    };
    parts.extensions.insert(activity);
    parts.version = http::Version::HTTP_11;
    let mut request = Request::from_parts(parts, body);
    if let Some(client) = client {
        request.extensions_mut().insert(Client(Arc::new(std::sync::Mutex::new(Some(client)))));
    }
    Ok(Box::new(request))
}

/// Whether it asks for a WebSocket and nothing else, as load balancers pass on no other change of protocol.
fn to_websocket(headers: &HeaderMap) -> bool {
    let mut asked = headers.get_all(UPGRADE).iter().peekable();
    asked.peek().is_some() && asked.all(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// The client's side of a change of protocol; it is taken once.
#[derive(Clone)]
struct Client(Arc<std::sync::Mutex<Option<hyper::upgrade::OnUpgrade>>>);

async fn send(
    passage: &Passage,
    member: &Arc<Member>,
    mut request: Box<Request<Body>>,
) -> Result<Response<Body>, Lost> {
    let lease = Lease::new(member.clone());
    let idle = Duration::from_secs(passage.live.of.options.idle_timeout_seconds.into());
    let activity = request.extensions_mut().remove::<Activity>().unwrap_or_default();
    let client = request.extensions().get::<Client>().cloned();
    let configuration = passage.group.configuration();
    let counts = &passage.group.counts;
    let keep = |mut unsent: Request<Body>| {
        unsent.extensions_mut().insert(activity.clone());
        client.iter().for_each(|client| drop(unsent.extensions_mut().insert(client.clone())));
        Box::new(unsent)
    };
    if configuration.version != Version::Http1 {
        let secure = configuration.protocol == Protocol::Https;
        let Some(mut sender) = two(passage, member, secure).await else {
            counts.connection_errors.count();
            return Err(Lost::Unsent(keep(*request)));
        };
        let scheme = if secure { "https" } else { "http" };
        let target = request.uri().path_and_query().map_or("/", |it| it.as_str()).to_owned();
        let authority = request.headers_mut().remove(HOST);
        let authority = authority.as_ref().and_then(|host| host.to_str().ok()).unwrap_or_default();
        *request.uri_mut() =
            format!("{scheme}://{authority}{target}").parse::<Uri>().map_err(|_| Lost::Broken)?;
        *request.version_mut() = http::Version::HTTP_2;
        remove_hops(request.headers_mut(), false);
        let began = Instant::now();
        let answered = within(idle, &activity, sender.send_request(*request)).await?;
        let response = fitting(answered.map_err(|error| lost(&error))?)?;
        counts.answered(response.status().as_u16(), began.elapsed());
        return Ok(received(response, lease, None, idle));
    }
    loop {
        let (mut sender, used) = match member.pool.take() {
            Some(mut sender) => match sender.ready().await {
                Ok(()) => (sender, true),
                Err(_) => continue,
            },
            None => match one(passage, member, configuration.protocol == Protocol::Https).await {
                Ok(sender) => (sender, false),
                Err(silent) => {
                    counts.connection_errors.count();
                    return Err(if silent { Lost::Silent } else { Lost::Unsent(keep(*request)) });
                }
            },
        };
        let began = Instant::now();
        match within(idle, &activity, sender.try_send_request(*request)).await? {
            Ok(response) => {
                let response = fitting(response)?;
                counts.answered(response.status().as_u16(), began.elapsed());
                return switched(passage, response, lease, sender, client);
            }
            Err(mut failed) => match failed.take_message() {
                // The connection ended while it was idle: nothing of the request was sent.
                Some(unsent) if used => *request = unsent,
                Some(unsent) => return Err(Lost::Unsent(keep(unsent))),
                None => return Err(lost(&failed.into_error())),
            },
        }
    }
}

fn lost(error: &hyper::Error) -> Lost {
    // A body that could not be read ends with the parser's error, and one that did not come with ours.
    let parser = error.source().is_some_and(|source| source.is::<hyper::Error>());
    match error.is_user() {
        true if parser => Lost::Malformed,
        true => Lost::Client,
        false => Lost::Broken,
    }
}

/// An answer whose head is not too large.
fn fitting(response: Response<Incoming>) -> Result<Response<Incoming>, Lost> {
    match size(response.headers()) > MAX_ANSWER_HEAD {
        true => Err(Lost::Broken),
        false => Ok(response),
    }
}

/// Waits for an answer as long as something moves.
async fn within<T>(
    idle: Duration,
    activity: &Activity,
    answered: impl Future<Output = T>,
) -> Result<T, Lost> {
    activity.tick();
    let mut answered = std::pin::pin!(answered);
    loop {
        let left = idle.saturating_sub(activity.still_for());
        match tokio::time::timeout(left, &mut answered).await {
            Ok(answer) => return Ok(answer),
            Err(_) if activity.still_for() >= idle && activity.waits_for_client() => {
                return Err(Lost::Client);
            }
            Err(_) if activity.still_for() >= idle => return Err(Lost::TimedOut),
            Err(_) => {}
        }
    }
}

/// A connection of HTTP/1; or whether the target was silent for too long.
async fn one(
    passage: &Passage,
    member: &Arc<Member>,
    secure: bool,
) -> Result<http1::SendRequest<Body>, bool> {
    let connected = passage.shared.reach.connect(&passage.group.way(), member.address()).await;
    let stream = connected.map_err(|error| error.kind() == std::io::ErrorKind::TimedOut)?;
    let mut builder = http1::Builder::new();
    builder.preserve_header_case(true).max_buf_size(256 * 1024);
    let sender = if secure {
        let stream = tls::to_target(stream, Version::Http1).await.map_err(|_| false)?;
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|_| false)?;
        tokio::spawn(async move { drop(connection.with_upgrades().await) });
        sender
    } else {
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|_| false)?;
        tokio::spawn(async move { drop(connection.with_upgrades().await) });
        sender
    };
    Ok(sender)
}

/// The connection of HTTP/2 that all requests to a member share.
async fn two(passage: &Passage, member: &Arc<Member>, secure: bool) -> Option<http2::SendRequest<Body>> {
    if let Some(mut sender) = member.pool.shared()
        && sender.ready().await.is_ok()
    {
        return Some(sender);
    }
    let stream = passage.shared.reach.connect(&passage.group.way(), member.address()).await.ok()?;
    let builder = http2::Builder::new(TokioExecutor::new());
    let sender = if secure {
        let stream = tls::to_target(stream, Version::Http2).await.ok()?;
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(async move { drop(connection.await) });
        sender
    } else {
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(async move { drop(connection.await) });
        sender
    };
    member.pool.share(sender.clone());
    Some(sender)
}

fn received(
    response: Response<Incoming>,
    lease: Lease,
    sender: Option<http1::SendRequest<Body>>,
    idle: Duration,
) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    remove_hops(&mut parts.headers, false);
    parts.version = http::Version::HTTP_11;
    let body = tracked::Response { inner: body, lease: Some(lease), sender, idle, sleep: None };
    Response::from_parts(parts, body.boxed_unsync())
}

/// The answer, after which the two connections may belong to another protocol.
fn switched(
    passage: &Passage,
    mut response: Response<Incoming>,
    lease: Lease,
    sender: http1::SendRequest<Body>,
    client: Option<Client>,
) -> Result<Response<Body>, Lost> {
    let idle = Duration::from_secs(passage.live.of.options.idle_timeout_seconds.into());
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(received(response, lease, Some(sender), idle));
    }
    let client = client.and_then(|client| client.0.lock().ok()?.take()).ok_or(Lost::Broken)?;
    let target = hyper::upgrade::on(&mut response);
    let (live, record) = (passage.live.clone(), passage.record.clone());
    tokio::spawn(async move {
        let (Ok(client), Ok(target)) = tokio::join!(client, target) else { return };
        let (client, target) = (Watched::new(TokioIo::new(client), record), TokioIo::new(target));
        // It outlives its target's registration: it ends when one of its sides ends it.
        crate::tcp::copy(client, target, idle, std::future::pending(), &live.counts.processed_bytes).await;
        drop(lease);
    });
    let (mut parts, _) = response.into_parts();
    remove_hops(&mut parts.headers, true);
    Ok(Response::from_parts(parts, answer::body(bytes::Bytes::new())))
}

fn place(passage: &Passage) -> &str {
    &passage.group.arn
}

/// The target that a client is to stay with.
fn sticky(
    passage: &Passage,
    request: &Request<Incoming>,
    stickiness: Option<&Stickiness>,
) -> Option<Arc<Member>> {
    let name = match stickiness? {
        Stickiness::LoadBalancerCookie { .. } => cookie::BALANCER,
        Stickiness::ApplicationCookie { name, .. } => {
            cookie::given(request.headers(), name)?;
            cookie::APPLICATION
        }
        Stickiness::SourceIp => return None,
    };
    let given = cookie::given(request.headers(), name)?;
    let address = passage.shared.jar.target(place(passage), given, passage.now)?;
    passage.group.member(address)
}

/// Has the client stay with its target.
fn stick(
    passage: &Passage,
    response: &mut Response<Body>,
    stickiness: Option<&Stickiness>,
    address: SocketAddr,
    moved: bool,
    from: &From<'_>,
) {
    let (name, seconds) = match stickiness {
        Some(Stickiness::LoadBalancerCookie { seconds }) => (cookie::BALANCER, *seconds),
        Some(Stickiness::ApplicationCookie { name, seconds })
            if moved && cookie::sets(response.headers(), name) =>
        {
            (cookie::APPLICATION, *seconds)
        }
        _ => return,
    };
    let until = passage.now + u64::from(seconds);
    let sealed = passage.shared.jar.seal(place(passage), &address.to_string(), until);
    cookie::set(response.headers_mut(), name, &sealed, seconds, until, from.secure);
}
