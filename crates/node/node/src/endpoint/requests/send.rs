//! A request on its way to an instance.

use std::net::SocketAddr;

use gantry_base::hops::remove_hops;
use http::header::{HOST, UPGRADE};
use http::{Request, Response, Uri, Version};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::time::Instant;

use super::{Body, Error, One, Two};
use crate::endpoint::way::{Carries, TRIES, Way};

/// What an instance answered, and what it came by.
pub struct Sent {
    pub response: Response<Incoming>,
    pub target: SocketAddr,
    /// Of HTTP/1: the connection, for the next request.
    pub sender: Option<One>,
    /// The client's side of a change of protocol.
    pub client: Option<hyper::upgrade::OnUpgrade>,
}

/// Sends a request to the instance whose turn it is, or to another where that takes none.
pub async fn send(way: &Way, mut request: Request<Incoming>) -> Result<Sent, Lost> {
    let http2 = matches!(way.carries, Carries::Http2(_));
    let upgrades = !http2 && request.headers().contains_key(UPGRADE);
    let client = upgrades.then(|| hyper::upgrade::on(&mut request));
    let (mut parts, body) = request.into_parts();
    remove_hops(&mut parts.headers, upgrades);
    let request = Request::from_parts(parts, body.map_err(Error::from).boxed_unsync());
    match http2 {
        true => send_two(way, request).await,
        false => send_one(way, request, client).await,
    }
}

async fn send_one(
    way: &Way,
    mut request: Request<Body>,
    client: Option<hyper::upgrade::OnUpgrade>,
) -> Result<Sent, Lost> {
    *request.version_mut() = Version::HTTP_11;
    let mut tried = Vec::new();
    while tried.len() < TRIES {
        let Some(target) = way.next(&mut tried) else { break };
        while let Some(mut sender) = way.pool.take(target) {
            if sender.ready().await.is_err() {
                continue;
            }
            match sender.try_send_request(request).await {
                Ok(response) => return Ok(Sent { response, target, sender: Some(sender), client }),
                Err(mut failed) => match failed.take_message() {
                    // It ended while it was idle: nothing of the request was sent.
                    Some(unsent) => request = unsent,
                    None => return Err(broken(way, target)),
                },
            }
        }
        let Some(stream) = way.dial(target).await else { continue };
        let _ = stream.set_nodelay(true);
        let made = http1::Builder::new().preserve_header_case(true).handshake(TokioIo::new(stream)).await;
        let Ok((mut sender, connection)) = made else { continue };
        tokio::spawn(async move { drop(connection.with_upgrades().await) });
        match sender.try_send_request(request).await {
            Ok(response) => return Ok(Sent { response, target, sender: Some(sender), client }),
            Err(mut failed) => match failed.take_message() {
                Some(unsent) => {
                    way.balancer().failed(target, Instant::now());
                    request = unsent;
                }
                None => return Err(broken(way, target)),
            },
        }
    }
    Err(Lost::NoInstance { tried: !tried.is_empty() })
}

async fn send_two(way: &Way, mut request: Request<Body>) -> Result<Sent, Lost> {
    let authority = request.headers_mut().remove(HOST);
    let authority = authority.as_ref().and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(|it| it.as_str()).or(authority).unwrap_or("localhost");
    let path = request.uri().path_and_query().map_or("/", |it| it.as_str());
    let uri: Uri = format!("http://{authority}{path}").parse().map_err(|_| Lost::Broken)?;
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_2;
    let mut tried = Vec::new();
    while tried.len() < TRIES {
        let Some(target) = way.next(&mut tried) else { break };
        let Some(mut sender) = two(way, target).await else { continue };
        return match sender.send_request(request).await {
            Ok(response) => Ok(Sent { response, target, sender: None, client: None }),
            Err(_) => Err(broken(way, target)),
        };
    }
    Err(Lost::NoInstance { tried: !tried.is_empty() })
}

/// The connection of HTTP/2 that all requests to an instance share.
async fn two(way: &Way, target: SocketAddr) -> Option<Two> {
    if let Some(mut sender) = way.pool.shared(target)
        && sender.ready().await.is_ok()
    {
        return Some(sender);
    }
    let stream = way.dial(target).await?;
    let _ = stream.set_nodelay(true);
    let made = http2::Builder::new(TokioExecutor::new()).handshake(TokioIo::new(stream)).await;
    let (sender, connection) = made.ok()?;
    tokio::spawn(async move { drop(connection.await) });
    way.pool.share(target, sender.clone());
    Some(sender)
}

/// An instance broke a request off, which may have begun there: it goes nowhere else.
fn broken(way: &Way, target: SocketAddr) -> Lost {
    way.balancer().failed(target, Instant::now());
    Lost::Broken
}

/// Why an instance gave no answer.
pub enum Lost {
    /// There is none, or none took a connection.
    NoInstance { tried: bool },
    /// It broke off.
    Broken,
}
