//! Tags, deletion protection, classes and resource policies.

use gantry_api_logs as api;
use gantry_iam_core::policy::{Kind, Policy};
use gantry_service::{Caller, Cx};

use crate::world::{World, batch, group};

const ARN: &str = "arn:aws:logs:us-east-1:000000000000:log-group:g";

fn tags(pairs: &[(&str, &str)]) -> std::collections::BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

#[tokio::test]
async fn tags_are_set_listed_and_taken_away() {
    let world = World::new();
    let tagged = api::CreateLogGroupRequest { tags: Some(tags(&[("a", "1")])), ..group("g") };
    world.ok::<api::CreateLogGroup>(tagged).await;
    let set = api::TagResourceRequest { resource_arn: ARN.into(), tags: tags(&[("a", "2"), ("b", "3")]) };
    world.ok::<api::TagResource>(set.clone()).await;
    let world = &world;
    let listed = || async move {
        let input = api::ListTagsForResourceRequest { resource_arn: ARN.into() };
        world.ok::<api::ListTagsForResource>(input).await.tags.unwrap()
    };
    assert_eq!(listed().await, tags(&[("a", "2"), ("b", "3")]));
    let untag =
        api::UntagResourceRequest { resource_arn: ARN.into(), tag_keys: vec!["a".into(), "x".into()] };
    world.ok::<api::UntagResource>(untag).await;
    let older = api::TagLogGroupRequest { log_group_name: "g".into(), tags: tags(&[("c", "4")]) };
    world.ok::<api::TagLogGroup>(older).await;
    let older = api::UntagLogGroupRequest { log_group_name: "g".into(), tags: vec!["b".into()] };
    world.ok::<api::UntagLogGroup>(older).await;
    let older = api::ListTagsLogGroupRequest { log_group_name: "g".into() };
    assert_eq!(world.ok::<api::ListTagsLogGroup>(older).await.tags.unwrap(), tags(&[("c", "4")]));

    let missing = api::TagResourceRequest { resource_arn: format!("{ARN}x"), ..set };
    let error = world.refused::<api::TagResource>(missing).await;
    assert_eq!(error.to_string(), "ResourceNotFoundException: The specified log group does not exist.");
    let many: Vec<String> = (0..50).map(|at| format!("k{at}")).collect();
    let many = tags(&many.iter().map(|key| (key.as_str(), "v")).collect::<Vec<_>>());
    let too_many = api::TagResourceRequest { resource_arn: ARN.into(), tags: many };
    assert_eq!(world.refused::<api::TagResource>(too_many).await.code, "TooManyTagsException");
}

#[tokio::test]
async fn a_protected_group_stays() {
    let world = World::new();
    let protected = api::CreateLogGroupRequest { deletion_protection_enabled: Some(true), ..group("g") };
    world.ok::<api::CreateLogGroup>(protected).await;
    world.stream("s").await;
    let delete = api::DeleteLogGroupRequest { log_group_name: "g".into() };
    assert_eq!(world.refused::<api::DeleteLogGroup>(delete.clone()).await.code, "ValidationException");
    let stream = api::DeleteLogStreamRequest { log_group_name: "g".into(), log_stream_name: "s".into() };
    assert_eq!(world.refused::<api::DeleteLogStream>(stream).await.code, "ValidationException");
    let off = api::PutLogGroupDeletionProtectionRequest {
        log_group_identifier: ARN.into(),
        deletion_protection_enabled: false,
    };
    world.ok::<api::PutLogGroupDeletionProtection>(off).await;
    world.ok::<api::DeleteLogGroup>(delete).await;
}

#[tokio::test]
async fn groups_are_listed_by_pattern_class_and_tag() {
    let world = World::new();
    let rare = Some("INFREQUENT_ACCESS".to_owned());
    for (name, class) in [("/ecs/web", None), ("/ecs/db", rare.clone()), ("/other/web", None)] {
        let input = api::CreateLogGroupRequest {
            log_group_class: class,
            tags: Some(tags(&[("team", name.rsplit('/').next().unwrap())])),
            ..group(name)
        };
        world.ok::<api::CreateLogGroup>(input).await;
    }
    let world = &world;
    let names = |input| async move {
        let groups = world.ok::<api::ListLogGroups>(input).await.log_groups.unwrap();
        groups.into_iter().map(|group| group.log_group_name.unwrap()).collect::<Vec<_>>()
    };
    let pattern = |text: &str| api::ListLogGroupsRequest {
        log_group_name_pattern: Some(text.into()),
        ..Default::default()
    };
    assert_eq!(names(pattern("web")).await, ["/ecs/web", "/other/web"]);
    assert_eq!(names(pattern("^/ecs")).await, ["/ecs/db", "/ecs/web"]);
    let by_class = api::ListLogGroupsRequest { log_group_class: rare, ..Default::default() };
    assert_eq!(names(by_class).await, ["/ecs/db"]);
    let filter = api::TagFilter { key: "team".into(), values: Some(vec!["w*".into()]) };
    let by_tag = api::ListLogGroupsRequest { log_group_tags: Some(vec![filter]), ..Default::default() };
    assert_eq!(names(by_tag).await, ["/ecs/web", "/other/web"]);
    let paged = api::ListLogGroupsRequest { limit: Some(2), ..Default::default() };
    let first = world.ok::<api::ListLogGroups>(paged.clone()).await;
    assert_eq!(first.log_groups.unwrap().len(), 2);
    let rest = api::ListLogGroupsRequest { next_token: first.next_token, ..paged };
    assert_eq!(names(rest).await, ["/other/web"]);
}

