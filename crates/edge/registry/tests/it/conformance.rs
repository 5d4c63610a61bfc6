//! The cases of OCI's distribution specification, by its four workflows and its end-points (`end-1` to `end-14`):
//! <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>.

use gantry_ecr_core::Digest;
use serde_json::{Value, json};

use crate::s3::Store;
use crate::world::{Client, Got, OCI_IMAGE, OCI_INDEX, World, descriptor, digest_of};

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const NAME: &str = "team/conformance";

/// Where images are kept.
#[derive(Clone, Copy)]
enum Kept {
    Here,
    InS3,
}

async fn world(kept: Kept) -> (World, Option<Store>) {
    let (world, store) = match kept {
        Kept::Here => (World::new(), None),
        Kept::InS3 => {
            let store = Store::start();
            (World::remote(&store.url()), Some(store))
        }
    };
    world.make(NAME).await;
    world.make("team/other").await;
    (world, store)
}

/// Each case as a test of both ways to keep images.
macro_rules! cases {
    ($($case:ident),* $(,)?) => {
        mod here {
            $(#[tokio::test]
            async fn $case() {
                super::$case(super::Kept::Here).await;
            })*
        }
        mod in_s3 {
            $(#[tokio::test]
            async fn $case() {
                super::$case(super::Kept::InS3).await;
            })*
        }
    };
}

cases! {
    pull,
    push_in_every_way,
    blobs_are_mounted_from_where_they_are,
    content_is_discovered,
    content_is_managed,
    an_index_of_two_architectures_needs_both,
}

fn path(rest: impl std::fmt::Display) -> String {
    format!("/v2/{NAME}/{rest}")
}

/// An image of a configuration and a layer, which differ by `seed`.
fn parts(seed: u32) -> (String, String, Value) {
    let (config, layer) = (json!({ "seed": seed }).to_string(), format!("layer {seed}"));
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_IMAGE,
        "config": descriptor(&config, CONFIG),
        "layers": [descriptor(&layer, LAYER)],
    });
    (config, layer, manifest)
}

async fn push(client: &Client<'_>, seed: u32, reference: &str) -> Value {
    let (config, layer, manifest) = parts(seed);
    client.blob(NAME, config).await;
    client.blob(NAME, layer).await;
    client.put_manifest(NAME, reference, &manifest).await.is(201);
    manifest
}

async fn begin(client: &Client<'_>) -> String {
    let begun = client.send("POST", &path("blobs/uploads/"), &[("content-length", "0")], "").await.is(202);
    begun.header("location").to_owned()
}

fn with_digest(location: &str, digest: impl std::fmt::Display) -> String {
    let separator = if location.contains('?') { '&' } else { '?' };
    format!("{location}{separator}digest={digest}")
}

