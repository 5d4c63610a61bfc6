//! Pushing: uploads in one, in pieces, in the wrong order; mounts; manifests.

use gantry_ecr_core::Digest;
use serde_json::json;

use crate::world::{World, descriptor, digest_of, image, index};

#[tokio::test]
async fn a_blob_comes_in_one_request_or_two() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let digest = client.blob("web", "layer").await;
    let got = client.get(&format!("/v2/web/blobs/{digest}")).await.is(200);
    assert_eq!(&got.body[..], b"layer");

    let digest = Digest::of(b"at once");
    let path = format!("/v2/web/blobs/uploads/?digest={}", digest.to_string().replace(':', "%3A"));
    let put = client.send("POST", &path, &[], "at once").await.is(201);
    assert_eq!(put.header("location"), format!("/v2/web/blobs/{digest}"));
    assert_eq!(put.header("docker-content-digest"), digest.to_string());
    client.get(put.header("location")).await.is(200);

    let empty = client.blob("web", "").await;
    assert_eq!(client.get(&format!("/v2/web/blobs/{empty}")).await.is(200).body.len(), 0);
}

#[tokio::test]
async fn pieces_come_in_order_or_not_at_all() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let begun = client.send("POST", "/v2/web/blobs/uploads/", &[], "").await.is(202);
    let place = begun.header("location").to_owned();
    assert_eq!(begun.header("range"), "0-0");
    assert!(place.ends_with(begun.header("docker-upload-uuid")));

    let patch = |range: &'static str, body: &'static str| {
        let (client, place) = (client.clone(), place.clone());
        async move { client.send("PATCH", &place, &[("content-range", range)], body).await }
    };
    assert_eq!(patch("0-4", "01234").await.is(202).header("range"), "0-4");
    for (range, body) in [("0-4", "01234"), ("6-9", "6789"), ("4-8", "45678")] {
        let refused = patch(range, body).await;
        assert_eq!(refused.header("range"), "0-4", "{range}");
        assert_eq!(refused.header("location"), place);
        refused.fails(416, "RANGE_INVALID");
    }
    // A piece that is not as long as it says is not taken in part.
    patch("5-20", "56789").await.fails(400, "SIZE_INVALID");
    patch("x-y", "56789").await.fails(400, "RANGE_INVALID");
    let status = client.get(&place).await.is(204);
    assert_eq!((status.header("range"), status.header("location")), ("0-4", place.as_str()));
    patch("bytes 5-9/*", "56789").await.is(202);

    let digest = Digest::of(b"0123456789last");
    let last = format!("{place}?digest={digest}");
    let put = client.send("PUT", &last, &[("content-range", "10-13")], "last").await.is(201);
    assert_eq!(&client.get(put.header("location")).await.is(200).body[..], b"0123456789last");
    client.get(&place).await.fails(404, "BLOB_UPLOAD_UNKNOWN");
    client.send("PUT", &last, &[], "").await.fails(404, "BLOB_UPLOAD_UNKNOWN");
}

#[tokio::test]
async fn what_is_not_what_it_says_is_not_kept() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let wrong = Digest::of(b"something else");
    let begun = client.send("POST", "/v2/web/blobs/uploads/", &[], "").await.is(202);
    let place = begun.header("location").to_owned();
    client.send("PUT", &format!("{place}?digest={wrong}"), &[], "content").await.fails(400, "DIGEST_INVALID");
    client.get(&format!("/v2/web/blobs/{wrong}")).await.fails(404, "BLOB_UNKNOWN");
    client.get(&place).await.fails(404, "BLOB_UPLOAD_UNKNOWN");
    let once = format!("/v2/web/blobs/uploads/?digest={wrong}");
    client.send("POST", &once, &[], "content").await.fails(400, "DIGEST_INVALID");

    let begun = client.send("POST", "/v2/web/blobs/uploads/", &[], "").await.is(202);
    let place = begun.header("location").to_owned();
    client.send("PUT", &place, &[], "content").await.fails(400, "DIGEST_INVALID");
    let unknown = format!("{place}?digest=sha512:{}", "0".repeat(128));
    client.send("PUT", &unknown, &[], "content").await.fails(400, "DIGEST_INVALID");
    client.send("PUT", &format!("{place}?digest=../../x"), &[], "x").await.fails(400, "DIGEST_INVALID");
    client.send("DELETE", &place, &[], "").await.is(204);
    client.send("DELETE", &place, &[], "").await.fails(404, "BLOB_UPLOAD_UNKNOWN");
    client.send("PATCH", &place, &[], "more").await.fails(404, "BLOB_UPLOAD_UNKNOWN");
}

