//! Links to layers, for whoever holds one.

use std::time::Duration;

use gantry_api_ecr as api;
use gantry_ecr_core::Digest;
use serde_json::json;

use crate::world::World;

async fn link(world: &World, digest: Digest) -> String {
    let input = api::GetDownloadUrlForLayerRequest {
        registry_id: None,
        repository_name: "web".into(),
        layer_digest: digest.to_string(),
    };
    let url =
        world.call::<api::GetDownloadUrlForLayer>("AKIAHOME", input).await.unwrap().download_url.unwrap();
    url.split_once(":4566").unwrap().1.to_owned()
}

#[tokio::test]
async fn a_link_serves_its_layer_without_a_password_for_an_hour() {
    let world = World::new();
    world.make("web").await;
    let digest = world.home().await.blob("web", "the layer").await;
    let path = link(&world, digest).await;
    let nobody = world.nobody();
    let got = nobody.get(&path).await.is(200);
    assert_eq!(
        (&got.body[..], got.header("docker-content-digest")),
        (&b"the layer"[..], &*digest.to_string())
    );
    let part = nobody.send("GET", &path, &[("range", "bytes=4-")], "").await.is(206);
    assert_eq!(&part.body[..], b"layer");
    nobody.send("GET", &path, &[("range", "bytes=100-")], "").await.fails(416, "RANGE_INVALID");
    let head = nobody.send("HEAD", &path, &[], "").await.is(200);
    assert_eq!((head.header("content-length"), head.body.len()), ("9", 0));
    nobody.send("DELETE", &path, &[], "").await.fails(405, "UNSUPPORTED");
    let damaged = format!("{}x", &path[..path.len() - 1]);
    for bad in
        [damaged.as_str(), "/v2/_layers/", "/v2/_layers/%00", &format!("/v2/_layers/{}", "A".repeat(5000))]
    {
        nobody.get(bad).await.fails(403, "DENIED");
    }
    world.clock.advance(Duration::from_secs(3601));
    let message = nobody.get(&path).await.fails(403, "DENIED");
    assert_eq!(message, "Request has expired");
}

#[tokio::test]
async fn a_link_is_given_to_who_may_pull() {
    let world = World::new();
    world.make("web").await;
    let digest = world.home().await.blob("web", "layer").await;
    let key = world.user(
        "ann",
        json!([{ "Effect": "Allow", "NotAction": "ecr:GetDownloadUrlForLayer", "Resource": "*" }]),
    );
    let input = api::GetDownloadUrlForLayerRequest {
        registry_id: None,
        repository_name: "web".into(),
        layer_digest: digest.to_string(),
    };
    let refused = world.call::<api::GetDownloadUrlForLayer>(&key, input).await.err().unwrap();
    assert!(refused.contains("Denied"), "{refused}");
}
