//! Health checks: one task for each target, until it is gone.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gantry_elb_core::configuration::{HealthCheck, Protocol, TargetGroup, Version, Way};
use gantry_elb_core::health::Outcome;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::reach::Reach;
use crate::table::{Group, Member, unchecked};
use crate::tls;

/// How long a new target waits at most for its first check, so that many do not all ask at once.
const FIRST: Duration = Duration::from_millis(100);
/// How often a target is checked that requests wait for. Such a check counts only if it is passed.
const AWAITED: Duration = Duration::from_millis(500);

/// Checks a member as its group says, until it is gone.
pub async fn keep(
    group: Arc<Group>,
    member: Arc<Member>,
    reach: Arc<dyn Reach>,
    changed: watch::Sender<u64>,
) {
    let random = u64::from(rand::random::<u16>()) * u64::try_from(FIRST.as_millis()).unwrap_or(0) / 65536;
    let mut next = Instant::now() + Duration::from_millis(random);
    let mut awaited = next;
    let told = |differs: bool| {
        if differs {
            changed.send_modify(|tick| *tick += 1);
        }
    };
    loop {
        tokio::select! {
            () = member.gone.cancelled() => return,
            () = tokio::time::sleep_until(next.min(awaited)) => {}
        }
        let configuration = group.configuration();
        let check = &configuration.check;
        let in_turn = Instant::now() >= next;
        if in_turn {
            next = Instant::now() + Duration::from_secs(check.interval_seconds.max(1).into());
        }
        awaited = if group.sleep.is_waking() { Instant::now() + AWAITED } else { next };
        if !check.enabled {
            told(member.observe(|checked| checked.health = unchecked()));
            continue;
        }
        let address = SocketAddr::new(member.address().ip(), check.port.unwrap_or(member.key.port));
        let timeout = Duration::from_secs(check.timeout_seconds.max(1).into());
        let way = group.way();
        let outcome = tokio::select! {
            () = member.gone.cancelled() => return,
            outcome = tokio::time::timeout(timeout, once(&*reach, &way, &configuration, address)) => {
                outcome.unwrap_or(Outcome::TimedOut)
            }
        };
        if !in_turn && outcome != Outcome::Passed {
            continue;
        }
        let (well, ill) = (check.healthy_threshold, check.unhealthy_threshold);
        let differs = member.observe(|checked| checked.observe(&outcome, well, ill));
        if differs {
            let health = member.health();
            tracing::info!(
                target_group = group.arn, target = %address, state = health.state.as_str(),
                reason = health.reason.map(|reason| reason.as_str()), "a target's health changed"
            );
        }
        told(differs);
    }
}

/// One check.
async fn once(reach: &dyn Reach, way: &Way, group: &TargetGroup, address: SocketAddr) -> Outcome {
    let Ok(stream) = reach.connect(way, address).await else { return Outcome::Failed };
    match group.check.protocol {
        Protocol::Http => ask(stream, &group.check, group.version, address, "http").await,
        Protocol::Https => match tls::to_target(stream, group.version).await {
            Ok(stream) => ask(stream, &group.check, group.version, address, "https").await,
            Err(_) => Outcome::Failed,
        },
        // That it takes the connection is all that is asked.
        _ => Outcome::Passed,
    }
}

async fn ask(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    check: &HealthCheck,
    version: Version,
    address: SocketAddr,
    scheme: &str,
) -> Outcome {
    let asked = async {
        let grpc = version == Version::Grpc;
        let mut request = http::Request::builder()
            .method(if grpc { "POST" } else { "GET" })
            .header("user-agent", "ELB-HealthChecker/2.0");
        if version == Version::Http1 {
            request =
                request.uri(&check.path).header("host", address.to_string()).header("connection", "close");
        } else {
            request = request.uri(format!("{scheme}://{address}{}", check.path));
        }
        if grpc {
            request = request.header("content-type", "application/grpc").header("te", "trailers");
        }
        let request = request.body(Empty::<Bytes>::new()).ok()?;
        let io = TokioIo::new(stream);
        let (response, connection) = if version == Version::Http1 {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.ok()?;
            let connection = tokio::spawn(async move { drop(connection.await) });
            (sender.send_request(request).await, connection)
        } else {
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.ok()?;
            let connection = tokio::spawn(async move { drop(connection.await) });
            (sender.send_request(request).await, connection)
        };
        let code = match response {
            Err(_) => None,
            Ok(response) if grpc => grpc_status(response).await,
            Ok(response) => Some(response.status().as_u16()),
        };
        connection.abort();
        code
    };
    match asked.await {
        Some(code) if check.matcher.matches(code) => Outcome::Passed,
        Some(code) => Outcome::WrongCode(code),
        None => Outcome::Failed,
    }
}

/// The status of an answer in gRPC: in its headers, or in the trailers after its messages.
async fn grpc_status(response: http::Response<hyper::body::Incoming>) -> Option<u16> {
    let read = |headers: &http::HeaderMap| headers.get("grpc-status")?.to_str().ok()?.parse().ok();
    if let Some(code) = read(response.headers()) {
        return Some(code);
    }
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        if let Some(trailers) = frame.ok()?.trailers_ref() {
            return read(trailers);
        }
    }
    None
}
