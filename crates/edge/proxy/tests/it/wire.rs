//! HTTP/1 as bytes: what goes to a target for what a client sends, and what comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::target::{GET, ITS_END, Target, ask, head, hear};
use crate::world::{World, until};

/// Without the header whose value nobody knows.
fn without_date(answer: &str) -> String {
    answer.split_inclusive("\r\n").filter(|line| !line.starts_with("Date: ")).collect()
}

#[tokio::test]
async fn names_reasons_and_order_are_kept_both_ways() {
    let target = Target::new(|mut stream, asked| async move {
        let asked = asked.replace("\r\n", "|");
        let answer = format!(
            "HTTP/1.1 200 Well done\r\nX-aBC: 1\r\ncontent-LENGTH: {}\r\nx-Abc: 2\r\n\r\n",
            asked.len()
        );
        stream.write_all((answer + &asked).as_bytes()).await.unwrap();
    })
    .await;
    let world = World::http(&[target.at]).await;
    let asked = "GET /x HTTP/1.1\r\nhOST: a:8000\r\nX-one: 1\r\nUSER-AGENT: me\r\nx-ONE: 2\r\nConnection: close\r\n\r\n";
    let (_stream, answer) = ask(&world, asked, ITS_END).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let names: Vec<&str> = head.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(names, ["HTTP/1.1 200 Well done", "X-aBC", "x-Abc", "content-LENGTH", "Date", "Connection"]);
    let start = "GET /x HTTP/1.1|hOST: a:8000|X-one: 1|x-ONE: 2|USER-AGENT: me|X-Forwarded-For: 127.0.0.1|";
    assert!(
        body.starts_with(start) && body.contains("|X-Forwarded-Port: 8000|X-Amzn-Trace-Id: Root="),
        "{body}"
    );
    world.proxy.end().await;
}

#[tokio::test]
async fn bodies_of_every_framing_come_through_on_one_connection() {
    for (answer, wanted) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
            "Content-Length: 2\r\nConnection: keep-alive\r\n\r\nhi",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n2 \r\nhi\r\n1;x\r\n!\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n",
        ),
        (
            "HTTP/1.1 200 OK\r\nTrailer: X-Sum, Host\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\nHost: b\r\n\r\n",
            "Trailer: X-Sum, Host\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n",
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", "Connection: keep-alive\r\n\r\n"),
        (
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
            "Content-Length: 7\r\nConnection: keep-alive\r\n\r\n",
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 02, 2\r\n\r\nhi",
            "Content-Length: 2\r\nConnection: keep-alive\r\n\r\nhi",
        ),
        (
            "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n",
            "204 No Content\r\nConnection: keep-alive\r\n\r\n",
        ),
        (
            "\r\nHTTP/1.1 200 Fine\r\nContent-Length: 0\r\n\r\n",
            "200 Fine\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
        ),
        ("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", "Content-Length: 2\r\nConnection: keep-alive\r\n\r\nhi"),
    ] {
        let target = Target::saying(answer).await;
        let world = World::http(&[target.at]).await;
        let body = &wanted[wanted.find("\r\n\r\n").unwrap()..];
        let mut stream = TcpStream::connect(world.at).await.unwrap();
        for _ in 0..2 {
            stream.write_all(GET.as_bytes()).await.unwrap();
            let answer = without_date(&hear(&mut stream, body).await);
            assert!(answer.ends_with(wanted) && answer.matches("HTTP/1.1").count() == 1, "{answer}");
        }
        world.proxy.end().await;
    }
}

#[tokio::test]
async fn a_body_that_ends_with_its_connection_is_chunked_for_clients_that_know_chunks() {
    let target = Target::new(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nfirst").await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        stream.write_all(b"second").await.unwrap();
    })
    .await;
    let world = World::http(&[target.at]).await;
    let (_, answer) = ask(&world, GET, "0\r\n\r\n").await;
    assert!(answer.contains("Transfer-Encoding: chunked\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n"), "{answer}");
    let (_, answer) = ask(&world, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", ITS_END).await;
    assert!(answer.contains("Connection: close\r\n") && answer.ends_with("\r\n\r\nfirstsecond"), "{answer}");
    world.proxy.end().await;
}

#[tokio::test]
async fn old_clients_stay_only_where_they_ask_for_it() {
    let target = Target::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await;
    let world = World::http(&[target.at]).await;
    let (mut stream, answer) = ask(&world, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "hi").await;
    assert!(answer.contains("Connection: keep-alive\r\n"), "{answer}");
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let answer = hear(&mut stream, ITS_END).await;
    assert!(answer.contains("Connection: close\r\n") && answer.ends_with("hi"), "{answer}");
    world.proxy.end().await;
}

