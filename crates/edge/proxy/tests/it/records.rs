//! What requests leave in access logs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gantry_elb_core::access_log::{AccessLog, Carrier, Entry};
use gantry_elb_core::action::{Action, FixedResponse, What};
use gantry_elb_core::condition::Condition;
use gantry_elb_core::configuration::{Protocol, Tls};
use gantry_elb_core::name::Kind;
use gantry_elb_core::rule::Rule;
use gantry_elb_core::ssl_policy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::doors::own_port;
use crate::streams::{certificate, handshake};
use crate::world::{Echo, GROUP, World, balancer, group, listener, own_address, read, until};

fn log() -> AccessLog {
    AccessLog {
        bucket: "logs".into(),
        prefix: String::new(),
        account: "000000000000".into(),
        region: "us-east-1".into(),
        balancer: "app/lb/1".into(),
        address: [127, 0, 0, 1].into(),
    }
}

/// Has the load balancer keep a log, and waits until it does.
async fn keep(world: &mut World) {
    world.change(|wanted| wanted.load_balancers[0].access_log = Some(Arc::new(log())));
    until(async || {
        world.get("/", "").await;
        !world.entries.taken().is_empty()
    })
    .await;
}

/// The entry of the request whose line has this.
async fn entry(world: &World, with: &str) -> Entry {
    let mut found = Vec::new();
    until(async || {
        found.extend(world.entries.taken().into_iter().filter(|one| one.request.contains(with)));
        !found.is_empty()
    })
    .await;
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[tokio::test]
async fn a_request_leaves_an_entry_with_what_became_of_it() {
    let echo = Echo::new("a").await;
    let mut world = World::http(&[echo.at]).await;
    world.get("/", "").await;
    assert!(world.entries.taken().is_empty(), "nobody asked for a log");
    keep(&mut world).await;

    let asked = "POST /x?y=1 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: me\r\nConnection: close\r\n\
                 Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    let answer = world.raw(asked.as_bytes()).await;
    let one = entry(&world, "/x?y=1").await;
    assert_eq!(one.request, "POST http://shop.example:8000/x?y=1 HTTP/1.1");
    assert_eq!(one.user_agent.as_deref(), Some("me"));
    assert_eq!((one.carrier, one.status, one.target_status), (Carrier::Http, Some(200), Some(200)));
    assert_eq!((one.target, one.target_group_arn.as_deref()), (Some(echo.at), Some(GROUP)));
    assert_eq!((one.priority, one.action), (Some(0), Some("forward")));
    assert!(one.times.iter().all(Option::is_some), "{:?}", one.times);
    let head = asked.split("5\r\n").next().unwrap().len() as u64;
    // The names of headers, the marks between them, and what was in the body.
    assert!(one.received_bytes.abs_diff(head + 5) < 16, "{} {head}", one.received_bytes);
    assert!(one.sent_bytes.abs_diff(answer.len() as u64) < 128, "{} {}", one.sent_bytes, answer.len());
    let trace = one.trace_id.clone().unwrap();
    assert!(trace.starts_with("Root=1-") && echo.seen().contains(&trace), "{trace}");
    assert!(one.connection.starts_with("TID_"), "{}", one.connection);
    assert_eq!(one.to_string().split(' ').next(), Some("http"));
    world.proxy.end().await;
}

#[tokio::test]
async fn what_can_t_be_read_at_a_front_door_is_of_the_only_one_that_has_it() {
    let port = own_port();
    let one = |name: &str| {
        let at = SocketAddr::new(own_address(), port);
        let mut balancer = balancer(name, Kind::Application, at, listener(Protocol::Http, None, GROUP));
        balancer.access_log = Some(Arc::new(log()));
        balancer
    };
    let mut world = World::of(vec![one("one")], vec![group(GROUP, Protocol::Http, &[])], true).await;
    let door = SocketAddr::new([127, 0, 0, 1].into(), port);
    let refused = async || {
        let mut stream = TcpStream::connect(door).await.unwrap();
        stream.write_all(b"GARBAGE\r\n\r\n").await.unwrap();
        assert!(read(&mut stream).await.starts_with("HTTP/1.1 400 "));
    };
    until(async || TcpStream::connect(door).await.is_ok()).await;
    refused().await;
    assert_eq!(entry(&world, "- http").await.status, Some(400));

    // With a second one at that port nobody knows.
    world.change(|wanted| wanted.load_balancers.push(one("two")));
    until(async || {
        refused().await;
        world.entries.taken().is_empty()
    })
    .await;
    world.proxy.end().await;
}

#[tokio::test]
async fn what_never_reached_a_target_says_so() {
    let echo = Echo::new("a").await;
    let mut world = World::http(&[echo.at]).await;
    keep(&mut world).await;
    let fixed = FixedResponse { status: 418, content_type: None, body: Some("tea".into()) };
    world.change_listener(|listener| {
        listener.rules.push(Rule {
            arn: "rule".into(),
            priority: Some(7),
            conditions: vec![Condition::PathPattern { values: vec!["/tea".into()], regexes: vec![] }],
            actions: vec![Action { order: None, what: What::FixedResponse(fixed.clone()) }],
            transforms: vec![],
        });
    });
    until(async || world.get("/tea", "").await.starts_with("HTTP/1.1 418")).await;
    world.get("/tea?last", "").await;
    let one = entry(&world, "/tea?last").await;
    assert_eq!((one.status, one.target, one.target_status), (Some(418), None, None));
    assert_eq!((one.times, one.priority, one.action), ([None; 3], Some(7), Some("fixed-response")));
    assert!(one.trace_id.is_some());

    // What can't be read has no request.
    world.raw(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n").await;
    let one = entry(&world, "- http").await;
    assert_eq!((one.request.as_str(), one.status), ("- http://lb.elb.localhost:8000- -", Some(400)));
    assert_eq!((one.priority, one.action), (None, None));

    // A client that does not wait is 460.
    let mut stream = TcpStream::connect(world.at).await.unwrap();
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    until(async || echo.seen().contains("/slow")).await;
    drop(stream);
    let one = entry(&world, "/slow").await;
    assert_eq!((one.status, one.target), (None, Some(echo.at)));
    assert!(one.to_string().contains(" 460 - "), "{one}");
    world.proxy.end().await;
}

#[tokio::test]
async fn a_web_socket_is_one_entry_when_it_has_ended() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                let size = stream.read(&mut buffer).await.unwrap_or(0);
                let upgrade =
                    String::from_utf8_lossy(&buffer[..size]).to_ascii_lowercase().contains("websocket");
                let answer: &[u8] = match upgrade {
                    false => b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    true => b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
                };
                let _ = stream.write_all(answer).await;
                if !upgrade {
                    return;
                }
                while let Ok(size @ 1..) = stream.read(&mut buffer).await {
                    let _ = stream.write_all(&buffer[..size]).await;
                }
            });
        }
    });
    let mut world = World::http(&[at]).await;
    keep(&mut world).await;
    let mut stream = TcpStream::connect(world.at).await.unwrap();
    let ask = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut buffer = [0; 4096];
    let size = stream.read(&mut buffer).await.unwrap();
    assert!(String::from_utf8_lossy(&buffer[..size]).starts_with("HTTP/1.1 101"));
    stream.write_all(&[b'x'; 1000]).await.unwrap();
    let mut back = [0; 1000];
    stream.read_exact(&mut back).await.unwrap();
    assert!(!world.entries.taken().iter().any(|one| one.request.contains("/chat")), "it has not ended");
    drop(stream);
    let one = entry(&world, "/chat").await;
    assert_eq!((one.carrier, one.status, one.target_status), (Carrier::Ws, Some(101), Some(101)));
    assert!(one.received_bytes >= 1000 && one.sent_bytes >= 1000, "{one}");
    world.proxy.end().await;
    serving.abort();
}