#[tokio::test]
async fn an_upload_belongs_to_its_repository() {
    let world = World::new();
    world.make("web").await;
    world.make("other").await;
    let client = world.home().await;
    let begun = client.send("POST", "/v2/web/blobs/uploads/", &[], "").await.is(202);
    let elsewhere = begun.header("location").replace("/web/", "/other/");
    client.send("PATCH", &elsewhere, &[], "x").await.fails(404, "BLOB_UPLOAD_UNKNOWN");
    let message = client.send("POST", "/v2/none/blobs/uploads/", &[], "").await.fails(404, "NAME_UNKNOWN");
    let words = "The repository with name 'none' does not exist in the registry with id '111111111111'";
    assert_eq!(message, words);
}

#[tokio::test]
async fn a_blob_is_taken_over_from_another_repository() {
    let world = World::new();
    world.make("web").await;
    world.make("copy").await;
    let client = world.home().await;
    let digest = client.blob("web", "shared").await;
    let mounted =
        client.send("POST", &format!("/v2/copy/blobs/uploads/?mount={digest}&from=web"), &[], "").await;
    let mounted = mounted.is(201);
    assert_eq!(mounted.header("location"), format!("/v2/copy/blobs/{digest}"));
    assert_eq!(&client.get(mounted.header("location")).await.is(200).body[..], b"shared");
    let absent = Digest::of(b"absent");
    for query in
        [format!("mount={absent}&from=web"), format!("mount={digest}&from=none"), format!("mount={absent}")]
    {
        client.send("POST", &format!("/v2/copy/blobs/uploads/?{query}"), &[], "").await.is(202);
    }
    client
        .send("POST", "/v2/copy/blobs/uploads/?mount=x&from=web", &[], "")
        .await
        .fails(400, "DIGEST_INVALID");
}

#[tokio::test]
async fn a_manifest_needs_all_that_it_names() {
    let world = World::new();
    world.make("web").await;
    world.make("other").await;
    let client = world.home().await;
    client.blob("web", "{}").await;
    client.blob("other", "layer").await;
    let message = client.put_manifest("web", "v1", &image("layer")).await.fails(400, "MANIFEST_BLOB_UNKNOWN");
    assert!(message.contains(&Digest::of(b"layer").to_string()), "{message}");
    assert!(!message.contains(&Digest::of(b"{}").to_string()), "{message}");
    client.get("/v2/web/manifests/v1").await.fails(404, "MANIFEST_UNKNOWN");
    client.blob("web", "layer").await;
    let put = client.put_manifest("web", "v1", &image("layer")).await.is(201);
    assert_eq!(put.header("docker-content-digest"), digest_of(&image("layer")));
    assert_eq!(put.header("location"), format!("/v2/web/manifests/{}", digest_of(&image("layer"))));

    let list = index(&[&image("layer"), &image("arm")]);
    client.put_manifest("web", "all", &list).await.fails(400, "MANIFEST_BLOB_UNKNOWN");
    client.image("web", "arm", "arm").await;
    client.put_manifest("web", "all", &list).await.is(201);
}

#[tokio::test]
async fn a_manifest_is_what_it_says() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let manifest = client.image("web", "v1", "layer").await;
    let by_digest = digest_of(&manifest);
    client.put_manifest("web", &by_digest, &manifest).await.is(201);
    let other = Digest::of(b"x").to_string();
    client.put_manifest("web", &other, &manifest).await.fails(400, "DIGEST_INVALID");
    let put = |media_type: &'static str, body: String| {
        let client = client.clone();
        async move { client.send("PUT", "/v2/web/manifests/v2", &[("content-type", media_type)], body).await }
    };
    let docker = "application/vnd.docker.distribution.manifest.v2+json; charset=utf-8";
    put(docker, manifest.to_string()).await.fails(400, "MANIFEST_INVALID");
    put("text/plain", manifest.to_string()).await.fails(400, "MANIFEST_INVALID");
    put("application/vnd.oci.image.manifest.v1+json", "{".into()).await.fails(400, "MANIFEST_INVALID");
    put("application/vnd.oci.image.manifest.v1+json", " ".repeat(4 << 20 | 1))
        .await
        .fails(413, "MANIFEST_INVALID");
    put("", manifest.to_string()).await.is(201);
}

