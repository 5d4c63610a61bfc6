//! Services that sleep while nobody asks them for anything.

use gantry_api_ecs as api;
use serde_json::json;

use crate::node::SimNode;
use crate::registries::registry;
use crate::services::{describe, said};
use crate::site::{Site, register, rolled, site, turn, until};
use crate::world::World;

/// Two tasks behind the blue group, for a service that sleeps after a minute.
fn wanted(site: &Site) -> api::CreateServiceRequest {
    let tag = api::Tag { key: Some("gantry:scale-to-zero-after".into()), value: Some("1m".into()) };
    api::CreateServiceRequest { tags: Some(vec![tag]), ..rolled(site, json!({})) }
}

/// Such a service.
async fn sleepy(world: &World) -> Site {
    register(world).await;
    let site = site(world).await;
    world.call::<api::CreateService>(wanted(&site)).await.unwrap();
    site
}

async fn until_running(world: &World, node: &mut SimNode, count: i32) {
    until(world, node, "so many tasks", "", |service, _| {
        service.running_count == Some(count) && service.pending_count == Some(0)
    })
    .await;
}

async fn until_asleep(world: &World, node: &mut SimNode) -> api::Service {
    until_running(world, node, 0).await;
    describe(world).await
}

fn times(service: &api::Service, what: &str) -> usize {
    let messages = service.events.iter().flatten().filter_map(|event| event.message.as_deref());
    messages.filter(|message| message.contains(what)).count()
}

#[tokio::test]
async fn a_service_sleeps_without_requests_and_the_next_one_wakes_it() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    let site = sleepy(&world).await;
    until_running(&world, &mut node, 2).await;
    let asleep = until_asleep(&world, &mut node).await;
    assert!(
        said(&asleep, "(service shop) is asleep: no request for 1m."),
        "{}",
        gantry_wire::to_json(&asleep)
    );
    assert_eq!(asleep.desired_count, Some(2), "nobody sees that something differs from what was asked for");
    let deployment = &asleep.deployments.as_ref().unwrap()[0];
    assert_eq!((deployment.desired_count, deployment.rollout_state.as_deref()), (Some(2), Some("COMPLETED")));

    for _ in 0..20 {
        turn(&world, &mut node).await;
    }
    let still = describe(&world).await;
    assert_eq!((still.running_count, still.pending_count), (Some(0), Some(0)));
    let newest = still.events.as_ref().unwrap()[0].message.as_deref().unwrap();
    assert!(newest.contains("has reached a steady state"), "to have none is steady: {newest}");

    assert!(!world.ecs.wake(&site.green).await.unwrap(), "nobody of that group sleeps");
    assert!(world.ecs.wake(&site.blue).await.unwrap());
    assert!(world.ecs.wake(&site.blue).await.unwrap(), "one is to come for whoever asks next, too");
    until_running(&world, &mut node, 2).await;
    let awake = describe(&world).await;
    assert_eq!((times(&awake, "is awake: a request came"), times(&awake, "is asleep")), (1, 1));

    // As long as somebody asks, it stays.
    for _ in 0..90 {
        world.ecs.asked(std::slice::from_ref(&site.blue)).await.unwrap();
        turn(&world, &mut node).await;
    }
    assert_eq!(describe(&world).await.running_count, Some(2));
    let again = until_asleep(&world, &mut node).await;
    assert_eq!(times(&again, "is asleep"), 2);
}

#[tokio::test]
async fn what_changes_a_service_that_sleeps_wakes_it() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    let site = sleepy(&world).await;
    until_running(&world, &mut node, 2).await;
    until_asleep(&world, &mut node).await;
    let scale =
        api::UpdateServiceRequest { service: "shop".into(), desired_count: Some(1), ..Default::default() };
    world.call::<api::UpdateService>(scale).await.unwrap();
    until_running(&world, &mut node, 1).await;
    until_asleep(&world, &mut node).await;
    let deploy = api::UpdateServiceRequest {
        service: "shop".into(),
        force_new_deployment: Some(true),
        ..Default::default()
    };
    world.call::<api::UpdateService>(deploy).await.unwrap();
    until_running(&world, &mut node, 1).await;
    until_asleep(&world, &mut node).await;

    // Without its wish it has its tasks again, and nobody is woken any more.
    let arn = describe(&world).await.service_arn.unwrap();
    let untag =
        api::UntagResourceRequest { resource_arn: arn, tag_keys: vec!["gantry:scale-to-zero-after".into()] };
    world.call::<api::UntagResource>(untag).await.unwrap();
    until_running(&world, &mut node, 1).await;
    assert!(!world.ecs.wake(&site.blue).await.unwrap());
}

#[tokio::test]
async fn who_is_found_by_another_way_as_well_does_not_sleep() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    register(&world).await;
    let site = site(&world).await;
    let found =
        api::ServiceRegistry { registry_arn: Some(registry(&world, &["A"]).await), ..Default::default() };
    let input = api::CreateServiceRequest { service_registries: Some(vec![found]), ..wanted(&site) };
    world.call::<api::CreateService>(input).await.unwrap();
    until_running(&world, &mut node, 2).await;
    for _ in 0..120 {
        turn(&world, &mut node).await;
    }
    let awake = describe(&world).await;
    assert_eq!(awake.running_count, Some(2));
    let why = "does not sleep: its tasks are found by Service Connect or Cloud Map too.";
    assert_eq!(times(&awake, why), 1, "{}", gantry_wire::to_json(&awake));
}
