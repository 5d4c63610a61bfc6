//! Service Connect: what tasks are told of each other.

use gantry_api_ecs as api;
use gantry_api_servicediscovery as cloudmap;
use gantry_node_proto::v1::Upstream;
use serde_json::json;

use crate::node::{SimNode, running};
use crate::world::{World, network};

async fn register(world: &World) {
    world
        .register(json!({
            "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{
                "name": "app", "image": "busybox:1.36",
                "portMappings": [
                    {"containerPort": 8080, "name": "http", "appProtocol": "http"},
                    {"containerPort": 9090, "name": "raw"}],
            }],
        }))
        .await;
    let input = cloudmap::CreateHttpNamespaceRequest { name: "shop".into(), ..Default::default() };
    world.call::<cloudmap::CreateHttpNamespace>(input).await.unwrap();
}

fn service(name: &str, connect: serde_json::Value) -> api::CreateServiceRequest {
    api::CreateServiceRequest {
        service_name: name.into(),
        task_definition: Some("web".into()),
        launch_type: Some("FARGATE".into()),
        network_configuration: Some(network(&["subnet-a"])),
        desired_count: Some(1),
        service_connect_configuration: Some(gantry_wire::from_json(&connect).unwrap()),
        ..Default::default()
    }
}

fn server() -> serde_json::Value {
    json!({"enabled": true, "namespace": "shop", "services": [{
        "portName": "http", "discoveryName": "front", "clientAliases": [{"port": 80, "dnsName": "front"}],
        "timeout": {"idleTimeoutSeconds": 7, "perRequestTimeoutSeconds": 3},
    }]})
}

#[tokio::test]
async fn a_later_task_reaches_an_earlier_service_by_its_alias() {
    let world = World::new();
    register(&world).await;
    let mut node = SimNode::join(&world, "node-1").await;
    let made = world.call::<api::CreateService>(service("front", server())).await.unwrap().service.unwrap();
    let deployment = made.deployments.unwrap().remove(0);
    let shown = deployment.service_connect_configuration.unwrap();
    assert!(shown.namespace.unwrap().starts_with("arn:aws:servicediscovery:"));
    let resource = deployment.service_connect_resources.unwrap().remove(0);
    assert_eq!(resource.discovery_name.as_deref(), Some("front"));
    let desired = node.desired_when(|desired| desired.tasks.len() == 1).await;
    let front = desired.tasks[0].task_arn.clone();
    world.until(&front, "PENDING").await;
    node.report(vec![running(&front)]).await;

    let client = json!({"enabled": true, "namespace": "shop"});
    world.call::<api::CreateService>(service("client", client)).await.unwrap();
    let reaches = |upstream: &Upstream| upstream.name == "front" && !upstream.targets.is_empty();
    let is_client = |arn: &str| arn != front;
    let desired = node
        .desired_when(|desired| {
            let clients = desired.tasks.iter().filter(|task| is_client(&task.task_arn));
            clients.flat_map(|task| &task.upstreams).any(reaches)
        })
        .await;
    let of = desired.tasks.iter().find(|task| is_client(&task.task_arn)).unwrap();
    let upstream = &of.upstreams[0];
    assert_eq!((upstream.listen_ipv4.as_str(), upstream.listen_port), ("127.255.0.1", 80));
    assert_eq!(upstream.idle_timeout_seconds, Some(7));
    assert_eq!((upstream.app_protocol.as_str(), upstream.request_timeout_seconds), ("http", Some(3)));
    assert!(upstream.targets[0].ends_with(":8080"), "{:?}", upstream.targets);

    let input = api::ListServicesByNamespaceRequest { namespace: "shop".into(), ..Default::default() };
    let listed = world.call::<api::ListServicesByNamespace>(input).await.unwrap().service_arns.unwrap();
    assert_eq!(listed.len(), 2);
    let input = api::ListServicesByNamespaceRequest { namespace: "other".into(), ..Default::default() };
    let refused = world.refused::<api::ListServicesByNamespace>(input).await;
    assert_eq!(&*refused.code, "NamespaceNotFoundException");
}

#[tokio::test]
async fn what_can_not_be_offered_is_refused() {
    let world = World::new();
    register(&world).await;
    let refused = async |connect| {
        let error = world.refused::<api::CreateService>(service("front", connect)).await;
        (error.code.to_string(), error.message)
    };
    let with = |key: &str, value: serde_json::Value| {
        let mut connect = server();
        connect["services"][0][key] = value;
        connect
    };
    let nowhere = refused(json!({"enabled": true})).await;
    assert_eq!(
        (nowhere.0.as_str(), nowhere.1.as_str()),
        ("InvalidParameterException", "Namespace is missing")
    );
    let two = json!([{"port": 80}, {"port": 81}]);
    assert_eq!(refused(with("clientAliases", two)).await.1, "2 clientAliases exceeds the max limit of 1");
    assert_eq!(refused(with("clientAliases", json!([]))).await.1, "clientAliases must have 1 element.");
    let long = "x".repeat(128);
    for name in ["Front", "-front", "a b", long.as_str()] {
        let said = refused(with("clientAliases", json!([{"port": 80, "dnsName": name}]))).await.1;
        assert!(said.starts_with("The DNS name that you provided is invalid."), "{name}: {said}");
    }
    let elsewhere = refused(json!({"enabled": true, "namespace": "none"})).await;
    assert_eq!(elsewhere.0, "NamespaceNotFoundException");
    assert_eq!(
        refused(with("portName", json!("grpc"))).await.1,
        "portName(grpc) does not refer to any named PortMapping in the container definitions."
    );
    // What is offered beside something wrong is not made.
    let mut twice = server();
    let again = json!({"portName": "http", "discoveryName": "front", "clientAliases": [{"port": 81}]});
    twice["services"].as_array_mut().unwrap().push(again);
    assert!(refused(twice).await.1.contains("front"));
    let made = world.call::<cloudmap::ListServices>(Default::default()).await.unwrap();
    assert!(made.services.unwrap().is_empty());
    assert!(refused(with("discoveryName", json!("No"))).await.1.contains("No"));
    assert!(refused(with("clientAliases", json!([{"port": 0}]))).await.1.contains("port"));
    assert!(
        refused(with("portName", json!("raw"))).await.1.contains("not TCP"),
        "it has a time for requests"
    );
    let tls = json!({"issuerCertificateAuthority": {}});
    assert_eq!(refused(with("tls", tls)).await.0, "UnsupportedFeatureException");

    let update = api::UpdateClusterRequest {
        cluster: "default".into(),
        service_connect_defaults: Some(api::ClusterServiceConnectDefaultsRequest {
            namespace: "fresh".into(),
        }),
        ..Default::default()
    };
    world.call::<api::UpdateCluster>(update).await.unwrap();
    let made = world.call::<api::CreateService>(service("front", json!({"enabled": true}))).await;
    let deployment = made.unwrap().service.unwrap().deployments.unwrap().remove(0);
    assert!(deployment.service_connect_configuration.is_some(), "the cluster has a default, which was made");
}
