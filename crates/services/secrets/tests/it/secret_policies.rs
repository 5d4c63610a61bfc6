//! Keys of KMS, resource policies, tags, and several secrets at once.

use gantry_api_secretsmanager as api;

use crate::secrets::{get, list, text};
use crate::world::World;

const DEFAULT_KEY: &str = "arn:aws:kms:us-east-1:000000000000:alias/aws/secretsmanager";
const OWN_KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/one";

fn keyed(name: &str, key: &str) -> api::CreateSecretRequest {
    api::CreateSecretRequest { kms_key_id: Some(key.into()), ..text(name, "value") }
}

fn put_policy(id: &str, principal: &str) -> api::PutResourcePolicyRequest {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"secretsmanager:GetSecretValue","Resource":"*"}}}}"#
    );
    api::PutResourcePolicyRequest { secret_id: id.into(), resource_policy: policy, ..Default::default() }
}

#[tokio::test]
async fn values_are_sealed_under_the_key_that_was_chosen() {
    let world = World::new();
    world.ok::<api::CreateSecret>(text("plain", "value")).await;
    world.ok::<api::GetSecretValue>(get("plain")).await;
    assert_eq!(
        world.kms.asked(),
        [
            format!("secretsmanager GenerateDataKey {DEFAULT_KEY}"),
            format!("secretsmanager Decrypt {DEFAULT_KEY}")
        ]
    );
    world.kms.forget();
    for given in ["one", OWN_KEY] {
        world.ok::<api::CreateSecret>(keyed(given.rsplit('/').next().unwrap(), given)).await;
        world
            .ok::<api::DeleteSecret>(api::DeleteSecretRequest {
                secret_id: "one".into(),
                force_delete_without_recovery: Some(true),
                ..Default::default()
            })
            .await;
    }
    let wanted = format!("secretsmanager GenerateDataKey {OWN_KEY}");
    assert_eq!(world.kms.asked(), [wanted.clone(), wanted]);

    world.ok::<api::CreateSecret>(keyed("own", OWN_KEY)).await;
    world.kms.denied.lock().unwrap().insert(OWN_KEY.into());
    assert!(world.denied::<api::GetSecretValue>(&world.root(), get("own")).await, "KMS has its own say");
    world.kms.denied.lock().unwrap().clear();
    world.kms.disabled.lock().unwrap().insert(OWN_KEY.into());
    assert_eq!(world.refused::<api::GetSecretValue>(get("own")).await.code, "DecryptionFailure");
    let again = api::PutSecretValueRequest {
        secret_id: "own".into(),
        secret_string: Some("x".into()),
        ..Default::default()
    };
    assert_eq!(world.refused::<api::PutSecretValue>(again).await.code, "EncryptionFailure");
    world.kms.disabled.lock().unwrap().clear();

    let rekey = api::UpdateSecretRequest {
        secret_id: "plain".into(),
        kms_key_id: Some("alias/mine".into()),
        ..Default::default()
    };
    world.ok::<api::UpdateSecret>(rekey).await;
    world.kms.forget();
    assert_eq!(world.ok::<api::GetSecretValue>(get("plain")).await.secret_string.as_deref(), Some("value"));
    assert_eq!(
        world.kms.asked(),
        ["secretsmanager Decrypt arn:aws:kms:us-east-1:000000000000:alias/mine"],
        "what was there is sealed anew"
    );
}

