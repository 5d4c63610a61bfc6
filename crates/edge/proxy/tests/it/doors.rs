//! The front door: a port at loopback that load balancers share, and are told apart there by what clients ask for.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};

use bytes::Bytes;
use gantry_elb_core::configuration::{Protocol, Tls};
use gantry_elb_core::counts::OfBalancer;
use gantry_elb_core::name::Kind;
use gantry_elb_core::ssl_policy;
use http_body_util::Empty;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::streams::{certificate, handshake};
use crate::world::{Echo, GROUP, OTHER, World, balancer, group, listener, own_address, until};

/// A port that nobody has at loopback, and nobody gets who takes any.
pub fn own_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + u16::try_from(std::process::id() % 20_000).unwrap();
    let first = first + NEXT.fetch_add(1, Ordering::Relaxed);
    let free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (first..32_768).find(free).unwrap()
}

/// `one` and `two` with a target each, and the door that they share.
async fn shared(protocol: Protocol, tls: Option<Tls>, targets: [&Echo; 2]) -> (World, SocketAddr) {
    let port = own_port();
    let balancers = [("one", GROUP), ("two", OTHER)].map(|(name, group)| {
        let at = SocketAddr::new(own_address(), port);
        balancer(name, Kind::Application, at, listener(protocol, tls.clone(), group))
    });
    let [one, two] = targets.map(|target| [target.at]);
    let groups = vec![group(GROUP, Protocol::Http, &one), group(OTHER, Protocol::Http, &two)];
    let world = World::of(balancers.into(), groups, true).await;
    world.healthy(2).await;
    let door = SocketAddr::new([127, 0, 0, 1].into(), port);
    until(async || TcpStream::connect(door).await.is_ok()).await;
    // The first was looked for at its own address.
    until(async || connections(&world, "one") == (1, 0)).await;
    assert_eq!(connections(&world, "two"), (0, 0));
    (world, door)
}

fn counts(world: &World, name: &str) -> OfBalancer {
    world.proxy.counts().load_balancers[name].clone()
}

/// New connections, and those that are there.
fn connections(world: &World, name: &str) -> (u64, u64) {
    let counts = counts(world, name);
    (counts.new_connections, counts.active_connections)
}

/// The answer to a request for a host, on a connection that stays.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), host: &str) -> String {
    let asked = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut answer: Vec<u8> = Vec::new();
    // Its own head, and the one that it repeats.
    while answer.windows(4).filter(|four| **four == *b"\r\n\r\n").count() < 2
        && !answer.starts_with(b"HTTP/1.1 4")
    {
        assert!(stream.read_buf(&mut answer).await.unwrap() > 0);
    }
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_connection_belongs_to_whom_its_first_request_is_for() {
    let (a, b) = (Echo::new("a").await, Echo::new("b").await);
    let (world, door) = shared(Protocol::Http, None, [&a, &b]).await;
    let mut stream = TcpStream::connect(door).await.unwrap();
    assert!(ask(&mut stream, "two.elb.localhost").await.contains("[b]"));
    until(async || connections(&world, "two") == (1, 1)).await;
    // It stays that one's, and a request is whose it is.
    assert!(ask(&mut stream, "ONE.elb.localhost").await.contains("[a]"));
    until(async || counts(&world, "one").requests == 1 && counts(&world, "two").requests == 1).await;
    assert_eq!((connections(&world, "one"), connections(&world, "two")), ((1, 0), (1, 1)));
    assert_eq!(counts(&world, "one").processed_bytes, 0);
    assert!(counts(&world, "two").processed_bytes > 0);
    drop(stream);
    until(async || connections(&world, "two") == (1, 0)).await;

    // One for a load balancer that is gone is nobody's.
    let mut stream = TcpStream::connect(door).await.unwrap();
    assert!(ask(&mut stream, "gone.elb.localhost").await.starts_with("HTTP/1.1 404 "));
    assert_eq!((connections(&world, "one"), connections(&world, "two")), ((1, 0), (1, 0)));
    world.proxy.end().await;
}

#[tokio::test]
async fn one_that_is_encrypted_is_nobody_s_before_its_first_request() {
    let (a, b) = (Echo::new("a").await, Echo::new("b").await);
    let (shown, trusted) = certificate("*.elb.localhost");
    let tls = Tls {
        policy: ssl_policy::find(ssl_policy::DEFAULT).unwrap(),
        certificates: vec![shown],
        alpn: vec!["h2".into(), "http/1.1".into()],
    };
    let (world, door) = shared(Protocol::Https, Some(tls), [&a, &b]).await;
    let trusted = [trusted];
    let (mut stream, _) = handshake(door, "two.elb.localhost", &["http/1.1"], &trusted).await.unwrap();
    assert_eq!((connections(&world, "one"), connections(&world, "two")), ((1, 0), (0, 0)));
    assert!(ask(&mut stream, "two.elb.localhost").await.contains("[b]"));
    until(async || connections(&world, "two") == (1, 1)).await;
    drop(stream);
    until(async || connections(&world, "two") == (1, 0)).await;

    let (stream, _) = handshake(door, "two.elb.localhost", &["h2"], &trusted).await.unwrap();
    let speaking = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = speaking.await.unwrap();
    let connection = tokio::spawn(connection);
    assert_eq!((connections(&world, "one"), connections(&world, "two")), ((1, 0), (1, 0)));
    for (host, seen) in [("two", &b), ("one", &a)] {
        let request = http::Request::get(format!("https://{host}.elb.localhost/by-two"));
        let response = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(seen.seen().contains("GET /by-two "), "{}", seen.seen());
    }
    until(async || connections(&world, "two") == (2, 1)).await;
    assert_eq!(connections(&world, "one"), (1, 0));
    connection.abort();
    until(async || connections(&world, "two") == (2, 0)).await;
    world.proxy.end().await;
}
