//! Services whose tasks are found by name: what Cloud Map is told, and what nodes are told of it.

use std::time::Duration;

use gantry_api_ecs as api;
use gantry_api_servicediscovery as cloudmap;
use gantry_node_proto::v1::{self, DesiredStatus, HealthStatus, ReasonCode, TaskReport};
use serde_json::json;

use crate::node::{SimNode, running, stopped};
use crate::world::{World, network};

/// The VPC that every interface of the stand-in is in.
const VPC: &str = "vpc-1";

/// A service of Cloud Map with records of these types; its ARN.
pub(crate) async fn registry(world: &World, types: &[&str]) -> String {
    let input = cloudmap::CreatePrivateDnsNamespaceRequest {
        name: "shop.local".into(),
        vpc: VPC.into(),
        ..Default::default()
    };
    world.call::<cloudmap::CreatePrivateDnsNamespace>(input).await.unwrap();
    let listed = world.call::<cloudmap::ListNamespaces>(Default::default()).await.unwrap();
    let namespace = listed.namespaces.unwrap().remove(0).id;
    let records = types.iter().map(|kind| cloudmap::DnsRecord { r#type: (*kind).into(), ttl: 5 }).collect();
    let input = cloudmap::CreateServiceRequest {
        name: "web".into(),
        namespace_id: namespace,
        dns_config: Some(cloudmap::DnsConfig { dns_records: records, ..Default::default() }),
        health_check_custom_config: Some(Default::default()),
        ..Default::default()
    };
    world.call::<cloudmap::CreateService>(input).await.unwrap().service.unwrap().arn.unwrap()
}

async fn register(world: &World) {
    world
        .register(json!({
            "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{
                "name": "app", "image": "busybox:1.36", "portMappings": [{"containerPort": 8080}],
                "healthCheck": {"command": ["CMD-SHELL", "true"]},
            }],
        }))
        .await;
}

fn service(registry: api::ServiceRegistry) -> api::CreateServiceRequest {
    api::CreateServiceRequest {
        service_name: "shop".into(),
        task_definition: Some("web".into()),
        launch_type: Some("FARGATE".into()),
        network_configuration: Some(network(&["subnet-a"])),
        desired_count: Some(1),
        service_registries: Some(vec![registry]),
        ..Default::default()
    }
}

fn in_(arn: &str) -> api::ServiceRegistry {
    api::ServiceRegistry { registry_arn: Some(arn.into()), ..Default::default() }
}

fn with_health(arn: &str, health: HealthStatus) -> TaskReport {
    let mut report = running(arn);
    report.health = health.into();
    report.containers[0].health = health.into();
    report
}

/// The addresses and ports that the VPC's resolver has in a desired set.
fn named(desired: &v1::Desired) -> Vec<String> {
    let zones = desired.zones.iter().filter(|zone| zone.vpc_ids.iter().any(|id| id == VPC));
    zones.flat_map(|zone| &zone.sets).flat_map(|set| set.values.clone()).collect()
}

async fn first_task(world: &World, node: &mut SimNode) -> String {
    let desired = node.desired_when(|desired| !desired.tasks.is_empty()).await;
    let arn = desired.tasks[0].task_arn.clone();
    assert_eq!(desired.tasks[0].desired_status(), DesiredStatus::Running);
    world.until(&arn, "PENDING").await;
    arn
}

#[tokio::test]
async fn registries_are_for_rolling_deployments() {
    let world = World::still();
    let registry = registry(&world, &["A"]).await;
    register(&world).await;
    let shifting: api::DeploymentConfiguration =
        gantry_wire::from_json(&json!({"strategy": "BLUE_GREEN"})).unwrap();
    let words = "Service Registries are only supported for ROLLING deployment strategy.";
    let mut input = service(in_(&registry));
    input.deployment_configuration = Some(shifting.clone());
    assert_eq!(world.refused::<api::CreateService>(input).await.message, words);
    world.call::<api::CreateService>(service(in_(&registry))).await.unwrap();
    let input = api::UpdateServiceRequest {
        service: "shop".into(),
        deployment_configuration: Some(shifting),
        ..Default::default()
    };
    assert_eq!(world.refused::<api::UpdateService>(input).await.message, words);
}

