//! Groups and streams.

use gantry_api_logs as api;

use crate::world::{World, batch, group};

fn stream(group: &str, name: &str) -> api::CreateLogStreamRequest {
    api::CreateLogStreamRequest { log_group_name: group.into(), log_stream_name: name.into() }
}

#[tokio::test]
async fn groups_are_made_once_listed_and_deleted() {
    let world = World::new();
    for name in ["/ecs/a", "/ecs/b", "other"] {
        world.ok::<api::CreateLogGroup>(group(name)).await;
    }
    let error = world.refused::<api::CreateLogGroup>(group("other")).await;
    assert_eq!(error.to_string(), "ResourceAlreadyExistsException: The specified log group already exists");
    let world = &world;
    let names = |input| async move {
        let groups = world.ok::<api::DescribeLogGroups>(input).await.log_groups.unwrap();
        groups.into_iter().map(|group| group.log_group_name.unwrap()).collect::<Vec<_>>()
    };
    let by = |prefix: Option<&str>, pattern: Option<&str>| api::DescribeLogGroupsRequest {
        log_group_name_prefix: prefix.map(Into::into),
        log_group_name_pattern: pattern.map(Into::into),
        ..Default::default()
    };
    assert_eq!(names(by(Some("/ecs"), None)).await, ["/ecs/a", "/ecs/b"]);
    assert_eq!(names(by(None, Some("the"))).await, ["other"]);
    // What is found by a part of its name is shown in brief.
    let found =
        |input| async move { world.ok::<api::DescribeLogGroups>(input).await.log_groups.unwrap().remove(0) };
    let (brief, whole) = (found(by(None, Some("the"))).await, found(by(Some("other"), None)).await);
    let shown = |group: &api::LogGroup| (group.stored_bytes, group.deletion_protection_enabled);
    assert_eq!((shown(&brief), shown(&whole)), ((None, None), (Some(0), Some(false))));
    assert_eq!(brief.log_group_class.as_deref(), Some("STANDARD"));
    assert_eq!(
        world.refused::<api::DescribeLogGroups>(by(Some("a"), Some("b"))).await.code,
        "InvalidParameterException"
    );
    let one = api::DescribeLogGroupsRequest { limit: Some(2), ..Default::default() };
    let first = world.ok::<api::DescribeLogGroups>(one.clone()).await;
    let arn = first.log_groups.as_ref().unwrap()[0].arn.clone().unwrap();
    assert_eq!(arn, "arn:aws:logs:us-east-1:000000000000:log-group:/ecs/a:*");
    assert_eq!(names(api::DescribeLogGroupsRequest { next_token: first.next_token, ..one }).await, ["other"]);
    let identified = api::DescribeLogGroupsRequest {
        log_group_identifiers: Some(vec![arn, "nothing".into()]),
        ..Default::default()
    };
    assert_eq!(names(identified).await, ["/ecs/a"]);

    world.ok::<api::DeleteLogGroup>(api::DeleteLogGroupRequest { log_group_name: "other".into() }).await;
    let error = world
        .refused::<api::DeleteLogGroup>(api::DeleteLogGroupRequest { log_group_name: "other".into() })
        .await;
    assert_eq!(error.to_string(), "ResourceNotFoundException: The specified log group does not exist.");
    let elsewhere = world.root_of("000000000000", "eu-west-1");
    let there = world.call::<api::DescribeLogGroups>(&elsewhere, Default::default()).await.unwrap();
    assert!(there.log_groups.unwrap().is_empty());
}

#[tokio::test]
async fn names_and_settings_are_checked() {
    let world = World::new();
    for name in ["", "a b", "a:b", "aws/x", "AWS/x", &"x".repeat(513)] {
        assert_eq!(
            world.refused::<api::CreateLogGroup>(group(name)).await.code,
            "InvalidParameterException",
            "{name}"
        );
    }
    for input in [
        api::CreateLogGroupRequest { kms_key_id: Some("k".into()), ..group("g") },
        api::CreateLogGroupRequest { log_group_class: Some("ESSENTIALS".into()), ..group("g") },
    ] {
        assert_eq!(world.refused::<api::CreateLogGroup>(input).await.code, "InvalidParameterException");
    }
    assert_eq!(
        world.refused::<api::CreateLogStream>(stream("g", "s")).await.code,
        "ResourceNotFoundException"
    );
    world.ok::<api::CreateLogGroup>(group("g")).await;
    for name in ["", "a:b", "a*b"] {
        assert_eq!(
            world.refused::<api::CreateLogStream>(stream("g", name)).await.code,
            "InvalidParameterException"
        );
    }
    world.ok::<api::CreateLogStream>(stream("g", "[x]/ä")).await;
    assert_eq!(
        world.refused::<api::CreateLogStream>(stream("g", "[x]/ä")).await.code,
        "ResourceAlreadyExistsException"
    );
    let days = |days| api::PutRetentionPolicyRequest { log_group_name: "g".into(), retention_in_days: days };
    assert_eq!(world.refused::<api::PutRetentionPolicy>(days(2)).await.code, "InvalidParameterException");
    world.ok::<api::PutRetentionPolicy>(days(7)).await;
    let shown = world.ok::<api::DescribeLogGroups>(Default::default()).await.log_groups.unwrap();
    assert_eq!(shown[0].retention_in_days, Some(7));
    world
        .ok::<api::DeleteRetentionPolicy>(api::DeleteRetentionPolicyRequest { log_group_name: "g".into() })
        .await;
    let shown = world.ok::<api::DescribeLogGroups>(Default::default()).await.log_groups.unwrap();
    assert_eq!(shown[0].retention_in_days, None);
}