#[tokio::test]
async fn an_immutable_tag_stays() {
    let world = World::new();
    let more = gantry_api_ecr::CreateRepositoryRequest {
        image_tag_mutability: Some("IMMUTABLE_WITH_EXCLUSION".into()),
        image_tag_mutability_exclusion_filters: Some(vec![
            gantry_api_ecr::ImageTagMutabilityExclusionFilter {
                filter_type: "WILDCARD".into(),
                filter: "dev-*".into(),
            },
        ]),
        ..Default::default()
    };
    world.make_with("web", more).await;
    let client = world.home().await;
    client.image("web", "v1", "one").await;
    client.image("web", "dev-1", "one").await;
    client.image("web", "dev-1", "two").await;
    let message = client.put_manifest("web", "v1", &image("two")).await.fails(400, "TAG_INVALID");
    assert_eq!(
        message,
        "The image tag 'v1' already exists in the 'web' repository and cannot be overwritten because the tag is immutable."
    );
    assert_eq!(client.get("/v2/web/manifests/v1").await.json(), image("one"));
    assert_eq!(client.get("/v2/web/manifests/dev-1").await.json(), image("two"));
}

#[tokio::test]
async fn a_moved_tag_leaves_its_image() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    client.image("web", "latest", "one").await;
    client.image("web", "latest", "two").await;
    assert_eq!(client.get("/v2/web/manifests/latest").await.json(), image("two"));
    let old = format!("/v2/web/manifests/{}", digest_of(&image("one")));
    assert_eq!(client.get(&old).await.is(200).json(), image("one"));
}

#[tokio::test]
async fn many_pushes_of_the_same_at_once_store_it_once() {
    let world = World::new();
    let client = world.home().await;
    for name in ["a1", "a2", "a3"] {
        world.make(name).await;
    }
    let layer = "x".repeat(3 << 20);
    let pushes = (0..12).map(|n| {
        let (client, layer) = (client.clone(), layer.clone());
        async move { client.image(&format!("a{}", n % 3 + 1), &format!("v{n}"), &layer).await }
    });
    futures::future::join_all(pushes).await;
    for n in 0..12 {
        let path = format!("/v2/a{}/manifests/v{n}", n % 3 + 1);
        assert_eq!(client.get(&path).await.is(200).json(), image(&layer));
    }
    // The layer, the configuration and the manifest.
    assert_eq!(world.objects(), 3);
    assert_eq!(world.staged(), 0);
}

#[tokio::test]
async fn an_artifact_names_its_subject() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let subject = client.image("web", "v1", "layer").await;
    let mut artifact = image("layer");
    artifact["artifactType"] = json!("application/x.signature");
    artifact["subject"] = descriptor(&subject.to_string(), crate::world::OCI_IMAGE);
    let put = client.put_manifest("web", "sig", &artifact).await.is(201);
    assert_eq!(put.header("oci-subject"), digest_of(&subject));
}

#[tokio::test]
async fn a_manifest_says_the_true_sizes_or_is_refused() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let good = client.image("web", "good", "layer").await;
    let mut wrong = Vec::new();
    for (member, size) in [("/config/size", 3), ("/layers/0/size", 4), ("/layers/0/size", 0)] {
        let mut manifest = good.clone();
        *manifest.pointer_mut(member).unwrap() = json!(size);
        wrong.push(manifest);
    }
    // The same layer twice, once with another size.
    let mut twice = good.clone();
    let mut second = good["layers"][0].clone();
    second["size"] = json!(99);
    twice["layers"].as_array_mut().unwrap().push(second);
    wrong.push(twice);
    let mut list = index(&[&good]);
    list["manifests"][0]["size"] = json!(7);
    wrong.push(list);
    for manifest in wrong {
        let message = client.put_manifest("web", "bad", &manifest).await.fails(400, "MANIFEST_INVALID");
        assert!(message.contains("bytes, and it has"), "{message}");
        client.get("/v2/web/manifests/bad").await.fails(404, "MANIFEST_UNKNOWN");
        client
            .get(&format!("/v2/web/manifests/{}", digest_of(&manifest)))
            .await
            .fails(404, "MANIFEST_UNKNOWN");
    }
}
