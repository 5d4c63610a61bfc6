//! Instances: registered, found by API calls and by DNS, told of, and gone.

use std::collections::BTreeMap;

use gantry_api_servicediscovery as api;
use gantry_service::names::{RecordSet, Records};

use crate::world::{World, instance};

async fn found(world: &World, more: api::DiscoverInstancesRequest) -> Vec<String> {
    let input = api::DiscoverInstancesRequest {
        namespace_name: "shop.local".into(),
        service_name: "web".into(),
        ..more
    };
    let found = world.ok::<api::DiscoverInstances>(input).await.instances.unwrap();
    let mut ids: Vec<String> = found.into_iter().map(|one| one.instance_id.unwrap()).collect();
    ids.sort();
    ids
}

async fn say(world: &World, service: &str, id: &str, status: &str) {
    let input = api::UpdateInstanceCustomHealthStatusRequest {
        service_id: service.into(),
        instance_id: id.into(),
        status: status.into(),
    };
    world.ok::<api::UpdateInstanceCustomHealthStatus>(input).await;
}

async fn sets(world: &World) -> Vec<RecordSet> {
    world.zones(&world.root(), &world.vpc().await).await.remove(0).sets
}

#[tokio::test]
async fn an_unhealthy_instance_leaves_the_answers_and_comes_back() {
    let world = World::new();
    let namespace = world.private("shop.local").await;
    let service = world.service(&namespace, "web", &["A"]).await;
    world.register(&service, "one", &[("AWS_INSTANCE_IPV4", "10.0.0.1")]).await;
    world.register(&service, "two", &[("AWS_INSTANCE_IPV4", "10.0.0.2")]).await;
    let addresses = async || match sets(&world).await.pop().map(|set| set.records) {
        Some(Records::A(all)) => all.iter().map(ToString::to_string).collect(),
        Some(other) => panic!("{other:?}"),
        None => Vec::new(),
    };
    assert_eq!(addresses().await, ["10.0.0.1", "10.0.0.2"]);

    say(&world, &service, "one", "UNHEALTHY").await;
    assert_eq!(addresses().await, ["10.0.0.2"]);
    let by = |status: &str| api::DiscoverInstancesRequest {
        health_status: Some(status.into()),
        ..Default::default()
    };
    assert_eq!(found(&world, by("HEALTHY")).await, ["two"]);
    assert_eq!(found(&world, by("UNHEALTHY")).await, ["one"]);
    assert_eq!(found(&world, by("ALL")).await, ["one", "two"]);
    say(&world, &service, "two", "UNHEALTHY").await;
    assert_eq!(found(&world, by("HEALTHY_OR_ELSE_ALL")).await, ["one", "two"]);
    assert!(addresses().await.is_empty());
    let input = api::GetInstancesHealthStatusRequest { service_id: service.clone(), ..Default::default() };
    let status = world.ok::<api::GetInstancesHealthStatus>(input).await.status.unwrap();
    assert!(status.values().all(|one| one == "UNHEALTHY") && status.len() == 2);
    say(&world, &service, "two", "HEALTHY").await;
    assert_eq!(addresses().await, ["10.0.0.2"]);

    let input = api::DiscoverInstancesRevisionRequest {
        namespace_name: "shop.local".into(),
        service_name: "web".into(),
        ..Default::default()
    };
    let revision = world.ok::<api::DiscoverInstancesRevision>(input).await.instances_revision;
    assert_eq!(revision, Some(5), "two came, and three times one was told of");
}

