//! Deleting: tags, manifests; what may not be deleted; what is not served.

use crate::world::{World, digest_of, index};

#[tokio::test]
async fn a_tag_goes_without_its_image_unless_it_is_the_last() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let manifest = client.image("web", "v1", "layer").await;
    client.put_manifest("web", "v2", &manifest).await.is(201);
    let by_digest = format!("/v2/web/manifests/{}", digest_of(&manifest));
    client.send("DELETE", "/v2/web/manifests/v1", &[], "").await.is(202);
    client.get("/v2/web/manifests/v1").await.fails(404, "MANIFEST_UNKNOWN");
    client.get(&by_digest).await.is(200);
    client.send("DELETE", "/v2/web/manifests/v2", &[], "").await.is(202);
    client.get(&by_digest).await.fails(404, "MANIFEST_UNKNOWN");
    client.send("DELETE", &by_digest, &[], "").await.fails(404, "MANIFEST_UNKNOWN");
}

#[tokio::test]
async fn a_manifest_goes_with_all_its_tags() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let manifest = client.image("web", "v1", "layer").await;
    client.put_manifest("web", "v2", &manifest).await.is(201);
    client.send("DELETE", &format!("/v2/web/manifests/{}", digest_of(&manifest)), &[], "").await.is(202);
    for tag in ["v1", "v2"] {
        client.get(&format!("/v2/web/manifests/{tag}")).await.fails(404, "MANIFEST_UNKNOWN");
    }
    // And can be pushed again.
    client.image("web", "v1", "layer").await;
    client.get("/v2/web/manifests/v1").await.is(200);
}

#[tokio::test]
async fn what_a_list_needs_stays() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let manifest = client.image("web", "amd", "amd").await;
    let list = index(&[&manifest]);
    client.put_manifest("web", "all", &list).await.is(201);
    let child = format!("/v2/web/manifests/{}", digest_of(&manifest));
    let message = client.send("DELETE", &child, &[], "").await.fails(409, "DENIED");
    assert_eq!(message, format!("Requested image referenced by manifest list: [{}]", digest_of(&list)));
    // Its tag may go, itself not.
    client.send("DELETE", "/v2/web/manifests/amd", &[], "").await.is(202);
    client.get(&child).await.is(200);
    client.send("DELETE", "/v2/web/manifests/all", &[], "").await.is(202);
    client.send("DELETE", &child, &[], "").await.is(202);
}

#[tokio::test]
async fn what_is_not_served_says_so() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let digest = client.blob("web", "layer").await;
    let refused = client.send("DELETE", &format!("/v2/web/blobs/{digest}"), &[], "").await;
    assert_eq!(refused.header("allow"), "GET, HEAD");
    refused.fails(405, "UNSUPPORTED");
    client.send("POST", "/v2/", &[], "").await.fails(405, "UNSUPPORTED");
    client.send("GET", "/v2/web/blobs/uploads/", &[], "").await.fails(405, "UNSUPPORTED");
    client.send("POST", "/v2/web/manifests/v1", &[], "").await.fails(405, "UNSUPPORTED");
    client.get("/v2/web/nothing").await.fails(404, "NOT_FOUND");
}