#[tokio::test]
async fn a_task_is_found_while_it_runs_and_is_well() {
    let world = World::new();
    let registry = registry(&world, &["A", "SRV"]).await;
    register(&world).await;
    let mut node = SimNode::join(&world, "node-1").await;
    let given = api::ServiceRegistry { port: Some(8080), ..in_(&registry) };
    let made = world.call::<api::CreateService>(service(given.clone())).await.unwrap().service.unwrap();
    assert_eq!(made.service_registries.unwrap()[0].port, Some(8080));

    let arn = first_task(&world, &mut node).await;
    let id = arn.rsplit('/').next().unwrap().to_owned();
    node.report(vec![with_health(&arn, HealthStatus::Starting)]).await;
    world.until(&arn, "RUNNING").await;
    let get = cloudmap::GetInstanceRequest { service_id: registry.clone(), instance_id: id.clone() };
    let mut shown = Err(gantry_service::Failure::Conflict);
    for _ in 0..2_000 {
        shown = world.call::<cloudmap::GetInstance>(get.clone()).await;
        if shown.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let attributes = shown.unwrap().instance.unwrap().attributes.unwrap();
    let task = world.describe(&arn).await;
    let details = task.attachments.unwrap().remove(0).details.unwrap();
    let address = details.into_iter().find(|one| one.name.as_deref() == Some("privateIPv4Address")).unwrap();
    let address = address.value.unwrap();
    for (key, value) in [
        ("AWS_INSTANCE_IPV4", address.as_str()),
        ("AWS_INSTANCE_PORT", "8080"),
        ("AWS_INIT_HEALTH_STATUS", "UNHEALTHY"),
        ("ECS_CLUSTER_NAME", "default"),
        ("ECS_SERVICE_NAME", "shop"),
        ("ECS_TASK_DEFINITION_FAMILY", "web"),
        ("REGION", "us-east-1"),
    ] {
        assert_eq!(attributes.get(key).map(String::as_str), Some(value), "{key}");
    }

    node.report(vec![with_health(&arn, HealthStatus::Healthy)]).await;
    let host = format!("8080 {id}.web.shop.local");
    let desired = node.desired_when(|desired| !named(desired).is_empty()).await;
    assert_eq!(named(&desired), [address.clone(), address.clone(), host].map(String::from).to_vec());
    node.report(vec![with_health(&arn, HealthStatus::Unhealthy)]).await;
    node.desired_when(|desired| named(desired).is_empty()).await;
    node.report(vec![stopped(&arn, 1, ReasonCode::EssentialContainerExited)]).await;
    for _ in 0..2_000 {
        if world.call::<cloudmap::GetInstance>(get.clone()).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("a stopped task is still an instance");
}

#[tokio::test]
async fn ports_are_named_where_records_have_them_and_nowhere_else() {
    let world = World::new();
    let plain = registry(&world, &["A"]).await;
    register(&world).await;
    let refused = async |given: api::ServiceRegistry| {
        let error = world.refused::<api::CreateService>(service(given)).await;
        assert_eq!(&*error.code, "InvalidParameterException");
        error.message
    };
    let port = api::ServiceRegistry { port: Some(8080), ..in_(&plain) };
    assert!(refused(port).await.starts_with(
        "The values specified for serviceRegistries do not require a value for 'port'. Remove the value and retry."
    ));
    let both = api::ServiceRegistry { port: Some(1), container_port: Some(8080), ..in_(&plain) };
    assert!(refused(both).await.starts_with("Specify a value for either 'port' or the 'containerName'"));
    let nowhere = in_("arn:aws:servicediscovery:us-east-1:123456789012:service/srv-nowhere");
    assert!(refused(nowhere).await.contains("was not found"));
    assert!(refused(in_("web")).await.contains("ARN"));

    let world = World::new();
    let ported = registry(&world, &["SRV"]).await;
    register(&world).await;
    let refused =
        async |given: api::ServiceRegistry| world.refused::<api::CreateService>(service(given)).await.message;
    assert!(refused(in_(&ported)).await.contains("a value for 'port'"));
    let container = |name: &str, port| api::ServiceRegistry {
        container_name: Some(name.into()),
        container_port: Some(port),
        ..in_(&ported)
    };
    assert!(refused(container("other", 8080)).await.contains("does not exist"));
    assert!(refused(container("app", 81)).await.contains("container port 81"));
    world.call::<api::CreateService>(service(container("app", 8080))).await.unwrap();
}