#[tokio::test]
async fn ports_lead_to_names_of_instances() {
    let world = World::new();
    let namespace = world.private("shop.local").await;
    let service = world.service(&namespace, "_api._tcp", &["SRV"]).await;
    let both = [("AWS_INSTANCE_IPV4", "10.0.0.1"), ("AWS_INSTANCE_PORT", "8080")];
    world.register(&service, "i-One", &both).await;
    let host = "i-one._api._tcp.shop.local";
    let set = |name: &str, records| RecordSet { name: name.into(), ttl_seconds: 10, one: false, records };
    assert_eq!(
        sets(&world).await,
        [
            set("_api._tcp.shop.local", Records::Srv(vec![(8080, host.into())])),
            set(host, Records::A(vec!["10.0.0.1".parse().unwrap()])),
        ]
    );
    let refused = async |attributes: &[(&str, &str)]| {
        world.refused::<api::RegisterInstance>(instance(&service, "two", attributes)).await.code.to_string()
    };
    assert_eq!(refused(&both[..1]).await, "InvalidInput", "no port");
    assert_eq!(refused(&both[1..]).await, "InvalidInput", "no address");
    assert_eq!(refused(&[("AWS_INSTANCE_IPV4", "ten"), both[1]]).await, "InvalidInput");
    assert_eq!(refused(&[both[0], ("AWS_INSTANCE_PORT", "99999")]).await, "InvalidInput");
}

#[tokio::test]
async fn attributes_narrow_what_is_found() {
    let world = World::new();
    let namespace = world.private("shop.local").await;
    let service = world.service(&namespace, "web", &["A"]).await;
    for (id, stage, zone) in [("a", "blue", "1"), ("b", "blue", "2"), ("c", "green", "1")] {
        let own = [("AWS_INSTANCE_IPV4", "10.0.0.1"), ("stage", stage), ("zone", zone)];
        world.register(&service, id, &own).await;
    }
    let map = |key: &str, value: &str| Some(BTreeMap::from([(key.to_owned(), value.to_owned())]));
    let query = |query, optional| api::DiscoverInstancesRequest {
        query_parameters: query,
        optional_parameters: optional,
        ..Default::default()
    };
    assert_eq!(found(&world, query(map("stage", "blue"), None)).await, ["a", "b"]);
    assert_eq!(found(&world, query(map("stage", "blue"), map("zone", "2"))).await, ["b"]);
    assert_eq!(found(&world, query(map("stage", "blue"), map("zone", "9"))).await, ["a", "b"]);
    let one = api::DiscoverInstancesRequest { max_results: Some(1), ..Default::default() };
    assert_eq!(found(&world, one).await.len(), 1);
    let input = api::DiscoverInstancesRequest {
        namespace_name: "shop.local".into(),
        service_name: "other".into(),
        ..Default::default()
    };
    assert_eq!(&*world.refused::<api::DiscoverInstances>(input).await.code, "ServiceNotFound");
}

#[tokio::test]
async fn an_instance_is_registered_anew_and_deregistered_once() {
    let world = World::new();
    let namespace = world.private("shop.local").await;
    let service = world.service(&namespace, "web", &["A"]).await;
    let once = api::RegisterInstanceRequest {
        creator_request_id: Some("once".into()),
        ..instance(&service, "one", &[("AWS_INSTANCE_IPV4", "10.0.0.1")])
    };
    let made = world.ok::<api::RegisterInstance>(once.clone()).await.operation_id;
    assert_eq!(world.ok::<api::RegisterInstance>(once).await.operation_id, made);
    world.register(&service, "one", &[("AWS_INSTANCE_IPV4", "10.0.0.9")]).await;
    let get = api::GetInstanceRequest { service_id: service.clone(), instance_id: "one".into() };
    let shown = world.ok::<api::GetInstance>(get.clone()).await.instance.unwrap();
    assert_eq!(shown.attributes.unwrap()["AWS_INSTANCE_IPV4"], "10.0.0.9");
    let input = api::DeleteServiceRequest { id: service.clone() };
    assert_eq!(&*world.refused::<api::DeleteService>(input.clone()).await.code, "ResourceInUse");

    let gone = api::DeregisterInstanceRequest { service_id: service.clone(), instance_id: "one".into() };
    let done = world.ok::<api::DeregisterInstance>(gone.clone()).await;
    let operation = world.operation(done.operation_id).await;
    assert_eq!(operation.targets.unwrap()["INSTANCE"], "one");
    assert_eq!(&*world.refused::<api::DeregisterInstance>(gone).await.code, "InstanceNotFound");
    assert_eq!(&*world.refused::<api::GetInstance>(get).await.code, "InstanceNotFound");
    assert!(sets(&world).await.is_empty());
    world.ok::<api::DeleteService>(input).await;
}

