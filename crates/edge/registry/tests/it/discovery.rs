//! Listing: tags, repositories, referrers; page by page.

use serde_json::json;

use crate::world::{OCI_INDEX, World, descriptor, digest_of, image};

fn next(link: &str) -> String {
    let (path, rel) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
    assert_eq!(rel, "; rel=\"next\"");
    path.to_owned()
}

#[tokio::test]
async fn tags_are_listed_in_order_and_by_pages() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    assert_eq!(client.get("/v2/web/tags/list").await.json(), json!({ "name": "web", "tags": [] }));
    let manifest = client.image("web", "v1", "layer").await;
    for tag in ["v1-rc", "v1.0", "Z", "_x", "v10"] {
        client.put_manifest("web", tag, &manifest).await.is(201);
    }
    let all = json!(["Z", "_x", "v1", "v1-rc", "v1.0", "v10"]);
    let listed = client.get("/v2/web/tags/list").await.is(200);
    assert_eq!((listed.json()["tags"].clone(), listed.header("link")), (all, ""));
    let first = client.get("/v2/web/tags/list?n=4").await;
    assert_eq!(first.json()["tags"], json!(["Z", "_x", "v1", "v1-rc"]));
    let second = client.get(&next(first.header("link"))).await;
    assert_eq!((second.json()["tags"].clone(), second.header("link")), (json!(["v1.0", "v10"]), ""));
    let after = client.get("/v2/web/tags/list?last=v1-zzz&n=1").await;
    assert_eq!(after.json()["tags"], json!(["v1.0"]));
    assert_eq!(client.get("/v2/web/tags/list?n=0").await.json()["tags"], json!([]));
    for bad in ["-1", "x", "99999999999999"] {
        client.get(&format!("/v2/web/tags/list?n={bad}")).await.fails(400, "PAGINATION_NUMBER_INVALID");
    }
    client.get("/v2/none/tags/list").await.fails(404, "NAME_UNKNOWN");
}

#[tokio::test]
async fn repositories_are_listed_by_pages() {
    let world = World::new();
    for name in ["web", "api/v1", "db"] {
        world.make(name).await;
    }
    let client = world.home().await;
    assert_eq!(client.get("/v2/_catalog").await.json(), json!({ "repositories": ["api/v1", "db", "web"] }));
    let first = client.get("/v2/_catalog?n=2").await;
    assert_eq!(first.json(), json!({ "repositories": ["api/v1", "db"] }));
    assert_eq!(client.get(&next(first.header("link"))).await.json(), json!({ "repositories": ["web"] }));
    // Another account and another region have others.
    let away = world.client("AKIAAWAY").await;
    assert_eq!(away.get("/v2/_catalog").await.json(), json!({ "repositories": [] }));
    let elsewhere = client.at("111111111111.dkr.ecr.eu-west-1.localhost:4566");
    assert_eq!(elsewhere.get("/v2/_catalog").await.json(), json!({ "repositories": [] }));
}

#[tokio::test]
async fn referrers_are_listed_and_filtered() {
    let world = World::new();
    world.make("web").await;
    let client = world.home().await;
    let subject = client.image("web", "v1", "layer").await;
    let path = format!("/v2/web/referrers/{}", digest_of(&subject));
    let none = client.get(&path).await.is(200);
    assert_eq!((none.header("content-type"), none.json()["manifests"].clone()), (OCI_INDEX, json!([])));

    let mut artifacts = Vec::new();
    for kind in ["application/x.signature", "application/x.sbom"] {
        let mut artifact = image("layer");
        artifact["artifactType"] = json!(kind);
        artifact["subject"] = descriptor(&subject.to_string(), crate::world::OCI_IMAGE);
        artifact["annotations"] = json!({ "kind": kind });
        client.put_manifest("web", &digest_of(&artifact), &artifact).await.is(201);
        artifacts.push(artifact);
    }
    let both = client.get(&path).await.is(200).json();
    assert_eq!(both["manifests"].as_array().unwrap().len(), 2);
    let filtered = client.get(&format!("{path}?artifactType=application%2Fx.sbom")).await.is(200);
    assert_eq!(filtered.header("oci-filters-applied"), "artifactType");
    let sbom = json!([{
        "mediaType": crate::world::OCI_IMAGE,
        "digest": digest_of(&artifacts[1]),
        "size": artifacts[1].to_string().len(),
        "artifactType": "application/x.sbom",
        "annotations": { "kind": "application/x.sbom" },
    }]);
    assert_eq!(filtered.json()["manifests"], sbom);

    let gone = format!("/v2/web/manifests/{}", digest_of(&artifacts[0]));
    client.send("DELETE", &gone, &[], "").await.is(202);
    assert_eq!(client.get(&path).await.json()["manifests"], sbom);
    client.get("/v2/web/referrers/latest").await.fails(400, "DIGEST_INVALID");
}
