//! What application load balancers do with requests.

use std::sync::atomic::Ordering;
use std::time::Duration;

use gantry_elb_core::action::{Action, FixedResponse, GroupStickiness, Redirect, What};
use gantry_elb_core::condition::Condition;
use gantry_elb_core::configuration::{Protocol, Stickiness};
use gantry_elb_core::health::{Reason, State};
use gantry_elb_core::name::Kind;
use gantry_elb_core::rule::Rule;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{Echo, GROUP, OTHER, World, forward, group, read, until};

fn rule(priority: u32, path: &str, what: What) -> Rule {
    Rule {
        arn: format!("rule-{priority}"),
        priority: Some(priority),
        conditions: vec![Condition::PathPattern { values: vec![path.into()], regexes: vec![] }],
        actions: vec![Action { order: None, what }],
        transforms: vec![],
    }
}

#[tokio::test]
async fn requests_take_turns_and_carry_where_they_came_from() {
    let (a, b) = (Echo::new("a").await, Echo::new("b").await);
    let world = World::http(&[a.at, b.at]).await;
    let answers = [world.get("/x?y=1", "").await, world.get("/x?y=1", "X-Forwarded-For: 1.2.3.4\r\n").await];
    assert!(answers[0].contains("[a]") != answers[1].contains("[a]"), "{answers:?}");
    let head = answers[1].to_ascii_lowercase();
    for line in [
        "get /x?y=1 http/1.1",
        "x-forwarded-for: 1.2.3.4, 127.",
        "x-forwarded-proto: http\r\n",
        "x-forwarded-port: 8000",
        "x-amzn-trace-id: root=1-",
        "host: shop.example:8000",
    ] {
        assert!(head.contains(line), "{line} in {head}");
    }
    world.proxy.end().await;
}

#[tokio::test]
async fn rules_answer_redirect_and_forward_elsewhere() {
    let (a, b) = (Echo::new("a").await, Echo::new("b").await);
    let groups = vec![group(GROUP, Protocol::Http, &[a.at]), group(OTHER, Protocol::Http, &[b.at])];
    let mut world = World::new(Kind::Application, Protocol::Http, None, groups).await;
    let redirect = Redirect {
        protocol: "HTTPS".into(),
        host: "#{host}".into(),
        port: "443".into(),
        path: "/#{path}".into(),
        query: "#{query}".into(),
        permanent: true,
    };
    let fixed =
        FixedResponse { status: 418, content_type: Some("text/plain".into()), body: Some("teapot".into()) };
    world.change_listener(|listener| {
        listener.rules.push(rule(2, "/old/*", What::Redirect(redirect)));
        listener.rules.push(rule(1, "/tea", What::FixedResponse(fixed)));
        let mut other = rule(
            3,
            "/b*",
            What::FixedResponse(FixedResponse { status: 500, content_type: None, body: None }),
        );
        other.actions = forward(OTHER);
        listener.rules.push(other);
    });
    world.healthy(2).await;
    until(async || world.get("/tea", "").await.starts_with("HTTP/1.1 418")).await;
    let tea = world.get("/tea", "").await;
    assert!(tea.ends_with("\r\n\r\nteapot") && tea.contains("Server: awselb/2.0"), "{tea}");
    let old = world.get("/old/x?q=1", "").await;
    assert!(
        old.starts_with("HTTP/1.1 301") && old.contains("Location: https://shop.example:443/old/x?q=1\r\n"),
        "{old}"
    );
    assert!(world.get("/bb", "").await.contains("[b]"));
    assert!(world.get("/other", "").await.contains("[a]"));
    world.proxy.end().await;
}

#[tokio::test]
async fn a_target_that_fails_its_checks_is_out_until_it_passes_them() {
    let (a, b) = (Echo::new("a").await, Echo::new("b").await);
    let world = World::http(&[a.at, b.at]).await;
    b.health.store(404, Ordering::Relaxed);
    until(async || world.count(State::Unhealthy) == 1).await;
    let known = world.proxy.known().borrow().clone();
    let sick = known.values().find(|health| health.state == State::Unhealthy).unwrap().clone();
    assert_eq!(sick.reason, Some(Reason::ResponseCodeMismatch));
    for _ in 0..6 {
        assert!(world.get("/", "").await.contains("[a]"));
    }
    b.health.store(200, Ordering::Relaxed);
    world.healthy(2).await;
    until(async || world.get("/", "").await.contains("[b]")).await;
    world.proxy.end().await;
}

