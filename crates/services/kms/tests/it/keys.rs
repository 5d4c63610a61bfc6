//! Keys, their states, aliases, tags, policies' texts and listings.

use std::time::Duration;

use gantry_api_kms as api;
use gantry_reconcile::Next;

use crate::world::World;

pub async fn key(world: &World) -> api::KeyMetadata {
    world.ok::<api::CreateKey>(Default::default()).await.key_metadata.unwrap()
}

pub fn describe(id: &str) -> api::DescribeKeyRequest {
    api::DescribeKeyRequest { key_id: id.into(), grant_tokens: None }
}

pub fn encrypt(id: &str, text: &str) -> api::EncryptRequest {
    api::EncryptRequest { key_id: id.into(), plaintext: text.to_owned().into(), ..Default::default() }
}

fn alias(name: &str, target: &str) -> api::CreateAliasRequest {
    api::CreateAliasRequest { alias_name: name.into(), target_key_id: target.into() }
}

fn schedule(id: &str, days: i32) -> api::ScheduleKeyDeletionRequest {
    api::ScheduleKeyDeletionRequest { key_id: id.into(), pending_window_in_days: Some(days) }
}

#[tokio::test]
async fn a_key_is_described_by_all_its_names() {
    let world = World::new();
    let made = key(&world).await;
    let arn = made.arn.clone().unwrap();
    assert_eq!(arn, format!("arn:aws:kms:us-east-1:000000000000:key/{}", made.key_id));
    assert_eq!(made.key_state.as_deref(), Some("Enabled"));
    assert_eq!(made.encryption_algorithms.as_deref(), Some(&["SYMMETRIC_DEFAULT".to_owned()][..]));
    world.ok::<api::CreateAlias>(alias("alias/app", &made.key_id)).await;
    for name in [&made.key_id, &arn, "alias/app", "arn:aws:kms:us-east-1:000000000000:alias/app"] {
        let found = world.ok::<api::DescribeKey>(describe(name)).await.key_metadata.unwrap();
        assert_eq!(found.key_id, made.key_id, "{name}");
    }
    for (name, code, message) in [
        (
            "12345678-1234-1234-1234-123456789012",
            "NotFoundException",
            "Key 'arn:aws:kms:us-east-1:000000000000:key/12345678-1234-1234-1234-123456789012' does not exist",
        ),
        ("nonsense", "NotFoundException", "Invalid keyId 'nonsense'"),
        (
            "alias/none",
            "NotFoundException",
            "Alias arn:aws:kms:us-east-1:000000000000:alias/none is not found.",
        ),
        (
            "arn:aws:sqs:us-east-1:000000000000:q",
            "InvalidArnException",
            "Invalid arn arn:aws:sqs:us-east-1:000000000000:q",
        ),
    ] {
        let error = world.refused::<api::DescribeKey>(describe(name)).await;
        assert_eq!((&*error.code, error.message.as_str()), (code, message));
    }
    let china = world.root_of("000000000000", "cn-north-1");
    let made = world.call::<api::CreateKey>(&china, Default::default()).await.unwrap().key_metadata.unwrap();
    assert!(made.arn.unwrap().starts_with("arn:aws-cn:kms:cn-north-1:"));
    assert!(world.call::<api::DescribeKey>(&china, describe(&arn)).await.is_err(), "it is in another region");
}

#[tokio::test]
async fn what_is_not_served_is_refused() {
    let world = World::new();
    for input in [
        api::CreateKeyRequest {
            key_spec: Some("SM2".into()),
            key_usage: Some("SIGN_VERIFY".into()),
            ..Default::default()
        },
        api::CreateKeyRequest { multi_region: Some(true), ..Default::default() },
        api::CreateKeyRequest { origin: Some("AWS_CLOUDHSM".into()), ..Default::default() },
    ] {
        assert_eq!(world.refused::<api::CreateKey>(input).await.code, "UnsupportedOperationException");
    }
    let wrong = api::CreateKeyRequest { key_usage: Some("SIGN_VERIFY".into()), ..Default::default() };
    assert_eq!(world.refused::<api::CreateKey>(wrong).await.code, "ValidationException");
}

