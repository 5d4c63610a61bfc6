//! Pulling: manifests by tag and digest, blobs as a whole and in part.

use gantry_ecr_core::Digest;

use crate::s3::Store;
use crate::world::{World, digest_of};

#[tokio::test]
async fn a_manifest_comes_back_byte_for_byte() {
    let world = World::new();
    world.make("team/web").await;
    let client = world.home().await;
    let manifest = client.image("team/web", "v1", "layer").await;
    for reference in ["v1".to_owned(), digest_of(&manifest)] {
        let path = format!("/v2/team/web/manifests/{reference}");
        let got = client.get(&path).await.is(200);
        assert_eq!(got.body, manifest.to_string().as_bytes());
        assert_eq!(got.header("content-type"), manifest["mediaType"].as_str().unwrap());
        assert_eq!(got.header("docker-content-digest"), digest_of(&manifest));
        assert_eq!(got.header("docker-distribution-api-version"), "registry/2.0");
        let head = client.send("HEAD", &path, &[], "").await.is(200);
        assert_eq!(head.header("content-length"), manifest.to_string().len().to_string());
        assert_eq!(
            (head.header("docker-content-digest"), head.body.len()),
            (digest_of(&manifest).as_str(), 0)
        );
        client.send("GET", &path, &[("if-none-match", got.header("etag"))], "").await.is(304);
    }
    let absent = format!("/v2/team/web/manifests/{}", Digest::of(b"absent"));
    let message = client.get(&absent).await.fails(404, "MANIFEST_UNKNOWN");
    assert!(message.starts_with("The image with imageId {imageDigest:'sha256:"), "{message}");
    client.get("/v2/team/web/manifests/none").await.fails(404, "MANIFEST_UNKNOWN");
    client.send("HEAD", "/v2/team/web/manifests/none", &[], "").await.is(404);
}

#[tokio::test]
async fn a_blob_comes_whole_or_in_part() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let content: Vec<u8> = (0..1_000_003u32).map(|at| (at / 7) as u8).collect();
    let digest = client.blob("web", content.clone()).await;
    let path = format!("/v2/web/blobs/{digest}");
    let whole = client.get(&path).await.is(200);
    assert!(whole.body == content);
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let head = client.send("HEAD", &path, &[], "").await.is(200);
    assert_eq!((head.header("content-length"), head.body.len()), ("1000003", 0));
    for (range, start, end) in
        [("bytes=0-9", 0, 10), ("bytes=999999-", 999_999, 1_000_003), ("bytes=-3", 1_000_000, 1_000_003)]
    {
        let part = client.send("GET", &path, &[("range", range)], "").await.is(206);
        assert!(part.body == content[start..end], "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {start}-{}/1000003", end - 1));
        assert_eq!(part.header("content-length"), (end - start).to_string());
    }
    let past = client.send("GET", &path, &[("range", "bytes=1000003-")], "").await;
    assert_eq!(past.header("content-range"), "bytes */1000003");
    past.fails(416, "RANGE_INVALID");
    client.send("GET", &path, &[("range", "bytes=5-2")], "").await.is(200);
    client.send("GET", &path, &[("range", "bytes=0-1"), ("if-range", "\"other\"")], "").await.is(200);
    client.get(&format!("/v2/web/blobs/{}", Digest::of(b"absent"))).await.fails(404, "BLOB_UNKNOWN");
}

#[tokio::test]
async fn a_blob_of_another_repository_is_not_shown() {
    let world = World::new();
    world.make("web").await;
    world.make("other").await;
    let client = world.home().await;
    let digest = client.blob("web", "layer").await;
    client.get(&format!("/v2/other/blobs/{digest}")).await.fails(404, "BLOB_UNKNOWN");
    client.send("HEAD", &format!("/v2/other/blobs/{digest}"), &[], "").await.is(404);
}

#[tokio::test]
async fn a_layer_of_many_parts_comes_back_from_an_s3_store() {
    let store = Store::start();
    let world = World::remote(&store.url());
    world.make("web").await;
    let client = world.home().await;
    // More than two parts of a multipart upload.
    let content: Vec<u8> = (0..20_000_003).map(|at: usize| (at / 257) as u8).collect();
    let digest = client.blob("web", content.clone()).await;
    assert_eq!(world.staged(), 0);
    let path = format!("/v2/web/blobs/{digest}");
    assert!(client.get(&path).await.is(200).body == content);
    let part = client.send("GET", &path, &[("range", "bytes=8388600-8388619")], "").await.is(206);
    assert!(part.body == content[8_388_600..8_388_620]);
}

#[tokio::test]
async fn a_client_is_not_given_a_form_that_it_does_not_take() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let manifest = client.image("web", "v1", "layer").await;
    let kept = manifest["mediaType"].as_str().unwrap();
    const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
    let ask = async |method: &str, path: &str, accept: &str| {
        client.send(method, path, &[("accept", accept)], "").await
    };
    let (by_tag, by_digest) =
        ("/v2/web/manifests/v1".to_owned(), format!("/v2/web/manifests/{}", digest_of(&manifest)));
    let both = format!("{DOCKER}, {kept};q=0.5");
    for accept in ["*/*", &both, "application/*"] {
        assert_eq!(ask("GET", &by_tag, accept).await.is(200).header("content-type"), kept);
    }
    // By tag it is given in the other form, if there is one.
    let translated = ask("GET", &by_tag, DOCKER).await.is(200);
    assert_eq!(translated.header("content-type"), DOCKER);
    assert_eq!(translated.header("docker-content-digest"), Digest::of(&translated.body).to_string());
    let head = ask("HEAD", &by_tag, DOCKER).await.is(200);
    assert_eq!(head.header("docker-content-digest"), translated.header("docker-content-digest"));
    assert_eq!(head.header("content-length"), translated.body.len().to_string());
    let message = ask("GET", &by_digest, DOCKER).await.fails(404, "MANIFEST_UNKNOWN");
    assert_eq!(message, "OCI manifest found, but accept header does not support OCI manifests");
    ask("HEAD", &by_tag, "application/vnd.oci.image.index.v1+json").await.is(404);
    // A list has no other form.
    let index = world_index(&manifest);
    let headers = [("content-type", "application/vnd.oci.image.index.v1+json")];
    client.send("PUT", "/v2/web/manifests/all", &headers, index).await.is(201);
    let message = ask("GET", "/v2/web/manifests/all", kept).await.fails(404, "MANIFEST_UNKNOWN");
    assert_eq!(message, "OCI index found, but accept header does not support OCI indexes");
}

/// An index of that one image.
fn world_index(manifest: &serde_json::Value) -> String {
    let size = manifest.to_string().len();
    serde_json::json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{ "mediaType": manifest["mediaType"], "digest": digest_of(manifest), "size": size }],
    })
    .to_string()
}
