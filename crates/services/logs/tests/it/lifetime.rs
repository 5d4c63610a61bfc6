//! Merging, retention, deletion.

use std::sync::Arc;

use futures::future::join_all;
use gantry_api_logs as api;

use crate::world::{World, filter, group};

const DAY: u64 = 24 * 3600;

#[tokio::test]
async fn small_chunks_become_few_and_read_the_same() {
    let world = World::with_stream().await;
    for at in 0..100 {
        world.put("s", &[(3, &format!("a{at:03}")), (0, &format!("b{at:03}"))]).await;
        world.advance(1);
    }
    let before = world.ok::<api::FilterLogEvents>(filter("")).await.events.unwrap();
    let ids =
        |events: &[api::FilteredLogEvent]| events.iter().map(|e| e.event_id.clone()).collect::<Vec<_>>();
    assert_eq!((before.len(), world.keys("l/d/").await, world.keys("l/i/").await), (200, 100, 100));
    world.merge().await;
    assert!(world.keys("l/d/").await < 10);
    assert_eq!((world.keys("l/d/").await, world.keys("l/p/").await), (world.keys("l/i/").await, 0));
    let after = world.ok::<api::FilterLogEvents>(filter("")).await.events.unwrap();
    assert_eq!(ids(&before), ids(&after));
    world.put("s", &[(0, "later")]).await;
    assert_eq!(world.messages("s").await.last().map(String::as_str), Some("later"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_to_one_stream_lose_nothing_while_it_is_merged() {
    let world = Arc::new(World::with_stream().await);
    let writers = (0..8).map(|writer| {
        let world = world.clone();
        tokio::spawn(async move {
            for at in 0..25 {
                world.put("s", &[(1, &format!("{writer}-{at}"))]).await;
            }
        })
    });
    let merging = {
        let world = world.clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                world.merge().await;
            }
        })
    };
    for done in join_all(writers).await {
        done.unwrap();
    }
    merging.await.unwrap();
    let mut messages = world.messages("s").await;
    messages.sort();
    messages.dedup();
    assert_eq!(messages.len(), 200);
}

#[tokio::test]
async fn what_has_expired_is_out_of_sight_at_once_and_goes() {
    let world = World::with_stream().await;
    world.put("s", &[(0, "old")]).await;
    world.advance(2 * DAY);
    world.put("s", &[(0, "new")]).await;
    let keep = api::PutRetentionPolicyRequest { log_group_name: "g".into(), retention_in_days: 1 };
    world.ok::<api::PutRetentionPolicy>(keep).await;
    assert_eq!(world.messages("s").await, ["new"]);
    assert_eq!(world.find(filter("")).await, ["s: new"]);
    assert_eq!(world.keys("l/d/").await, 2);
    world.expire().await;
    assert_eq!((world.keys("l/d/").await, world.keys("l/i/").await), (1, 1));
    let stream = api::DescribeLogStreamsRequest { log_group_name: Some("g".into()), ..Default::default() };
    let stream = world.ok::<api::DescribeLogStreams>(stream).await.log_streams.unwrap().remove(0);
    assert_eq!(stream.first_event_timestamp, Some(world.now()));
    let info = world.put("s", &[(2 * DAY as i64, "late"), (0, "x")]).await.rejected_log_events_info.unwrap();
    assert_eq!(info.expired_log_event_end_index, Some(1));

    world
        .ok::<api::DeleteRetentionPolicy>(api::DeleteRetentionPolicyRequest { log_group_name: "g".into() })
        .await;
    world.advance(30 * DAY);
    world.expire().await;
    assert_eq!(world.messages("s").await, ["new", "x"]);
}

#[tokio::test]
async fn what_was_deleted_is_swept_and_does_not_come_back() {
    let world = World::with_stream().await;
    world.stream("t").await;
    for at in 0..40 {
        world.put("s", &[(0, &format!("{at}"))]).await;
    }
    world.put("t", &[(0, "stays")]).await;
    let stream = api::DeleteLogStreamRequest { log_group_name: "g".into(), log_stream_name: "s".into() };
    world.ok::<api::DeleteLogStream>(stream.clone()).await;
    assert_eq!(world.refused::<api::DeleteLogStream>(stream).await.code, "ResourceNotFoundException");
    world.stream("s").await;
    assert!(world.messages("s").await.is_empty());
    world.sweep().await;
    assert_eq!(world.keys("l/d/").await, 41, "who found the stream may still be writing");
    world.advance(61);
    world.sweep().await;
    assert_eq!((world.keys("l/d/").await, world.keys("l/").await), (1, 3));

    world.ok::<api::DeleteLogGroup>(api::DeleteLogGroupRequest { log_group_name: "g".into() }).await;
    world.ok::<api::CreateLogGroup>(group("g")).await;
    assert!(world.find(filter("")).await.is_empty());
    world.advance(61);
    world.sweep().await;
    assert_eq!(world.keys("l/").await, 0);
}
