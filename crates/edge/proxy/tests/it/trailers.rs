//! Trailers: only what was announced goes on, and nothing that could be taken for what frames a message, for a header
//! of its own weight, or for what a load balancer says to targets.

use std::convert::Infallible;

use bytes::Bytes;
use gantry_elb_core::configuration::{Protocol, TargetGroup, Version};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::streams::handshake;
use crate::target::{Target, head, hear};
use crate::two::{
    DATA, END_HEADERS, END_STREAM, HEADERS, POST, converse, frame, packed, speaking, speaking_to,
};
use crate::world::{GROUP, World, group};

/// The trailers after a message's chunks, sorted; none as long as they are not whole.
fn trailers(message: &str) -> Option<Vec<String>> {
    let (_, rest) = message.split_once("\r\n0\r\n")?;
    let lines = rest.strip_suffix("\r\n").filter(|lines| lines.is_empty() || lines.ends_with("\r\n"))?;
    let mut lines: Vec<String> = lines.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    Some(lines)
}

/// A target of requests in chunks, and the trailers of each.
async fn listening() -> (Target, mpsc::UnboundedReceiver<Vec<String>>) {
    let (told, heard) = mpsc::unbounded_channel();
    let target = Target::new(move |mut stream, mut asked| {
        let told = told.clone();
        async move {
            while !asked.is_empty() {
                let trailers = loop {
                    if let Some(trailers) = trailers(&asked) {
                        break trailers;
                    }
                    let mut more = [0; 1024];
                    let size = stream.read(&mut more).await.unwrap();
                    assert!(size > 0, "it ends within {asked}");
                    asked.push_str(std::str::from_utf8(&more[..size]).unwrap());
                };
                told.send(trailers).unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await.unwrap();
                asked = head(&mut stream).await;
            }
        }
    })
    .await;
    (target, heard)
}

#[tokio::test]
async fn a_client_s_trailers_say_nothing_in_a_load_balancer_s_name() {
    let (target, mut heard) = listening().await;
    let world = World::http(&[target.at]).await;
    let fine = "X-Sum: 7\r\nX-Last: 8\r\n";
    let own = "X-Forwarded-For: 192.0.2.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\n\
               X-Forwarded-Host: b\r\nX-Amzn-Trace-Id: Root=1-a-b\r\nX-Amzn-Tls-Version: TLSv1.3\r\n";
    let framing = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nHost: b\r\n\
                   Connection: close\r\nUpgrade: websocket\r\nTE: trailers\r\n";
    let weighty = "Authorization: Basic eA==\r\nCookie: AWSALB=x\r\nContent-Type: text/html\r\n\
                   Content-Encoding: gzip\r\nCache-Control: no-store\r\n";
    let all = [fine, own, framing, weighty].concat();
    let names: Vec<&str> = all.lines().map(|line| line.split(':').next().unwrap()).collect();
    let every = format!("Trailer: {}\r\n", names.join(", "));
    let both = "Trailer: x-sum\r\nTRAILER: other,X-LAST\r\n".to_owned();
    // All on one connection: whatever they say, a body ends where its chunks do.
    let mut stream = TcpStream::connect(world.at).await.unwrap();
    for (announced, wanted) in [
        (every, vec!["X-Last: 8", "X-Sum: 7"]),
        (both, vec!["X-Last: 8", "X-Sum: 7"]),
        ("Trailer: X-Last\r\n".to_owned(), vec!["X-Last: 8"]),
        (String::new(), vec![]),
    ] {
        let asked = format!(
            "POST / HTTP/1.1\r\nHost: a\r\n{announced}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n{all}\r\n"
        );
        stream.write_all(asked.as_bytes()).await.unwrap();
        let answer = hear(&mut stream, "hi").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{announced}: {answer}");
        assert_eq!(heard.recv().await.unwrap(), wanted, "{announced}");
    }
    world.proxy.end().await;
}

