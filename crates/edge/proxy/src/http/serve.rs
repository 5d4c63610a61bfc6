//! A client's connection, from its first byte to its last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_util::sync::CancellationToken;

use super::route::{Connection, Handshake, answer};
use crate::gate::{Gate, MAX_HEAD};
use crate::listen::{Door, Shared};
use crate::tls;

/// How long a client has for its handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Serves a connection until it ends, or ends it kindly when the listener stops.
pub async fn serve(
    stream: TcpStream,
    client: SocketAddr,
    door: Door,
    shared: Arc<Shared>,
    stop: CancellationToken,
) {
    let _ = stream.set_nodelay(true);
    if !door.is_secure() {
        return http1(stream, client, None, door, shared, stop).await;
    }
    let accepted = async {
        let start = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await.ok()?;
        let name = start.client_hello().server_name().unwrap_or_default().to_owned();
        let stream = start.into_stream(door.tls(&name)?).await.ok()?;
        Some((stream, name))
    };
    let Ok(Some((stream, server_name))) = tokio::time::timeout(HANDSHAKE, accepted).await else {
        if let Some(live) = door.any() {
            live.counts.client_tls_errors.count();
        }
        return;
    };
    let session = stream.get_ref().1;
    let (version, cipher) = tls::agreed(session);
    let tls = Some(Handshake { version: version.to_owned(), cipher, server_name });
    match session.alpn_protocol() {
        Some(b"h2") => http2(stream, client, tls, door, shared, stop).await,
        _ => http1(stream, client, tls, door, shared, stop).await,
    }
}

type Tls = Option<Handshake>;

async fn http1(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    client: SocketAddr,
    tls: Tls,
    door: Door,
    shared: Arc<Shared>,
    stop: CancellationToken,
) {
    let options = door.options();
    let gate = Gate::new(stream, options.desync);
    let turn = Some(gate.turn());
    let connection = Arc::new(Connection { shared, door, client, tls, turn, logged: Default::default() });
    let service = service_fn(move |request| {
        let connection = connection.clone();
        async move { Ok::<_, Infallible>(answer(&connection, request).await) }
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(options.idle_timeout_seconds.into()))
        .preserve_header_case(true)
        .max_buf_size(MAX_HEAD + 16 * 1024)
        .serve_connection(TokioIo::new(gate), service)
        .with_upgrades();
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        _ = serving.as_mut() => return,
        () = stop.cancelled() => {}
        () = tokio::time::sleep(Duration::from_secs(options.client_keep_alive_seconds.into())) => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = serving.await;
}

async fn http2(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    client: SocketAddr,
    tls: Tls,
    door: Door,
    shared: Arc<Shared>,
    stop: CancellationToken,
) {
    let options = door.options();
    let connection = Connection { shared, door, client, tls, turn: None, logged: Default::default() };
    let connection = Arc::new(connection);
    let service = service_fn(move |request| {
        let connection = connection.clone();
        async move { Ok::<_, Infallible>(answer(&connection, request).await) }
    });
    let serving = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(128)
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        _ = serving.as_mut() => return,
        () = stop.cancelled() => {}
        () = tokio::time::sleep(Duration::from_secs(options.client_keep_alive_seconds.into())) => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = serving.await;
}
