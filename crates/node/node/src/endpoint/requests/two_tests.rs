//! Requests of HTTP/2 and calls of gRPC, with instances that speak it.

use async_trait::async_trait;
use http::HeaderMap;
use http_body_util::StreamBody;
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

/// An instance of gRPC: it answers after so long with its name, what it was asked and its status in a trailer.
struct Instance {
    at: SocketAddr,
    connections: Arc<AtomicUsize>,
}

async fn instance(name: &'static str, pause: Duration) -> Instance {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            let service = service_fn(move |request: Request<Incoming>| called(name, pause, request));
            let serving = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(async move { drop(serving.await) });
        }
    });
    Instance { at, connections }
}

async fn called(
    name: &'static str,
    pause: Duration,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    tokio::time::sleep(pause).await;
    let te = request.headers().get("te").map(|value| value.to_str().unwrap().to_owned());
    let path = request.uri().path().to_owned();
    let asked = request.into_body().collect().await.unwrap().to_bytes();
    let text = format!("{name} {path} {} {}", te.unwrap_or_default(), String::from_utf8_lossy(&asked));
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let frames = [Frame::data(Bytes::from(text)), Frame::trailers(trailers)].map(Ok::<_, Error>);
    let mut response = Response::new(StreamBody::new(futures::stream::iter(frames)).boxed_unsync());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    Ok(response)
}

/// A client's connection by a way to these.
async fn client(targets: Vec<SocketAddr>, time: Option<Duration>) -> http2::SendRequest<Full<Bytes>> {
    let idle = Some(Duration::from_secs(60));
    let way = Arc::new(Way::new(Box::new(Direct), idle, Carries::Http2(time), Arc::default()));
    way.balancer().set(targets);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (near, _) = listener.accept().await.unwrap();
        serve(near, way).await;
    });
    let stream = TcpStream::connect(address).await.unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(async move { drop(connection.await) });
    sender
}

/// What comes for a call: the HTTP status, the status of gRPC, and the text.
async fn call(mut sender: http2::SendRequest<Full<Bytes>>) -> (u16, String, String) {
    sender.ready().await.unwrap();
    let request = Request::post("http://front:50051/shop.Greeter/Hello")
        .header(CONTENT_TYPE, "application/grpc")
        .header("te", "trailers")
        .body(Full::new(Bytes::from_static(b"hi")))
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap();
    let of = |headers: &HeaderMap| Some(headers.get("grpc-status")?.to_str().unwrap().to_owned());
    let status = of(&parts.headers).or_else(|| of(body.trailers()?)).unwrap_or_default();
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    (parts.status.as_u16(), status, text)
}

#[tokio::test]
async fn calls_of_one_connection_are_spread_and_their_trailers_come_through() {
    let (one, two) = (instance("one", Duration::ZERO).await, instance("two", Duration::ZERO).await);
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let sender = client(vec![one.at, two.at, closed], None).await;
    let mut names = std::collections::BTreeMap::new();
    for _ in 0..6 {
        let (code, status, text) = call(sender.clone()).await;
        assert_eq!((code, status.as_str()), (200, "0"), "{text}");
        let (name, rest) = text.split_once(' ').unwrap();
        assert_eq!(rest, "/shop.Greeter/Hello trailers hi");
        *names.entry(name.to_owned()).or_insert(0) += 1;
    }
    assert!(names.len() == 2 && names.values().all(|count| *count >= 2), "{names:?}");
}

#[tokio::test]
async fn calls_at_once_share_one_connection_to_an_instance() {
    let one = instance("one", Duration::from_millis(50)).await;
    let sender = client(vec![one.at], None).await;
    call(sender.clone()).await;
    let calls = futures::future::join_all((0..20).map(|_| call(sender.clone()))).await;
    assert!(calls.iter().all(|(code, status, _)| *code == 200 && status == "0"), "{calls:?}");
    assert_eq!(one.connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_call_that_finds_nobody_or_no_answer_in_time_is_answered_in_grpc_s_words() {
    let nobody = call(client(Vec::new(), None).await).await;
    assert_eq!(nobody, (200, "14".to_owned(), String::new()));
    let slow = instance("late", Duration::from_secs(30)).await;
    let late = call(client(vec![slow.at], Some(Duration::from_millis(100))).await).await;
    assert_eq!(late, (200, "14".to_owned(), String::new()));
}
