//! The key's policy is the root of access.

use gantry_api_kms as api;
use gantry_service::Failure;
use serde_json::{Value, json};

use crate::keys::{describe, encrypt, key};
use crate::world::World;

fn put(id: &str, statements: Value) -> api::PutKeyPolicyRequest {
    api::PutKeyPolicyRequest {
        key_id: id.into(),
        policy: json!({ "Version": "2012-10-17", "Statement": statements }).to_string(),
        ..Default::default()
    }
}

fn allow(principal: &str, action: &str) -> Value {
    json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": action, "Resource": "*" })
}

const ROOT: &str = "arn:aws:iam::000000000000:root";
const ANN: &str = "arn:aws:iam::000000000000:user/ann";

#[tokio::test]
async fn identity_policies_count_where_the_key_lets_the_account_in() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let (ann, bob) = (world.made_user("ann", &[]).await, world.user("bob", &["kms:*"]));
    assert!(world.denied::<api::Encrypt>(&ann, encrypt(&id, "x")).await, "she has no policy");
    assert!(!world.denied::<api::Encrypt>(&bob, encrypt(&id, "x")).await, "the key leaves it to the account");

    let nobody =
        put(&id, json!([allow(ROOT, "kms:*"), allow("arn:aws:iam::000000000000:user/fay", "kms:*")]));
    let error = world.refused::<api::PutKeyPolicy>(nobody).await;
    assert_eq!(error.message, "Policy contains a statement with one or more invalid principals.");
    let input = put(&id, json!([allow(ANN, "kms:*")]));
    let error = world.refused::<api::PutKeyPolicy>(input.clone()).await;
    assert_eq!(error.code, "MalformedPolicyDocumentException", "root would lock itself out");
    let bypass = api::PutKeyPolicyRequest { bypass_policy_lockout_safety_check: Some(true), ..input };
    world.ok::<api::PutKeyPolicy>(bypass).await;
    assert!(!world.denied::<api::Encrypt>(&ann, encrypt(&id, "x")).await, "the key names her");
    match world.call::<api::Encrypt>(&bob, encrypt(&id, "x")).await.map(|_| ()) {
        Err(Failure::Denied(denial)) => {
            assert!(
                denial
                    .to_string()
                    .ends_with("because no resource-based policy allows the kms:Encrypt action")
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(world.denied::<api::Encrypt>(&world.root(), encrypt(&id, "x")).await, "not even root");
    let read = api::GetKeyPolicyRequest { key_id: id.clone(), policy_name: None };
    let policy = world.call::<api::GetKeyPolicy>(&ann, read).await.unwrap().policy.unwrap();
    assert!(policy.contains(ANN));
    let broken = api::PutKeyPolicyRequest { policy: "{".into(), ..put(&id, json!([])) };
    let answer = world.call::<api::PutKeyPolicy>(&ann, broken).await;
    assert!(
        matches!(answer, Err(Failure::Answer(error)) if error.code == "MalformedPolicyDocumentException")
    );
}

#[tokio::test]
async fn conditions_see_the_encryption_context_and_the_service() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let mut within = allow(ANN, "kms:Encrypt");
    within["Condition"] = json!({ "StringEquals": { "kms:EncryptionContext:team": "blue" } });
    let mut through = allow(ANN, "kms:GenerateDataKey");
    through["Condition"] =
        json!({ "StringEquals": { "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com" } });
    let ann = world.made_user("ann", &[]).await;
    world.ok::<api::PutKeyPolicy>(put(&id, json!([allow(ROOT, "kms:*"), within, through]))).await;
    let team = |team: &str| api::EncryptRequest {
        encryption_context: Some([("team".to_owned(), team.to_owned())].into()),
        ..encrypt(&id, "x")
    };
    assert!(!world.denied::<api::Encrypt>(&ann, team("blue")).await);
    assert!(world.denied::<api::Encrypt>(&ann, team("red")).await);
    assert!(world.denied::<api::Encrypt>(&ann, encrypt(&id, "x")).await);
    let data_key = api::GenerateDataKeyRequest {
        key_id: id.clone(),
        key_spec: Some("AES_256".into()),
        ..Default::default()
    };
    assert!(world.denied::<api::GenerateDataKey>(&ann, data_key.clone()).await);
    assert!(world.denied::<api::GenerateDataKey>(&ann.via("ssm"), data_key.clone()).await);
    assert!(!world.denied::<api::GenerateDataKey>(&ann.via("secretsmanager"), data_key).await);
}

#[tokio::test]
async fn another_account_takes_both_sides() {
    let world = World::new();
    let made = key(&world).await;
    let (id, arn) = (made.key_id, made.arn.unwrap());
    let (able, unable) =
        (world.user_of("111122223333", "eve", &["kms:*"]), world.user_of("111122223333", "fay", &[]));
    assert!(world.denied::<api::Encrypt>(&able, encrypt(&arn, "x")).await);
    world
        .ok::<api::PutKeyPolicy>(put(
            &id,
            json!([
                allow(ROOT, "kms:*"),
                allow("111122223333", "kms:Encrypt"),
                allow("111122223333", "kms:Decrypt")
            ]),
        ))
        .await;
    let blob = world.call::<api::Encrypt>(&able, encrypt(&arn, "x")).await.unwrap().ciphertext_blob;
    let decrypt = api::DecryptRequest { ciphertext_blob: blob, ..Default::default() };
    assert!(
        !world.denied::<api::Decrypt>(&able, decrypt.clone()).await,
        "the ciphertext names account and key"
    );
    assert!(world.denied::<api::Decrypt>(&unable, decrypt).await);
    assert!(world.denied::<api::Encrypt>(&unable, encrypt(&arn, "x")).await);
    let schedule = api::ScheduleKeyDeletionRequest { key_id: arn, pending_window_in_days: None };
    assert!(world.denied::<api::ScheduleKeyDeletion>(&able, schedule).await);
}

#[tokio::test]
async fn managed_keys_are_made_at_first_use_and_used_through_their_service() {
    let world = World::new();
    let name = "alias/aws/secretsmanager";
    let ann = world.user("ann", &[]);
    assert!(world.denied::<api::Encrypt>(&ann, encrypt(name, "x")).await);
    let listed = world.ok::<api::ListAliases>(Default::default()).await;
    let listed = listed.aliases.unwrap();
    let own = listed.iter().find(|alias| alias.alias_name.as_deref() == Some(name)).unwrap();
    assert_eq!(own.target_key_id, None, "who may not use it does not bring it about");
    let through = ann.via("secretsmanager");
    let blob = world.call::<api::Encrypt>(&through, encrypt(name, "x")).await.unwrap().ciphertext_blob;
    let found = world.ok::<api::DescribeKey>(describe(name)).await.key_metadata.unwrap();
    assert_eq!(found.key_manager.as_deref(), Some("AWS"));
    let decrypt = api::DecryptRequest { ciphertext_blob: blob, ..Default::default() };
    assert!(!world.denied::<api::Decrypt>(&through, decrypt.clone()).await);
    assert!(world.denied::<api::Decrypt>(&world.root(), decrypt).await, "only through the service");
    let id = found.key_id;
    let schedule = api::ScheduleKeyDeletionRequest { key_id: id.clone(), pending_window_in_days: None };
    assert!(world.denied::<api::ScheduleKeyDeletion>(&world.root(), schedule).await);
    let status = api::GetKeyRotationStatusRequest { key_id: id };
    assert_eq!(world.ok::<api::GetKeyRotationStatus>(status).await.rotation_period_in_days, Some(365));
    let unknown = world.refused::<api::DescribeKey>(describe("alias/aws/unknown")).await;
    assert_eq!(unknown.code, "NotFoundException");
}

#[tokio::test]
async fn conditions_see_the_aliases_of_the_key_and_the_one_that_was_named() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let alias = |name: &str| api::CreateAliasRequest { alias_name: name.into(), target_key_id: id.clone() };
    let ann = world.made_user("ann", &[]).await;
    world.ok::<api::CreateAlias>(alias("alias/one")).await;
    let mut has = allow(ANN, "kms:Encrypt");
    has["Condition"] = json!({ "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/two" } });
    let mut named = allow(ANN, "kms:GenerateMac");
    named["Action"] = json!("kms:DescribeKey");
    named["Condition"] = json!({ "StringEquals": { "kms:RequestAlias": "alias/two" } });
    world.ok::<api::PutKeyPolicy>(put(&id, json!([allow(ROOT, "kms:*"), has, named]))).await;
    assert!(world.denied::<api::Encrypt>(&ann, encrypt(&id, "x")).await);
    world.ok::<api::CreateAlias>(alias("alias/two")).await;
    for name in [&*id, "alias/one", "alias/two"] {
        assert!(!world.denied::<api::Encrypt>(&ann, encrypt(name, "x")).await, "{name}");
    }
    assert!(world.denied::<api::DescribeKey>(&ann, describe("alias/one")).await);
    assert!(!world.denied::<api::DescribeKey>(&ann, describe("alias/two")).await);
}
