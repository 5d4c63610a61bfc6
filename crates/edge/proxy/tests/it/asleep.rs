//! Requests to groups whose targets sleep.

use std::sync::atomic::Ordering;
use std::time::Duration;

use gantry_elb_core::configuration::Protocol;
use gantry_elb_core::name::Kind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{Echo, GROUP, World, group, until};

#[tokio::test]
async fn requests_wait_for_the_first_healthy_target_of_a_group_that_sleeps() {
    let groups = vec![group(GROUP, Protocol::Http, &[])];
    let mut world = World::new(Kind::Application, Protocol::Http, None, groups).await;
    let nobody = world.get("/", "").await;
    assert!(nobody.starts_with("HTTP/1.1 503") && !nobody.contains("retry-after"), "{nobody}");
    let asked_before = world.woken.asked.load(Ordering::Relaxed);

    world.woken.comes.store(true, Ordering::Relaxed);
    // What nobody was there for a moment ago holds for a while.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let mut clients = Vec::new();
    for at in 0..20 {
        let mut client = TcpStream::connect(world.at).await.unwrap();
        let request = format!("GET /held/{at} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        clients.push(client);
    }
    until(async || world.woken.asked.load(Ordering::Relaxed) > asked_before).await;

    // It takes a while until the new target is ready, and its group checks it seldom.
    let target = Echo::new("a").await;
    target.health.store(503, Ordering::Relaxed);
    let targets = group(GROUP, Protocol::Http, &[target.at]).targets;
    world.change_group(|group| {
        group.targets = targets;
        group.check.interval_seconds = 300;
        group.check.healthy_threshold = 5;
    });
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(target.seen(), "", "nothing goes to a target that is not ready");
    target.health.store(200, Ordering::Relaxed);
    for (at, mut client) in clients.into_iter().enumerate() {
        let mut answer = String::new();
        let read = client.read_to_string(&mut answer);
        tokio::time::timeout(Duration::from_secs(30), read).await.unwrap().unwrap();
        assert!(answer.contains("[a]") && answer.contains(&format!("/held/{at} ")), "{answer}");
    }
    assert!(world.woken.asked.load(Ordering::Relaxed) < asked_before + 20, "one asks for all");
    assert!(world.get("/", "").await.contains("[a]"));
    world.proxy.end().await;
}

#[tokio::test]
async fn a_client_that_goes_away_has_woken_somebody_all_the_same() {
    let groups = vec![group(GROUP, Protocol::Http, &[])];
    let mut world = World::new(Kind::Application, Protocol::Http, None, groups).await;
    world.woken.comes.store(true, Ordering::Relaxed);
    let mut client = TcpStream::connect(world.at).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    until(async || world.woken.asked.load(Ordering::Relaxed) > 0).await;
    drop(client);
    let target = Echo::new("a").await;
    target.health.store(503, Ordering::Relaxed);
    let targets = group(GROUP, Protocol::Http, &[target.at]).targets;
    world.change_group(|group| {
        group.targets = targets;
        group.check.interval_seconds = 300;
    });
    // Nobody waits any more, and whoever comes next does not meet a target that is not ready.
    let mut next = TcpStream::connect(world.at).await.unwrap();
    next.write_all(b"GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(target.seen(), "");
    target.health.store(200, Ordering::Relaxed);
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(30), next.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.contains("[a]"), "{answer}");
    world.proxy.end().await;
}
