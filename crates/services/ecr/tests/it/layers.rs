//! Layers through ECR's own operations.

use bytes::Bytes;
use gantry_api_ecr as api;
use gantry_ecr_core::Digest;
use gantry_service::Failure;
use serde_json::json;

use crate::world::{World, image, refused};

async fn begin(world: &World) -> String {
    let input = api::InitiateLayerUploadRequest { repository_name: "web".into(), ..Default::default() };
    let begun = world.call::<api::InitiateLayerUpload>(input).await.unwrap();
    assert_eq!(begun.part_size, Some(20 * 1024 * 1024));
    begun.upload_id.unwrap()
}

fn part(upload: &str, first: i64, last: i64, content: &str) -> api::UploadLayerPartRequest {
    api::UploadLayerPartRequest {
        registry_id: None,
        repository_name: "web".into(),
        upload_id: upload.into(),
        part_first_byte: first,
        part_last_byte: last,
        layer_part_blob: Bytes::copy_from_slice(content.as_bytes()),
    }
}

fn finish(upload: &str, digest: impl ToString) -> api::CompleteLayerUploadRequest {
    api::CompleteLayerUploadRequest {
        registry_id: None,
        repository_name: "web".into(),
        upload_id: upload.into(),
        layer_digests: vec![digest.to_string()],
    }
}

#[tokio::test]
async fn a_layer_comes_in_parts_and_makes_an_image() {
    let world = World::new();
    comes_in_parts(&world).await;
    let world = World::remote(std::sync::Arc::new(object_store::memory::InMemory::new()));
    comes_in_parts(&world).await;
}

async fn comes_in_parts(world: &World) {
    const LEAST: usize = 5 << 20;
    world.make("web").await;
    world.layer("web", "{}").await;
    let upload = begin(world).await;
    let layer = "0123456789abcdef".repeat(LEAST / 16) + "end";
    let (first, second) = layer.split_at(LEAST);
    let end = LEAST as i64 - 1;
    let sent = world.call::<api::UploadLayerPart>(part(&upload, 0, end, first)).await.unwrap();
    assert_eq!(sent.last_byte_received, Some(end));
    world.call::<api::UploadLayerPart>(part(&upload, end + 1, end + 3, second)).await.unwrap();
    let digest = Digest::of(layer.as_bytes());
    let done = world.call::<api::CompleteLayerUpload>(finish(&upload, digest)).await.unwrap();
    assert_eq!(done.layer_digest, Some(digest.to_string()));
    world.put("web", Some("v1"), &image(&layer)).await.unwrap();
    refused(world.call::<api::CompleteLayerUpload>(finish(&upload, digest)).await, "UploadNotFoundException");
    let again = begin(world).await;
    world.call::<api::UploadLayerPart>(part(&again, 0, end, first)).await.unwrap();
    refused(
        world.call::<api::CompleteLayerUpload>(finish(&again, digest)).await,
        "LayerAlreadyExistsException",
    );
}

#[tokio::test]
async fn only_the_last_part_may_be_small() {
    let world = World::new();
    world.make("web").await;
    let upload = begin(&world).await;
    world.call::<api::UploadLayerPart>(part(&upload, 0, 4, "01234")).await.unwrap();
    world.call::<api::UploadLayerPart>(part(&upload, 5, 9, "56789")).await.unwrap();
    let digest = Digest::of(b"0123456789");
    refused(
        world.call::<api::CompleteLayerUpload>(finish(&upload, digest)).await,
        "LayerPartTooSmallException",
    );
    let upload = begin(&world).await;
    world.call::<api::UploadLayerPart>(part(&upload, 0, 9, "0123456789")).await.unwrap();
    world.call::<api::CompleteLayerUpload>(finish(&upload, digest)).await.unwrap();
}

#[tokio::test]
async fn parts_are_consecutive_and_as_long_as_they_say() {
    let world = World::new();
    world.make("web").await;
    let upload = begin(&world).await;
    world.call::<api::UploadLayerPart>(part(&upload, 0, 4, "01234")).await.unwrap();
    for bad in [
        part(&upload, 6, 10, "56789"),
        part(&upload, 0, 4, "01234"),
        part(&upload, 5, 10, "56789"),
        part(&upload, 5, 4, ""),
        part(&upload, -1, 3, "56789"),
        part(&upload, i64::MIN, i64::MAX, "56789"),
    ] {
        let failure = world.handlers.call::<api::UploadLayerPart>(&world.cx(), bad).await.err().unwrap();
        let Failure::Answer(error) = failure else { panic!("{failure:?}") };
        assert_eq!(error.code, "InvalidLayerPartException");
        let last = error.fields.iter().find(|(name, _)| name == "lastValidByteReceived");
        assert_eq!(last.map(|(_, value)| value.clone()), Some(json!(4)));
    }
    let wrong = Digest::of(b"something else");
    refused(world.call::<api::CompleteLayerUpload>(finish(&upload, "x")).await, "InvalidParameterException");
    refused(world.call::<api::CompleteLayerUpload>(finish(&upload, wrong)).await, "InvalidLayerException");
    // What was refused as a whole is over.
    refused(
        world.call::<api::UploadLayerPart>(part(&upload, 5, 9, "56789")).await,
        "UploadNotFoundException",
    );
    let empty = begin(&world).await;
    refused(
        world.call::<api::CompleteLayerUpload>(finish(&empty, Digest::of(b""))).await,
        "EmptyUploadException",
    );
    refused(world.call::<api::UploadLayerPart>(part("no-id", 0, 0, "x")).await, "InvalidParameterException");
}

#[tokio::test]
async fn layers_are_looked_for() {
    let world = World::new();
    world.make("web").await;
    let there = world.layer("web", "layer").await;
    let input = api::BatchCheckLayerAvailabilityRequest {
        registry_id: None,
        repository_name: "web".into(),
        layer_digests: vec![
            there.to_string(),
            Digest::of(b"absent").to_string(),
            "sha256:x".into(),
            "".into(),
        ],
    };
    let found = world.call::<api::BatchCheckLayerAvailability>(input).await.unwrap();
    let layers: Vec<_> = found.layers.unwrap();
    let told = |layer: &api::Layer| (layer.layer_availability.clone().unwrap(), layer.layer_size);
    assert_eq!(told(&layers[0]), ("AVAILABLE".into(), Some(5)));
    assert_eq!(told(&layers[1]), ("UNAVAILABLE".into(), None));
    let codes = found.failures.unwrap().into_iter().map(|failure| failure.failure_code.unwrap());
    assert_eq!(codes.collect::<Vec<_>>(), ["InvalidLayerDigest", "MissingLayerDigest"]);
    let link = |digest: Digest| api::GetDownloadUrlForLayerRequest {
        registry_id: None,
        repository_name: "web".into(),
        layer_digest: digest.to_string(),
    };
    refused(
        world.call::<api::GetDownloadUrlForLayer>(link(Digest::of(b"absent"))).await,
        "LayersNotFoundException",
    );
    let url = world.call::<api::GetDownloadUrlForLayer>(link(there)).await.unwrap().download_url.unwrap();
    assert!(url.starts_with("http://111111111111.dkr.ecr.us-east-1.localhost:4566/v2/_layers/"), "{url}");
}
