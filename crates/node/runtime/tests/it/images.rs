//! Pulling.

use std::time::Duration;

use gantry_runtime::*;
use serde_json::json;

use crate::registry::{OCI_INDEX, busybox_layers, layer};
use crate::world::{World, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_present_image_needs_no_network() {
    let world = World::new().await;
    let image = world.registry.put_busybox();
    let pulled = world.engine.pull(&Pull::new(&image)).await.unwrap();
    assert_eq!(pulled.digest, pulled.manifest_digest);
    assert_eq!(pulled.config.env, ["FROM_IMAGE=yes"]);
    assert_eq!(pulled.config.working_dir, "/srv");
    assert!(pulled.size_bytes > 100_000);
    let asked = world.registry.count("");
    assert_eq!(world.engine.pull(&Pull::new(&image)).await.unwrap(), pulled);
    assert_eq!(world.engine.images().await.unwrap(), std::slice::from_ref(&pulled));
    assert_eq!(world.registry.count(""), asked, "nobody was asked again");

    let always = Pull { when: When::Always, ..Pull::new(&image) };
    assert_eq!(world.engine.pull(&always).await.unwrap(), pulled);
    assert_eq!(world.registry.count(""), asked + 1, "one question, what the tag means");
    world.registry.put_image("busybox", "1", &busybox_layers()[..1], json!({"Cmd": ["true"]}));
    let newer = world.engine.pull(&always).await.unwrap();
    assert_ne!(newer.digest, pulled.digest);
    assert_eq!(world.registry.count("/blobs/"), 4, "the layers were there");

    // Of three pulls: two images' manifests and configurations, and no compressed layer.
    eventually("layers are kept once", || blobs(&world) == 2).await;

    world.task("t").await;
    let spec = world.shell("c", &image, "echo runs");
    assert_eq!(world.finish(&spec).await, (0, "runs\n".to_owned()));
    world.engine.remove_image(&image).await.unwrap();
    assert_eq!(world.engine.image(&image).await.unwrap(), None);
    eventually("nothing is kept", || blobs(&world) == 0).await;
    world.close().await;
}

/// How many blobs containerd has.
fn blobs(world: &World) -> usize {
    let dir = "data/root/io.containerd.content.v1.content/blobs/sha256";
    std::fs::read_dir(world.dir.path().join(dir)).map_or(0, Iterator::count)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_pulls_of_one_image_fetch_it_once() {
    let world = World::new().await;
    let image = world.registry.put_busybox();
    world.registry.put_image("other", "1", &busybox_layers(), json!({"Cmd": ["other"]}));
    world.registry.lock().delay = Duration::from_millis(100);
    let (pull, other) = (Pull::new(&image), Pull::new(world.registry.reference("other:1")));
    let pulls = (0..8).map(|index| world.engine.pull(if index % 2 == 0 { &pull } else { &other }));
    for result in futures::future::join_all(pulls).await {
        result.unwrap();
    }
    assert_eq!(world.registry.count("/blobs/"), 4, "two configurations and two shared layers");
    assert_eq!(world.registry.count("/manifests/"), 2);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_breaks_off_goes_on() {
    let world = World::new().await;
    let mut seed = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as u8
    })
    .take(3_000_000)
    .collect();
    let layers = [layer(&[("noise", 0o644, &noise)], &[])];
    world.registry.put_image("noise", "1", &layers, json!({}));
    world.registry.lock().break_after = vec![usize::MAX, 700_000, 500_000, usize::MAX];
    let pull = Pull::new(world.registry.reference("noise:1"));
    world.engine.pull(&pull).await.unwrap();
    assert!(world.registry.count("RANGE") >= 2, "{:?}", world.registry.lock().requests);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_leads_to_this_machines_manifest() {
    let world = World::new().await;
    let layers = busybox_layers();
    let (ours, size) = world.registry.put_image("multi", "ours", &layers, json!({}));
    let (theirs, their_size) = world.registry.put_image("multi", "theirs", &layers[..1], json!({}));
    let host = Platform::host();
    let entry = |digest: &str, size: usize, architecture: &str| {
        json!({
            "mediaType": crate::registry::OCI_MANIFEST, "digest": digest, "size": size,
            "platform": {"os": "linux", "architecture": architecture},
        })
    };
    let manifests = [entry(&theirs, their_size, "s390x"), entry(&ours, size, &host.architecture)];
    let index = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests});
    let (top, _) = world.registry.put_manifest("multi", "1", OCI_INDEX, index.to_string());
    let name = world.registry.reference("multi:1");
    let image = world.engine.pull(&Pull::new(&name)).await.unwrap();
    assert_eq!((image.digest, image.manifest_digest), (top, ours));

    let arm = Platform { os: "linux".into(), architecture: "riscv64".into(), variant: None };
    let when = When::Always;
    world.engine.remove_image(&name).await.unwrap();
    let error = world.engine.pull(&Pull { platform: Some(arm), when, ..Pull::new(&name) }).await;
    assert!(matches!(error, Err(PullError::NoPlatform { .. })), "{error:?}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_say_what_is_wrong() {
    let world = World::new().await;
    let image = world.registry.put_busybox();
    let engine = &world.engine;

    let answer = engine.pull(&Pull::new(world.registry.reference("nothing:1"))).await;
    assert!(matches!(answer, Err(PullError::NotFound { .. })), "{answer:?}");

    let layers = [layer(&[("x", 0o644, b"x")], &[])];
    world.registry.put_image("liar", "1", &layers, json!({}));
    world.registry.lock().lie = Some(crate::registry::digest(&layers[0].1));
    let answer = engine.pull(&Pull::new(world.registry.reference("liar:1"))).await;
    assert!(matches!(answer, Err(PullError::Corrupt { .. })), "{answer:?}");
    world.registry.lock().lie = None;
    engine.pull(&Pull::new(world.registry.reference("liar:1"))).await.unwrap();

    world.registry.put_image(
        "wrong",
        "1",
        &[(layers[0].0.replace('a', "b"), layers[0].1.clone())],
        json!({}),
    );
    let answer = engine.pull(&Pull::new(world.registry.reference("wrong:1"))).await;
    assert!(matches!(answer, Err(PullError::Corrupt { .. })), "{answer:?}");

    // "user:pass"
    world.registry.lock().demand = Some("Basic dXNlcjpwYXNz".into());
    let answer = engine.pull(&Pull::new(&image)).await;
    let Err(PullError::Unauthorized { detail, .. }) = &answer else { panic!("{answer:?}") };
    assert!(detail.contains("authentication required"), "{detail}");
    let basic = |password: &str| Credentials::Basic { username: "user".into(), password: password.into() };
    let wrong = Pull { credentials: basic("no"), ..Pull::new(&image) };
    assert!(matches!(engine.pull(&wrong).await, Err(PullError::Unauthorized { .. })));
    engine.pull(&Pull { credentials: basic("pass"), ..Pull::new(&image) }).await.unwrap();

    let nobody = Pull::new("127.0.0.1:1/x:1");
    let answer = engine.pull(&nobody).await;
    let Err(PullError::Network { detail }) = &answer else { panic!("{answer:?}") };
    assert!(detail.to_lowercase().contains("refused"), "{detail}");
    assert!(matches!(engine.pull(&Pull::new("A b")).await, Err(PullError::InvalidReference { .. })));

    let aliased = Pull {
        source: Source::Endpoint { base: format!("http://{}", world.registry.address), host: None },
        credentials: basic("pass"),
        ..Pull::new("000000000000.dkr.ecr.us-east-1.amazonaws.com/busybox:1")
    };
    let image = engine.pull(&aliased).await.unwrap();
    assert_eq!(image.reference, aliased.reference);
    let newest = Pull { when: When::Newest, ..Pull::new(image.reference.clone()) };
    let newest =
        Pull { source: Source::Endpoint { base: "http://127.0.0.1:1".into(), host: None }, ..newest };
    assert_eq!(engine.pull(&newest).await.unwrap(), image, "what is present serves");
    world.close().await;
}
