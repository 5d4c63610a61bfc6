//! What nobody needs goes, what somebody needs or may be about to need stays.

use std::time::Duration;

use gantry_ecr::loops;
use gantry_ecr_core::{Refusal, Repositories};

use crate::world::{World, digest_of, image, name, part};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn what_images_need_stays() {
    let world = World::new();
    world.make("web").await;
    let manifest = world.push("web", Some("v1"), "layer").await;
    for _ in 0..3 {
        world.sweep_all().await;
        world.clock.advance(DAY * 2);
    }
    assert!(world.has_image("web", digest_of(&manifest)).await);
    assert!(world.has_layer("web", gantry_ecr_core::Digest::of(b"layer")).await);
    assert_eq!(world.objects(), 3);
}

#[tokio::test]
async fn what_a_deleted_image_needed_goes_after_a_while() {
    let world = World::new();
    world.make("web").await;
    world.push("web", Some("v1"), "layer").await;
    world.push("web", Some("v2"), "other").await;
    let layer = gantry_ecr_core::Digest::of(b"layer");
    let gone = "v1".parse::<gantry_ecr_core::Tag>().unwrap().into();
    world.ecr.delete_manifest(&world.cx(), &name("web"), &gone).await.unwrap();
    world.sweep_all().await;
    assert_eq!(world.objects(), 5);
    world.clock.advance(DAY);
    world.sweep_all().await;
    assert!(!world.has_layer("web", layer).await);
    // The layer has only now become one that no repository needs.
    assert_eq!(world.objects(), 4);
    world.clock.advance(DAY);
    world.sweep_all().await;
    assert_eq!(world.objects(), 3);
    assert!(world.has_image("web", "v2".parse::<gantry_ecr_core::Tag>().unwrap()).await);
    assert!(world.has_layer("web", gantry_ecr_core::Digest::of(b"{}")).await);
    // And all of it can be pushed again.
    world.push("web", Some("v1"), "layer").await;
    assert_eq!(world.objects(), 5);
}

#[tokio::test]
async fn a_client_that_was_told_that_a_layer_is_there_has_time_to_use_it() {
    let world = World::new();
    world.make("web").await;
    world.layer("web", "{}").await;
    let layer = world.layer("web", "layer").await;
    world.sweep_all().await;
    world.clock.advance(DAY);
    assert!(world.has_layer("web", layer).await);
    world.sweep_all().await;
    assert!(world.has_layer("web", layer).await);
    world.layer("web", "{}").await;
    world.put("web", Some("v1"), &image("layer")).await.unwrap();
}

#[tokio::test]
async fn content_that_is_about_to_go_is_kept_by_a_push() {
    let world = World::new();
    world.make("web").await;
    world.push("web", Some("v1"), "layer").await;
    world.delete("web", true).await.unwrap();
    world.sweep_all().await;
    assert_eq!(world.objects(), 3);
    world.clock.advance(DAY);
    world.make("other").await;
    world.push("other", Some("v1"), "layer").await;
    world.sweep_all().await;
    world.clock.advance(DAY * 2);
    world.sweep_all().await;
    assert_eq!(world.objects(), 3);
    assert!(world.has_image("other", "v1".parse::<gantry_ecr_core::Tag>().unwrap()).await);
}

#[tokio::test]
async fn nothing_remains_of_a_deleted_repository() {
    let world = World::new();
    world.make("web").await;
    world.push("web", Some("v1"), "layer").await;
    let upload = world.upload("web").await;
    world.ecr.upload_part(&world.cx(), &name("web"), &upload, part("half")).await.unwrap();
    world.delete("web", true).await.unwrap();
    for _ in 0..3 {
        world.sweep_all().await;
        world.clock.advance(DAY);
    }
    assert_eq!((world.objects(), world.staged()), (0, 0));
}

#[tokio::test]
async fn an_upload_that_does_not_go_on_is_given_up() {
    let world = World::new();
    world.make("web").await;
    let upload = world.upload("web").await;
    world.ecr.upload_part(&world.cx(), &name("web"), &upload, part("half")).await.unwrap();
    let never_written = world.upload("web").await;
    world.sweep_all().await;
    world.clock.advance(DAY - Duration::from_secs(60));
    world.sweep_all().await;
    assert_eq!(world.ecr.upload_size(&world.cx(), &name("web"), &upload).await, Ok(4));
    world.clock.advance(Duration::from_secs(120));
    world.sweep_all().await;
    assert_eq!(world.staged(), 0);
    for upload in [&upload, &never_written] {
        let gone = world.ecr.upload_size(&world.cx(), &name("web"), upload).await;
        assert!(matches!(gone, Err(Refusal::UploadNotFound { .. })), "{gone:?}");
    }
}

#[tokio::test]
async fn what_a_crash_left_goes_and_what_is_fresh_stays() {
    let world = World::new();
    world.make("web").await;
    world.push("web", Some("v1"), "layer").await;
    // An object and a file of an upload that no row names, as after a crash between disk and store.
    let hex = gantry_ecr_core::Digest::of(b"orphan").hex();
    let unique = "0a1b2c3d-0000-4000-8000-00000000000f";
    let folder = world.folder().join("sha256").join(&hex[..2]);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{hex}-{unique}")), "orphan").unwrap();
    std::fs::write(world.folder().join("uploads").join(unique), "half").unwrap();
    world.sweep(loops::Leftovers::new(world.ecr.clone())).await;
    assert_eq!((world.objects(), world.staged()), (4, 1));
    world.clock.advance(Duration::from_secs(3601));
    world.sweep(loops::Leftovers::new(world.ecr.clone())).await;
    assert_eq!((world.objects(), world.staged()), (3, 0));
    assert!(world.has_image("web", "v1".parse::<gantry_ecr_core::Tag>().unwrap()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pushes_and_sweeps_at_once_never_lose_what_was_pushed() {
    let world = World::new();
    world.make("web").await;
    let sweeping = async {
        for _ in 0..40 {
            // So much ahead that whatever was noted in the pass before is removed in this one.
            world.clock.advance(DAY);
            world.sweep(loops::Unused::new(world.ecr.clone())).await;
            world.sweep(loops::Unlinked::new(world.ecr.clone())).await;
        }
    };
    let pushing = async {
        let mut pushed = 0;
        for round in 0..60 {
            for content in ["{}", "layer"] {
                world.layer("web", content).await;
            }
            let tag = format!("v{round}");
            // The sweeper may have been faster; then the push fails and says why.
            match world.put("web", Some(&tag), &image("layer")).await {
                Ok(_) => pushed += 1,
                Err((code, _)) => {
                    assert_eq!(code, "LayersNotFoundException");
                    continue;
                }
            }
            assert!(world.has_image("web", tag.parse::<gantry_ecr_core::Tag>().unwrap()).await);
            for content in ["{}", "layer"] {
                let digest = gantry_ecr_core::Digest::of(content.as_bytes());
                let layer = world.ecr.open_layer(&world.cx(), &name("web"), digest, &|_| None).await;
                assert!(layer.is_ok(), "{content} of {tag}");
            }
            let tag = tag.parse::<gantry_ecr_core::Tag>().unwrap().into();
            world.ecr.delete_manifest(&world.cx(), &name("web"), &tag).await.unwrap();
        }
        pushed
    };
    let ((), pushed) = tokio::join!(sweeping, pushing);
    assert!(pushed > 0);
}
