//! Requests of HTTP/2 that would be others as requests of HTTP/1, as frames.

use crate::two::{POST, ask, speaking};
use crate::world::{Echo, until};

#[tokio::test]
async fn what_http2_can_say_and_http1_can_not_reaches_no_target() {
    let target = Echo::new("a").await;
    let (world, trusted) = speaking(&[target.at]).await;
    let with = |changed: &[(&'static str, &'static str)], more: &[(&'static str, &'static str)]| {
        let mut headers: Vec<(&str, &str)> = POST.to_vec();
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
