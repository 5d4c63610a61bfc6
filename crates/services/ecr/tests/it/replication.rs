//! Replication to other registries of this Gantry.

use std::time::Duration;

use gantry_api_ecr as api;
use gantry_ecr::loops;
use gantry_iam_core::Caller;
use gantry_service::Cx;
use serde_json::json;

use crate::world::{AWAY, HOME, World, account, digest_of, index, refused};

fn rule(region: &str, registry: &str, prefix: Option<&str>) -> api::ReplicationRule {
    let filter =
        |filter: &str| api::RepositoryFilter { filter: filter.into(), filter_type: "PREFIX_MATCH".into() };
    api::ReplicationRule {
        destinations: vec![api::ReplicationDestination {
            region: region.into(),
            registry_id: registry.into(),
        }],
        repository_filters: prefix.map(|prefix| vec![filter(prefix)]),
        delete_replication: None,
    }
}

async fn put(world: &World, rules: Vec<api::ReplicationRule>) -> Result<(), (String, String)> {
    let input = api::PutReplicationConfigurationRequest {
        replication_configuration: api::ReplicationConfiguration { rules },
    };
    world.call::<api::PutReplicationConfiguration>(input).await.map(drop)
}

fn away(world: &World) -> Cx {
    world.cx_of(Caller::root(account(AWAY)))
}

async fn statuses(world: &World, tag: &str) -> Vec<(String, String, Option<String>)> {
    let input = api::DescribeImageReplicationStatusRequest {
        registry_id: None,
        repository_name: "web".into(),
        image_id: api::ImageIdentifier { image_digest: None, image_tag: Some(tag.into()) },
    };
    let found = world.call::<api::DescribeImageReplicationStatus>(input).await.unwrap();
    let shown =
        |one: api::ImageReplicationStatus| (one.region.unwrap(), one.status.unwrap(), one.failure_code);
    found.replication_statuses.unwrap().into_iter().map(shown).collect()
}

async fn tags_at(world: &World, cx: &Cx) -> Vec<String> {
    let input = api::ListImagesRequest { repository_name: "web".into(), ..Default::default() };
    let ids = world.call_as::<api::ListImages>(cx, input).await.unwrap().image_ids.unwrap();
    ids.into_iter().filter_map(|id| id.image_tag).collect()
}

#[tokio::test]
async fn what_is_pushed_is_copied_to_other_regions() {
    let world = World::new();
    world.make("web").await;
    world.push("web", Some("before"), "before").await;
    put(&world, vec![rule("eu-west-1", HOME, Some("we"))]).await.unwrap();
    let described = world.call::<api::DescribeRegistry>(Default::default()).await.unwrap();
    let rules = described.replication_configuration.unwrap().rules;
    assert_eq!(rules[0].destinations[0].region, "eu-west-1");
    assert_eq!(rules[0].repository_filters.as_ref().unwrap()[0].filter, "we");

    let child = world.push("web", None, "child").await;
    let list = index(&[&child]);
    world.put("web", Some("v1"), &list).await.unwrap();
    let in_progress = statuses(&world, "v1").await;
    assert_eq!(in_progress, [("eu-west-1".into(), "IN_PROGRESS".into(), None)]);
    world.sweep(loops::Replication(world.ecr.clone())).await;
    assert_eq!(statuses(&world, "v1").await, [("eu-west-1".into(), "COMPLETE".into(), None)]);
    assert!(statuses(&world, "before").await.is_empty());
    let there = Cx { region: "eu-west-1".parse().unwrap(), ..world.cx() };
    assert_eq!(tags_at(&world, &there).await, ["v1"]);
    // It is whole there, and stays when the first one goes.
    world.delete("web", true).await.unwrap();
    for _ in 0..3 {
        world.sweep_all().await;
        world.clock.advance(Duration::from_secs(25 * 60 * 60));
    }
    let ids = [&list, &child].map(|manifest| api::ImageIdentifier {
        image_digest: Some(digest_of(manifest).to_string()),
        image_tag: None,
    });
    let input = api::BatchGetImageRequest {
        repository_name: "web".into(),
        image_ids: ids.to_vec(),
        ..Default::default()
    };
    let got = world.call_as::<api::BatchGetImage>(&there, input).await.unwrap();
    assert_eq!(got.images.unwrap().len(), 2);
    let layers = api::BatchCheckLayerAvailabilityRequest {
        registry_id: None,
        repository_name: "web".into(),
        layer_digests: vec![gantry_ecr_core::Digest::of(b"child").to_string()],
    };
    let layers = world.call_as::<api::BatchCheckLayerAvailability>(&there, layers).await.unwrap();
    assert_eq!(layers.layers.unwrap()[0].layer_availability.as_deref(), Some("AVAILABLE"));
}

#[tokio::test]
async fn another_account_must_let_it_in() {
    let world = World::new();
    world.make("web").await;
    put(&world, vec![rule("us-east-1", AWAY, None)]).await.unwrap();
    world.push("web", Some("v1"), "one").await;
    world.sweep(loops::Replication(world.ecr.clone())).await;
    assert_eq!(
        statuses(&world, "v1").await,
        [("us-east-1".into(), "FAILED".into(), Some("AccessDenied".into()))]
    );
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{HOME}:root") },
        "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],
        "Resource": format!("arn:aws:ecr:us-east-1:{AWAY}:repository/*") }] });
    let input = api::PutRegistryPolicyRequest { policy_text: policy.to_string() };
    world.call_as::<api::PutRegistryPolicy>(&away(&world), input).await.unwrap();
    world.push("web", Some("v2"), "two").await;
    world.sweep(loops::Replication(world.ecr.clone())).await;
    assert_eq!(statuses(&world, "v2").await, [("us-east-1".into(), "COMPLETE".into(), None)]);
    assert_eq!(tags_at(&world, &away(&world)).await, ["v2"]);
}

#[tokio::test]
async fn a_registry_is_not_its_own_destination() {
    let world = World::new();
    let message =
        refused(put(&world, vec![rule("us-east-1", HOME, None)]).await, "InvalidParameterException");
    assert_eq!(
        message,
        "Invalid parameter at 'replicationConfiguration' failed to satisfy constraint: 'Replication destination cannot be the same as the source registry'"
    );
}