#[tokio::test]
async fn disabled_keys_and_keys_that_go_are_not_used() {
    let world = World::new();
    let id = key(&world).await.key_id;
    world.ok::<api::DisableKey>(api::DisableKeyRequest { key_id: id.clone() }).await;
    let error = world.refused::<api::Encrypt>(encrypt(&id, "x")).await;
    assert_eq!(error.code, "DisabledException");
    assert!(error.message.ends_with("is disabled."), "{}", error.message);
    world.ok::<api::EnableKey>(api::EnableKeyRequest { key_id: id.clone() }).await;
    world.ok::<api::Encrypt>(encrypt(&id, "x")).await;

    for days in [6, 31] {
        assert_eq!(
            world.refused::<api::ScheduleKeyDeletion>(schedule(&id, days)).await.code,
            "ValidationException"
        );
    }
    let answer = world.ok::<api::ScheduleKeyDeletion>(schedule(&id, 7)).await;
    assert_eq!(answer.key_state.as_deref(), Some("PendingDeletion"));
    assert_eq!(answer.deletion_date.unwrap().since(world.root().now), Duration::from_secs(7 * 24 * 3600));
    assert_eq!(world.refused::<api::Encrypt>(encrypt(&id, "x")).await.code, "KMSInvalidStateException");
    assert_eq!(
        world.refused::<api::ScheduleKeyDeletion>(schedule(&id, 7)).await.code,
        "KMSInvalidStateException"
    );
    world.ok::<api::CancelKeyDeletion>(api::CancelKeyDeletionRequest { key_id: id.clone() }).await;
    let found = world.ok::<api::DescribeKey>(describe(&id)).await.key_metadata.unwrap();
    assert_eq!(found.key_state.as_deref(), Some("Disabled"));
    assert_eq!(
        world
            .refused::<api::CancelKeyDeletion>(api::CancelKeyDeletionRequest { key_id: id.clone() })
            .await
            .code,
        "KMSInvalidStateException"
    );
    world.advance_days(8);
    assert_eq!(world.delete_due().await, Next::Wait, "the deletion was taken back");
    world.ok::<api::DescribeKey>(describe(&id)).await;
}

#[tokio::test]
async fn a_key_goes_with_its_aliases_and_material() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let stays = key(&world).await.key_id;
    world.ok::<api::CreateAlias>(alias("alias/goes", &id)).await;
    world.ok::<api::CreateAlias>(alias("alias/stays", &stays)).await;
    let blob = world.ok::<api::Encrypt>(encrypt(&id, "x")).await.ciphertext_blob;
    world.ok::<api::ScheduleKeyDeletion>(schedule(&id, 7)).await;
    world.advance_days(6);
    assert!(matches!(world.delete_due().await, Next::After(_)));
    world.ok::<api::DescribeKey>(describe(&id)).await;
    world.advance_days(1);
    assert_eq!(world.delete_due().await, Next::Wait);
    assert_eq!(world.refused::<api::DescribeKey>(describe(&id)).await.code, "NotFoundException");
    assert!(!world.stored("alias/goes").await && !world.stored(&id).await);
    let decrypt = api::DecryptRequest { ciphertext_blob: blob, ..Default::default() };
    assert_eq!(world.refused::<api::Decrypt>(decrypt).await.code, "InvalidCiphertextException");
    world.ok::<api::DescribeKey>(describe("alias/stays")).await;
}