#[track_caller]
fn errors_are_well_formed(got: &Got) {
    assert_eq!(got.header("content-type"), "application/json");
    for error in got.json()["errors"].as_array().unwrap() {
        let code = error["code"].as_str().unwrap();
        assert!(code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{code}");
        assert!(error["message"].is_string());
    }
}

async fn pull(kept: Kept) {
    let (world, _store) = world(kept).await;
    let client = world.home().await;
    client.get("/v2/").await.is(200);
    let manifest = push(&client, 1, "tagtest0").await;
    let digest = digest_of(&manifest);
    let (config, layer, _) = parts(1);

    // Blobs: what is there, what is not, and parts of them.
    let absent = Digest::of(b"never pushed");
    client.send("HEAD", &path(format!("blobs/{absent}")), &[], "").await.is(404);
    errors_are_well_formed(&client.get(&path(format!("blobs/{absent}"))).await.is(404));
    for content in [&config, &layer] {
        let blob = path(format!("blobs/{}", Digest::of(content.as_bytes())));
        let head = client.send("HEAD", &blob, &[], "").await.is(200);
        assert_eq!(head.header("docker-content-digest"), Digest::of(content.as_bytes()).to_string());
        assert_eq!(head.header("content-length"), content.len().to_string());
        assert_eq!(client.get(&blob).await.is(200).body, content.as_bytes());
    }
    let blob = path(format!("blobs/{}", Digest::of(layer.as_bytes())));
    let part = client.send("GET", &blob, &[("range", "bytes=2-4")], "").await.is(206);
    assert_eq!((&part.body[..], part.header("content-range")), (&b"yer"[..], "bytes 2-4/7"));
    client.send("GET", &blob, &[("range", "bytes=7-")], "").await.is(416);

    // Manifests, by tag and by digest, whole and only asked for.
    let accept = [("accept", "application/vnd.oci.image.index.v1+json"), ("accept", OCI_IMAGE)];
    for reference in ["tagtest0", &digest] {
        let manifest_path = path(format!("manifests/{reference}"));
        let head = client.send("HEAD", &manifest_path, &accept, "").await.is(200);
        assert_eq!(head.header("docker-content-digest"), digest);
        assert_eq!(head.header("content-type"), OCI_IMAGE);
        let got = client.send("GET", &manifest_path, &accept, "").await.is(200);
        assert_eq!(got.header("docker-content-digest"), digest);
        assert_eq!(got.header("content-type"), OCI_IMAGE);
        assert_eq!(got.header("content-length"), got.body.len().to_string());
        assert_eq!(got.body, manifest.to_string().as_bytes());
    }
    for reference in [".INVALID_MANIFEST_NAME", "nope", &absent.to_string()] {
        let manifest_path = path(format!("manifests/{reference}"));
        let got = client.send("GET", &manifest_path, &accept, "").await;
        assert!(matches!(got.status.as_u16(), 400 | 404), "{reference}: {}", got.status);
        errors_are_well_formed(&got);
        let head = client.send("HEAD", &manifest_path, &accept, "").await;
        assert_eq!((head.status, head.body.len()), (got.status, 0));
    }
    client.get("/v2/never/made/manifests/x").await.fails(404, "NAME_UNKNOWN");
}

async fn push_in_every_way(kept: Kept) {
    let (world, _store) = world(kept).await;
    let client = world.home().await;
    let octets = ("content-type", "application/octet-stream");
    let exists = async |digest: Digest| {
        client.send("HEAD", &path(format!("blobs/{digest}")), &[], "").await.is(200);
    };

    // POST with the content and the digest.
    let digest = Digest::of(b"post");
    let at_once = with_digest(&path("blobs/uploads/"), digest);
    let put = client.send("POST", &at_once, &[octets, ("content-length", "4")], "post").await.is(201);
    assert!(!put.header("location").is_empty());
    exists(digest).await;

    // POST, then PUT.
    let digest = Digest::of(b"post put");
    let place = begin(&client).await;
    let put = client.send("PUT", &with_digest(&place, digest), &[octets], "post put").await.is(201);
    client.get(put.header("location")).await.is(200);
    exists(digest).await;

    // POST, a stream by PATCH, then PUT without content.
    let digest = Digest::of(b"streamed");
    let place = begin(&client).await;
    let sent = client.send("PATCH", &place, &[octets], "streamed").await.is(202);
    client.send("PUT", &with_digest(sent.header("location"), digest), &[], "").await.is(201);
    exists(digest).await;

    // Chunks in order; out of order they are refused, and the upload tells where it is.
    let digest = Digest::of(b"onetwothree");
    let place = begin(&client).await;
    let outside = [octets, ("content-range", "3-5"), ("content-length", "3")];
    client.send("PATCH", &place, &outside, "two").await.fails(416, "RANGE_INVALID");
    let first = client.send("PATCH", &place, &[octets, ("content-range", "0-2")], "one").await.is(202);
    assert_eq!(first.header("range"), "0-2");
    let place = first.header("location").to_owned();
    client
        .send("PATCH", &place, &[octets, ("content-range", "0-2")], "one")
        .await
        .fails(416, "RANGE_INVALID");
    let status = client.get(&place).await.is(204);
    assert_eq!(status.header("range"), "0-2");
    let second =
        client.send("PATCH", status.header("location"), &[("content-range", "3-5")], "two").await.is(202);
    assert_eq!(second.header("range"), "0-5");
    let last = with_digest(second.header("location"), digest);
    client.send("PUT", &last, &[octets, ("content-range", "6-10")], "three").await.is(201);
    exists(digest).await;

    // What is not what its digest says; a digest that is none; an upload that is given up.
    let place = begin(&client).await;
    client.send("PUT", &with_digest(&place, digest), &[octets], "else").await.fails(400, "DIGEST_INVALID");
    let place = begin(&client).await;
    client
        .send("PUT", &with_digest(&place, "sha256:x"), &[octets], "else")
        .await
        .fails(400, "DIGEST_INVALID");
    client.send("DELETE", &place, &[], "").await.is(204);
    client.get(&place).await.fails(404, "BLOB_UPLOAD_UNKNOWN");

    // Manifests: by tag, by digest, without layers; what they need must be there.
    let manifest = push(&client, 7, "by-tag").await;
    let digest = digest_of(&manifest);
    let put = client.put_manifest(NAME, &digest, &manifest).await.is(201);
    assert_eq!(put.header("docker-content-digest"), digest);
    client.get(put.header("location")).await.is(200);
    let mut bare = manifest.clone();
    bare["layers"] = json!([]);
    client.put_manifest(NAME, "bare", &bare).await.is(201);
    let (_, _, orphan) = parts(8);
    client.put_manifest(NAME, "orphan", &orphan).await.fails(400, "MANIFEST_BLOB_UNKNOWN");
    let wrong = Digest::of(b"another manifest").to_string();
    client.put_manifest(NAME, &wrong, &manifest).await.fails(400, "DIGEST_INVALID");
    let header = [("content-type", OCI_IMAGE)];
    client.send("PUT", &path("manifests/x"), &header, "{").await.fails(400, "MANIFEST_INVALID");
    client
        .send("PUT", &path("manifests/x"), &header, vec![b' '; 5 << 20])
        .await
        .fails(413, "MANIFEST_INVALID");

    // Manifests with a subject say that they were understood so; the subject need not be there.
    let mut about = manifest.clone();
    about["subject"] = descriptor("not pushed yet", OCI_IMAGE);
    let put = client.put_manifest(NAME, &digest_of(&about), &about).await.is(201);
    assert_eq!(put.header("oci-subject"), Digest::of(b"not pushed yet").to_string());
}

async fn blobs_are_mounted_from_where_they_are(kept: Kept) {
    let (world, _store) = world(kept).await;
    let client = world.home().await;
    let digest = client.blob("team/other", "mounted").await;
    let mount = |from: &str| path(format!("blobs/uploads/?mount={digest}{from}"));
    let mounted = client.send("POST", &mount("&from=team%2Fother"), &[], "").await.is(201);
    assert_eq!(mounted.header("location"), path(format!("blobs/{digest}")));
    assert_eq!(client.get(mounted.header("location")).await.is(200).body, "mounted");
    // From where it is not, from nowhere, and without a source: an upload begins instead.
    let absent = Digest::of(b"absent");
    for begun in [
        path(format!("blobs/uploads/?mount={absent}&from=team/other")),
        path(format!("blobs/uploads/?mount={absent}&from=never/made")),
        path(format!("blobs/uploads/?mount={absent}")),
    ] {
        let begun = client.send("POST", &begun, &[], "").await.is(202);
        client.send("PATCH", begun.header("location"), &[], "abs").await.is(202);
    }
    client.get(&path(format!("blobs/{absent}"))).await.fails(404, "BLOB_UNKNOWN");
}

async fn content_is_discovered(kept: Kept) {
    let (world, _store) = world(kept).await;
    let client = world.home().await;
    for tag in ["test0", "test1", "TEST2", "test3"] {
        push(&client, 3, tag).await;
    }
    let tags = async |query: &str| {
        let got = client.get(&path(format!("tags/list{query}"))).await.is(200);
        (got.json()["tags"].clone(), got.header("link").to_owned())
    };
    let (all, link) = tags("").await;
    assert_eq!((all, link.as_str()), (json!(["TEST2", "test0", "test1", "test3"]), ""));
    let (some, link) = tags("?n=2").await;
    assert_eq!(some, json!(["TEST2", "test0"]));
    assert_eq!(link, format!("<{}?n=2&last=test0>; rel=\"next\"", path("tags/list")));
    assert_eq!(tags("?n=2&last=test0").await, (json!(["test1", "test3"]), String::new()));
    assert_eq!(tags("?last=test1").await.0, json!(["test3"]));
    assert_eq!(tags("?n=0").await.0, json!([]));

    // Referrers of every form: an image with a configuration of its own type, one with an artifact type, an index.
    let subject = push(&client, 4, "subject").await;
    let about = descriptor(&subject.to_string(), OCI_IMAGE);
    client.blob(NAME, "{}").await;
    let artifact = |kind: Option<&str>, config: Value, note: &str| {
        let mut artifact = json!({
            "schemaVersion": 2,
            "mediaType": OCI_IMAGE,
            "config": config,
            "layers": [descriptor("{}", EMPTY)],
            "subject": about,
            "annotations": { "note": note },
        });
        if let Some(kind) = kind {
            artifact["artifactType"] = json!(kind);
        }
        artifact
    };
    let mut index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [], "subject": about });
    index["artifactType"] = json!("application/vnd.nhl.peanut.butter.bagel");
    let artifacts = [
        artifact(None, descriptor("{}", "application/vnd.oba.candy.box"), "by its configuration"),
        artifact(Some("application/vnd.nhl.peanut.butter.bagel"), descriptor("{}", EMPTY), "by its own word"),
        index,
    ];
    for artifact in &artifacts {
        let put = client.put_manifest(NAME, &digest_of(artifact), artifact).await.is(201);
        assert_eq!(put.header("oci-subject"), digest_of(&subject));
    }
    let referrers = path(format!("referrers/{}", digest_of(&subject)));
    let got = client.get(&referrers).await.is(200);
    assert_eq!((got.header("content-type"), got.header("oci-filters-applied")), (OCI_INDEX, ""));
    assert_eq!((&got.json()["schemaVersion"], &got.json()["mediaType"]), (&json!(2), &json!(OCI_INDEX)));
    let listed = got.json()["manifests"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 3);
    for artifact in &artifacts {
        let found = listed.iter().find(|entry| entry["digest"] == digest_of(artifact)).unwrap();
        assert_eq!(found["size"], artifact.to_string().len());
        assert_eq!(found["mediaType"], artifact["mediaType"]);
        let kind = artifact.get("artifactType").unwrap_or(&artifact["config"]["mediaType"]);
        assert_eq!(&found["artifactType"], kind);
        assert_eq!(found.get("annotations"), artifact.get("annotations"));
    }
    let bagels = client
        .get(&format!("{referrers}?artifactType=application/vnd.nhl.peanut.butter.bagel"))
        .await
        .is(200);
    assert_eq!(bagels.header("oci-filters-applied"), "artifactType");
    assert_eq!(bagels.json()["manifests"].as_array().unwrap().len(), 2);
    let absent = client.get(&path(format!("referrers/{}", Digest::of(b"nothing")))).await.is(200);
    assert_eq!(absent.json()["manifests"], json!([]));
}

