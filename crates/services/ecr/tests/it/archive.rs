//! Images in the archive, scans, and pulls that do not count.

use gantry_api_ecr as api;
use gantry_ecr_core::{Reference, Refusal, Repositories, Tag, Want};
use serde_json::json;

use crate::world::{HOME, World, index, name, refused};

fn id(tag: &str) -> api::ImageIdentifier {
    api::ImageIdentifier { image_tag: Some(tag.into()), image_digest: None }
}

fn tag(text: &str) -> Reference {
    text.parse::<Tag>().unwrap().into()
}

#[tokio::test]
async fn what_is_archived_is_not_pulled_and_not_listed() {
    let world = World::new();
    world.make("web").await;
    let child = world.push("web", Some("v1"), "one").await;
    world.push("web", Some("v2"), "two").await;
    let class = |tag: &str, class: &str| api::UpdateImageStorageClassRequest {
        repository_name: "web".into(),
        image_id: id(tag),
        target_storage_class: class.into(),
        ..Default::default()
    };
    let update =
        |tag: &'static str, to: &'static str| world.call::<api::UpdateImageStorageClass>(class(tag, to));
    let archived = update("v1", "ARCHIVE").await.unwrap();
    assert_eq!(archived.image_status.as_deref(), Some("ARCHIVED"));
    refused(update("v1", "ARCHIVE").await.map(drop), "ImageStorageClassUpdateNotSupportedException");
    refused(update("v9", "ARCHIVE").await.map(drop), "ImageNotFoundException");

    let pulled = world.ecr.manifest(&world.cx(), &name("web"), &tag("v1"), Want::Content).await;
    assert!(matches!(pulled, Err(Refusal::ImageArchived { .. })), "{pulled:?}");
    let input = api::BatchGetImageRequest {
        repository_name: "web".into(),
        image_ids: vec![id("v1"), id("v2")],
        ..Default::default()
    };
    let got = world.call::<api::BatchGetImage>(input).await.unwrap();
    assert_eq!((got.images.unwrap().len(), got.failures.unwrap().len()), (1, 1));
    let list = |status: Option<&str>| api::ListImagesRequest {
        repository_name: "web".into(),
        filter: status
            .map(|status| api::ListImagesFilter { tag_status: None, image_status: Some(status.into()) }),
        ..Default::default()
    };
    for (status, expected) in [(None, 1), (Some("ACTIVE"), 1), (Some("ARCHIVED"), 1), (Some("ANY"), 2)] {
        let found = world.call::<api::ListImages>(list(status)).await.unwrap();
        assert_eq!(found.image_ids.unwrap().len(), expected, "{status:?}");
    }
    let restored = update("v1", "STANDARD").await.unwrap();
    assert_eq!(restored.image_status.as_deref(), Some("ACTIVE"));
    world.ecr.manifest(&world.cx(), &name("web"), &tag("v1"), Want::Content).await.unwrap();

    world.put("web", Some("all"), &index(&[&child])).await.unwrap();
    refused(update("v1", "ARCHIVE").await.map(drop), "ImageStorageClassUpdateNotSupportedException");
}

#[tokio::test]
async fn a_scan_says_that_there_is_no_feed() {
    let world = World::new();
    world.make("web").await;
    world.push("web", Some("v1"), "one").await;
    let find = || api::DescribeImageScanFindingsRequest {
        repository_name: "web".into(),
        image_id: id("v1"),
        ..Default::default()
    };
    let message = refused(
        world.call::<api::DescribeImageScanFindings>(find()).await.map(drop),
        "ScanNotFoundException",
    );
    assert_eq!(
        message,
        format!(
            "Image scan does not exist for the image with '{{imageDigest:'null', imageTag:'v1'}}' in the repository with the name 'web' in the registry with id '{HOME}'"
        )
    );
    let start = || api::StartImageScanRequest {
        repository_name: "web".into(),
        image_id: id("v1"),
        ..Default::default()
    };
    world.call::<api::StartImageScan>(start()).await.unwrap();
    let found = world.call::<api::DescribeImageScanFindings>(find()).await.unwrap();
    assert_eq!(found.image_scan_status.unwrap().status.as_deref(), Some("UNSUPPORTED_IMAGE"));
    let message =
        refused(world.call::<api::StartImageScan>(start()).await.map(drop), "LimitExceededException");
    assert_eq!(message, "The scan quota per image has been exceeded. Wait and try again.");
}

#[tokio::test]
async fn pulls_of_the_excluded_do_not_count() {
    let world = World::new();
    world.make("web").await;
    world.push("web", Some("v1"), "one").await;
    let ann = format!("arn:aws:iam::{HOME}:user/ann");
    let register = || api::RegisterPullTimeUpdateExclusionRequest {
        principal_arn: format!("arn:aws:iam::{HOME}:user/ann"),
    };
    world.call::<api::RegisterPullTimeUpdateExclusion>(register()).await.unwrap();
    refused(
        world.call::<api::RegisterPullTimeUpdateExclusion>(register()).await.map(drop),
        "ExclusionAlreadyExistsException",
    );
    let listed = world.call::<api::ListPullTimeUpdateExclusions>(Default::default()).await.unwrap();
    assert_eq!(listed.pull_time_update_exclusions.unwrap(), std::slice::from_ref(&ann));

    let user = world.user(json!([{ "Effect": "Allow", "Action": "ecr:*", "Resource": "*" }]));
    let last_pull = || async {
        world.ecr.manifest(&user, &name("web"), &tag("v1"), Want::Content).await.unwrap();
        let input = api::DescribeImagesRequest { repository_name: "web".into(), ..Default::default() };
        let found = world.call::<api::DescribeImages>(input).await.unwrap().image_details.unwrap();
        found[0].last_recorded_pull_time
    };
    assert_eq!(last_pull().await, None);
    let deregister = || api::DeregisterPullTimeUpdateExclusionRequest { principal_arn: ann.clone() };
    world.call::<api::DeregisterPullTimeUpdateExclusion>(deregister()).await.unwrap();
    refused(
        world.call::<api::DeregisterPullTimeUpdateExclusion>(deregister()).await.map(drop),
        "ExclusionNotFoundException",
    );
    assert!(last_pull().await.is_some());
}
