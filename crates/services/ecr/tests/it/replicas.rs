//! Two replicas behind one name: each request of an upload may go to the other one.

use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use gantry_ecr_core::{Digest, Refusal, Repositories, UploadId};
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use crate::world::{World, name, part};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Two replicas, once with a folder that they share and once with a store.
fn pairs() -> [(World, World); 2] {
    let one = World::new();
    let two = one.replica(None);
    let store = Arc::new(InMemory::new());
    let three = World::remote(store.clone());
    let four = three.replica(Some(store));
    [(one, two), (three, four)]
}

async fn add(world: &World, upload: &UploadId, start: u64, content: &str) -> Result<u64, Refusal> {
    let part = gantry_ecr_core::Part { start: Some(start), ..part(content) };
    world.ecr.upload_part(&world.cx(), &name("web"), upload, part).await
}

async fn complete(world: &World, upload: &UploadId, digest: Digest) -> Result<(), Refusal> {
    world.ecr.complete_upload(&world.cx(), &name("web"), upload, part(""), digest).await
}

async fn objects(store: &InMemory) -> Vec<String> {
    store.list(None).map_ok(|object| object.location.to_string()).try_collect().await.unwrap()
}

#[tokio::test]
async fn an_upload_goes_on_at_the_other_replica() {
    for (one, two) in pairs() {
        one.make("web").await;
        let upload = one.upload("web").await;
        assert_eq!(add(&two, &upload, 0, "some").await, Ok(4));
        assert_eq!(add(&one, &upload, 4, " of the").await, Ok(11));
        assert_eq!(add(&two, &upload, 11, " content").await, Ok(19));
        let size = one.ecr.upload_size(&one.cx(), &name("web"), &upload).await;
        assert_eq!(size, Ok(19));
        let again = add(&one, &upload, 11, " content").await;
        assert_eq!(again, Err(Refusal::PartOutOfOrder { start: 11, received: 19 }));
        let digest = Digest::of(b"some of the content and the rest");
        let last = part(" and the rest");
        one.ecr.complete_upload(&one.cx(), &name("web"), &upload, last, digest).await.unwrap();
        let layer = two.ecr.open_layer(&two.cx(), &name("web"), digest, &|_| None).await.unwrap();
        let pieces: Vec<bytes::Bytes> = layer.content.try_collect().await.unwrap();
        assert_eq!(pieces.concat(), b"some of the content and the rest");
        let over = add(&two, &upload, 32, "more").await;
        assert!(matches!(over, Err(Refusal::UploadNotFound { .. })), "{over:?}");
        assert_eq!(one.staged() + two.staged(), 0);
    }
}

#[tokio::test]
async fn of_two_parts_at_once_one_is_it() {
    for (one, two) in pairs() {
        one.make("web").await;
        let upload = one.upload("web").await;
        for start in (0..40).step_by(4) {
            let (left, right) =
                tokio::join!(add(&one, &upload, start, "left"), add(&two, &upload, start, "four"));
            let (won, lost) = if left.is_ok() { (left, right) } else { (right, left) };
            assert_eq!(won, Ok(start + 4));
            assert_eq!(lost, Err(Refusal::PartOutOfOrder { start, received: start + 4 }));
        }
        assert_eq!(one.ecr.upload_size(&one.cx(), &name("web"), &upload).await, Ok(40));
    }
}

#[tokio::test]
async fn both_complete_an_upload_and_one_is_it() {
    for (one, two) in pairs() {
        one.make("web").await;
        for n in 0..10 {
            let content = format!("content {n}");
            let upload = one.upload("web").await;
            add(&one, &upload, 0, &content).await.unwrap();
            let digest = Digest::of(content.as_bytes());
            let (a, b) = tokio::join!(complete(&one, &upload, digest), complete(&two, &upload, digest));
            assert!(a.is_ok() || b.is_ok(), "{a:?} {b:?}");
            let layer = two.ecr.open_layer(&two.cx(), &name("web"), digest, &|_| None).await.unwrap();
            let pieces: Vec<bytes::Bytes> = layer.content.try_collect().await.unwrap();
            assert_eq!(pieces.concat(), content.as_bytes());
        }
    }
}

#[tokio::test]
async fn abandoned_pieces_are_swept() {
    let store = Arc::new(InMemory::new());
    let one = World::remote(store.clone());
    let two = one.replica(Some(store.clone()));
    one.make("web").await;
    let upload = one.upload("web").await;
    add(&one, &upload, 0, "some").await.unwrap();
    add(&two, &upload, 4, "more").await.unwrap();
    // What a replica left that was killed before the piece was named.
    let orphan =
        object_store::path::Path::from(format!("uploads/{upload}/0a1b2c3d-0000-4000-8000-00000000000f"));
    store.put(&orphan, PutPayload::from_static(b"half")).await.unwrap();
    one.sweep_all().await;
    assert_eq!(objects(&store).await.len(), 3);
    two.clock.advance(2 * HOUR);
    two.sweep_all().await;
    assert_eq!(objects(&store).await.len(), 2, "only what nobody names goes");
    assert_eq!(add(&one, &upload, 8, "end").await, Ok(11));
    two.clock.advance(48 * HOUR);
    two.sweep_all().await;
    assert_eq!(objects(&store).await, Vec::<String>::new());
    assert!(matches!(add(&one, &upload, 11, "x").await, Err(Refusal::UploadNotFound { .. })));

    // Those of a deleted repository too.
    let upload = one.upload("web").await;
    add(&one, &upload, 0, "some").await.unwrap();
    one.delete("web", true).await.unwrap();
    two.sweep_all().await;
    two.clock.advance(2 * HOUR);
    two.sweep_all().await;
    assert_eq!(objects(&store).await, Vec::<String>::new());
}
