//! What the audit trail is told of pushes and pulls.

use gantry_ecr_core::Digest;
use serde_json::json;

use crate::world::{HOME, World};

#[tokio::test]
async fn requests_are_recorded_as_the_operations_that_they_amount_to() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let manifest = client.image("web", "v1", "layer").await;
    let names = |notes: Vec<(String, serde_json::Value, Option<String>)>| {
        notes.into_iter().map(|(operation, ..)| operation).collect::<Vec<_>>()
    };
    let upload = ["InitiateLayerUpload", "CompleteLayerUpload"];
    assert_eq!(names(world.audit.take()), [&upload[..], &upload, &["PutImage"]].concat());

    client.get("/v2/").await.is(200);
    client.get("/v2/web/manifests/v1").await.is(200);
    client.get(&format!("/v2/web/blobs/{}", Digest::of(b"layer"))).await.is(200);
    client.get("/v2/web/manifests/none").await.is(404);
    let key = world
        .user("ann", json!([{ "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*" }]));
    world.client(&key).await.put_manifest("web", "v2", &manifest).await.is(403);
    world.nobody().get("/v2/web/manifests/v1").await.is(401);
    let named = |more: serde_json::Value| {
        let mut named = json!({ "registryId": HOME, "repositoryName": "web" });
        named.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        named
    };
    let expected = [
        ("BatchGetImage", named(json!({ "imageIds": [{ "imageTag": "v1" }] })), None),
        ("GetDownloadUrlForLayer", named(json!({ "layerDigest": Digest::of(b"layer").to_string() })), None),
        ("BatchGetImage", named(json!({ "imageIds": [{ "imageTag": "none" }] })), Some("MANIFEST_UNKNOWN")),
        ("PutImage", named(json!({ "imageTag": "v2" })), Some("AccessDenied")),
    ];
    let expected =
        expected.map(|(operation, request, error)| (operation.into(), request, error.map(str::to_owned)));
    assert_eq!(world.audit.take(), expected);
}