#[tokio::test]
async fn streams_are_listed_by_name_and_by_last_event() {
    let world = World::with_stream().await;
    world.stream("t").await;
    world.stream("u").await;
    world.put("t", &[(10, "new"), (5, "newer")]).await;
    world.put("s", &[(20, "old")]).await;
    let world = &world;
    let list = |order_by: Option<&str>, descending, limit, next_token| api::DescribeLogStreamsRequest {
        log_group_name: Some("g".into()),
        order_by: order_by.map(Into::into),
        descending: Some(descending),
        limit,
        next_token,
        ..Default::default()
    };
    let names = |input| async move {
        let page = world.ok::<api::DescribeLogStreams>(input).await;
        let names: Vec<_> =
            page.log_streams.unwrap().into_iter().map(|s| s.log_stream_name.unwrap()).collect();
        (names, page.next_token)
    };
    assert_eq!(names(list(None, false, None, None)).await.0, ["s", "t", "u"]);
    assert_eq!(names(list(None, true, None, None)).await.0, ["u", "t", "s"]);
    assert_eq!(names(list(Some("LastEventTime"), true, None, None)).await.0, ["t", "s", "u"]);
    for (order_by, descending, expected) in [
        (None, false, ["s", "t", "u"]),
        (None, true, ["u", "t", "s"]),
        (Some("LastEventTime"), true, ["t", "s", "u"]),
    ] {
        let (first, token) = names(list(order_by, descending, Some(2), None)).await;
        assert_eq!(first, expected[..2]);
        assert_eq!(
            names(list(order_by, descending, Some(2), token)).await,
            (vec![expected[2].to_owned()], None)
        );
    }
    let prefixed = api::DescribeLogStreamsRequest {
        log_stream_name_prefix: Some("t".into()),
        ..list(None, false, None, None)
    };
    let found = world.ok::<api::DescribeLogStreams>(prefixed.clone()).await.log_streams.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].first_event_timestamp, Some(world.now() - 10_000));
    assert_eq!(found[0].last_event_timestamp, Some(world.now() - 5_000));
    assert_eq!(found[0].last_ingestion_time, Some(world.now()));
    assert!(found[0].upload_sequence_token.is_some());
    let all = world.ok::<api::DescribeLogStreams>(list(None, false, None, None)).await.log_streams.unwrap();
    assert_eq!(all[2].upload_sequence_token, None, "nothing was put there");
    assert_eq!(found[0].arn.as_deref(), Some("arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:t"));
    assert!(found[0].upload_sequence_token.is_some());
    world.stream("unheard").await;
    let unheard =
        api::DescribeLogStreamsRequest { log_stream_name_prefix: Some("un".into()), ..prefixed.clone() };
    let found = world.ok::<api::DescribeLogStreams>(unheard).await.log_streams.unwrap();
    assert_eq!((found.len(), found[0].upload_sequence_token.as_deref()), (1, None), "nothing was put yet");
    let both = api::DescribeLogStreamsRequest { order_by: Some("LastEventTime".into()), ..prefixed };
    assert_eq!(world.refused::<api::DescribeLogStreams>(both).await.code, "InvalidParameterException");
    let groups = world.ok::<api::DescribeLogGroups>(Default::default()).await.log_groups.unwrap();
    assert_eq!(groups[0].stored_bytes, Some(3 + 5 + 3 + 3 * 26));
}

#[tokio::test]
async fn events_need_their_stream() {
    let world = World::with_stream().await;
    let event = api::InputLogEvent { timestamp: world.now(), message: "x".into() };
    let error = world.refused::<api::PutLogEvents>(batch("none", vec![event.clone()])).await;
    assert_eq!(error.to_string(), "ResourceNotFoundException: The specified log stream does not exist.");
    let other = api::PutLogEventsRequest { log_group_name: "none".into(), ..batch("s", vec![event]) };
    let error = world.refused::<api::PutLogEvents>(other).await;
    assert_eq!(error.to_string(), "ResourceNotFoundException: The specified log group does not exist.");
}