#[tokio::test]
async fn a_drained_target_ends_what_it_has_and_gets_nothing_new() {
    let (a, b) = (Echo::new("a").await, Echo::new("b").await);
    let mut world = World::http(&[b.at]).await;
    let mut slow = TcpStream::connect(world.at).await.unwrap();
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    until(async || b.seen().contains("/slow")).await;
    let more = group(GROUP, Protocol::Http, &[a.at]).targets;
    world.change_group(|group| {
        group.targets[0].draining = true;
        group.targets.extend(more);
    });
    until(async || world.get("/new", "").await.contains("[a]")).await;
    for _ in 0..4 {
        assert!(world.get("/new", "").await.contains("[a]"));
    }
    world.change_group(|group| drop(group.targets.remove(0)));
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(10), slow.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.contains("[b]"), "{answer}");
    world.proxy.end().await;
}

#[tokio::test]
async fn without_targets_503_and_without_connection_502() {
    let gone = {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.local_addr().unwrap()
    };
    let groups = vec![group(GROUP, Protocol::Http, &[])];
    let mut world = World::new(Kind::Application, Protocol::Http, None, groups).await;
    let answer = world.get("/", "").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("<center><h1>503 Service Temporarily Unavailable</h1></center>"), "{answer}");
    let targets = group(GROUP, Protocol::Http, &[gone]).targets;
    world.change_group(|group| group.targets = targets);
    until(async || world.get("/", "").await.starts_with("HTTP/1.1 502")).await;
    let many = vec!["1.1.1.1"; 31].join(", ");
    let answer = world.get("/", &format!("X-Forwarded-For: {many}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 463"), "{answer}");
    world.proxy.end().await;
}

#[tokio::test]
async fn no_answer_in_time_is_504() {
    let target = Echo::new("a").await;
    let mut world = World::http(&[target.at]).await;
    world.change(|wanted| wanted.load_balancers[0].options.idle_timeout_seconds = 1);
    until(async || world.get("/slow", "").await.starts_with("HTTP/1.1 504")).await;
    world.proxy.end().await;
}

#[tokio::test]
async fn what_a_client_does_not_send_in_time_is_408() {
    let target = Echo::new("a").await;
    let mut world = World::http(&[target.at]).await;
    world.change(|wanted| wanted.load_balancers[0].options.idle_timeout_seconds = 1);
    until(async || world.raw(b"GET /half HTTP/1.1\r\nHost: a\r\n").await.starts_with("HTTP/1.1 408")).await;
    let body = b"POST /half HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc";
    let answer = world.raw(body).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    world.proxy.end().await;
}

#[tokio::test]
async fn an_answer_with_a_head_that_is_too_large_is_502() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 4096];
            let size = stream.read(&mut buffer).await.unwrap_or(0);
            let large = String::from_utf8_lossy(&buffer[..size]).contains("/large");
            let head = if large { "x".repeat(40 * 1024) } else { String::new() };
            let text = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\nX-Head: {head}\r\n\r\n"
            );
            let _ = stream.write_all(text.as_bytes()).await;
        }
    });
    let world = World::http(&[at]).await;
    let answer = world.get("/large", "").await;
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    assert!(world.get("/small", "").await.starts_with("HTTP/1.1 200"));
    serving.abort();
    world.proxy.end().await;
}

/// What an answer sets a cookie to, with its name.
pub fn cookie(answer: &str, name: &str) -> Option<String> {
    let line = answer.lines().find(|line| {
        line.to_ascii_lowercase().starts_with(&format!("set-cookie: {name}=").to_ascii_lowercase())
    })?;
    Some(line.split_once(": ")?.1.split(';').next()?.to_owned())
}

#[tokio::test]
async fn clients_stay_with_their_targets_by_cookie() {
    let (a, b) = (Echo::new("a").await, Echo::new("b").await);
    let mut world = World::http(&[a.at, b.at]).await;
    world.change_group(|group| group.stickiness = Some(Stickiness::LoadBalancerCookie { seconds: 60 }));
    until(async || cookie(&world.get("/", "").await, "AWSALB").is_some()).await;
    let first = world.get("/", "").await;
    let name = if first.contains("[a]") { "[a]" } else { "[b]" };
    let kept = cookie(&first, "AWSALB").unwrap();
    assert!(cookie(&first, "AWSALBCORS").is_some() && !kept.contains("127"));
    for _ in 0..6 {
        assert!(world.get("/", &format!("Cookie: x=y; {kept}\r\n")).await.contains(name));
    }
    // One that somebody made up leads nowhere in particular.
    assert!(world.get("/", "Cookie: AWSALB=AAAA\r\n").await.starts_with("HTTP/1.1 200"));

    let application = Stickiness::ApplicationCookie { name: "session".into(), seconds: 60 };
    world.change_group(|group| group.stickiness = Some(application));
    until(async || cookie(&world.get("/login", "").await, "AWSALBAPP-0").is_some()).await;
    let login = world.get("/login", "").await;
    let name = if login.contains("[a]") { "[a]" } else { "[b]" };
    let kept = cookie(&login, "AWSALBAPP-0").unwrap();
    for _ in 0..6 {
        assert!(world.get("/", &format!("Cookie: session=1; {kept}\r\n")).await.contains(name));
    }
    world.proxy.end().await;
}

