//! Metric filters, and that they count what arrives.

use gantry_api_logs as api;
use gantry_logs::Chunks;

use crate::world::{World, group};

fn filter(name: &str, pattern: &str, value: &str) -> api::PutMetricFilterRequest {
    let transformation = api::MetricTransformation {
        metric_name: format!("{name}-metric"),
        metric_namespace: "Test".into(),
        metric_value: value.into(),
        ..Default::default()
    };
    api::PutMetricFilterRequest {
        log_group_name: "g".into(),
        filter_name: name.into(),
        filter_pattern: pattern.into(),
        metric_transformations: vec![transformation],
        ..Default::default()
    }
}

#[tokio::test]
async fn what_arrives_is_counted_in_its_minute() {
    let world = World::with_stream().await;
    world.stream("t").await;
    world.ok::<api::PutMetricFilter>(filter("errors", "ERROR", "1")).await;
    let mut reserved = filter("reserved", "ERROR", "1");
    reserved.metric_transformations[0].metric_namespace = "AWS/Own".into();
    let error = world.refused::<api::PutMetricFilter>(reserved).await;
    assert_eq!(error.message, "Metric namespaces starting with AWS/ are reserved for AWS.");
    let mut latency = filter("latency", "{ $.ms = * }", "$.ms");
    latency.metric_transformations[0].dimensions = Some([("Path".into(), "$.path".into())].into());
    world.ok::<api::PutMetricFilter>(latency).await;
    world.put("s", &[(120, "ERROR a"), (0, "ERROR b")]).await;
    world.put("s", &[(0, "fine"), (0, "ERROR c")]).await;
    world
        .put("t", &[(0, r#"{"ms":5,"path":"/a"}"#), (0, r#"{"ms":7,"path":"/a"}"#), (0, r#"{"ms":"x"}"#)])
        .await;

    let chunks = Chunks::new(world.events());
    let counts = chunks.counts(world.now() - 3_600_000, world.now()).await.unwrap();
    let of = |metric: &str| {
        let of_metric = counts.iter().filter(|counts| counts.metric == metric);
        let sets = of_metric.flat_map(|counts| counts.minutes.values().flatten());
        sets.map(|set| (set.samples, set.sum, set.min, set.max)).collect::<Vec<_>>()
    };
    assert_eq!(of("errors-metric"), [(1, 1.0, 1.0, 1.0), (2, 2.0, 1.0, 1.0)]);
    assert_eq!(of("latency-metric"), [(2, 12.0, 5.0, 7.0)]);
    let dimensions = counts
        .iter()
        .flat_map(|counts| counts.minutes.values().flatten())
        .find_map(|set| set.dimensions.get("Path"));
    assert_eq!(dimensions.map(String::as_str), Some("/a"));

    let groups = world.ok::<api::DescribeLogGroups>(Default::default()).await.log_groups.unwrap();
    assert_eq!(groups[0].metric_filter_count, Some(2));
    world.advance(16 * 24 * 3600);
    world.expire().await;
    assert_eq!(world.keys("l/m/").await, 0);
}

#[tokio::test]
async fn filters_are_listed_replaced_and_deleted() {
    let world = World::with_stream().await;
    world.ok::<api::CreateLogGroup>(group("h")).await;
    for name in ["b", "a"] {
        world.ok::<api::PutMetricFilter>(filter(name, "ERROR", "1")).await;
    }
    let other = api::PutMetricFilterRequest { log_group_name: "h".into(), ..filter("c", "", "1") };
    world.ok::<api::PutMetricFilter>(other).await;
    world.ok::<api::PutMetricFilter>(filter("a", "WARN", "2")).await;
    let world = &world;
    let listed = |input| async move {
        let found = world.ok::<api::DescribeMetricFilters>(input).await.metric_filters.unwrap();
        found
            .into_iter()
            .map(|one| (one.filter_name.unwrap(), one.filter_pattern.unwrap()))
            .collect::<Vec<_>>()
    };
    let all = listed(Default::default()).await;
    assert_eq!(all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(all[0].1, "WARN");
    let by_metric = api::DescribeMetricFiltersRequest {
        metric_name: Some("b-metric".into()),
        metric_namespace: Some("Test".into()),
        ..Default::default()
    };
    assert_eq!(listed(by_metric).await.len(), 1);
    let paged = api::DescribeMetricFiltersRequest { limit: Some(2), ..Default::default() };
    let first = world.ok::<api::DescribeMetricFilters>(paged.clone()).await;
    assert_eq!(first.metric_filters.unwrap().len(), 2);
    let rest = listed(api::DescribeMetricFiltersRequest { next_token: first.next_token, ..paged }).await;
    assert_eq!(rest[0].0, "c");
    let delete = api::DeleteMetricFilterRequest { log_group_name: "g".into(), filter_name: "a".into() };
    world.ok::<api::DeleteMetricFilter>(delete.clone()).await;
    let error = world.refused::<api::DeleteMetricFilter>(delete).await;
    assert_eq!(error.code, "ResourceNotFoundException");

    for (pattern, value) in [("{ $.a", "1"), ("ERROR", "$.a"), ("[a, b]", "$c"), ("ERROR", "x")] {
        let error = world.refused::<api::PutMetricFilter>(filter("x", pattern, value)).await;
        assert_eq!(error.code, "InvalidParameterException", "{pattern} {value}");
    }
    let rare =
        api::CreateLogGroupRequest { log_group_class: Some("INFREQUENT_ACCESS".into()), ..group("rare") };
    world.ok::<api::CreateLogGroup>(rare).await;
    let refused = api::PutMetricFilterRequest { log_group_name: "rare".into(), ..filter("x", "", "1") };
    assert_eq!(world.refused::<api::PutMetricFilter>(refused).await.code, "InvalidOperationException");
}

#[tokio::test]
async fn a_pattern_is_tried_on_messages() {
    let world = World::new();
    let test = |pattern: &str, messages: &[&str]| api::TestMetricFilterRequest {
        filter_pattern: pattern.into(),
        log_event_messages: messages.iter().map(|message| (*message).into()).collect(),
    };
    let found = world.ok::<api::TestMetricFilter>(test(
        "[ip, identity, user_id, timestamp, request, status_code = 200, size]",
        &[
            r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534"#,
            r#"127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324"#,
        ],
    ));
    let matches = found.await.matches.unwrap();
    assert_eq!((matches.len(), matches[0].event_number), (1, Some(0)));
    let values = matches[0].extracted_values.as_ref().unwrap();
    assert_eq!(
        (values["$status_code"].as_str(), values["$request"].as_str()),
        ("200", "GET /apache_pb.gif HTTP/1.0")
    );
    assert_eq!(values.len(), 7);
    let found =
        world.ok::<api::TestMetricFilter>(test(r#"{ $.user.id = 7 }"#, &["x", r#"{"user":{"id":7}}"#])).await;
    let matches = found.matches.unwrap();
    assert_eq!((matches.len(), matches[0].event_number), (1, Some(1)));
    assert_eq!(matches[0].extracted_values.as_ref().unwrap()["$.user.id"], "7");
    let found = world.ok::<api::TestMetricFilter>(test("ERROR", &["an ERROR", "fine"])).await;
    assert!(found.matches.unwrap()[0].extracted_values.as_ref().unwrap().is_empty());
}
