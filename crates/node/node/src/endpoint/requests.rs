//! Requests by Service Connect, where a service says that it speaks HTTP or gRPC: each goes to the instance whose turn it
//! is, and has its time. One that found no instance, or no answer in time, is answered here as AWS's proxy does.

mod pool;
mod send;
#[cfg(test)]
mod two_tests;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use gantry_base::hops::remove_hops;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode, Version};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper::client::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Sleep, sleep_until};

use super::way::{Carries, Way};
pub use pool::Pool;
use send::{Lost, Sent, send};

/// Requests of HTTP/2 at once on one connection.
const STREAMS: u32 = 256;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Body = UnsyncBoxBody<Bytes, Error>;
type One = http1::SendRequest<Body>;
type Two = http2::SendRequest<Body>;

/// What goes on in a connection, so that it is known when nothing does.
#[derive(Default)]
struct Activity {
    requests: AtomicUsize,
    moved: Notify,
}

impl Activity {
    /// Returns when there was no request for so long.
    async fn quiet(&self, idle: Option<Duration>) {
        let Some(idle) = idle else { return std::future::pending().await };
        loop {
            let silent = tokio::time::timeout(idle, self.moved.notified()).await.is_err();
            if silent && self.requests.load(Ordering::Relaxed) == 0 {
                return;
            }
        }
    }
}

/// One request, while it lasts.
struct Lasting(Arc<Activity>);

impl Lasting {
    fn begin(activity: &Arc<Activity>) -> Lasting {
        activity.requests.fetch_add(1, Ordering::Relaxed);
        Lasting(Arc::clone(activity))
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
        self.0.moved.notify_one();
    }
}

