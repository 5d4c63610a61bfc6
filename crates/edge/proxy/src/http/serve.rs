//! A client's connection, from its first byte to its last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_util::sync::CancellationToken;

use super::Body;
use super::headers::Client;
use super::route::{Came, Connection, Handshake, answer};
use crate::counts::Carried;
use crate::gate::MAX_HEAD;
use crate::listen::{Door, Shared};
use crate::one::server::{self, say_no_more};
use crate::one::wire::Wire;
use crate::tls;
use crate::watched::Watched;

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
        return http1(Wire::Plain(stream), client, None, door, shared, stop).await;
    }
    let mut first = [0];
    match tokio::time::timeout(HANDSHAKE, stream.peek(&mut first)).await {
        Ok(Ok(1)) if first[0].is_ascii_uppercase() => {
            if let Some(live) = door.any() {
                live.counts.answered(400);
            }
            return plain(stream).await;
        }
        Ok(_) => {}
        Err(_) => {
            if let Some(live) = door.any() {
                live.counts.client_tls_errors.count();
            }
            return;
        }
    }
    let accepted = async {
        let start = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await.ok()?;
        let name = start.client_hello().server_name().unwrap_or_default().to_owned();
        let stream = start.into_stream(door.tls(&name)?).await.ok()?;
        Some((stream, name))
    };
    let Ok(Some((stream, server_name))) = tokio::time::timeout(HANDSHAKE, Box::pin(accepted)).await else {
        if let Some(live) = door.any() {
            live.counts.client_tls_errors.count();
        }
        return;
    };
    let session = stream.get_ref().1;
    let (version, cipher) = tls::agreed(session);
    let tls = Some(Handshake { version: version.to_owned(), cipher, server_name });
    match session.alpn_protocol() {
        Some(b"h2") => Box::pin(http2(stream, client, tls, door, shared, stop)).await,
        _ => http1(Wire::FromClient(Box::new(stream)), client, tls, door, shared, stop).await,
    }
}

/// Tells a client that does not encrypt that it should.
async fn plain(mut stream: TcpStream) {
    const WHY: &str = "The plain HTTP request was sent to HTTPS port";
    let text = format!(
        "<html>\r\n<head><title>400 {WHY}</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n\
         <center>{WHY}</center>\r\n</body>\r\n</html>\r\n"
    );
    let head = format!(
        "HTTP/1.1 400 Bad Request\r\nServer: awselb/2.0\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        text.len()
    );
    if stream.write_all((head + &text).as_bytes()).await.is_ok() {
        say_no_more(Wire::Plain(stream)).await;
    }
}

type Tls = Option<Handshake>;

async fn http1(
    wire: Wire,
    client: SocketAddr,
    tls: Tls,
    door: Door,
    shared: Arc<Shared>,
    stop: CancellationToken,
) {
    let options = door.options();
    let carried = carried(&door);
    let connection = Connection {
        shared,
        door,
        client: Client::new(client),
        tls,
        http1: true,
        logged: Default::default(),
        carried,
    };
    // Nearly all of the connection's task is in it, and would be copied from one to the next that leads here.
    Box::pin(server::serve(wire, connection, options, stop)).await;
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
    let carried = carried(&door);
    let stream = Watched::new(stream, Some(carried.clone()));
    let connection = Connection {
        shared,
        door,
        client: Client::new(client),
        tls,
        http1: false,
        logged: Default::default(),
        carried,
    };
    let connection = Arc::new(connection);
    let service = service_fn(move |request| {
        let connection = connection.clone();
        async move { Ok::<_, Infallible>(two(&connection, request).await) }
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

/// Whose bytes a connection's are, as far as it is known before a request.
fn carried(door: &Door) -> Arc<Carried> {
    let carried = Arc::<Carried>::default();
    if let (Door::Own(_), Some(live)) = (door, door.any()) {
        carried.is_of(&live.counts, false);
    }
    carried
}

/// Answers a request of HTTP/2.
async fn two(connection: &Connection, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = (!body.is_end_stream()).then(|| Body::of(body.map_err(Into::into)));
    let mut request = Request::from_parts(parts, ());
    // The same number twice is one; the frames were held against it.
    if let Some(length) = request.headers().get(CONTENT_LENGTH).cloned() {
        request.headers_mut().insert(CONTENT_LENGTH, length);
    }
    let mut came = Came { request, body, names: None, ambiguous: false, upgrades: false };
    let mut response = answer(connection, &mut came).await.response;
    response.headers_mut().remove(CONNECTION);
    response
}
