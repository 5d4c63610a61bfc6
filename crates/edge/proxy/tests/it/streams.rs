//! Network load balancers, and TLS.

use std::sync::Arc;
use std::time::Duration;

use gantry_elb_core::configuration::{Certificate, Protocol, Tls};
use gantry_elb_core::name::Kind;
use gantry_elb_core::ssl_policy;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use crate::world::{Echo, GROUP, World, group, until};

/// A target that repeats what it hears.
async fn repeater() -> (std::net::SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
            });
        }
    });
    (at, serving)
}

#[tokio::test]
async fn bytes_go_through_and_ends_too() {
    let (at, serving) = repeater().await;
    let groups = vec![group(GROUP, Protocol::Tcp, &[at])];
    let mut world = World::new(Kind::Network, Protocol::Tcp, None, groups).await;
    world.healthy(1).await;
    let mut stream = TcpStream::connect(world.at).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    let mut five = [0; 5];
    stream.read_exact(&mut five).await.unwrap();
    // A connection stays through a change, and its end goes through.
    world
        .change_group(|group| group.algorithm = gantry_elb_core::choose::Algorithm::LeastOutstandingRequests);
    tokio::time::sleep(Duration::from_millis(100)).await;
    stream.write_all(b"again").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert_eq!((&five, rest.as_str()), (b"hello", "again"));

    world.change_group(|group| group.proxy_protocol = true);
    until(async || {
        let mut stream = TcpStream::connect(world.at).await.unwrap();
        stream.write_all(b"x").await.unwrap();
        stream.shutdown().await.unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.unwrap();
        all.starts_with(b"\r\n\r\n\0\r\nQUIT\n\x21\x11") && all.ends_with(b"x")
    })
    .await;
    serving.abort();
    world.proxy.end().await;
}

#[tokio::test]
async fn datagrams_go_to_one_target_and_come_back() {
    let mut targets = Vec::new();
    let mut health = Vec::new();
    for _ in 0..2 {
        // UDP and the TCP of its check on one port.
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let socket = UdpSocket::bind(at).await.unwrap();
        targets.push(at);
        health.push(listener);
        tokio::spawn(async move {
            let mut buffer = [0; 2048];
            while let Ok((size, from)) = socket.recv_from(&mut buffer).await {
                let answer = [at.port().to_string().as_bytes(), &buffer[..size]].concat();
                socket.send_to(&answer, from).await.unwrap();
            }
        });
    }
    let mut udp = group(GROUP, Protocol::Udp, &targets);
    udp.check.protocol = Protocol::Tcp;
    let world = World::new(Kind::Network, Protocol::Udp, None, vec![udp]).await;
    world.healthy(2).await;
    let client = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    client.connect(world.at).await.unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for at in 0..5 {
        client.send(format!("-{at}").as_bytes()).await.unwrap();
        let mut buffer = [0; 2048];
        let size =
            tokio::time::timeout(Duration::from_secs(5), client.recv(&mut buffer)).await.unwrap().unwrap();
        let text = String::from_utf8_lossy(&buffer[..size]).into_owned();
        let (port, rest) = text.split_once('-').unwrap();
        assert_eq!(rest, at.to_string());
        seen.insert(port.to_owned());
    }
    assert_eq!(seen.len(), 1);
    world.proxy.end().await;
}

pub fn certificate(name: &str) -> (Certificate, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let der = made.cert.der().to_vec();
    let keyed = Certificate {
        arn: name.into(),
        chain_pem: made.cert.pem(),
        key_pem: made.signing_key.serialize_pem(),
    };
    (keyed, der)
}

/// Speaks TLS; answers which certificate the server showed and what was agreed on.
pub async fn handshake(
    at: std::net::SocketAddr,
    name: &str,
    alpn: &[&str],
    trusted: &[Vec<u8>],
) -> std::io::Result<(tokio_rustls::client::TlsStream<TcpStream>, Vec<u8>)> {
    let mut roots = rustls::RootCertStore::empty();
    for der in trusted {
        roots.add(der.clone().into()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = connector.connect(name, TcpStream::connect(at).await?).await?;
    let shown = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    Ok((stream, shown))
}

#[tokio::test]
async fn certificates_are_chosen_by_name_and_http_2_goes_to_http_1() {
    let target = Echo::new("a").await;
    let ((one, one_der), (two, two_der)) = (certificate("one.example"), certificate("*.two.example"));
    let tls = Tls {
        policy: ssl_policy::find("ELBSecurityPolicy-TLS13-1-2-2021-06").unwrap(),
        certificates: vec![one, two],
        alpn: vec!["h2".into(), "http/1.1".into()],
    };
    let groups = vec![group(GROUP, Protocol::Http, &[target.at])];
    let world = World::new(Kind::Application, Protocol::Https, Some(tls), groups).await;
    world.healthy(1).await;
    let trusted = [one_der.clone(), two_der.clone()];
    let (mut stream, shown) = handshake(world.at, "one.example", &["http/1.1"], &trusted).await.unwrap();
    assert_eq!(shown, one_der);
    stream.write_all(b"GET /s HTTP/1.1\r\nHost: one.example\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.to_ascii_lowercase().contains("x-forwarded-proto: https"), "{answer}");

    let answer = world.raw(b"GET / HTTP/1.1\r\nHost: one.example\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    assert!(answer.contains("The plain HTTP request was sent to HTTPS port"), "{answer}");

    let (stream, shown) = handshake(world.at, "a.two.example", &["h2"], &trusted).await.unwrap();
    assert_eq!(shown, two_der);
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    let connection = tokio::spawn(connection);
    let request =
        http::Request::get("https://a.two.example/two").body(http_body_util::Empty::<bytes::Bytes>::new());
    let response = sender.send_request(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&body).to_ascii_lowercase();
    assert!(text.contains("get /two http/1.1") && text.contains("host: a.two.example"), "{text}");
    connection.abort();
    world.proxy.end().await;
}

#[tokio::test]
async fn a_policy_of_tls_1_3_alone_takes_nothing_less() {
    let target = Echo::new("a").await;
    let (one, one_der) = certificate("one.example");
    let policy = ssl_policy::find("ELBSecurityPolicy-TLS-1-2-2017-01").unwrap();
    let tls = Tls { policy, certificates: vec![one], alpn: vec![] };
    let groups = vec![group(GROUP, Protocol::Tcp, &[target.at])];
    let mut world = World::new(Kind::Network, Protocol::Tls, Some(tls), groups).await;
    world.healthy(1).await;
    let trusted = [one_der];
    let (stream, _) = handshake(world.at, "one.example", &[], &trusted).await.unwrap();
    assert_eq!(stream.get_ref().1.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_2));
    world.change_listener(|listener| {
        let tls = listener.tls.as_mut().unwrap();
        tls.policy = ssl_policy::find("ELBSecurityPolicy-TLS13-1-3-2021-06").unwrap();
    });
    until(async || {
        let (stream, _) = handshake(world.at, "one.example", &[], &trusted).await.unwrap();
        stream.get_ref().1.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3)
    })
    .await;
    world.proxy.end().await;
}