#[tokio::test]
async fn clients_stay_with_their_group() {
    let (a, b) = (Echo::new("a").await, Echo::new("b").await);
    let groups = vec![group(GROUP, Protocol::Http, &[a.at]), group(OTHER, Protocol::Http, &[b.at])];
    let mut world = World::new(Kind::Application, Protocol::Http, None, groups).await;
    world.change_listener(|listener| {
        let What::Forward(forward) = &mut listener.rules[0].actions[0].what else { panic!() };
        forward.target_groups.push(gantry_elb_core::action::Weighted { arn: OTHER.into(), weight: 1 });
        forward.stickiness = Some(GroupStickiness { enabled: true, duration_seconds: Some(60) });
    });
    until(async || cookie(&world.get("/", "").await, "AWSALBTG").is_some()).await;
    for wanted in ["[a]", "[b]"] {
        let mut kept = None;
        until(async || {
            let answer = world.get("/", "").await;
            kept = cookie(&answer, "AWSALBTG");
            answer.contains(wanted)
        })
        .await;
        for _ in 0..4 {
            assert!(world.get("/", &format!("Cookie: {}\r\n", kept.clone().unwrap())).await.contains(wanted));
        }
    }
    world.proxy.end().await;
}

#[tokio::test]
async fn a_web_socket_goes_through() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                let size = stream.read(&mut buffer).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&buffer[..size]).to_ascii_lowercase();
                if !head.contains("upgrade: ") {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
                    return;
                }
                let switch =
                    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
                stream.write_all(switch).await.unwrap();
                while let Ok(size @ 1..) = stream.read(&mut buffer).await {
                    buffer[..size].make_ascii_uppercase();
                    stream.write_all(&buffer[..size]).await.unwrap();
                }
            });
        }
    });
    let world = World::http(&[at]).await;
    let mut stream = TcpStream::connect(world.at).await.unwrap();
    let ask = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    // What is no HTTP may follow at once.
    stream.write_all(format!("{ask}early\n").as_bytes()).await.unwrap();
    let answer = read(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{answer}");
    assert!(
        answer.to_ascii_lowercase().contains("upgrade: websocket") && answer.ends_with("EARLY\n"),
        "{answer}"
    );
    stream.write_all(b"hello").await.unwrap();
    assert_eq!(read(&mut stream).await, "HELLO");
    // What is no WebSocket would pass by the rules from then on.
    for other in [
        "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c",
        "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket, h2c",
        "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c",
        "GET / HTTP/1.1\r\nUpgrade: websocket",
        "GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket",
        "HEAD / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket",
        "POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0",
    ] {
        let mut stream = TcpStream::connect(world.at).await.unwrap();
        let ask = format!("{other}\r\nHost: a\r\n\r\n");
        stream.write_all(ask.as_bytes()).await.unwrap();
        let answer = read(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{other}: {answer}");
    }
    serving.abort();
    world.proxy.end().await;
}

#[tokio::test]
async fn no_request_is_lost_while_targets_come_and_go() {
    let (a, b) = (Echo::new("a").await, Echo::new("b").await);
    let mut world = World::http(&[a.at, b.at]).await;
    let at = world.at;
    let stop = tokio_util::sync::CancellationToken::new();
    let asking = tokio::spawn({
        let stop = stop.clone();
        async move {
            let mut count = 0;
            while !stop.is_cancelled() {
                let mut stream = TcpStream::connect(at).await.unwrap();
                for _ in 0..5 {
                    stream.write_all(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
                    let mut buffer = [0; 4096];
                    let size = stream.read(&mut buffer).await.unwrap();
                    assert!(
                        buffer[..size].starts_with(b"HTTP/1.1 200"),
                        "{}",
                        String::from_utf8_lossy(&buffer[..size])
                    );
                    count += 1;
                }
            }
            count
        }
    });
    let all = group(GROUP, Protocol::Http, &[a.at, b.at]).targets;
    for round in 0..10 {
        tokio::time::sleep(Duration::from_millis(30)).await;
        let mut targets = all.clone();
        targets.remove(round % 2);
        world.change_group(|group| group.targets = targets);
        tokio::time::sleep(Duration::from_millis(30)).await;
        let targets = all.clone();
        world.change_group(|group| group.targets = targets);
    }
    stop.cancel();
    assert!(asking.await.unwrap() > 20);
    world.proxy.end().await;
}