#[tokio::test]
async fn only_a_custom_check_takes_somebodys_word() {
    let world = World::new();
    let namespace = world.http("plain").await;
    let input =
        api::CreateServiceRequest { name: "web".into(), namespace_id: Some(namespace), ..Default::default() };
    let service = world.ok::<api::CreateService>(input).await.service.unwrap().id.unwrap();
    world.register(&service, "one", &[("color", "red")]).await;
    let input = api::UpdateInstanceCustomHealthStatusRequest {
        service_id: service.clone(),
        instance_id: "one".into(),
        status: "HEALTHY".into(),
    };
    let refused = world.refused::<api::UpdateInstanceCustomHealthStatus>(input).await;
    assert_eq!(&*refused.code, "CustomHealthNotFound");
    let initial = instance(&service, "two", &[("AWS_INIT_HEALTH_STATUS", "HEALTHY")]);
    assert_eq!(&*world.refused::<api::RegisterInstance>(initial).await.code, "InvalidInput");
}

#[tokio::test]
async fn attributes_are_refused_in_aws_words() {
    let world = World::new();
    let namespace = world.private("shop.local").await;
    let said = async |service: &str, attributes: &[(&str, &str)]| {
        world.refused::<api::RegisterInstance>(instance(service, "one", attributes)).await.message
    };
    let address = ("AWS_INSTANCE_IPV4", "10.0.0.1");
    let mut number = 0;
    for (kind, given, words) in [
        ("A", vec![], "Required attribute(s) AWS_INSTANCE_IPV4 are missing."),
        ("AAAA", vec![address], "Required attribute(s) AWS_INSTANCE_IPV6 are missing."),
        ("SRV", vec![address], "Required attribute(s) AWS_INSTANCE_PORT are missing."),
        (
            "SRV",
            vec![("AWS_INSTANCE_PORT", "80")],
            "At least one of AWS_INSTANCE_IPV4 AWS_INSTANCE_IPV6 is required.",
        ),
        (
            "A",
            vec![address, ("AWS_MY_OWN", "x")],
            "Invalid attribute: [AWS_MY_OWN]. [aws_] prefix is reserved for AWS attributes.",
        ),
        (
            "A",
            vec![address, ("AWS_ALIAS_DNS_NAME", "lb.example.com")],
            "ALIAS instance can be registered only in services with WEIGHTED routing policy",
        ),
        (
            "A",
            vec![address, ("AWS_EC2_INSTANCE_ID", "i-1")],
            "Invalid combination of attributes received. AWS_EC2_INSTANCE_ID is not supported with \
             [AWS_INSTANCE_IPV4].",
        ),
        (
            "A",
            vec![address, ("AWS_INIT_HEALTH_STATUS", "UNKNOWN")],
            "No enum constant com.amazon.route53.autonaming.model.InitHealthStatus.UNKNOWN",
        ),
    ] {
        number += 1;
        let service = world.service(&namespace, &format!("s{number}"), &[kind]).await;
        assert_eq!(said(&service, &given).await, words);
    }

    let service = world.service(&namespace, "plain", &["A"]).await;
    let keys: Vec<String> = (10..41).map(|at| format!("k{at}")).collect();
    let mut many: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "v")).collect();
    many.push(address);
    let words = said(&service, &many).await;
    assert!(words.starts_with("Too many attributes provided: [k10, k11, "), "{words}");
    assert!(words.ends_with(", k40]. The current limit is 30"), "{words}");
    let long = "v".repeat(1000);
    let mut large: Vec<(&str, &str)> = keys.iter().take(5).map(|key| (key.as_str(), long.as_str())).collect();
    large.push(address);
    assert_eq!(
        said(&service, &large).await,
        "Instance attributes too large. Maximum allowed size of all attributes is 5000 characters."
    );
}