#[tokio::test]
async fn a_connection_over_tls_is_an_entry_of_a_network_load_balancer() {
    let target = Echo::new("a").await;
    let (shown, der) = certificate("one.example");
    let tls = Tls {
        policy: ssl_policy::find("ELBSecurityPolicy-TLS13-1-2-2021-06").unwrap(),
        certificates: vec![shown],
        alpn: vec![],
    };
    let groups = vec![group(GROUP, Protocol::Tcp, &[target.at])];
    let mut world = World::new(Kind::Network, Protocol::Tls, Some(tls), groups).await;
    world.healthy(1).await;
    world.change(|wanted| wanted.load_balancers[0].access_log = Some(Arc::new(log())));
    let asked = b"GET /s HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut found = Vec::new();
    until(async || {
        let (mut stream, _) =
            handshake(world.at, "one.example", &[], std::slice::from_ref(&der)).await.unwrap();
        stream.write_all(asked).await.unwrap();
        let mut buffer = [0; 1024];
        assert!(stream.read(&mut buffer).await.unwrap() > 0);
        drop(stream);
        tokio::time::sleep(Duration::from_millis(20)).await;
        found.extend(world.entries.connections());
        !found.is_empty()
    })
    .await;
    let one = &found[0];
    assert_eq!((one.listener.as_str(), one.destination), ("listener", world.at));
    let tls = one.tls.as_ref().unwrap();
    assert_eq!(tls.domain_name.as_deref(), Some("one.example"));
    assert_eq!((tls.certificate_arn.as_deref(), tls.protocol.as_str()), (Some("one.example"), "TLSv1.3"));
    assert!(
        one.handshake.is_some() && one.received_bytes == asked.len() as u64 && one.sent_bytes > 0,
        "{one}"
    );
    world.proxy.end().await;
}
