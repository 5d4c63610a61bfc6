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
async fn another_creation_is_held_to_the_first() {
    let world = World::still();
    let tagged = |value: &str| {
        let tag = api::Tag { key: Some("phase".into()), value: Some(value.into()) };
        api::CreateClusterRequest { tags: Some(vec![tag]), ..create("prod") }
    };
    let insights = |value: &str| {
        let setting =
            api::ClusterSetting { name: Some("containerInsights".into()), value: Some(value.into()) };
        api::CreateClusterRequest { settings: Some(vec![setting]), ..create("prod") }
    };
    world.call::<api::CreateCluster>(tagged("one")).await.unwrap();
    for wrong in [tagged("two"), insights("enabled")] {
        let error = world.refused::<api::CreateCluster>(wrong).await;
        assert_eq!(
            (error.code.as_ref(), error.message.as_str()),
            (
                "InvalidParameterException",
                "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
            )
        );
    }
    // What was changed since does not count.
    let settings = insights("enhanced").settings.unwrap();
    let update = api::UpdateClusterSettingsRequest { cluster: "prod".into(), settings };
    let changed = world.call::<api::UpdateClusterSettings>(update).await.unwrap().cluster.unwrap();
    assert!(changed.tags.unwrap().is_empty(), "they are shown where they are asked for");
    for same in [create("prod"), tagged("one"), insights("disabled")] {
        let known = world.call::<api::CreateCluster>(same).await.unwrap().cluster.unwrap();
        assert_eq!(known.settings.unwrap()[0].value.as_deref(), Some("enhanced"));
    }

    let input = api::DeleteClusterRequest { cluster: "prod".into() };
    world.call::<api::DeleteCluster>(input).await.unwrap();
    let anew = world.call::<api::CreateCluster>(tagged("two")).await.unwrap().cluster.unwrap();
    assert_eq!(anew.tags.unwrap()[0].value.as_deref(), Some("two"));
}

#[tokio::test]
async fn a_cluster_that_is_named_twice_is_shown_once() {
    let world = World::still();
    world.call::<api::CreateCluster>(create("prod")).await.unwrap();
    let arn = "arn:aws:ecs:us-east-1:123456789012:cluster/prod";
    let input = api::DescribeClustersRequest {
        clusters: Some(vec!["none".into(), "prod".into(), arn.into(), "none".into()]),
        include: Some(vec!["STATISTICS".into()]),
    };
    let answer = world.call::<api::DescribeClusters>(input).await.unwrap();
    assert_eq!(answer.failures.unwrap().len(), 1);
    let clusters = answer.clusters.unwrap();
    assert_eq!(clusters.len(), 1);
    assert_eq!(clusters[0].statistics.as_ref().unwrap().len(), 16);
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
    let valueless = api::Tag { key: Some("c".into()), value: None };
    let wrong = api::TagResourceRequest { resource_arn: arn.clone(), tags: vec![valueless] };
    assert_eq!(world.refused::<api::TagResource>(wrong).await.message, "Tag value can not be null.");
    let input = api::UntagResourceRequest { resource_arn: arn.clone(), tag_keys: vec!["a".into()] };
    world.call::<api::UntagResource>(input).await.unwrap();
    let input = api::ListTagsForResourceRequest { resource_arn: arn };
    let tags = world.call::<api::ListTagsForResource>(input).await.unwrap().tags.unwrap();
    assert_eq!(tags.len(), 1);
    assert_eq!(tags[0].key.as_deref(), Some("b"));
}