#[tokio::test]
async fn a_resource_policy_lets_a_service_write() {
    let world = World::with_stream().await;
    let none = Policy::parse(
        Kind::Identity,
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"x:Nothing","Resource":"*"}}"#,
    );
    let caller = Caller::service("delivery.logs.amazonaws.com", vec![std::sync::Arc::new(none.unwrap())]);
    let service = Cx { caller: std::sync::Arc::new(caller), ..world.root() };
    let event = api::InputLogEvent { timestamp: world.now(), message: "x".into() };
    let put = || world.call::<api::PutLogEvents>(&service, batch("s", vec![event.clone()]));
    assert!(put().await.is_err());
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"delivery.logs.amazonaws.com"},"Action":["logs:PutLogEvents","logs:CreateLogStream"],"Resource":"*"}]}"#;
    let policy = |name: &str, document: &str| api::PutResourcePolicyRequest {
        policy_name: Some(name.into()),
        policy_document: Some(document.into()),
        ..Default::default()
    };
    world.ok::<api::PutResourcePolicy>(policy("p", document)).await;
    assert!(put().await.is_ok());
    let found =
        world.ok::<api::DescribeResourcePolicies>(Default::default()).await.resource_policies.unwrap();
    assert_eq!((found.len(), found[0].policy_document.as_deref()), (1, Some(document)));

    assert_eq!(
        world.refused::<api::PutResourcePolicy>(policy("q", "{}")).await.code,
        "InvalidParameterException"
    );
    // A resource that is no ARN is taken, and stands for nothing.
    let idle = document.replace(r#""Resource":"*""#, r#""Resource":["log_arn"]"#);
    world.ok::<api::PutResourcePolicy>(policy("p", &idle)).await;
    assert!(put().await.is_err());
    world.ok::<api::PutResourcePolicy>(policy("p", document)).await;
    assert!(put().await.is_ok());
    for at in 0..9 {
        world.ok::<api::PutResourcePolicy>(policy(&format!("p{at}"), document)).await;
    }
    let error = world.refused::<api::PutResourcePolicy>(policy("one-more", document)).await;
    assert_eq!(error.to_string(), "LimitExceededException: Resource limit exceeded.");
    for at in 0..9 {
        let delete =
            api::DeleteResourcePolicyRequest { policy_name: Some(format!("p{at}")), ..Default::default() };
        world.ok::<api::DeleteResourcePolicy>(delete).await;
    }
    let delete = api::DeleteResourcePolicyRequest { policy_name: Some("p".into()), ..Default::default() };
    world.ok::<api::DeleteResourcePolicy>(delete.clone()).await;
    assert!(put().await.is_err());
    let error = world.refused::<api::DeleteResourcePolicy>(delete).await;
    assert_eq!(error.to_string(), "ResourceNotFoundException: Policy with name [p] does not exist.");
}

#[tokio::test]
async fn what_can_not_be_made_is_listed_as_none() {
    let world = World::new();
    world.ok::<api::CreateLogGroup>(group("g")).await;
    let filters = |name: &str| api::DescribeSubscriptionFiltersRequest {
        log_group_name: name.into(),
        ..Default::default()
    };
    let none = world.ok::<api::DescribeSubscriptionFilters>(filters("g")).await;
    assert!(none.subscription_filters.unwrap().is_empty());
    let error = world.refused::<api::DescribeSubscriptionFilters>(filters("x")).await;
    assert_eq!(error.message, "The specified log group does not exist.");
    let none = world.ok::<api::DescribeDestinations>(Default::default()).await;
    assert!(none.destinations.unwrap().is_empty());
    let none = world.ok::<api::DescribeExportTasks>(Default::default()).await;
    assert!(none.export_tasks.unwrap().is_empty());
    let cancel = api::CancelExportTaskRequest { task_id: "t".into() };
    assert_eq!(world.refused::<api::CancelExportTask>(cancel).await.code, "ResourceNotFoundException");
}