#[tokio::test]
async fn an_answer_to_head_has_no_body_and_keeps_its_length() {
    let target = Target::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await;
    let world = World::http(&[target.at]).await;
    let mut stream = TcpStream::connect(world.at).await.unwrap();
    for _ in 0..2 {
        stream.write_all(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let answer = hear(&mut stream, "\r\n\r\n").await;
        assert!(answer.contains("Content-Length: 5\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
    }
    world.proxy.end().await;
}

#[tokio::test]
async fn a_client_that_waits_for_it_is_told_to_go_on() {
    let target = Target::new(|mut stream, asked| async move {
        let mut body = asked.split_once("\r\n\r\n").unwrap().1.as_bytes().to_vec();
        while body.len() < 5 {
            stream.read_buf(&mut body).await.unwrap();
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await.unwrap();
        stream.write_all(&body).await.unwrap();
    })
    .await;
    let world = World::http(&[target.at]).await;
    let asked = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n";
    let (mut stream, interim) = ask(&world, asked, "\r\n\r\n").await;
    assert_eq!(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hello").await.unwrap();
    let answer = hear(&mut stream, "hello").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("hello"), "{answer}");
    world.proxy.end().await;
}

#[tokio::test]
async fn both_sides_may_speak_at_once() {
    // A pong for each ping, as it comes.
    let target = Target::new(|mut stream, asked| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        let (mut all, mut pongs) = (asked.into_bytes(), 0);
        loop {
            let text = String::from_utf8_lossy(&all).into_owned();
            while pongs < text.matches("ping\r\n").count() {
                stream.write_all(b"4\r\npong\r\n").await.unwrap();
                pongs += 1;
            }
            if text.ends_with("\r\n0\r\n\r\n") {
                break;
            }
            assert!(stream.read_buf(&mut all).await.unwrap() > 0);
        }
        stream.write_all(b"0\r\n\r\n").await.unwrap();
    })
    .await;
    let world = World::http(&[target.at]).await;
    let asked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nping\r\n";
    let (mut stream, answer) = ask(&world, asked, "pong\r\n").await;
    assert!(answer.ends_with("\r\n\r\n4\r\npong\r\n"), "{answer}");
    stream.write_all(b"4\r\nping\r\n").await.unwrap();
    assert_eq!(hear(&mut stream, "pong\r\n").await, "4\r\npong\r\n");
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    assert_eq!(hear(&mut stream, "0\r\n\r\n").await, "0\r\n\r\n");
    world.proxy.end().await;
}

#[tokio::test]
async fn one_side_may_be_silent_while_the_other_speaks() {
    let target = Target::new(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        for _ in 0..8 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            stream.write_all(b"4\r\npong\r\n").await.unwrap();
        }
        stream.write_all(b"0\r\n\r\n").await.unwrap();
    })
    .await;
    let mut world = World::http(&[target.at]).await;
    world.change(|wanted| wanted.load_balancers[0].options.idle_timeout_seconds = 2);
    let asked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nping\r\n";
    let (_, answer) = ask(&world, asked, "0\r\n\r\n").await;
    assert_eq!(answer.matches("pong").count(), 8, "{answer}");
    world.proxy.end().await;
}

#[tokio::test]
async fn what_a_target_says_to_half_a_body_is_heard() {
    let target = Target::new(|mut stream, _| async move {
        let no = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";
        stream.write_all(no).await.unwrap();
    })
    .await;
    let world = World::http(&[target.at]).await;
    let asked = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{}", "x".repeat(1000));
    let (_, answer) = ask(&world, &asked, ITS_END).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.ends_with("no"), "{answer}");
    assert!(answer.contains("Connection: close\r\n"), "{answer}");
    world.proxy.end().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_does_not_look_whole() {
    for broken in [
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n",
    ] {
        let target = Target::new(move |mut stream, _| async move {
            stream.write_all(broken.as_bytes()).await.unwrap();
        })
        .await;
        let world = World::http(&[target.at]).await;
        let (_, answer) = ask(&world, GET, ITS_END).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && !answer.ends_with("0\r\n\r\n"), "{answer}");
        world.proxy.end().await;
    }
    for nonsense in [
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "",
    ] {
        let target = Target::new(move |mut stream, _| async move {
            stream.write_all(nonsense.as_bytes()).await.unwrap();
        })
        .await;
        let world = World::http(&[target.at]).await;
        let answer = world.get("/", "").await;
        assert!(answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{nonsense:?}: {answer}");
        world.proxy.end().await;
    }
}

#[tokio::test]
async fn a_connection_that_its_target_has_closed_costs_no_request() {
    // Each connection is good for one request, though its target does not say so: the next is heard, and not answered.
    let posts = Arc::<AtomicUsize>::default();
    let heard = posts.clone();
    let target = Target::new(move |mut stream, first| {
        let heard = heard.clone();
        async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await.unwrap();
            let next = head(&mut stream).await;
            let posts = [first, next].iter().filter(|asked| asked.starts_with("POST ")).count();
            heard.fetch_add(posts, Ordering::Relaxed);
        }
    })
    .await;
    let world = World::http(&[target.at]).await;
    for round in 0..5 {
        assert!(world.get("/", "").await.starts_with("HTTP/1.1 200 OK\r\n"), "{round}");
    }
    // What may have been done must not be done again.
    let (mut sent, mut lost) = (0, 0);
    while sent == lost {
        let answer =
            world.raw(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        sent += 1;
        lost += usize::from(answer.starts_with("HTTP/1.1 502"));
    }
    assert_eq!(target.taken.load(Ordering::Relaxed) - 5, sent - lost);
    world.proxy.end().await;
    until(async || posts.load(Ordering::Relaxed) == sent).await;
}

#[tokio::test]
async fn idle_connections_are_used_again_and_closed_in_time() {
    let (told, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let target = Target::new(move |mut stream, mut asked| {
        let told = told.clone();
        async move {
            while !asked.is_empty() {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await.unwrap();
                asked = head(&mut stream).await;
            }
            told.send(()).unwrap();
        }
    })
    .await;
    let world = World::http(&[target.at]).await;
    let mut stream = TcpStream::connect(world.at).await.unwrap();
    for _ in 0..20 {
        stream.write_all(GET.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"hi") {
            assert!(stream.read_buf(&mut answer).await.unwrap() > 0);
        }
    }
    assert_eq!(target.taken.load(Ordering::Relaxed), 1);
    tokio::time::timeout(Duration::from_secs(30), ended.recv()).await.expect("it is closed").unwrap();
    world.proxy.end().await;
}

#[tokio::test]
async fn a_client_that_goes_takes_its_request_with_it() {
    let (told, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let target = Target::new(move |mut stream, asked| {
        let told = told.clone();
        async move {
            if asked.starts_with("GET /stream ") {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nsome").await.unwrap();
            }
            // Until the load balancer closes it.
            let _ = stream.read(&mut [0; 8]).await;
            told.send(()).unwrap();
        }
    })
    .await;
    let world = World::http(&[target.at]).await;
    for path in ["/waits", "/stream"] {
        let before = target.taken.load(Ordering::Relaxed);
        let mut stream = TcpStream::connect(world.at).await.unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).await.unwrap();
        until(async || target.taken.load(Ordering::Relaxed) > before).await;
        drop(stream);
        tokio::time::timeout(Duration::from_secs(20), ended.recv()).await.expect(path).unwrap();
    }
    world.proxy.end().await;
}

#[tokio::test]
async fn a_request_may_have_many_headers() {
    let target = Target::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await;
    let world = World::http(&[target.at]).await;
    let many: String = (0..900).map(|number| format!("X-{number}: {number}\r\n")).collect();
    let answer = world.get("/", &many).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    world.proxy.end().await;
}

#[tokio::test]
async fn targets_of_every_form_lead_to_a_path() {
    let target = Target::new(|mut stream, asked| async move {
        let line = asked.lines().next().unwrap();
        let answer =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{line}", line.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let world = World::http(&[target.at]).await;
    for (asked, wanted) in [
        ("/a?filter={\"b\":1}", "/a?filter={%22b%22:1}"),
        ("/<a>`", "/%3Ca%3E%60"),
        ("/a?b%22#c", "/a?b%22"),
        ("http://a?q=2", "/?q=2"),
        ("HTTP://a", "/"),
        ("*", "*"),
    ] {
        let method = if asked == "*" { "OPTIONS" } else { "GET" };
        let request = format!("{method} {asked} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = world.raw(request.as_bytes()).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{method} {wanted} HTTP/1.1")), "{asked}: {answer}");
    }
    let answer = world.raw(b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    world.proxy.end().await;
}

#[tokio::test]
async fn large_bodies_go_both_ways_whole() {
    let target = Target::new(|mut stream, asked| async move {
        let mut body = asked.split_once("\r\n\r\n").unwrap().1.as_bytes().to_vec();
        while body.len() < 3_000_000 {
            stream.read_buf(&mut body).await.unwrap();
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n").await.unwrap();
        stream.write_all(&body).await.unwrap();
    })
    .await;
    let world = World::http(&[target.at]).await;
    let body: String = (0..300_000).map(|number| format!("{number:010}")).collect();
    let (mut client, mut sends) = TcpStream::connect(world.at).await.unwrap().into_split();
    let asked = format!("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let sending = tokio::spawn(async move {
        sends.write_all(asked.as_bytes()).await.unwrap();
        sends
    });
    let mut answer = Vec::new();
    while !answer.ends_with(b"0000299999") {
        assert!(client.read_buf(&mut answer).await.unwrap() > 0);
    }
    // What a client has may be counted a moment later.
    until(async || {
        let carried = world.proxy.counts().load_balancers["lb"].processed_bytes;
        (6_000_000..6_010_000).contains(&carried)
    })
    .await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.split_once("\r\n\r\n").unwrap().1 == body);
    drop(sending.await.unwrap());
    world.proxy.end().await;
}
