//! A request goes to a target, and its answer comes back.

use std::borrow::Cow;
use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gantry_elb_core::configuration::{Protocol, Stickiness, TargetGroup, Version};
use http::header::HOST;
use http::{HeaderMap, HeaderValue, Request, Response, Uri, request};
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::answer::{self, Answered};
use super::headers::{From, add, join_cookies, remove_hops, size};
use super::record::Record;
use super::route::Came;
use super::tracked::{self, Activity, Patience};
use super::{Body, BoxError, cookie};
use crate::asleep::{self, Held};
use crate::listen::{Live, Shared};
use crate::one::Ended;
use crate::one::names::Names;
use crate::one::target::{Answer, Failure, Link, MAX_HEAD, Rest};
use crate::one::wire::{Bare, Wire};
use crate::table::{Group, Lease, Member};
use crate::tls;
use crate::watched::Watched;

/// How many targets are tried whose connections fail before a byte of the request was sent.
const TRIES: usize = 3;

/// The way that a request takes.
pub struct Passage<'a> {
    pub shared: &'a Shared,
    pub live: &'a Arc<Live>,
    pub group: Arc<Group>,
    pub configuration: Arc<TargetGroup>,
    /// The host to send on.
    pub host: Cow<'a, str>,
    /// Path and query to send on, where they are others.
    pub target: Option<String>,
    /// Whether the client speaks HTTP/1.
    pub http1: bool,
    pub now: u64,
    /// For the access log, where there is one.
    pub record: Option<&'a Arc<Record>>,
}