#[tokio::test]
async fn aliases_move_and_go() {
    let world = World::new();
    let (one, two) = (key(&world).await.key_id, key(&world).await.key_id);
    world.ok::<api::CreateAlias>(alias("alias/a", &one)).await;
    world.ok::<api::CreateAlias>(alias("alias/b", &one)).await;
    for (input, code) in [
        (alias("alias/a", &two), "AlreadyExistsException"),
        (alias("a", &two), "ValidationException"),
        (alias("alias/aws/ssm", &two), "NotAuthorizedException"),
        (alias("alias/c", "alias/a"), "ValidationException"),
    ] {
        assert_eq!(world.refused::<api::CreateAlias>(input).await.code, code);
    }
    let update = api::UpdateAliasRequest { alias_name: "alias/a".into(), target_key_id: two.clone() };
    world.ok::<api::UpdateAlias>(update).await;
    let found = world.ok::<api::DescribeKey>(describe("alias/a")).await.key_metadata.unwrap();
    assert_eq!(found.key_id, two);
    let hmac = api::CreateKeyRequest {
        key_spec: Some("HMAC_256".into()),
        key_usage: Some("GENERATE_VERIFY_MAC".into()),
        ..Default::default()
    };
    let hmac = world.ok::<api::CreateKey>(hmac).await.key_metadata.unwrap().key_id;
    let update = api::UpdateAliasRequest { alias_name: "alias/a".into(), target_key_id: hmac };
    assert_eq!(world.refused::<api::UpdateAlias>(update).await.code, "ValidationException");

    let list = |key_id: Option<&str>, limit, marker| api::ListAliasesRequest {
        key_id: key_id.map(Into::into),
        limit,
        marker,
    };
    let page = world.ok::<api::ListAliases>(list(None, Some(1), None)).await;
    assert_eq!((page.aliases.as_ref().unwrap().len(), page.truncated), (1, Some(true)));
    let rest = world.ok::<api::ListAliases>(list(None, None, page.next_marker)).await;
    let names: Vec<String> = rest.aliases.unwrap().into_iter().filter_map(|alias| alias.alias_name).collect();
    assert_eq!(
        (names.first().unwrap().as_str(), names.last().unwrap().as_str()),
        ("alias/aws/acm", "alias/b")
    );
    assert_eq!(rest.truncated, Some(false));
    let of_two = world.ok::<api::ListAliases>(list(Some(&two), None, None)).await.aliases.unwrap();
    assert_eq!(of_two[0].alias_arn.as_deref(), Some("arn:aws:kms:us-east-1:000000000000:alias/a"));
    assert_eq!(of_two.len(), 1);
    world.ok::<api::DeleteAlias>(api::DeleteAliasRequest { alias_name: "alias/a".into() }).await;
    assert_eq!(world.refused::<api::DescribeKey>(describe("alias/a")).await.code, "NotFoundException");
    let gone = api::DeleteAliasRequest { alias_name: "alias/a".into() };
    assert_eq!(world.refused::<api::DeleteAlias>(gone).await.code, "NotFoundException");
}

#[tokio::test]
async fn keys_are_listed_in_pages_and_tagged() {
    let world = World::new();
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(key(&world).await.key_id);
    }
    made.sort();
    let (mut listed, mut marker) = (Vec::new(), None);
    loop {
        let input = api::ListKeysRequest { limit: Some(2), marker, resource_owners: None };
        let page = world.ok::<api::ListKeys>(input).await;
        listed.extend(page.keys.unwrap().into_iter().map(|key| key.key_id.unwrap()));
        marker = page.next_marker;
        if page.truncated == Some(false) {
            break;
        }
    }
    assert_eq!(listed, made);
    let bad = api::ListKeysRequest { marker: Some("x".into()), ..Default::default() };
    assert_eq!(world.refused::<api::ListKeys>(bad).await.code, "InvalidMarkerException");

    let tag = |key: &str, value: &str| api::Tag { tag_key: key.into(), tag_value: value.into() };
    let id = &made[0];
    let input = api::TagResourceRequest { key_id: id.clone(), tags: vec![tag("a", "1"), tag("b", "2")] };
    world.ok::<api::TagResource>(input).await;
    let input = api::UntagResourceRequest { key_id: id.clone(), tag_keys: vec!["a".into()] };
    world.ok::<api::UntagResource>(input).await;
    let input = api::ListResourceTagsRequest { key_id: id.clone(), ..Default::default() };
    let tags = world.ok::<api::ListResourceTags>(input).await.tags.unwrap();
    assert_eq!((tags.len(), tags[0].tag_key.as_str(), tags[0].tag_value.as_str()), (1, "b", "2"));
    let input = api::TagResourceRequest { key_id: id.clone(), tags: vec![tag("aws:a", "1")] };
    let refused = world.refused::<api::TagResource>(input).await;
    assert_eq!(
        (&*refused.code, &*refused.message),
        ("TagException", "Tags beginning with aws: are reserved")
    );
    let describe_anew = api::UpdateKeyDescriptionRequest { key_id: id.clone(), description: "new".into() };
    world.ok::<api::UpdateKeyDescription>(describe_anew).await;
    let found = world.ok::<api::DescribeKey>(describe(id)).await.key_metadata.unwrap();
    assert_eq!(found.description.as_deref(), Some("new"));
}