async fn content_is_managed(kept: Kept) {
    let (world, _store) = world(kept).await;
    let client = world.home().await;
    let manifest = push(&client, 5, "tagTest0").await;
    client.put_manifest(NAME, "tagTest1", &manifest).await.is(201);
    client.send("DELETE", &path("manifests/tagTest1"), &[], "").await.is(202);
    client.get(&path("manifests/tagTest1")).await.fails(404, "MANIFEST_UNKNOWN");
    let by_digest = path(format!("manifests/{}", digest_of(&manifest)));
    client.get(&by_digest).await.is(200);
    client.send("DELETE", &by_digest, &[], "").await.is(202);
    for gone in [by_digest.as_str(), &path("manifests/tagTest0")] {
        client.get(gone).await.fails(404, "MANIFEST_UNKNOWN");
        client.send("DELETE", gone, &[], "").await.fails(404, "MANIFEST_UNKNOWN");
    }
    let tags = client.get(&path("tags/list")).await.is(200);
    assert_eq!(tags.json()["tags"], json!([]));
    // Layers that no image needs go by themselves; ECR has no request for it.
    let (config, ..) = parts(5);
    let blob = path(format!("blobs/{}", Digest::of(config.as_bytes())));
    client.send("DELETE", &blob, &[], "").await.fails(405, "UNSUPPORTED");
}

async fn an_index_of_two_architectures_needs_both(kept: Kept) {
    let (world, _store) = world(kept).await;
    let client = world.home().await;
    let images = [push(&client, 20, "amd64").await, push(&client, 21, "arm64").await];
    let entries = images.iter().zip(["amd64", "arm64"]).map(|(image, architecture)| {
        let mut entry = descriptor(&image.to_string(), OCI_IMAGE);
        entry["platform"] = json!({ "os": "linux", "architecture": architecture });
        entry
    });
    let index =
        json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries.collect::<Vec<_>>() });
    client.put_manifest(NAME, "both", &index).await.is(201);
    let got = client.get(&path("manifests/both")).await.is(200);
    assert_eq!((got.header("content-type"), &got.body[..]), (OCI_INDEX, index.to_string().as_bytes()));
    // Elsewhere neither of them is there.
    client.put_manifest("team/other", "both", &index).await.fails(400, "MANIFEST_BLOB_UNKNOWN");
}