#[tokio::test]
async fn a_resource_policy_lets_others_in() {
    let world = World::new();
    let arn = world.ok::<api::CreateSecret>(text("shared", "value")).await.arn.unwrap();
    let other = world.root_of("111122223333", "us-east-1");
    assert!(world.denied::<api::GetSecretValue>(&other, get(&arn)).await);
    world.ok::<api::PutResourcePolicy>(put_policy("shared", r#"{"AWS":"111122223333"}"#)).await;
    let error = world.call::<api::GetSecretValue>(&other, get(&arn)).await.err();
    let own_key =
        "You can't access a secret from a different AWS account if you encrypt the secret with the default";
    assert!(format!("{error:?}").contains(own_key), "{error:?}");
    let key = api::UpdateSecretRequest {
        secret_id: "shared".into(),
        kms_key_id: Some("alias/mine".into()),
        secret_string: Some("value".into()),
        ..Default::default()
    };
    world.ok::<api::UpdateSecret>(key).await;
    let read = world.call::<api::GetSecretValue>(&other, get(&arn)).await.unwrap();
    assert_eq!(read.secret_string.as_deref(), Some("value"));
    let describe = api::DescribeSecretRequest { secret_id: arn.clone() };
    assert!(world.denied::<api::DescribeSecret>(&other, describe).await, "the policy says GetSecretValue");
    let policy = api::GetResourcePolicyRequest { secret_id: "shared".into(), policy_name: None };
    assert!(
        world
            .ok::<api::GetResourcePolicy>(policy.clone())
            .await
            .resource_policy
            .unwrap()
            .contains("111122223333")
    );
    let deny = put_policy("shared", r#"{"AWS":"000000000000"}"#);
    let deny = api::PutResourcePolicyRequest {
        resource_policy: deny.resource_policy.replace("Allow", "Deny"),
        ..deny
    };
    world.ok::<api::PutResourcePolicy>(deny).await;
    assert!(world.denied::<api::GetSecretValue>(&world.root(), get("shared")).await);
    let gone = api::DeleteResourcePolicyRequest { secret_id: "shared".into(), policy_name: None };
    world.ok::<api::DeleteResourcePolicy>(gone).await;
    world.ok::<api::GetSecretValue>(get("shared")).await;
    assert_eq!(world.ok::<api::GetResourcePolicy>(policy).await.resource_policy, None);
}

#[tokio::test]
async fn policies_are_checked() {
    let world = World::new();
    world.ok::<api::CreateSecret>(text("s", "v")).await;
    let malformed = api::PutResourcePolicyRequest { resource_policy: "{".into(), ..put_policy("s", "\"*\"") };
    assert_eq!(
        world.refused::<api::PutResourcePolicy>(malformed).await.code,
        "MalformedPolicyDocumentException"
    );
    let nobody = put_policy("s", r#"{"AWS":"arn:aws:iam::000000000000:role/none"}"#);
    let error = world.refused::<api::PutResourcePolicy>(nobody).await;
    assert_eq!(error.message, "This resource policy contains an unsupported principal.");
    let public =
        api::PutResourcePolicyRequest { block_public_policy: Some(true), ..put_policy("s", "\"*\"") };
    assert_eq!(world.refused::<api::PutResourcePolicy>(public.clone()).await.code, "PublicPolicyException");
    let validate = |policy: String| api::ValidateResourcePolicyRequest {
        secret_id: Some("s".into()),
        resource_policy: policy,
    };
    for (policy, passed) in [
        (public.resource_policy, false),
        ("{".to_owned(), false),
        (put_policy("s", r#"{"AWS":"111122223333"}"#).resource_policy, true),
    ] {
        let answer = world.ok::<api::ValidateResourcePolicy>(validate(policy)).await;
        assert_eq!(answer.policy_validation_passed, Some(passed));
        assert_eq!(answer.validation_errors.unwrap().is_empty(), passed);
    }
}

#[tokio::test]
async fn tags_come_and_go() {
    let world = World::new();
    world.ok::<api::CreateSecret>(text("s", "v")).await;
    let tag = |key: &str, value: &str| api::Tag { key: Some(key.into()), value: Some(value.into()) };
    let input = api::TagResourceRequest { secret_id: "s".into(), tags: vec![tag("a", "1"), tag("b", "2")] };
    world.ok::<api::TagResource>(input).await;
    let input = api::UntagResourceRequest { secret_id: "s".into(), tag_keys: vec!["a".into()] };
    world.ok::<api::UntagResource>(input).await;
    let described =
        world.ok::<api::DescribeSecret>(api::DescribeSecretRequest { secret_id: "s".into() }).await;
    let tags: Vec<_> =
        described.tags.unwrap().into_iter().map(|tag| (tag.key.unwrap(), tag.value.unwrap())).collect();
    assert_eq!(tags, [("b".to_owned(), "2".to_owned())]);
    let input = api::TagResourceRequest { secret_id: "s".into(), tags: vec![tag("aws:x", "1")] };
    assert_eq!(world.refused::<api::TagResource>(input).await.code, "InvalidParameterException");
}

#[tokio::test]
async fn several_are_read_at_once() {
    let world = World::new();
    for name in ["app/a", "app/b", "other"] {
        world.ok::<api::CreateSecret>(text(name, name)).await;
    }
    let batch = |names: &[&str]| api::BatchGetSecretValueRequest {
        secret_id_list: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        ..Default::default()
    };
    let answer = world.ok::<api::BatchGetSecretValue>(batch(&["app/a", "none"])).await;
    let values: Vec<_> =
        answer.secret_values.unwrap().into_iter().map(|one| one.secret_string.unwrap()).collect();
    assert_eq!(values, ["app/a"]);
    let errors = answer.errors.unwrap();
    assert_eq!(errors[0].error_code.as_deref(), Some("ResourceNotFoundException"));
    let filtered = api::BatchGetSecretValueRequest {
        filters: list(&[("name", "app")]).filters,
        max_results: Some(1),
        ..Default::default()
    };
    let first = world.ok::<api::BatchGetSecretValue>(filtered.clone()).await;
    assert_eq!(first.secret_values.unwrap()[0].name.as_deref(), Some("app/a"));
    let rest = api::BatchGetSecretValueRequest { next_token: first.next_token, ..filtered };
    let rest = world.ok::<api::BatchGetSecretValue>(rest).await;
    assert_eq!((rest.secret_values.unwrap()[0].name.as_deref(), rest.next_token), (Some("app/b"), None));
    let neither = api::BatchGetSecretValueRequest::default();
    assert_eq!(world.refused::<api::BatchGetSecretValue>(neither).await.code, "InvalidParameterException");
    let limited = world.limited("secretsmanager:BatchGetSecretValue", "*");
    let answer = world.call::<api::BatchGetSecretValue>(&limited, batch(&["app/a"])).await.unwrap();
    assert_eq!(answer.errors.unwrap()[0].error_code.as_deref(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn passwords_have_what_is_asked_for() {
    let world = World::new();
    let password = |input| async { world.ok::<api::GetRandomPassword>(input).await.random_password.unwrap() };
    assert_eq!(password(Default::default()).await.len(), 32);
    let digits = api::GetRandomPasswordRequest {
        password_length: Some(8),
        exclude_lowercase: Some(true),
        exclude_uppercase: Some(true),
        exclude_punctuation: Some(true),
        exclude_characters: Some("01234".into()),
        ..Default::default()
    };
    assert!(password(digits.clone()).await.chars().all(|digit| ('5'..='9').contains(&digit)));
    for input in [
        api::GetRandomPasswordRequest { exclude_numbers: Some(true), ..digits.clone() },
        api::GetRandomPasswordRequest { exclude_characters: Some("0123456789".into()), ..digits },
        api::GetRandomPasswordRequest { password_length: Some(3), ..Default::default() },
    ] {
        assert_eq!(world.refused::<api::GetRandomPassword>(input).await.code, "InvalidParameterException");
    }
}
