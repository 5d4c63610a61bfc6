//! Objects in a store that is not a local directory.

use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use gantry_ecr_core::{ByteRange, Digest, Repositories, Tag};
use object_store::memory::InMemory;

use crate::world::{World, digest_of, name, part};

async fn objects(store: &InMemory) -> usize {
    use object_store::ObjectStore;
    store.list(None).try_collect::<Vec<_>>().await.unwrap().len()
}

#[tokio::test]
async fn images_come_and_go_in_a_remote_store() {
    let store = Arc::new(InMemory::new());
    let world = World::remote(store.clone());
    world.make("web").await;
    // Larger than one part of a multipart upload.
    let layer = "0123456789abcdef".repeat(600_000);
    let manifest = world.push("web", Some("v1"), &layer).await;
    world.make("other").await;
    world.push("other", Some("v1"), &layer).await;
    assert_eq!((objects(&store).await, world.staged()), (3, 0));
    assert!(world.has_image("web", digest_of(&manifest)).await);

    let digest = Digest::of(layer.as_bytes());
    let middle = |_| Some(ByteRange { start: 8_388_600, end: 8_388_620 });
    for (choose, expected) in [
        (&middle as &(dyn Fn(u64) -> Option<ByteRange> + Send + Sync), &layer[8_388_600..8_388_620]),
        (&|_| None, &layer[..]),
    ] {
        let got = world.ecr.open_layer(&world.cx(), &name("web"), digest, choose).await.unwrap();
        assert_eq!(got.size, layer.len() as u64);
        let pieces: Vec<bytes::Bytes> = got.content.try_collect().await.unwrap();
        assert!(pieces.concat() == expected.as_bytes());
    }

    for repository in ["web", "other"] {
        let tag = "v1".parse::<Tag>().unwrap().into();
        world.ecr.delete_manifest(&world.cx(), &name(repository), &tag).await.unwrap();
    }
    for _ in 0..3 {
        world.sweep_all().await;
        world.clock.advance(Duration::from_secs(24 * 60 * 60));
    }
    assert_eq!(objects(&store).await, 0);
    let upload = world.upload("web").await;
    world.ecr.upload_part(&world.cx(), &name("web"), &upload, part("half")).await.unwrap();
    assert_eq!((objects(&store).await, world.staged()), (1, 0));
}
