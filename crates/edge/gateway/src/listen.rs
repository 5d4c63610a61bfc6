//! Taking connections: plain and TLS, HTTP/1.1 and HTTP/2, each within limits.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gantry_sendfile::Socket;
use http::header;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::gateway::{Answer, Gateway, whole};
use crate::idle::{Busy, Opening, Sent};

/// Connections at once, over all listeners.
const CONNECTIONS: usize = 8192;
/// The largest head of a request in bytes; AWS's own limit is near it.
const HEAD_LIMIT: usize = 64 * 1024;
/// How long requests under way may still take when Gantry ends.
const DRAIN: Duration = Duration::from_secs(5);

/// How long a connection may take over what costs us a place and brings nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Over its TLS handshake, over its first bytes, and over the head of a request.
    pub head: Duration,
    /// Without a request, between two.
    pub idle: Duration,
}

const PATIENCE: Patience = Patience { head: Duration::from_secs(15), idle: Duration::from_secs(90) };

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
        None => converse(gateway, Socket::new(stream), peer, false, ended).await,
        Some(tls) => match tokio::time::timeout(PATIENCE.head, tls.accept(stream)).await {
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
    let answer = move |request: http::Request<Incoming>| {
        let gateway = gateway.clone();
        async move { gateway.answer(request, peer, secure).await }
    };
    if let Err(error) = hold(stream, PATIENCE, answer, ended).await {
        tracing::debug!(%error, %peer, "a connection ended badly");
    }
}

/// Serves one connection until it ends, has been idle for too long, or Gantry ends.
pub(crate) async fn hold<S, F, Fut>(
    stream: S,
    patience: Patience,
    answer: F,
    ended: CancellationToken,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Fn(http::Request<Incoming>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send + 'static,
{
    let busy = Arc::new(Busy::new());
    let counted = busy.clone();
    let service = service_fn(move |request: http::Request<Incoming>| {
        let working = Busy::begin(&counted);
        let answered = names_one_host(&request).then(|| answer(request));
        async move {
            let answered = match answered {
                Some(answer) => answer.await,
                None => no_host(),
            };
            // The body counts as work until it has been sent or given up.
            Ok::<_, std::convert::Infallible>(answered.map(|body| Sent { body, _working: working }))
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .max_buf_size(HEAD_LIMIT * 4)
        .half_close(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEAD_LIMIT as u32)
        .max_concurrent_streams(256)
        .keep_alive_interval(Some(Duration::from_secs(30)));
    let stream = TokioIo::new(Opening::new(stream, patience.head));
    let conversation = builder.serve_connection_with_upgrades(stream, service);
    tokio::pin!(conversation);
    tokio::select! {
        finished = conversation.as_mut() => return finished,
        () = ended.cancelled() => {}
        () = busy.idle_for(patience.idle) => {}
    }
    conversation.as_mut().graceful_shutdown();
    conversation.await
}

/// HTTP/1.1 asks for exactly one Host (RFC 9112, 3.2): without it, or with two, what stands between a client
/// and us could have read another request than we do.
fn names_one_host<B>(request: &http::Request<B>) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    match request.version() {
        http::Version::HTTP_11 => hosts == 1,
        _ => hosts <= 1,
    }
}

fn no_host() -> Answer {
    let mut answer = http::Response::new(whole("a request names its host exactly once\n".into()));
    *answer.status_mut() = http::StatusCode::BAD_REQUEST;
    answer.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("close"));
    answer
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const NEVER: Duration = Duration::from_secs(3600);

    /// A connection to an endpoint that answers everything with `yes`.
    fn connect(patience: Patience) -> DuplexStream {
        let (client, server) = duplex(64 * 1024);
        let answer = |_| async { http::Response::new(whole("yes".into())) };
        tokio::spawn(async move {
            let _ = hold(server, patience, answer, CancellationToken::new()).await;
        });
        client
    }

    async fn said(client: &mut DuplexStream) -> String {
        let mut said = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(60), client.read_to_end(&mut said)).await;
        read.expect("the connection is closed").expect("a pipe in memory");
        String::from_utf8(said).unwrap()
    }

    #[tokio::test]
    async fn who_says_nothing_or_half_a_word_is_let_go() {
        for begun in ["", "P", "PRI * HTTP/2.0\r\n", "G", "GET / HTTP/1.1\r\nHo"] {
            let mut client = connect(Patience { head: Duration::from_millis(50), idle: NEVER });
            client.write_all(begun.as_bytes()).await.unwrap();
            let said = said(&mut client).await;
            assert!(!said.contains("yes"), "{begun:?}: {said}");
        }
    }

    #[tokio::test]
    async fn who_has_no_more_to_ask_is_let_go() {
        let mut client = connect(Patience { head: NEVER, idle: Duration::from_millis(50) });
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let said = said(&mut client).await;
        assert!(said.starts_with("HTTP/1.1 200") && said.ends_with("yes"), "{said}");
    }

    #[tokio::test]
    async fn a_request_names_its_host_once() {
        for (head, status) in [
            ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close", "HTTP/1.1 200"),
            ("GET / HTTP/1.1\r\nAccept: */*", "HTTP/1.1 400"),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: b", "HTTP/1.1 400"),
            ("GET / HTTP/1.1\r\nHost: a\r\nhost: a", "HTTP/1.1 400"),
            ("GET / HTTP/1.0\r\nAccept: */*", "HTTP/1.0 200"),
        ] {
            let mut client = connect(Patience { head: NEVER, idle: NEVER });
            client.write_all(format!("{head}\r\n\r\n").as_bytes()).await.unwrap();
            let said = said(&mut client).await;
            assert!(said.starts_with(status), "{head:?}: {said}");
        }
    }
}
