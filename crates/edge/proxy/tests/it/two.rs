//! A client of HTTP/2 that writes frames.

use std::net::SocketAddr;
use std::time::Duration;

use gantry_elb_core::configuration::{Protocol, TargetGroup, Tls};
use gantry_elb_core::name::Kind;
use gantry_elb_core::ssl_policy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::streams::{certificate, handshake};
use crate::world::{GROUP, World, group};

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const GO_AWAY: u8 = 7;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// What every request begins with.
pub const POST: [(&str, &str); 4] =
    [(":method", "POST"), (":scheme", "https"), (":path", "/x"), (":authority", "shop.example")];

/// A load balancer that speaks HTTP/2 with clients and HTTP/1 with targets, and its certificate.
pub async fn speaking(targets: &[SocketAddr]) -> (World, Vec<u8>) {
    speaking_to(group(GROUP, Protocol::Http, targets)).await
}

/// The same with targets that speak what their group says.
pub async fn speaking_to(targets: TargetGroup) -> (World, Vec<u8>) {
    let (one, trusted) = certificate("shop.example");
    let tls = Tls {
        policy: ssl_policy::find(ssl_policy::DEFAULT).unwrap(),
        certificates: vec![one],
        alpn: vec!["h2".into()],
    };
    let count = targets.targets.len();
    let world = World::new(Kind::Application, Protocol::Https, Some(tls), vec![targets]).await;
    world.healthy(count).await;
    (world, trusted)
}

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    frame.extend_from_slice(&[kind, flags]);
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// Headers as HPACK has them without any of its tables. None is longer than 126 bytes.
pub fn packed<V: AsRef<[u8]>>(headers: &[(&str, V)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in headers {
        block.push(0);
        for text in [name.as_bytes(), value.as_ref()] {
            assert!(text.len() < 127);
            block.push(u8::try_from(text.len()).unwrap());
            block.extend_from_slice(text);
        }
    }
    block
}

/// What comes of a request: the status of its answer, or none where it is refused as HTTP/2.
pub async fn ask<V: AsRef<[u8]>>(
    world: &World,
    trusted: &[u8],
    headers: &[(&str, V)],
    body: Option<&[u8]>,
) -> Option<String> {
    let last = if body.is_none() { END_STREAM } else { 0 };
    let mut frames = frame(HEADERS, END_HEADERS | last, 1, &packed(headers));
    if let Some(body) = body {
        frames.extend(frame(DATA, END_STREAM, 1, body));
    }
    converse(world, trusted, &frames).await
}

/// The same for a request of these frames.
pub async fn converse(world: &World, trusted: &[u8], frames: &[u8]) -> Option<String> {
    let (mut stream, _) = handshake(world.at, "shop.example", &["h2"], &[trusted.to_vec()]).await.unwrap();
    let mut sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    sent.extend(frame(SETTINGS, 0, 0, &[]));
    sent.extend_from_slice(frames);
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
