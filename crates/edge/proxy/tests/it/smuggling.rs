//! Requests that two servers could read in two ways, as bytes.

use gantry_elb_core::configuration::Desync;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::world::{Echo, World, read};

/// A request that must never reach the target by itself.
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test]
async fn what_can_be_read_in_two_ways_is_answered_400_and_never_sent() {
    let target = Echo::new("a").await;
    let world = World::http(&[target.at]).await;
    let host = "Host: a\r\n";
    for head in [
        format!("POST / HTTP/1.1\r\n{host}Content-Length: 4\r\nContent-Length: 5\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Content-Length: 4, 4\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Content-Length: +4\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Content-Length: 0x4\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Content-Length : 4\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding: chunked, identity\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding:\x0bchunked\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding\x00: chunked\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}X: y\r\n Transfer-Encoding: chunked\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}X: y\nTransfer-Encoding: chunked\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}X: y\rTransfer-Encoding: chunked\r\n\r\n"),
        format!("POST / HTTP/1.0\r\n{host}Transfer-Encoding: chunked\r\n\r\n"),
        format!("GET /a b HTTP/1.1\r\n{host}\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding:\r\n chunked\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding: gzip, chunked\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Content-Length:\r\n\r\n"),
        format!("GET http://u@a/ HTTP/1.1\r\n{host}\r\n"),
        format!("GET / HTTP/1.1\r\n{host}X: {}\r\n\r\n", "x".repeat(17 * 1024)),
        format!("GET / HTTP/1.1\r\n{host}{}\r\n", "X: y\r\n".repeat(12 * 1024)),
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n".to_owned(),
        format!("GET / HTTP/1.1\n{host}\r\n"),
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\n\r\n".to_owned(),
    ] {
        let answer = world.raw(format!("{head}{SMUGGLED}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{head:?}: {answer}");
        assert!(
            answer.contains("Server: awselb/2.0") && answer.matches("HTTP/1.1 ").count() == 1,
            "{answer}"
        );
    }
    assert_eq!(target.seen(), "");
    world.proxy.end().await;
}

#[tokio::test]
async fn an_ambiguous_request_is_made_plain_and_nothing_follows_it() {
    let target = Echo::new("a").await;
    let mut world = World::http(&[target.at]).await;
    let both =
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let answer = world.raw(format!("{both}{SMUGGLED}").as_bytes()).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.matches("HTTP/1.1 200").count() == 1,
        "{answer}"
    );
    assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
    let seen = target.seen().to_ascii_lowercase();
    assert!(!seen.contains("content-length: 6") && !seen.contains("/smuggled"), "{seen}");

    world.change(|wanted| wanted.load_balancers[0].options.desync = Desync::Strictest);
    crate::world::until(async || world.raw(both.as_bytes()).await.starts_with("HTTP/1.1 400")).await;
    world.proxy.end().await;
}

#[tokio::test]
async fn broken_chunks_are_400_and_end_the_connection() {
    let target = Echo::new("a").await;
    let world = World::http(&[target.at]).await;
    let head = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for body in [
        "5\nhello\r\n0\r\n\r\n",
        "5 \r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloworld\r\n0\r\n\r\n",
        "zz\r\n",
        "5;x\ny\r\nhello\r\n0\r\n\r\n",
        "5;x\ry\r\nhello\r\n0\r\n\r\n",
        "00000000000000005\r\nhello\r\n0\r\n\r\n",
        "10000000000000005\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\nno colon\r\n\r\n",
        "5\r\nhello\r\n0\r\n\n",
    ] {
        let answer = world.raw(format!("{head}{body}{SMUGGLED}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{body:?}: {answer}");
    }
    assert!(!target.seen().contains("/smuggled"));
    world.proxy.end().await;
}

#[tokio::test]
async fn requests_that_follow_each_other_are_answered_in_their_turn() {
    let target = Echo::new("a").await;
    let world = World::http(&[target.at]).await;
    let mut stream = TcpStream::connect(world.at).await.unwrap();
    let pipelined = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\
                     POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
                     GET /4 HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n";
    stream.write_all(pipelined.as_bytes()).await.unwrap();
    let answer = read(&mut stream).await;
    let at = |text: &str| answer.find(text).unwrap_or_else(|| panic!("{text} in {answer}"));
    assert!(
        at("GET /1 ") < at("POST /2 ") && at("POST /2 ") < at("POST /3 ") && at("POST /3 ") < at("400 Bad")
    );
    world.proxy.end().await;
}

#[tokio::test]
async fn the_host_of_a_url_counts_and_what_is_dropped_is_not_sent() {
    let target = Echo::new("a").await;
    let world = World::http(&[target.at]).await;
    let ask = "GET http://other.example/x HTTP/1.1\r\nHost: shop.example\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\n\r\n";
    let answer = world.raw(ask.as_bytes()).await.to_ascii_lowercase();
    assert!(
        answer.contains("\nget /x http/1.1\r\n") && answer.contains("host: other.example:8000\r\n"),
        "{answer}"
    );
    assert!(!answer.contains("shop.example") && !answer.contains("x-mine"), "{answer}");
    world.proxy.end().await;
}