#[tokio::test]
async fn neither_do_trailers_of_http2() {
    let (target, mut heard) = listening().await;
    let (world, trusted) = speaking(&[target.at]).await;
    let names = "x-sum, x-forwarded-for, x-amzn-trace-id, content-length, host, cookie";
    let asked = [&POST[..], &[("trailer", names)]].concat();
    let last = [
        ("x-sum", "7"),
        ("x-forwarded-for", "192.0.2.6"),
        ("x-amzn-trace-id", "Root=1-a-b"),
        ("content-length", "9"),
        ("host", "b"),
        ("cookie", "AWSALB=x"),
        ("x-other", "9"),
    ];
    let frames = [
        frame(HEADERS, END_HEADERS, 1, &packed(&asked)),
        frame(DATA, 0, 1, b"hello"),
        frame(HEADERS, END_HEADERS | END_STREAM, 1, &packed(&last)),
    ];
    assert_eq!(converse(&world, &trusted, &frames.concat()).await.as_deref(), Some("200"));
    assert_eq!(heard.recv().await.unwrap(), ["X-Sum: 7"]);
    world.proxy.end().await;
}

#[tokio::test]
async fn a_target_s_trailers_frame_nothing_and_set_nothing() {
    let target = Target::saying(
        "HTTP/1.1 200 OK\r\nTrailer: X-Sum, X-Forwarded-For, Content-Length, Transfer-Encoding, Connection, Host\r\n\
         Trailer: Set-Cookie, Content-Type\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\
         X-Forwarded-For: 192.0.2.6\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\
         Host: b\r\nSet-Cookie: AWSALB=x\r\nContent-Type: text/html\r\nX-Other: 9\r\n\r\n",
    )
    .await;
    let world = World::http(&[target.at]).await;
    for _ in 0..2 {
        let answer = world.get("/", "").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        // What it says of itself in words that load balancers have for targets is no load balancer's.
        assert_eq!(trailers(&answer).unwrap(), ["X-Forwarded-For: 192.0.2.6", "X-Sum: 7"], "{answer}");
    }
    world.proxy.end().await;
}

fn map(headers: &[(&'static str, &'static str)]) -> HeaderMap {
    headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect()
}

/// A body with these trailers.
fn body(
    trailers: &[(&'static str, &'static str)],
) -> impl http_body::Body<Data = Bytes, Error = Infallible> + Send + Unpin + use<> {
    let frames = [Frame::data(Bytes::from_static(b"hello")), Frame::trailers(map(trailers))];
    StreamBody::new(futures::stream::iter(frames.map(Ok)))
}

#[tokio::test]
async fn between_two_sides_of_http2_all_others_go_on() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let (told, mut heard) = mpsc::unbounded_channel();
    let serving = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let told = told.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let told = told.clone();
                async move {
                    let whole = request.into_body().collect().await?;
                    // Checks have none.
                    if let Some(trailers) = whole.trailers() {
                        told.send(trailers.clone()).unwrap();
                    }
                    Ok::<_, hyper::Error>(Response::new(body(&[("grpc-status", "0"), ("x-sum", "8")])))
                }
            });
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
        }
    });
    let targets = TargetGroup { version: Version::Http2, ..group(GROUP, Protocol::Http, &[at]) };
    let (world, trusted) = speaking_to(targets).await;
    let (stream, _) = handshake(world.at, "shop.example", &["h2"], &[trusted]).await.unwrap();
    let speaking = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = speaking.await.unwrap();
    let connection = tokio::spawn(connection);
    let sent = body(&[
        ("x-sum", "7"),
        ("x-forwarded-for", "192.0.2.6"),
        ("x-amzn-trace-id", "Root=1-a-b"),
        ("x-other", "9"),
    ]);
    let request = Request::post("https://shop.example/x").body(sent).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let whole = answer.into_body().collect().await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), map(&[("x-sum", "7"), ("x-other", "9")]));
    assert_eq!(whole.trailers(), Some(&map(&[("grpc-status", "0"), ("x-sum", "8")])));
    assert_eq!(whole.to_bytes(), "hello");
    connection.abort();
    serving.abort();
    world.proxy.end().await;
}