/// Serves a client's connection to its end.
pub async fn serve(near: TcpStream, way: Arc<Way>) {
    let _ = near.set_nodelay(true);
    let activity = Arc::new(Activity::default());
    let idle = way.idle;
    let (to, of) = (Arc::clone(&way), Arc::clone(&activity));
    let service = service_fn(move |request: Request<Incoming>| {
        let (way, lasting) = (Arc::clone(&to), Lasting::begin(&of));
        async move { Ok::<_, Infallible>(answer(way, request, lasting).await) }
    });
    let ended = match way.carries {
        Carries::Http2(_) => {
            let serving = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .max_concurrent_streams(STREAMS)
                .serve_connection(TokioIo::new(near), service);
            let serving = pin!(serving);
            tokio::select! {
                ended = serving => ended,
                () = activity.quiet(idle) => Ok(()),
            }
        }
        _ => {
            let serving = hyper::server::conn::http1::Builder::new()
                .preserve_header_case(true)
                .serve_connection(TokioIo::new(near), service)
                .with_upgrades();
            let serving = pin!(serving);
            tokio::select! {
                ended = serving => ended,
                () = activity.quiet(idle) => Ok(()),
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection by Service Connect broke off");
    }
}

async fn answer(way: Arc<Way>, request: Request<Incoming>, lasting: Lasting) -> Response<Body> {
    way.count.requests.add();
    let grpc = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    let (Carries::Http1(time) | Carries::Http2(time)) = way.carries else {
        return page(StatusCode::INTERNAL_SERVER_ERROR, "no requests are carried", grpc);
    };
    let until = time.map(|time| tokio::time::Instant::now() + time);
    let sent = send(&way, request);
    let sent = match until {
        Some(until) => match tokio::time::timeout_at(until, sent).await {
            Ok(sent) => sent,
            Err(_) => {
                way.count.failed.add();
                way.count.late.add();
                return page(StatusCode::GATEWAY_TIMEOUT, "upstream request timeout", grpc);
            }
        },
        None => sent.await,
    };
    let failed = sent.as_ref().map_or(true, |sent| sent.response.status().is_server_error());
    if failed {
        way.count.failed.add();
    }
    match sent {
        Ok(sent) => received(&way, sent, until, lasting),
        Err(Lost::NoInstance { tried: false }) => {
            page(StatusCode::SERVICE_UNAVAILABLE, "no healthy upstream", grpc)
        }
        Err(Lost::NoInstance { tried: true }) => {
            let why =
                "upstream connect error or disconnect/reset before headers. reset reason: connection failure";
            page(StatusCode::SERVICE_UNAVAILABLE, why, grpc)
        }
        Err(Lost::Broken) => {
            let why = "upstream connect error or disconnect/reset before headers. reset reason: connection termination";
            page(StatusCode::SERVICE_UNAVAILABLE, why, grpc)
        }
    }
}

/// An answer of our own. Clients of gRPC read theirs from headers.
fn page(status: StatusCode, why: &'static str, grpc: bool) -> Response<Body> {
    let text = if grpc { "" } else { why };
    let body = Full::new(Bytes::from_static(text.as_bytes())).map_err(|never| match never {});
    let mut response = Response::new(body.boxed_unsync());
    let headers = response.headers_mut();
    if grpc {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        // UNAVAILABLE
        headers.insert("grpc-status", HeaderValue::from_static("14"));
        headers.insert("grpc-message", HeaderValue::from_static(why));
    } else {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        *response.status_mut() = status;
    }
    response
}

/// The answer as the client gets it, after which the two connections may belong to another protocol.
fn received(
    way: &Arc<Way>,
    sent: Sent,
    until: Option<tokio::time::Instant>,
    lasting: Lasting,
) -> Response<Body> {
    let Sent { mut response, target, sender, client } = sent;
    match response.status().is_server_error() {
        true => way.balancer().failed(target, tokio::time::Instant::now()),
        false => way.balancer().took(target),
    }
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let far = hyper::upgrade::on(&mut response);
        tokio::spawn(async move {
            let Some(near) = client else { return };
            let (Ok(near), Ok(far)) = tokio::join!(near, far) else { return };
            let (mut near, mut far) = (TokioIo::new(near), TokioIo::new(far));
            // It ends when one of its sides ends it.
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            drop(lasting);
        });
        let (mut parts, _) = response.into_parts();
        remove_hops(&mut parts.headers, true);
        let body = Full::new(Bytes::new()).map_err(|never| match never {});
        return Response::from_parts(parts, body.boxed_unsync());
    }
    let (mut parts, body) = response.into_parts();
    remove_hops(&mut parts.headers, false);
    if sender.is_some() {
        parts.version = Version::HTTP_11;
    }
    let answered = Answered {
        inner: body,
        over: until.map(|until| Box::pin(sleep_until(until))),
        way: Arc::clone(way),
        target,
        sender,
        ended: false,
        _lasting: lasting,
    };
    Response::from_parts(parts, answered.boxed_unsync())
}

/// The body of an answer, which has to end in time. Its connection is used again after its end.
struct Answered {
    inner: Incoming,
    over: Option<Pin<Box<Sleep>>>,
    way: Arc<Way>,
    target: SocketAddr,
    sender: Option<One>,
    ended: bool,
    _lasting: Lasting,
}

impl hyper::body::Body for Answered {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(None) => {
                self.ended = true;
                Poll::Ready(None)
            }
            Poll::Ready(Some(frame)) => Poll::Ready(Some(frame.map_err(Error::from))),
            Poll::Pending => match self.over.as_mut().map(|over| over.as_mut().poll(cx)) {
                Some(Poll::Ready(())) => Poll::Ready(Some(Err("the request's time is over".into()))),
                _ => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Answered {
    fn drop(&mut self) {
        if (self.ended || self.inner.is_end_stream())
            && let Some(sender) = self.sender.take()
        {
            self.way.pool.put(self.target, sender);
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use http::header::HOST;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::super::way::Reach;
    use super::*;

    struct Direct;

    #[async_trait]
    impl Reach for Direct {
        async fn dial(&self, target: SocketAddr) -> std::io::Result<TcpStream> {
            TcpStream::connect(target).await
        }
    }

    /// An instance that answers each request with this, after so long.
    async fn instance(said: &'static str, pause: Duration) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let service = service_fn(move |_: Request<Incoming>| async move {
                    tokio::time::sleep(pause).await;
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(said.as_bytes()))))
                });
                let serving = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move { drop(serving.await) });
            }
        });
        address
    }

    /// A way to these, and where it is entered.
    async fn way(targets: Vec<SocketAddr>, time: Option<Duration>) -> SocketAddr {
        let way =
            Way::new(Box::new(Direct), Some(Duration::from_secs(60)), Carries::Http1(time), Arc::default());
        way.balancer().set(targets);
        let way = Arc::new(way);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(near, Arc::clone(&way)));
            }
        });
        address
    }

    /// What comes for these requests on one connection, after which it ends.
    async fn said(to: SocketAddr, count: usize) -> Vec<(u16, String)> {
        let stream = TcpStream::connect(to).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(async move { drop(connection.await) });
        let mut all = Vec::new();
        for _ in 0..count {
            sender.ready().await.unwrap();
            let request = Request::get("/").header(HOST, "front").body(Full::new(Bytes::new())).unwrap();
            let response = sender.send_request(request).await.unwrap();
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            all.push((status, String::from_utf8_lossy(&body).into_owned()));
        }
        all
    }

    #[tokio::test]
    async fn requests_of_one_connection_are_spread() {
        let (one, two) = (instance("one", Duration::ZERO).await, instance("two", Duration::ZERO).await);
        let answers = said(way(vec![one, two], None).await, 4).await;
        let of = |text: &str| answers.iter().filter(|(_, said)| said == text).count();
        assert_eq!((of("one"), of("two")), (2, 2), "{answers:?}");
    }

    #[tokio::test]
    async fn one_that_takes_no_connection_is_passed_over_and_without_any_it_is_said() {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let open = instance("open", Duration::ZERO).await;
        let answers = said(way(vec![closed, open], None).await, 3).await;
        assert!(answers.iter().all(|(status, said)| *status == 200 && said == "open"), "{answers:?}");
        let answers = said(way(Vec::new(), None).await, 1).await;
        assert_eq!(answers, [(503, "no healthy upstream".to_owned())]);
    }

    #[tokio::test]
    async fn a_request_has_its_time() {
        let slow = instance("late", Duration::from_secs(30)).await;
        let answers = said(way(vec![slow], Some(Duration::from_millis(100))).await, 1).await;
        assert_eq!(answers, [(504, "upstream request timeout".to_owned())]);
    }

    #[tokio::test]
    async fn a_protocol_can_be_changed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let far = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 1024];
            let length = stream.read(&mut head).await.unwrap();
            assert!(String::from_utf8_lossy(&head[..length]).to_lowercase().contains("upgrade: echo"));
            let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
            stream.write_all(answer.as_bytes()).await.unwrap();
            let length = stream.read(&mut head).await.unwrap();
            stream.write_all(&head[..length]).await.unwrap();
        });
        let mut stream = TcpStream::connect(way(vec![far], None).await).await.unwrap();
        let asked = "GET / HTTP/1.1\r\nHost: front\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
        stream.write_all(asked.as_bytes()).await.unwrap();
        let mut head = vec![0; 1024];
        let length = stream.read(&mut head).await.unwrap();
        assert!(head[..length].starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head[..length]));
        stream.write_all(b"hello").await.unwrap();
        let mut echoed = [0; 5];
        stream.read_exact(&mut echoed).await.unwrap();
        assert_eq!(&echoed, b"hello");
    }
}
