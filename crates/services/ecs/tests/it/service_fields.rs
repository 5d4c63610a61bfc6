//! What is asked of services, kept, shown and refused.

use gantry_api_ecs as api;
use serde_json::json;

use crate::services::{create, describe, web};
use crate::world::World;

#[tokio::test]
async fn revisions_are_asked_for_of_one_service() {
    let world = World::new();
    world.register_web().await;
    let shop = create(&world, web(&world)).await;
    assert_eq!(shop.health_check_grace_period_seconds, Some(0));
    assert_eq!(shop.resource_management_type.as_deref(), Some("CUSTOMER"));
    let known = shop.current_service_revisions.unwrap()[0].arn.clone().unwrap();
    let service = known.rsplit_once('/').unwrap().0;
    let ask = |arns: &[&str]| api::DescribeServiceRevisionsRequest {
        service_revision_arns: arns.iter().map(|arn| (*arn).to_owned()).collect(),
    };
    let missing = format!("{service}/1");
    let found =
        world.call::<api::DescribeServiceRevisions>(ask(&[known.as_str(), missing.as_str()])).await.unwrap();
    assert_eq!(found.service_revisions.unwrap()[0].service_revision_arn.as_ref(), Some(&known));
    let failures = found.failures.unwrap();
    assert_eq!((failures[0].arn.as_ref(), failures[0].reason.as_deref()), (Some(&missing), Some("MISSING")));

    let other = known.replace("/shop/", "/other/");
    let (mistyped, elsewhere) = (format!("{service}/abc"), known.replace("us-east-1", "eu-west-1"));
    let gone = known.replace("/default/", "/gone/");
    let known = known.as_str();
    for (arns, code, message) in [
        (vec![], "InvalidParameterException", "The Service ARN provided is invalid."),
        (vec!["not-an-arn"], "InvalidParameterException", "The Service ARN provided is invalid."),
        (vec![mistyped.as_str()], "InvalidParameterException", "The ServiceRevision ARN is invalid."),
        (vec![elsewhere.as_str()], "InvalidParameterException", "The ServiceRevision ARN is invalid."),
        (vec![known; 21], "InvalidParameterException", "Service Revision ARN count cannot exceed 20"),
        (
            vec![known, other.as_str()],
            "InvalidParameterException",
            "Cross service requests are not allowed. All requested service revisions must be for a single service",
        ),
        (vec![other.as_str()], "ServiceNotFoundException", "Service not found."),
        (vec![gone.as_str()], "ClusterNotFoundException", "Cluster not found."),
    ] {
        let error = world.refused::<api::DescribeServiceRevisions>(ask(&arns)).await;
        assert_eq!((error.code.as_ref(), error.message.as_str()), (code, message));
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_in_the_users_words() {
    let world = World::new();
    world.register_web().await;
    let refused =
        |input: api::CreateServiceRequest| async { world.refused::<api::CreateService>(input).await };
    let error = refused(api::CreateServiceRequest { cluster: Some("none".into()), ..web(&world) }).await;
    assert_eq!(error.code, "ClusterNotFoundException");
    let error =
        refused(api::CreateServiceRequest { task_definition: Some("none".into()), ..web(&world) }).await;
    assert_eq!(
        (error.code.as_ref(), error.message.as_str()),
        ("ClientException", "TaskDefinition not found.")
    );
    let error = refused(api::CreateServiceRequest { task_definition: None, ..web(&world) }).await;
    assert_eq!(error.message, "TaskDefinition can not be blank.");
    let error = refused(api::CreateServiceRequest { network_configuration: None, ..web(&world) }).await;
    assert_eq!(
        error.message,
        "Network Configuration must be provided when networkMode 'awsvpc' is specified."
    );
    let error =
        refused(api::CreateServiceRequest { health_check_grace_period_seconds: Some(9), ..web(&world) })
            .await;
    assert_eq!(
        error.message,
        "Health check grace period is only valid for services configured to use load balancers"
    );
    let over = api::DeploymentConfiguration { minimum_healthy_percent: Some(101), ..Default::default() };
    let error =
        refused(api::CreateServiceRequest { deployment_configuration: Some(over), ..web(&world) }).await;
    assert_eq!(error.message, "minimumHealthyPercent must be at most 100");
    let error = refused(api::CreateServiceRequest { desired_count: None, ..web(&world) }).await;
    assert_eq!(error.message, "DesiredCount is missing");
    let error = refused(api::CreateServiceRequest { desired_count: Some(-1), ..web(&world) }).await;
    assert_eq!(error.message, "DesiredCount can not be lesser than 0");
    let tight = api::DeploymentConfiguration {
        maximum_percent: Some(100),
        minimum_healthy_percent: Some(50),
        ..Default::default()
    };
    let balanced = api::CreateServiceRequest {
        deployment_configuration: Some(tight),
        availability_zone_rebalancing: Some("ENABLED".into()),
        ..web(&world)
    };
    assert_eq!(
        refused(balanced).await.message,
        "Availability Zone Rebalancing does not support maximumPercent <= 100 % as deployment configuration."
    );
    let volumes = Some(vec![api::ServiceVolumeConfiguration { name: "v".into(), ..Default::default() }]);
    let error = refused(api::CreateServiceRequest { volume_configurations: volumes, ..web(&world) }).await;
    assert_eq!(error.code, "UnsupportedFeatureException");
    let classic = api::LoadBalancer { load_balancer_name: Some("old".into()), ..Default::default() };
    let error =
        refused(api::CreateServiceRequest { load_balancers: Some(vec![classic]), ..web(&world) }).await;
    assert_eq!(error.message, "Classic Load Balancers are not supported with Fargate.");
    let controller = Some(api::DeploymentController { r#type: "CODE_DEPLOY".into() });
    let error = refused(api::CreateServiceRequest { deployment_controller: controller, ..web(&world) }).await;
    assert_eq!(
        error.message,
        "When specifying the CODE_DEPLOY deployment controller type, the service requires an Application Load \
         Balancer or Network Load Balancer."
    );
    let named = api::ListTasksRequest { family: Some("no family".into()), ..Default::default() };
    let error = world.refused::<api::ListTasks>(named).await;
    assert_eq!(error.message, r"family must match ^[a-zA-Z0-9\-_]+$");
    let missing = api::UpdateServiceRequest { service: "none".into(), ..Default::default() };
    let error = world.refused::<api::UpdateService>(missing).await;
    assert_eq!(
        (error.code.as_ref(), error.message.as_str()),
        ("ServiceNotFoundException", "Service not found.")
    );
    let missing = api::DescribeServicesRequest { services: vec!["none".into()], ..Default::default() };
    let failures = world.call::<api::DescribeServices>(missing).await.unwrap().failures.unwrap();
    assert_eq!(failures[0].reason.as_deref(), Some("MISSING"));
    assert!(failures[0].arn.as_ref().unwrap().ends_with(":service/default/none"));
}

#[tokio::test]
async fn a_spread_over_hosts_is_shown_as_one_over_instances() {
    let world = World::still();
    world
        .register(json!({"family": "job", "containerDefinitions": [
            {"name": "app", "image": "localhost:4566/job", "memory": 256}]}))
        .await;
    let by = |field: &str| {
        Some(vec![api::PlacementStrategy { r#type: Some("spread".into()), field: Some(field.into()) }])
    };
    let input = api::CreateServiceRequest {
        service_name: "shop".into(),
        task_definition: Some("job".into()),
        launch_type: Some("EC2".into()),
        desired_count: Some(0),
        placement_strategy: by("host"),
        ..Default::default()
    };
    let shown = |service: api::Service| service.placement_strategy.unwrap().remove(0).field.unwrap();
    assert_eq!(shown(create(&world, input).await), "instanceId");
    for (given, kept) in
        [("attribute:ecs.availability-zone", "attribute:ecs.availability-zone"), ("host", "instanceId")]
    {
        let input = api::UpdateServiceRequest {
            service: "shop".into(),
            placement_strategy: by(given),
            ..Default::default()
        };
        world.call::<api::UpdateService>(input).await.unwrap();
        assert_eq!(shown(describe(&world).await), kept);
    }
    let less =
        api::UpdateServiceRequest { service: "shop".into(), desired_count: Some(-1), ..Default::default() };
    let error = world.refused::<api::UpdateService>(less).await;
    assert_eq!(error.message, "Task count can not be lesser than 0");
}
