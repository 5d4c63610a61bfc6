//! Taking connections: plain and TLS, HTTP/1.1 and HTTP/2, each within limits.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::gateway::Gateway;

/// Connections at once, over all listeners.
const CONNECTIONS: usize = 8192;
/// How long a client may take over its TLS handshake, and over the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// The largest head of a request in bytes; AWS's own limit is near it.
const HEAD_LIMIT: usize = 64 * 1024;
/// How long requests under way may still take when Gantry ends.
const DRAIN: Duration = Duration::from_secs(5);

/// A socket that listens.
pub struct Listener {
    /// The socket.
    pub socket: TcpListener,
    /// TLS settings, where it speaks TLS.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

/// Serves `gateway` on all listeners until `ended` is cancelled, then lets requests under way finish.
pub async fn serve(gateway: Arc<Gateway>, listeners: Vec<Listener>, ended: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let accepting: Vec<_> = listeners
        .into_iter()
        .map(|listener| tokio::spawn(accept(gateway.clone(), listener, places.clone(), ended.clone())))
        .collect();
    for listener in accepting {
        if let Err(error) = listener.await {
            tracing::error!(%error, "a listener ended badly");
        }
    }
    let all = u32::try_from(CONNECTIONS).expect("the number of connections is small");
    if tokio::time::timeout(DRAIN, places.acquire_many(all)).await.is_err() {
        tracing::info!("some requests were still under way and are cut off");
    }
}

async fn accept(gateway: Arc<Gateway>, listener: Listener, places: Arc<Semaphore>, ended: CancellationToken) {
    let tls = listener.tls.map(TlsAcceptor::from);
    loop {
        // Taken before the accept, so that who does not fit waits in the kernel's queue and costs us nothing.
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place.expect("the semaphore is never closed"),
            () = ended.cancelled() => return,
        };
        let accepted = tokio::select! {
            accepted = listener.socket.accept() => accepted,
            () = ended.cancelled() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                tokio::spawn(connection(gateway.clone(), stream, peer, tls.clone(), place, ended.clone()));
            }
            Err(error) => {
                // Out of file descriptors, most likely; trying at once would only burn the processor.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection(
    gateway: Arc<Gateway>,
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    place: OwnedSemaphorePermit,
    ended: CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, %peer, "no delay can't be set");
    }
    match tls {
        None => converse(gateway, stream, peer, false, ended).await,
        Some(tls) => match tokio::time::timeout(HEAD_TIMEOUT, tls.accept(stream)).await {
            Ok(Ok(stream)) => converse(gateway, stream, peer, true, ended).await,
            Ok(Err(error)) => tracing::debug!(%error, %peer, "the TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "the TLS handshake took too long"),
        },
    }
    drop(place);
}

async fn converse<S>(
    gateway: Arc<Gateway>,
    stream: S,
    peer: SocketAddr,
    secure: bool,
    ended: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: http::Request<Incoming>| {
        let gateway = gateway.clone();
        async move { Ok::<_, std::convert::Infallible>(gateway.answer(request, peer, secure).await) }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_LIMIT * 4)
        .half_close(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEAD_LIMIT as u32)
        .max_concurrent_streams(256)
        .keep_alive_interval(Some(Duration::from_secs(30)));
    let conversation = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(conversation);
    let finished = tokio::select! {
        finished = conversation.as_mut() => finished,
        () = ended.cancelled() => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
    };
    if let Err(error) = finished {
        tracing::debug!(%error, %peer, "a connection ended badly");
    }
}
