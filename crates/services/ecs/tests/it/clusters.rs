//! Clusters: created, described, listed, tagged and deleted.

use gantry_api_ecs as api;
use gantry_service::Failure;

use crate::node::SimNode;
use crate::world::World;

fn create(name: &str) -> api::CreateClusterRequest {
    api::CreateClusterRequest { cluster_name: Some(name.into()), ..Default::default() }
}

fn describe(name: &str) -> api::DescribeClustersRequest {
    api::DescribeClustersRequest { clusters: Some(vec![name.into()]), ..Default::default() }
}

#[tokio::test]
async fn a_cluster_lives_and_is_inactive_afterwards() {
    let world = World::still();
    let made = world.call::<api::CreateCluster>(create("prod")).await.unwrap().cluster.unwrap();
    assert_eq!(made.cluster_arn.as_deref(), Some("arn:aws:ecs:us-east-1:123456789012:cluster/prod"));
    assert_eq!(made.status.as_deref(), Some("ACTIVE"));
    let asked = api::DescribeClustersRequest { include: Some(vec!["SETTINGS".into()]), ..describe("prod") };
    let found = world.call::<api::DescribeClusters>(asked).await.unwrap().clusters.unwrap();
    let setting = &found[0].settings.as_ref().unwrap()[0];
    assert_eq!(
        (setting.name.as_deref(), setting.value.as_deref()),
        (Some("containerInsights"), Some("disabled"))
    );
    world.call::<api::CreateCluster>(create("prod")).await.unwrap();
    world.call::<api::CreateCluster>(api::CreateClusterRequest::default()).await.unwrap();
    let listed = world.call::<api::ListClusters>(Default::default()).await.unwrap().cluster_arns.unwrap();
    assert_eq!(listed.len(), 2);

    let input = api::DeleteClusterRequest { cluster: "prod".into() };
    world.call::<api::DeleteCluster>(input.clone()).await.unwrap();
    let found = world.call::<api::DescribeClusters>(describe("prod")).await.unwrap().clusters.unwrap();
    assert_eq!(found[0].status.as_deref(), Some("INACTIVE"));
    let listed = world.call::<api::ListClusters>(Default::default()).await.unwrap().cluster_arns.unwrap();
    assert_eq!(listed.len(), 1);
    let input = api::DeleteClusterRequest { cluster: "none".into() };
    assert_eq!(world.refused::<api::DeleteCluster>(input).await.code, "ClusterNotFoundException");
}

#[tokio::test]
async fn what_is_missing_is_a_failure_and_not_an_error() {
    let world = World::still();
    let answer = world.call::<api::DescribeClusters>(describe("none")).await.unwrap();
    assert!(answer.clusters.unwrap().is_empty());
    let failure = answer.failures.unwrap().remove(0);
    assert_eq!(failure.reason.as_deref(), Some("MISSING"));
    let input = api::ListTasksRequest { cluster: Some("none".into()), ..Default::default() };
    let error = world.refused::<api::ListTasks>(input).await;
    assert_eq!(
        (error.code.as_ref(), error.message.as_str()),
        ("ClusterNotFoundException", "Cluster not found.")
    );
}

#[tokio::test]
async fn a_cluster_with_tasks_is_not_deleted() {
    let world = World::new();
    let _node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    world.run(world.run_web()).await;
    let input = api::DeleteClusterRequest { cluster: "default".into() };
    assert_eq!(world.refused::<api::DeleteCluster>(input).await.code, "ClusterContainsTasksException");
}

#[tokio::test]
async fn listings_come_by_pages_and_a_token_fits_its_own_listing_only() {
    let world = World::still();
    for at in 0..5 {
        world.call::<api::CreateCluster>(create(&format!("c{at}"))).await.unwrap();
    }
    let mut input = api::ListClustersRequest { max_results: Some(2), ..Default::default() };
    let mut seen = Vec::new();
    loop {
        let page = world.call::<api::ListClusters>(input.clone()).await.unwrap();
        let arns = page.cluster_arns.unwrap();
        assert!(arns.len() <= 2);
        seen.extend(arns);
        input.next_token = page.next_token;
        if input.next_token.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 5);
    let page = api::ListClustersRequest { max_results: Some(2), ..Default::default() };
    let token = world.call::<api::ListClusters>(page).await.unwrap().next_token;
    let other = api::ListTaskDefinitionsRequest { next_token: token, ..Default::default() };
    assert_eq!(world.refused::<api::ListTaskDefinitions>(other).await.code, "InvalidParameterException");
}

#[tokio::test]
async fn tags_are_laid_over_taken_away_and_guarded_by_policies() {
    let world = World::still();
    world.call::<api::CreateCluster>(create("prod")).await.unwrap();
    let arn = "arn:aws:ecs:us-east-1:123456789012:cluster/prod".to_string();
    let tag = |key: &str, value: &str| api::Tag { key: Some(key.into()), value: Some(value.into()) };
    let input =
        api::TagResourceRequest { resource_arn: arn.clone(), tags: vec![tag("a", "1"), tag("b", "2")] };
    world.call::<api::TagResource>(input.clone()).await.unwrap();
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:*","Resource":"*",
        "Condition":{"StringNotEquals":{"aws:ResourceTag/a":"1"}}}}"#;
    let denied = world.handlers.call::<api::TagResource>(&world.user(policy), input).await;
    assert!(matches!(denied, Err(Failure::Denied(_))));
    let input = api::UntagResourceRequest { resource_arn: arn.clone(), tag_keys: vec!["a".into()] };
    world.call::<api::UntagResource>(input).await.unwrap();
    let input = api::ListTagsForResourceRequest { resource_arn: arn };
    let tags = world.call::<api::ListTagsForResource>(input).await.unwrap().tags.unwrap();
    assert_eq!(tags.len(), 1);
    assert_eq!(tags[0].key.as_deref(), Some("b"));
}
