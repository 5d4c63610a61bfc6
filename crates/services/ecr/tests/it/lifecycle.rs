//! Lifecycle policies: put, tried out, applied.

use std::time::Duration;

use gantry_api_ecr as api;
use gantry_ecr::loops;
use gantry_ecr_core::{Digest, Tag};
use serde_json::{Value, json};

use crate::world::{World, digest_of, image, index, refused};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn keep_newest(number: u32) -> String {
    let selection = json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": number });
    policy(json!([{ "rulePriority": 1, "description": "keep the newest", "selection": selection,
        "action": { "type": "expire" } }]))
}

fn policy(rules: Value) -> String {
    json!({ "rules": rules }).to_string()
}

async fn put(world: &World, text: &str) -> Result<api::PutLifecyclePolicyResponse, (String, String)> {
    let input = api::PutLifecyclePolicyRequest {
        registry_id: None,
        repository_name: "web".into(),
        lifecycle_policy_text: text.into(),
    };
    world.call::<api::PutLifecyclePolicy>(input).await
}

async fn get(world: &World) -> Result<api::GetLifecyclePolicyResponse, (String, String)> {
    let input = api::GetLifecyclePolicyRequest { registry_id: None, repository_name: "web".into() };
    world.call::<api::GetLifecyclePolicy>(input).await
}

async fn preview(
    world: &World,
    more: api::GetLifecyclePolicyPreviewRequest,
) -> Result<api::GetLifecyclePolicyPreviewResponse, (String, String)> {
    let input = api::GetLifecyclePolicyPreviewRequest { repository_name: "web".into(), ..more };
    world.call::<api::GetLifecyclePolicyPreview>(input).await
}

async fn start(world: &World, text: Option<String>) -> Result<(), (String, String)> {
    let input = api::StartLifecyclePolicyPreviewRequest {
        registry_id: None,
        repository_name: "web".into(),
        lifecycle_policy_text: text,
    };
    let started = world.call::<api::StartLifecyclePolicyPreview>(input).await?;
    assert_eq!(started.status.as_deref(), Some("IN_PROGRESS"));
    Ok(())
}

/// Pushes images v0, v1... a day apart.
async fn pushed(world: &World, count: usize) -> Vec<Digest> {
    let mut digests = Vec::new();
    for number in 0..count {
        let manifest = world.push("web", Some(&format!("v{number}")), &format!("layer {number}")).await;
        digests.push(digest_of(&manifest));
        world.clock.advance(DAY);
    }
    digests
}

#[tokio::test]
async fn a_policy_is_put_read_and_deleted() {
    let world = World::new();
    world.make("web").await;
    let message = refused(get(&world).await.map(drop), "LifecyclePolicyNotFoundException");
    let words = "Lifecycle policy does not exist for the repository with name 'web' in the registry with id '111111111111'";
    assert_eq!(message, words);
    let text = keep_newest(2);
    assert_eq!(put(&world, &text).await.unwrap().lifecycle_policy_text.as_deref(), Some(&*text));
    assert_eq!(get(&world).await.unwrap().lifecycle_policy_text.as_deref(), Some(&*text));
    let bad = policy(json!([{ "rulePriority": 1 }]));
    let message = refused(put(&world, &bad).await.map(drop), "InvalidParameterException");
    assert!(message.starts_with("Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: "), "{message}");
    let input = api::DeleteLifecyclePolicyRequest { registry_id: None, repository_name: "web".into() };
    let deleted = world.call::<api::DeleteLifecyclePolicy>(input.clone()).await.unwrap();
    assert_eq!(deleted.lifecycle_policy_text.as_deref(), Some(&*text));
    refused(
        world.call::<api::DeleteLifecyclePolicy>(input).await.map(drop),
        "LifecyclePolicyNotFoundException",
    );

    put(&world, &text).await.unwrap();
    world.delete("web", true).await.unwrap();
    world.sweep_all().await;
    world.make("web").await;
    refused(get(&world).await.map(drop), "LifecyclePolicyNotFoundException");
}

#[tokio::test]
async fn images_that_have_had_their_time_go() {
    let world = World::new();
    world.make("web").await;
    let digests = pushed(&world, 4).await;
    put(&world, &keep_newest(2)).await.unwrap();
    world.sweep(loops::Lifecycles(world.ecr.clone())).await;
    let mut there = Vec::new();
    for digest in &digests {
        there.push(world.has_image("web", *digest).await);
    }
    assert_eq!(there, [false, false, true, true]);
    assert!(!world.has_image("web", "v0".parse::<Tag>().unwrap()).await);
    assert!(get(&world).await.unwrap().last_evaluated_at.is_some());

    // What comes later is looked at some hours later.
    world.push("web", Some("v4"), "layer 4").await;
    world.sweep(loops::Lifecycles(world.ecr.clone())).await;
    assert!(world.has_image("web", digests[2]).await);
    world.clock.advance(DAY);
    world.sweep(loops::Lifecycles(world.ecr.clone())).await;
    assert!(!world.has_image("web", digests[2]).await);
}