/// Why there is no answer.
enum Lost {
    /// There was no connection; the request can go elsewhere.
    Unsent,
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

/// A request as targets get it.
struct Prepared {
    parts: request::Parts,
    names: Option<Names>,
    /// None where it has none, or where it has been sent.
    body: Option<Body>,
    /// What moves, where it has a body.
    activity: Option<Activity>,
    /// Whether a target may get it twice, as one that broke off may have had it already.
    repeatable: bool,
    /// It asks to leave HTTP.
    upgrades: bool,
    /// Nothing may follow it on its connection.
    alone: bool,
}

/// Sends a request on. Every failure is an answer, the load balancer's own.
pub async fn forward(passage: &Passage<'_>, came: &mut Came, from: &From<'_>) -> Answered {
    let server = passage.live.listener.server_header;
    let stickiness = passage.configuration.stickiness.as_ref();
    let mut member = sticky(passage, came.request.headers(), stickiness);
    let wants_cookie = member.is_none();
    let mut request = match prepare(passage, came, from) {
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
            match Box::pin(asleep::hold(&passage.shared.table, &passage.group)).await {
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
        match send(passage, &chosen, &mut request).await {
            Ok(mut answered) => {
                let response = &mut answered.response;
                if let Some(record) = &passage.record {
                    record.comes_back(response.status());
                }
                let moved = wants_cookie || !tried.is_empty();
                stick(passage, response, stickiness, address, moved, from);
                return answered;
            }
            Err(Lost::Unsent) if tried.len() + 1 < TRIES => tried.push(address),
            Err(Lost::Unsent | Lost::Broken) => return Answered::own(answer::page(502, server)),
            Err(Lost::Silent | Lost::TimedOut) => return Answered::own(answer::page(504, server)),
            Err(Lost::Client) => return Answered::own(answer::last_page(408, server)),
            Err(Lost::Malformed) => return Answered::own(answer::last_page(400, server)),
        }
    }
}

fn prepare(passage: &Passage<'_>, came: &mut Came, from: &From<'_>) -> Result<Prepared, u16> {
    let (ambiguous, upgrades) = (came.ambiguous, came.upgrades);
    let (names, body) = (came.names.take(), came.body.take());
    let (mut parts, ()) = std::mem::take(&mut came.request).into_parts();
    remove_hops(&mut parts.headers, upgrades);
    let same = parts.headers.get(HOST).is_some_and(|given| given.as_bytes() == passage.host.as_bytes());
    if !same && let Ok(host) = HeaderValue::from_str(&passage.host) {
        parts.headers.insert(HOST, host);
    }
    add(&mut parts.headers, &passage.live.of.options, from);
    if !passage.http1 && passage.configuration.version == Version::Http1 {
        join_cookies(&mut parts.headers);
    }
    if let Some(record) = &passage.record {
        record.traced(&parts.headers);
    }
    match (&passage.target, parts.uri.authority()) {
        // What came in the usual form goes on as it is.
        (None, None) if parts.uri.path_and_query().is_some() => {}
        (target, _) => {
            let path = target.as_deref().or_else(|| parts.uri.path_and_query().map(|it| it.as_str()));
            let path = path.filter(|path| !path.is_empty()).unwrap_or("/");
            // `http://host?query`
            let slash = if path.starts_with('?') { "/" } else { "" };
            parts.uri = format!("{slash}{path}").parse().map_err(|_| 400u16)?;
        }
    }
    let idle = passage.idle();
    let activity = body.is_some().then(Activity::default);
    let body = body.zip(activity.clone()).map(|(inner, activity)| {
        activity.tick();
        let record = passage.record.cloned();
        let patience = Patience::new(idle, Some(activity.clone()));
        Body::of(tracked::Request { inner, activity, patience, record })
    });
    let repeatable = body.is_none() && parts.method.is_idempotent() && !upgrades;
    Ok(Prepared { parts, names, body, activity, repeatable, upgrades, alone: ambiguous })
}

impl Passage<'_> {
    fn idle(&self) -> Duration {
        Duration::from_secs(self.live.of.options.idle_timeout_seconds.into())
    }
}

/// Sends a request to a member. What few requests need is apart from this, as all of them would have to carry it.
async fn send(passage: &Passage<'_>, member: &Arc<Member>, request: &mut Prepared) -> Result<Answered, Lost> {
    let lease = Lease::new(member.clone());
    match passage.configuration.version {
        Version::Http1 => by_one(passage, lease, request).await,
        Version::Http2 | Version::Grpc => Box::pin(by_two(passage, lease, request)).await,
    }
}

/// Sends a request by HTTP/1.
async fn by_one(passage: &Passage<'_>, lease: Lease, request: &mut Prepared) -> Result<Answered, Lost> {
    let member = lease.member();
    let secure = passage.configuration.protocol == Protocol::Https;
    let counts = &passage.group.counts;
    let idle = passage.idle();
    let mut idles = true;
    loop {
        let (target, used) = match idles.then(|| member.pool.take()).flatten() {
            Some(target) => (target, true),
            None => match Box::pin(one(passage, member, secure)).await {
                Ok(target) => (target, false),
                Err(silent) => {
                    counts.connection_errors.count();
                    return Err(if silent { Lost::Silent } else { Lost::Unsent });
                }
            },
        };
        let Prepared { parts, names, body, activity, alone, .. } = &mut *request;
        let asked = target.ask(parts, names.as_ref(), body, activity.as_ref(), *alone, idle);
        let answer = match asked.await {
            Ok(answer) => answer,
            // The connection ended while it was idle.
            Err(Failure::Unsent) if used => {
                idles = false;
                continue;
            }
            Err(Failure::Silent) if used && request.repeatable => {
                idles = false;
                continue;
            }
            Err(Failure::Unsent) => return Err(Lost::Unsent),
            Err(Failure::Silent | Failure::Broken) => return Err(Lost::Broken),
            Err(Failure::Request(error)) => return Err(of_client(&error)),
            Err(Failure::Late) => return Err(late(request.activity.as_ref())),
        };
        let Answer { asked, mut parts, names, rest } = answer;
        let switches = matches!(rest, Rest::Switched(_));
        if switches && !request.upgrades {
            return Err(Lost::Broken);
        }
        let now = Instant::now();
        counts.answered(parts.status.as_u16(), now - asked);
        remove_hops(&mut parts.headers, switches);
        parts.version = http::Version::HTTP_11;
        let (body, tunnel) = match rest {
            Rest::Whole(data, target) => {
                if let Some(target) = target {
                    member.keep(target, now);
                }
                (answer::body(data), None)
            }
            Rest::Stream(stream) => (Body::of(stream.held(lease)), None),
            Rest::Switched(target) => {
                let (live, record) = (passage.live.clone(), passage.record.cloned());
                (answer::body(Bytes::new()), Some(Box::new(Tunnel { target, lease, live, record, idle })))
            }
        };
        let response = Response::from_parts(parts, body);
        return Ok(Answered { response, by_target: true, names: Some(names), tunnel });
    }
}

/// Sends a request by HTTP/2.
async fn by_two(passage: &Passage<'_>, lease: Lease, prepared: &mut Prepared) -> Result<Answered, Lost> {
    let secure = passage.configuration.protocol == Protocol::Https;
    let counts = &passage.group.counts;
    let Some(mut sender) = two(passage, lease.member(), secure).await else {
        counts.connection_errors.count();
        return Err(Lost::Unsent);
    };
    let scheme = if secure { "https" } else { "http" };
    let body = prepared.body.take().unwrap_or_else(|| answer::body(Bytes::new()));
    let mut request = Request::new(body);
    *request.method_mut() = prepared.parts.method.clone();
    *request.headers_mut() = prepared.parts.headers.clone();
    *request.version_mut() = http::Version::HTTP_2;
    remove_hops(request.headers_mut(), false);
    let authority = request.headers_mut().remove(HOST);
    let authority = authority.as_ref().and_then(|host| host.to_str().ok()).unwrap_or_default();
    let target = prepared.parts.uri.path_and_query().map_or("/", |it| it.as_str());
    *request.uri_mut() =
        format!("{scheme}://{authority}{target}").parse::<Uri>().map_err(|_| Lost::Broken)?;
    let (began, idle) = (Instant::now(), passage.idle());
    let answered = within(idle, prepared.activity.as_ref(), sender.send_request(request)).await?;
    let response = fitting(answered.map_err(|error| lost(&error))?)?;
    counts.answered(response.status().as_u16(), began.elapsed());
    let response = received(response, lease, Patience::new(idle, prepared.activity.clone()));
    Ok(Answered { response, by_target: true, names: None, tunnel: None })
}

/// Why a client's body broke off.
fn of_client(error: &BoxError) -> Lost {
    match error.downcast_ref::<Ended>() {
        Some(Ended::Malformed) => Lost::Malformed,
        _ => Lost::Client,
    }
}

fn lost(error: &hyper::Error) -> Lost {
    let malformed = error.source().and_then(|source| source.downcast_ref()) == Some(&Ended::Malformed);
    match error.is_user() {
        true if malformed => Lost::Malformed,
        true => Lost::Client,
        false => Lost::Broken,
    }
}

/// An answer whose head is not too large.
fn fitting(response: Response<Incoming>) -> Result<Response<Incoming>, Lost> {
    match size(response.headers()) > MAX_HEAD {
        true => Err(Lost::Broken),
        false => Ok(response),
    }
}

/// Who let nothing move for too long.
fn late(activity: Option<&Activity>) -> Lost {
    match activity.is_some_and(Activity::waits_for_client) {
        true => Lost::Client,
        false => Lost::TimedOut,
    }
}

/// Waits for an answer as long as something moves.
async fn within<T>(
    idle: Duration,
    activity: Option<&Activity>,
    answered: impl Future<Output = T>,
) -> Result<T, Lost> {
    if let Some(activity) = activity {
        activity.tick();
    }
    let mut answered = std::pin::pin!(answered);
    let mut left = idle;
    loop {
        match tokio::time::timeout(left, &mut answered).await {
            Ok(answer) => return Ok(answer),
            Err(_) => {
                let still = activity.map_or(idle, Activity::still_for);
                if still >= idle {
                    return Err(late(activity));
                }
                left = idle - still;
            }
        }
    }
}

/// A connection of HTTP/1; or whether the target was silent for too long.
async fn one(passage: &Passage<'_>, member: &Arc<Member>, secure: bool) -> Result<Link, bool> {
    let connected = passage.shared.reach.connect(&passage.group.way(), member.address()).await;
    let stream = connected.map_err(|error| error.kind() == std::io::ErrorKind::TimedOut)?;
    if !secure {
        return Ok(Link::new(Wire::Plain(stream)));
    }
    let stream = tls::to_target(stream, Version::Http1).await.map_err(|_| false)?;
    Ok(Link::new(Wire::ToTarget(Box::new(stream))))
}

/// The connection of HTTP/2 that all requests to a member share.
async fn two(passage: &Passage<'_>, member: &Arc<Member>, secure: bool) -> Option<http2::SendRequest<Body>> {
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

fn received(response: Response<Incoming>, lease: Lease, patience: Patience) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    remove_hops(&mut parts.headers, false);
    parts.version = http::Version::HTTP_11;
    let body = tracked::Response { inner: body, lease: Some(lease), patience };
    Response::from_parts(parts, Body::of(body))
}

/// Two connections that belong to another protocol from now on.
pub struct Tunnel {
    target: Link,
    lease: Lease,
    live: Arc<Live>,
    record: Option<Arc<Record>>,
    idle: Duration,
}

impl Tunnel {
    /// Carries what comes until both sides have ended, or nothing moves for too long.
    pub async fn carry(self: Box<Self>, client: Bare) {
        let Tunnel { target, lease, live, record, idle } = *self;
        let client = Watched::new(client, record);
        let never = std::future::pending();
        crate::tcp::copy(client, target.bare(), idle, never, &live.counts.processed_bytes).await;
        drop(lease);
    }
}

fn place<'a>(passage: &'a Passage<'_>) -> &'a str {
    &passage.group.arn
}

/// The target that a client is to stay with.
fn sticky(
    passage: &Passage<'_>,
    headers: &HeaderMap,
    stickiness: Option<&Stickiness>,
) -> Option<Arc<Member>> {
    let name = match stickiness? {
        Stickiness::LoadBalancerCookie { .. } => cookie::BALANCER,
        Stickiness::ApplicationCookie { name, .. } => {
            cookie::given(headers, name)?;
            cookie::APPLICATION
        }
        Stickiness::SourceIp => return None,
    };
    let given = cookie::given(headers, name)?;
    let address = passage.shared.jar.target(place(passage), given, passage.now)?;
    passage.group.member(address)
}

/// Has the client stay with its target.
fn stick(
    passage: &Passage<'_>,
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
