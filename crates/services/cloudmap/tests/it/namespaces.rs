//! Namespaces: made, found, changed, deleted, and what of them VPCs see.

use gantry_api_servicediscovery as api;
use gantry_cloudmap::loops::OperationGarbage;
use gantry_reconcile::Runner;

use std::sync::Arc;
use std::time::Duration;

use gantry_base::SeededIds;

use crate::world::World;

async fn list(world: &World, name: &str, condition: Option<&str>, value: &str) -> Vec<String> {
    let filter = api::NamespaceFilter {
        name: name.into(),
        values: vec![value.into()],
        condition: condition.map(str::to_owned),
    };
    let input = api::ListNamespacesRequest { filters: Some(vec![filter]), ..Default::default() };
    let found = world.ok::<api::ListNamespaces>(input).await.namespaces.unwrap();
    let mut names: Vec<String> = found.into_iter().map(|one| one.name.unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn three_kinds_are_made_and_listed() {
    let world = World::new();
    let http = world.http("plain").await;
    let private = world.private("shop.local").await;
    let input = api::CreatePublicDnsNamespaceRequest { name: "shop.example".into(), ..Default::default() };
    world.ok::<api::CreatePublicDnsNamespace>(input).await;

    assert_eq!(list(&world, "TYPE", None, "DNS_PRIVATE").await, ["shop.local"]);
    assert_eq!(list(&world, "NAME", Some("BEGINS_WITH"), "shop").await, ["shop.example", "shop.local"]);
    assert_eq!(list(&world, "HTTP_NAME", Some("EQ"), "plain").await, ["plain"]);
    let get = |id: String| api::GetNamespaceRequest { id };
    let shown = world.ok::<api::GetNamespace>(get(private.clone())).await.namespace.unwrap();
    let dns = shown.properties.unwrap().dns_properties.unwrap();
    assert!(dns.hosted_zone_id.is_some_and(|id| id.starts_with('Z')) && dns.soa.is_none());
    let shown = world.ok::<api::GetNamespace>(get(http)).await.namespace.unwrap();
    assert_eq!(shown.properties.unwrap().dns_properties.unwrap().soa.map(|soa| soa.ttl), Some(None));
    let refused = world.refused::<api::GetNamespace>(get("ns-nowhere".into())).await;
    assert_eq!((&*refused.code, refused.message.as_str()), ("NamespaceNotFound", "ns-nowhere"));

    let page = api::ListNamespacesRequest { max_results: Some(2), ..Default::default() };
    let first = world.ok::<api::ListNamespaces>(page.clone()).await;
    assert_eq!(first.namespaces.unwrap().len(), 2);
    let rest = api::ListNamespacesRequest { next_token: first.next_token, ..page };
    let rest = world.ok::<api::ListNamespaces>(rest).await;
    assert_eq!((rest.namespaces.unwrap().len(), rest.next_token), (1, None));
}

#[tokio::test]
async fn the_same_request_makes_no_second_and_another_of_the_name_is_refused() {
    let world = World::new();
    let input = api::CreateHttpNamespaceRequest {
        name: "plain".into(),
        creator_request_id: Some("once".into()),
        ..Default::default()
    };
    let made = world.ok::<api::CreateHttpNamespace>(input.clone()).await.operation_id;
    assert_eq!(world.ok::<api::CreateHttpNamespace>(input.clone()).await.operation_id, made);
    let other = api::CreateHttpNamespaceRequest { creator_request_id: Some("again".into()), ..input };
    let refused = world.refused::<api::CreateHttpNamespace>(other).await;
    assert_eq!(&*refused.code, "NamespaceAlreadyExists");
    let field =
        |name: &str| refused.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    assert_eq!(field("CreatorRequestId"), Some("once".into()));
}

#[tokio::test]
async fn a_zone_that_can_not_be_makes_the_operation_fail() {
    let world = World::new();
    let input = api::CreatePrivateDnsNamespaceRequest {
        name: "shop.local".into(),
        vpc: "vpc-00000000000000000".into(),
        ..Default::default()
    };
    let made = world.ok::<api::CreatePrivateDnsNamespace>(input).await;
    let operation = world.operation(made.operation_id).await;
    assert_eq!(operation.status.as_deref(), Some("FAIL"));
    assert_eq!(operation.error_code.as_deref(), Some("CANNOT_CREATE_HOSTED_ZONE"));
    assert!(world.ok::<api::ListNamespaces>(Default::default()).await.namespaces.unwrap().is_empty());
}

#[tokio::test]
async fn a_zone_in_the_way_is_named() {
    let world = World::new();
    let known = world.private("Shop.Local").await;
    let shown =
        world.ok::<api::GetNamespace>(api::GetNamespaceRequest { id: known }).await.namespace.unwrap();
    let zone = shown.properties.unwrap().dns_properties.unwrap().hosted_zone_id.unwrap();
    let input = api::CreatePrivateDnsNamespaceRequest {
        name: "shop.local".into(),
        vpc: world.vpc().await,
        ..Default::default()
    };
    let made = world.ok::<api::CreatePrivateDnsNamespace>(input).await;
    let message = world.operation(made.operation_id).await.error_message.unwrap();
    assert!(message.ends_with(&format!("the hosted zone {zone} with the same domain name.")), "{message}");
}

#[tokio::test]
async fn a_private_namespace_is_seen_in_its_vpc_and_a_public_one_in_the_account() {
    let world = World::new();
    let vpc = world.vpc().await;
    world.private("Shop.Local").await;
    let input = api::CreatePublicDnsNamespaceRequest { name: "shop.example".into(), ..Default::default() };
    world.ok::<api::CreatePublicDnsNamespace>(input).await;
    let names = async |cx, vpc: &str| {
        let mut names: Vec<String> = world.zones(&cx, vpc).await.into_iter().map(|zone| zone.name).collect();
        names.sort();
        names
    };
    assert_eq!(names(world.root(), &vpc).await, ["shop.example", "shop.local"]);
    assert_eq!(names(world.root(), "vpc-other").await, ["shop.example"]);
    let other = world.root_of("111111111111".parse().unwrap());
    assert!(names(other, &vpc).await.is_empty(), "another account sees none of them");
}

#[tokio::test]
async fn what_is_said_of_a_namespace_changes_and_it_goes_once_it_is_empty() {
    let world = World::new();
    let id = world.private("shop.local").await;
    let soa = api::PrivateDnsNamespacePropertiesChange {
        dns_properties: api::PrivateDnsPropertiesMutableChange { soa: api::SOAChange { ttl: 60 } },
    };
    let change = api::PrivateDnsNamespaceChange { description: Some("ours".into()), properties: Some(soa) };
    let input =
        api::UpdatePrivateDnsNamespaceRequest { id: id.clone(), namespace: change, ..Default::default() };
    let updated = world.ok::<api::UpdatePrivateDnsNamespace>(input).await;
    assert_eq!(world.operation(updated.operation_id).await.r#type.as_deref(), Some("UPDATE_NAMESPACE"));
    let zones = world.zones(&world.root(), &world.vpc().await).await;
    assert_eq!(zones[0].negative_ttl_seconds, 60);

    let service = world.service(&id, "web", &["A"]).await;
    let delete = api::DeleteNamespaceRequest { id: id.clone() };
    let refused = world.refused::<api::DeleteNamespace>(delete.clone()).await;
    assert_eq!(&*refused.code, "ResourceInUse");
    world.ok::<api::DeleteService>(api::DeleteServiceRequest { id: service }).await;
    let deleted = world.ok::<api::DeleteNamespace>(delete).await;
    assert_eq!(world.operation(deleted.operation_id).await.status.as_deref(), Some("SUCCESS"));
    assert!(world.ok::<api::ListOperations>(Default::default()).await.operations.unwrap().is_empty());
    assert!(world.zones(&world.root(), &world.vpc().await).await.is_empty());
}

#[tokio::test]
async fn operations_are_forgotten_after_a_day() {
    let world = World::new();
    world.http("plain").await;
    let listed = async || world.ok::<api::ListOperations>(Default::default()).await.operations.unwrap().len();
    let runner = Runner::new(world.db.clone(), world.clock.clone(), Arc::new(SeededIds::new(1)));
    runner.once(&OperationGarbage(world.service.clone())).await.unwrap();
    assert_eq!(listed().await, 1);
    world.clock.advance(Duration::from_secs(25 * 60 * 60));
    runner.once(&OperationGarbage(world.service.clone())).await.unwrap();
    assert_eq!(listed().await, 0);
}

#[tokio::test]
async fn tags_hang_on_namespaces_and_services() {
    let world = World::new();
    let id = world.http("plain").await;
    let service = world.service(&id, "web", &[]).await;
    for arn in [
        format!("arn:aws:servicediscovery:us-east-1:000000000000:namespace/{id}"),
        format!("arn:aws:servicediscovery:us-east-1:000000000000:service/{service}"),
    ] {
        let tag = |key: &str| api::Tag { key: key.into(), value: "x".into() };
        let input = api::TagResourceRequest { resource_arn: arn.clone(), tags: vec![tag("a"), tag("b")] };
        world.ok::<api::TagResource>(input).await;
        let input = api::UntagResourceRequest { resource_arn: arn.clone(), tag_keys: vec!["a".into()] };
        world.ok::<api::UntagResource>(input).await;
        let input = api::ListTagsForResourceRequest { resource_arn: arn };
        let tags = world.ok::<api::ListTagsForResource>(input).await.tags.unwrap();
        assert_eq!(tags.into_iter().map(|tag| tag.key).collect::<Vec<_>>(), ["b"]);
    }
    let gone = "arn:aws:servicediscovery:us-east-1:000000000000:service/srv-none".to_owned();
    let refused = world
        .refused::<api::ListTagsForResource>(api::ListTagsForResourceRequest { resource_arn: gone })
        .await;
    assert_eq!(&*refused.code, "ResourceNotFoundException");
}