#[tokio::test]
async fn a_list_keeps_its_images_and_artifacts_go_with_theirs() {
    let world = World::new();
    world.make("web").await;
    let child = world.push("web", None, "child").await;
    world.clock.advance(DAY);
    world.put("web", Some("list"), &index(&[&child])).await.unwrap();
    world.clock.advance(DAY);
    let old = world.push("web", Some("old"), "old").await;
    let mut artifact = image("child");
    artifact["artifactType"] = json!("application/x.sbom");
    artifact["subject"] = json!({ "mediaType": old["mediaType"], "digest": digest_of(&old).to_string(),
        "size": old.to_string().len() });
    world.put("web", None, &artifact).await.unwrap();
    let untagged = json!({ "tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1 });
    let rules = json!([{ "rulePriority": 1, "selection": untagged, "action": { "type": "expire" } }]);
    world.clock.advance(DAY * 5);
    put(&world, &policy(rules)).await.unwrap();
    world.sweep(loops::Lifecycles(world.ecr.clone())).await;
    assert!(world.has_image("web", digest_of(&child)).await, "a list needs it");
    assert!(world.has_image("web", digest_of(&artifact)).await, "it goes with its image");

    let tagged = json!({ "tagStatus": "tagged", "tagPatternList": ["ol*"], "countType": "sinceImagePushed",
        "countUnit": "days", "countNumber": 1 });
    let rules = json!([{ "rulePriority": 1, "selection": tagged, "action": { "type": "expire" } }]);
    put(&world, &policy(rules)).await.unwrap();
    world.sweep(loops::Lifecycles(world.ecr.clone())).await;
    assert!(!world.has_image("web", digest_of(&old)).await);
    assert!(!world.has_image("web", digest_of(&artifact)).await);
    assert!(world.has_image("web", digest_of(&child)).await);
}

#[tokio::test]
async fn a_policy_is_tried_out() {
    let world = World::new();
    world.make("web").await;
    let digests = pushed(&world, 5).await;
    refused(start(&world, None).await, "LifecyclePolicyNotFoundException");
    refused(preview(&world, Default::default()).await.map(drop), "LifecyclePolicyPreviewNotFoundException");
    start(&world, Some(keep_newest(1))).await.unwrap();
    let page = |max_results, next_token| api::GetLifecyclePolicyPreviewRequest {
        max_results: Some(max_results),
        next_token,
        ..Default::default()
    };
    let first = preview(&world, page(3, None)).await.unwrap();
    assert_eq!(first.status.as_deref(), Some("COMPLETE"));
    assert_eq!(first.summary.unwrap().expiring_image_total_count, Some(4));
    let results = first.preview_results.unwrap();
    assert_eq!(results.len(), 3);
    assert_eq!(results[0].image_digest, Some(digests[3].to_string()), "the youngest first");
    assert_eq!(results[0].image_tags, Some(vec!["v3".to_owned()]));
    assert_eq!(results[0].applied_rule_priority, Some(1));
    assert_eq!(results[0].action.as_ref().unwrap().r#type.as_deref(), Some("EXPIRE"));
    let second = preview(&world, page(3, first.next_token)).await.unwrap();
    assert_eq!(second.preview_results.unwrap()[0].image_digest, Some(digests[0].to_string()));
    assert_eq!(second.next_token, None);
    let named = api::GetLifecyclePolicyPreviewRequest {
        image_ids: Some(vec![api::ImageIdentifier { image_digest: None, image_tag: Some("v2".into()) }]),
        ..Default::default()
    };
    assert_eq!(preview(&world, named).await.unwrap().preview_results.unwrap().len(), 1);
    world.sweep(loops::Lifecycles(world.ecr.clone())).await;
    assert!(world.has_image("web", digests[0]).await, "nothing has been done");
}

#[tokio::test]
async fn old_images_go_into_the_archive() {
    let world = World::new();
    world.make("web").await;
    let digests = pushed(&world, 3).await;
    world.clock.advance(DAY / 24);
    let selection = json!({ "tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days",
        "countNumber": 2 });
    let text = policy(json!([{ "rulePriority": 1, "selection": selection,
        "action": { "type": "transition", "targetStorageClass": "archive" } }]));
    start(&world, Some(text.clone())).await.unwrap();
    let tried = preview(&world, Default::default()).await.unwrap();
    let summary = tried.summary.unwrap();
    assert_eq!(summary.expiring_image_total_count, Some(0));
    assert_eq!(summary.transitioning_image_total_counts.unwrap()[0].image_total_count, Some(2));
    let action = tried.preview_results.unwrap()[0].action.clone().unwrap();
    assert_eq!(action.target_storage_class.as_deref(), Some("ARCHIVE"));

    put(&world, &text).await.unwrap();
    world.sweep(loops::Lifecycles(world.ecr.clone())).await;
    let input = api::DescribeImagesRequest {
        repository_name: "web".into(),
        filter: Some(api::DescribeImagesFilter { tag_status: None, image_status: Some("ARCHIVED".into()) }),
        ..Default::default()
    };
    let archived = world.call::<api::DescribeImages>(input).await.unwrap().image_details.unwrap();
    let archived: std::collections::BTreeSet<_> =
        archived.into_iter().map(|image| image.image_digest.unwrap()).collect();
    assert_eq!(archived, digests[..2].iter().map(Digest::to_string).collect());
}