#[tokio::test]
async fn a_cluster_is_changed_field_by_field() {
    let world = World::still();
    world.call::<api::CreateCluster>(create("prod")).await.unwrap();
    let setting = |value: &str| {
        vec![api::ClusterSetting { name: Some("containerInsights".into()), value: Some(value.into()) }]
    };
    let exec = |logging: &str| api::ClusterConfiguration {
        execute_command_configuration: Some(api::ExecuteCommandConfiguration {
            logging: Some(logging.into()),
            ..Default::default()
        }),
        ..Default::default()
    };
    let update = api::UpdateClusterRequest {
        cluster: "prod".into(),
        settings: Some(setting("enhanced")),
        configuration: Some(exec("NONE")),
        ..Default::default()
    };
    let made = world.call::<api::UpdateCluster>(update.clone()).await.unwrap().cluster.unwrap();
    assert_eq!(made.settings.unwrap()[0].value.as_deref(), Some("enhanced"));
    let logging = made.configuration.unwrap().execute_command_configuration.unwrap().logging;
    assert_eq!(logging.as_deref(), Some("NONE"));
    let wrong = api::UpdateClusterRequest { settings: Some(setting("maybe")), ..update.clone() };
    assert_eq!(world.refused::<api::UpdateCluster>(wrong).await.message, "Invalid setting 'value'");
    let wrong = api::UpdateClusterRequest { configuration: Some(exec("OVERRIDE")), ..update.clone() };
    assert_eq!(world.refused::<api::UpdateCluster>(wrong).await.code, "InvalidParameterException");
    let input = api::UpdateClusterSettingsRequest { cluster: "prod".into(), settings: setting("disabled") };
    let made = world.call::<api::UpdateClusterSettings>(input).await.unwrap().cluster.unwrap();
    assert_eq!(made.settings.unwrap()[0].value.as_deref(), Some("disabled"));

    let item = |provider: &str, base, weight| api::CapacityProviderStrategyItem {
        capacity_provider: provider.into(),
        base: Some(base),
        weight: Some(weight),
    };
    let providers =
        |strategy: Vec<api::CapacityProviderStrategyItem>| api::PutClusterCapacityProvidersRequest {
            cluster: "prod".into(),
            capacity_providers: vec!["FARGATE".into(), "FARGATE_SPOT".into()],
            default_capacity_provider_strategy: strategy,
        };
    let good = providers(vec![item("FARGATE", 1, 1), item("FARGATE_SPOT", 0, 4)]);
    let made = world.call::<api::PutClusterCapacityProviders>(good).await.unwrap().cluster.unwrap();
    assert_eq!(made.capacity_providers.unwrap(), ["FARGATE", "FARGATE_SPOT"]);
    assert_eq!(made.default_capacity_provider_strategy.unwrap()[1].weight, Some(4));
    for wrong in [
        vec![item("FARGATE", 0, 1001)],
        vec![item("FARGATE", 1, 1), item("FARGATE_SPOT", 1, 1)],
        vec![item("other", 0, 1)],
    ] {
        let error = world.refused::<api::PutClusterCapacityProviders>(providers(wrong)).await;
        assert_eq!(error.code, "InvalidParameterException");
    }
    let all = world.call::<api::DescribeCapacityProviders>(Default::default()).await.unwrap();
    assert_eq!(all.capacity_providers.unwrap().len(), 2);

    // A default strategy without weights is kept as it was given, and nothing is launched by it.
    let weightless = providers(vec![item("FARGATE", 0, 0)]);
    let made = world.call::<api::PutClusterCapacityProviders>(weightless).await.unwrap().cluster.unwrap();
    assert_eq!(made.default_capacity_provider_strategy.unwrap()[0].weight, Some(0));
    world.register_web().await;
    let run = api::RunTaskRequest { cluster: Some("prod".into()), launch_type: None, ..world.run_web() };
    let error = world.refused::<api::RunTask>(run).await;
    assert!(
        error
            .message
            .starts_with("There are no capacity providers with a weight value greater than zero defined"),
        "{}",
        error.message
    );

    let input = api::DeleteClusterRequest { cluster: "prod".into() };
    world.call::<api::DeleteCluster>(input).await.unwrap();
    let error = world.refused::<api::UpdateCluster>(update).await;
    assert_eq!((error.code.as_ref(), error.message.as_str()), ("ClientException", "Cluster was not ACTIVE."));
    let run = api::RunTaskRequest {
        cluster: Some("none".into()),
        task_definition: "web".into(),
        ..Default::default()
    };
    assert_eq!(world.refused::<api::RunTask>(run).await.code, "ClusterNotFoundException");
}

#[tokio::test]
async fn policies_may_name_tags_in_ecs_s_own_way() {
    let world = World::still();
    world.call::<api::CreateCluster>(create("prod")).await.unwrap();
    let arn = "arn:aws:ecs:us-east-1:123456789012:cluster/prod".to_string();
    let team = api::Tag { key: Some("team".into()), value: Some("blue".into()) };
    let tag = api::TagResourceRequest { resource_arn: arn.clone(), tags: vec![team] };
    world.call::<api::TagResource>(tag).await.unwrap();
    for (value, allowed) in [("red", false), ("blue", true)] {
        let user = world.user(&format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"ecs:*","Resource":"*",
            "Condition":{{"StringEquals":{{"ecs:ResourceTag/team":"{value}"}}}}}}}}"#
        ));
        let clusters = Some(vec!["prod".to_string()]);
        let describe = api::DescribeClustersRequest { clusters, ..Default::default() };
        let list = api::ListTagsForResourceRequest { resource_arn: arn.clone() };
        let delete = api::DeleteClusterRequest { cluster: "prod".into() };
        for answer in [
            world.handlers.call::<api::DescribeClusters>(&user, describe).await.map(drop),
            world.handlers.call::<api::ListTagsForResource>(&user, list).await.map(drop),
            world.handlers.call::<api::DeleteCluster>(&user, delete).await.map(drop),
        ] {
            assert_eq!(answer.is_ok(), allowed, "{value}: {answer:?}");
        }
    }
}
