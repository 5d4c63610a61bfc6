//! Requests of HTTP/2 that would be others as requests of HTTP/1, as frames.

use std::time::Duration;

use gantry_elb_core::configuration::{Protocol, Tls};
use gantry_elb_core::name::Kind;
use gantry_elb_core::ssl_policy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::streams::{certificate, handshake};
use crate::world::{Echo, GROUP, World, group, until};

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const GO_AWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    frame.extend_from_slice(&[kind, flags]);
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// Headers as HPACK has them without any of its tables.
fn packed(headers: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in headers {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// What comes of a request: the status of its answer, or none where it is refused as HTTP/2.
async fn ask(world: &World, trusted: &[u8], headers: &[(&str, &str)], body: Option<&[u8]>) -> Option<String> {
    let (mut stream, _) = handshake(world.at, "shop.example", &["h2"], &[trusted.to_vec()]).await.unwrap();
    let mut sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    sent.extend(frame(4, 0, 0, &[]));
    let last = if body.is_none() { END_STREAM } else { 0 };
    sent.extend(frame(HEADERS, END_HEADERS | last, 1, &packed(headers)));
    if let Some(body) = body {
        sent.extend(frame(0, END_STREAM, 1, body));
    }
    stream.write_all(&sent).await.unwrap();
    loop {
        let mut head = [0; 9];
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read_exact(&mut head)).await.unwrap();
        if read.is_err() {
            return None;
        }
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut payload).await.unwrap();
        match head[3] {
            RESET | GO_AWAY => return None,
            // The status stands first: one of HPACK's own table, or written out after its name's number there.
            HEADERS => {
                let known = ["200", "204", "206", "304", "400", "404", "500"];
                return Some(match payload[0] {
                    indexed @ 0x88..=0x8e => known[usize::from(indexed - 0x88)].to_owned(),
                    _ => "other".to_owned(),
                });
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn what_http2_can_say_and_http1_can_not_reaches_no_target() {
    let target = Echo::new("a").await;
    let (one, trusted) = certificate("shop.example");
    let tls = Tls {
        policy: ssl_policy::find(ssl_policy::DEFAULT).unwrap(),
        certificates: vec![one],
        alpn: vec!["h2".into()],
    };
    let groups = vec![group(GROUP, Protocol::Http, &[target.at])];
    let world = World::new(Kind::Application, Protocol::Https, Some(tls), groups).await;
    world.healthy(1).await;
    let plain = [(":method", "POST"), (":scheme", "https"), (":path", "/x"), (":authority", "shop.example")];
    let with = |changed: &[(&'static str, &'static str)], more: &[(&'static str, &'static str)]| {
        let mut headers: Vec<(&str, &str)> = plain.to_vec();
        for (name, value) in changed {
            headers.iter_mut().filter(|(known, _)| known == name).for_each(|header| header.1 = value);
        }
        headers.extend_from_slice(more);
        headers
    };
    let smuggled = "a\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x";
    for (headers, body) in [
        (with(&[], &[("content-length", "3")]), Some(b"hello".as_slice())),
        (with(&[], &[("content-length", "9")]), Some(b"hello".as_slice())),
        (with(&[], &[("content-length", "5")]), None),
        (with(&[], &[("content-length", "5"), ("content-length", "6")]), Some(b"hello".as_slice())),
        (with(&[], &[("transfer-encoding", "chunked")]), Some(b"0\r\n\r\nGET /smuggled".as_slice())),
        (with(&[], &[("connection", "keep-alive")]), None),
        (with(&[], &[("upgrade", "websocket")]), None),
        (with(&[], &[("te", "chunked")]), None),
        (with(&[], &[("x", smuggled)]), None),
        (with(&[], &[("x: y\r\nz", "a")]), None),
        (with(&[], &[("X-Upper", "a")]), None),
        (with(&[], &[(":path", "/smuggled")]), None),
        (with(&[], &[("x", "y"), (":late", "z")]), None),
        (with(&[(":path", "/x HTTP/1.1\r\nHost: y")], &[]), None),
        (with(&[(":path", "/a b")], &[]), None),
        (with(&[(":path", "smuggled")], &[]), None),
        (with(&[(":path", "")], &[]), None),
        (with(&[(":method", "GET /smuggled HTTP/1.1")], &[]), None),
        (with(&[(":method", "CONNECT")], &[]), None),
        (with(&[(":authority", "u@shop.example")], &[]), None),
        (with(&[(":authority", "shop.example\r\nx: y")], &[]), None),
        (with(&[], &[("host", "other.example")]), None),
    ] {
        let answer = ask(&world, &trusted, &headers, body).await;
        assert_ne!(answer.as_deref(), Some("200"), "{headers:?}");
    }
    // Those whose lengths lie are found out only as they end; nothing follows them.
    assert!(!target.seen().contains("smuggled"), "{}", target.seen());
    let answer = ask(&world, &trusted, &with(&[], &[("content-length", "5")]), Some(b"hello")).await;
    assert_eq!(answer.as_deref(), Some("200"));
    until(async || target.seen().ends_with("hello")).await;
    world.proxy.end().await;
}
