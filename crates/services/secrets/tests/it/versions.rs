//! Updates, versions, labels that are moved by hand, and secrets that stay after all.

use gantry_api_secretsmanager as api;

use crate::secrets::{delete, get, put, staged, text};
use crate::world::World;

fn update(id: &str) -> api::UpdateSecretRequest {
    api::UpdateSecretRequest { secret_id: id.into(), ..Default::default() }
}

#[tokio::test]
async fn an_update_changes_what_is_given() {
    let world = World::new();
    world.ok::<api::CreateSecret>(text("s", "one")).await;
    let described = api::UpdateSecretRequest { description: Some("words".into()), ..update("s") };
    assert_eq!(world.ok::<api::UpdateSecret>(described).await.version_id, None);
    let valued = api::UpdateSecretRequest { secret_string: Some("two".into()), ..update("s") };
    assert!(world.ok::<api::UpdateSecret>(valued).await.version_id.is_some());
    assert_eq!(world.ok::<api::GetSecretValue>(get("s")).await.secret_string.as_deref(), Some("two"));
    let previous = world.ok::<api::GetSecretValue>(staged("s", "AWSPREVIOUS")).await;
    assert_eq!(previous.secret_string.as_deref(), Some("one"));
    let found = world.ok::<api::DescribeSecret>(api::DescribeSecretRequest { secret_id: "s".into() }).await;
    assert_eq!(found.description.as_deref(), Some("words"));
    assert_eq!(world.refused::<api::UpdateSecret>(update("none")).await.code, "ResourceNotFoundException");
}

#[tokio::test]
async fn labels_are_moved_and_versions_listed() {
    let world = World::new();
    let one = world.ok::<api::CreateSecret>(text("s", "one")).await.version_id.unwrap();
    let two = world.ok::<api::PutSecretValue>(put("s", "two")).await.version_id.unwrap();
    let three = world.ok::<api::PutSecretValue>(put("s", "three")).await.version_id.unwrap();
    let relabel =
        |stage: &str, from: Option<&String>, to: Option<&String>| api::UpdateSecretVersionStageRequest {
            secret_id: "s".into(),
            version_stage: stage.into(),
            remove_from_version_id: from.cloned(),
            move_to_version_id: to.cloned(),
        };
    let error = world.refused::<api::UpdateSecretVersionStage>(relabel("AWSCURRENT", None, Some(&one))).await;
    assert_eq!(error.code, "InvalidParameterException");
    assert!(error.message.contains(&three));
    world.ok::<api::UpdateSecretVersionStage>(relabel("AWSCURRENT", Some(&three), Some(&one))).await;
    assert_eq!(world.ok::<api::GetSecretValue>(get("s")).await.secret_string.as_deref(), Some("one"));
    let previous = world.ok::<api::GetSecretValue>(staged("s", "AWSPREVIOUS")).await;
    assert_eq!(previous.secret_string.as_deref(), Some("three"));

    let list = |all: Option<bool>| api::ListSecretVersionIdsRequest {
        secret_id: "s".into(),
        include_deprecated: all,
        max_results: Some(2),
        ..Default::default()
    };
    let labelled = world.ok::<api::ListSecretVersionIds>(list(None)).await;
    let mut ids: Vec<_> = labelled.versions.unwrap().into_iter().map(|one| one.version_id.unwrap()).collect();
    ids.sort();
    let mut wanted = [one.clone(), three.clone()];
    wanted.sort();
    assert_eq!((ids.as_slice(), labelled.next_token), (wanted.as_slice(), None), "two is deprecated: {two}");
    let page = world.ok::<api::ListSecretVersionIds>(list(Some(true))).await;
    assert_eq!(page.versions.as_ref().unwrap().len(), 2);
    assert_eq!(
        page.versions.unwrap()[0].kms_key_ids.as_deref(),
        Some(&["DefaultEncryptionKey".to_owned()][..])
    );
    let rest = api::ListSecretVersionIdsRequest { next_token: page.next_token, ..list(Some(true)) };
    assert_eq!(world.ok::<api::ListSecretVersionIds>(rest).await.versions.unwrap().len(), 1);
}

#[tokio::test]
async fn a_restored_secret_stays() {
    let world = World::new();
    world.ok::<api::CreateSecret>(text("s", "one")).await;
    world.ok::<api::DeleteSecret>(delete("s")).await;
    let error = world.refused::<api::UpdateSecret>(update("s")).await;
    assert_eq!(error.code, "InvalidRequestException");
    let restore = api::RestoreSecretRequest { secret_id: "s".into() };
    world.ok::<api::RestoreSecret>(restore.clone()).await;
    world.ok::<api::RestoreSecret>(restore).await;
    world.advance_days(31);
    world.delete_due().await;
    assert_eq!(world.ok::<api::GetSecretValue>(get("s")).await.secret_string.as_deref(), Some("one"));
}
