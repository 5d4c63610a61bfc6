//! Secrets Manager.

use std::time::Duration;

use gantry_api_secretsmanager as api;
use gantry_reconcile::Next;

use crate::world::World;

const TOKEN: &str = "11111111-1111-1111-1111-111111111111";

pub fn text(name: &str, value: &str) -> api::CreateSecretRequest {
    api::CreateSecretRequest { name: name.into(), secret_string: Some(value.into()), ..Default::default() }
}

pub fn put(id: &str, value: &str) -> api::PutSecretValueRequest {
    api::PutSecretValueRequest {
        secret_id: id.into(),
        secret_string: Some(value.into()),
        ..Default::default()
    }
}

pub fn get(id: &str) -> api::GetSecretValueRequest {
    api::GetSecretValueRequest { secret_id: id.into(), ..Default::default() }
}

pub fn staged(id: &str, stage: &str) -> api::GetSecretValueRequest {
    api::GetSecretValueRequest { version_stage: Some(stage.into()), ..get(id) }
}

pub fn delete(id: &str) -> api::DeleteSecretRequest {
    api::DeleteSecretRequest { secret_id: id.into(), ..Default::default() }
}

pub fn list(filters: &[(&str, &str)]) -> api::ListSecretsRequest {
    let filter = |(key, values): &(&str, &str)| api::Filter {
        key: Some((*key).into()),
        values: Some(values.split(',').map(Into::into).collect()),
    };
    api::ListSecretsRequest { filters: Some(filters.iter().map(filter).collect()), ..Default::default() }
}

#[tokio::test]
async fn a_secret_is_read_by_name_arn_and_partial_arn() {
    let world = World::new();
    let made = world.ok::<api::CreateSecret>(text("prod/db", "hunter2-hunter2")).await;
    let arn = made.arn.unwrap();
    let (partial, suffix) = arn.rsplit_once('-').unwrap();
    assert_eq!(partial, "arn:aws:secretsmanager:us-east-1:000000000000:secret:prod/db");
    assert_eq!(suffix.len(), 6);
    for id in ["prod/db", &arn, partial] {
        let value = world.ok::<api::GetSecretValue>(get(id)).await;
        assert_eq!(value.secret_string.as_deref(), Some("hunter2-hunter2"));
        assert_eq!(value.arn.as_ref(), Some(&arn));
        assert_eq!(value.version_stages.unwrap(), ["AWSCURRENT"]);
        assert_eq!(value.version_id, made.version_id);
    }
    for id in [
        "prod/d",
        "arn:aws:secretsmanager:eu-west-1:000000000000:secret:prod/db",
        &format!("{partial}-aaaaaa"),
    ] {
        let error = world.refused::<api::GetSecretValue>(get(id)).await;
        assert_eq!(
            error.to_string(),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret."
        );
    }
    let elsewhere = world.root_of("111122223333", "us-east-1");
    assert!(world.call::<api::GetSecretValue>(&elsewhere, get("prod/db")).await.is_err());
    assert!(!world.stored("hunter2").await && world.stored("prod/db").await);
}

#[tokio::test]
async fn binary_values_come_back_and_both_at_once_are_refused() {
    let world = World::new();
    let value = vec![0u8, 255, 1, 2];
    let binary = api::CreateSecretRequest { secret_binary: Some(value.clone().into()), ..text("b", "") };
    assert_eq!(world.refused::<api::CreateSecret>(binary.clone()).await.code, "InvalidParameterException");
    world.ok::<api::CreateSecret>(api::CreateSecretRequest { secret_string: None, ..binary }).await;
    let read = world.ok::<api::GetSecretValue>(get("b")).await;
    assert_eq!((read.secret_binary.unwrap().to_vec(), read.secret_string), (value, None));
}

#[tokio::test]
async fn labels_follow_the_versions() {
    let world = World::new();
    world.ok::<api::CreateSecret>(text("s", "one")).await;
    let second = world.ok::<api::PutSecretValue>(put("s", "two")).await;
    assert_eq!(second.version_stages.unwrap(), ["AWSCURRENT"]);
    assert_eq!(world.ok::<api::GetSecretValue>(get("s")).await.secret_string.as_deref(), Some("two"));
    let previous = world.ok::<api::GetSecretValue>(staged("s", "AWSPREVIOUS")).await;
    assert_eq!(previous.secret_string.as_deref(), Some("one"));
    let pending =
        api::PutSecretValueRequest { version_stages: Some(vec!["AWSPENDING".into()]), ..put("s", "three") };
    let pending = world.ok::<api::PutSecretValue>(pending).await.version_id;
    assert_eq!(world.ok::<api::GetSecretValue>(get("s")).await.secret_string.as_deref(), Some("two"));
    let by_id = api::GetSecretValueRequest { version_id: pending.clone(), ..get("s") };
    assert_eq!(world.ok::<api::GetSecretValue>(by_id).await.secret_string.as_deref(), Some("three"));
    let mismatch = api::GetSecretValueRequest { version_id: pending, ..staged("s", "AWSCURRENT") };
    assert_eq!(world.refused::<api::GetSecretValue>(mismatch).await.code, "InvalidRequestException");
    let error = world.refused::<api::GetSecretValue>(staged("s", "other")).await;
    assert_eq!(
        error.message,
        "Secrets Manager can't find the specified secret value for staging label: other"
    );
    let described =
        world.ok::<api::DescribeSecret>(api::DescribeSecretRequest { secret_id: "s".into() }).await;
    assert_eq!(described.version_ids_to_stages.unwrap().len(), 3);
}

#[tokio::test]
async fn a_token_makes_one_version() {
    let world = World::new();
    let create = api::CreateSecretRequest { client_request_token: Some(TOKEN.into()), ..text("s", "one") };
    let first = world.ok::<api::CreateSecret>(create.clone()).await;
    let again = world.ok::<api::CreateSecret>(create.clone()).await;
    assert_eq!((first.arn.clone(), first.version_id.as_deref()), (again.arn, Some(TOKEN)));
    let other = api::CreateSecretRequest { secret_string: Some("two".into()), ..create };
    let error = world.refused::<api::CreateSecret>(other).await;
    assert_eq!(error.code, "ResourceExistsException");
    assert!(error.message.contains(TOKEN) && !error.message.contains("two"));
    let error = world.refused::<api::CreateSecret>(text("s", "one")).await;
    assert_eq!(error.message, "The operation failed because the secret s already exists.");

    let token = TOKEN.replace('1', "2");
    let again = api::PutSecretValueRequest { client_request_token: Some(token), ..put("s", "two") };
    world.ok::<api::PutSecretValue>(again.clone()).await;
    world.ok::<api::PutSecretValue>(put("s", "three")).await;
    let repeated = world.ok::<api::PutSecretValue>(again.clone()).await;
    assert_eq!(repeated.version_stages.unwrap(), ["AWSPREVIOUS"]);
    let other = api::PutSecretValueRequest { secret_string: Some("four".into()), ..again };
    assert_eq!(world.refused::<api::PutSecretValue>(other).await.code, "ResourceExistsException");
}

#[tokio::test]
async fn names_and_requests_are_checked() {
    let world = World::new();
    for name in ["a b", "ä", "a:b", &"x".repeat(513)] {
        assert_eq!(
            world.refused::<api::CreateSecret>(text(name, "v")).await.code,
            "ValidationException",
            "{name}"
        );
    }
    world
        .ok::<api::CreateSecret>(api::CreateSecretRequest { secret_string: None, ..text("empty", "") })
        .await;
    assert_eq!(world.refused::<api::GetSecretValue>(get("empty")).await.code, "ResourceNotFoundException");
    let nothing = api::PutSecretValueRequest { secret_string: None, ..put("empty", "") };
    assert_eq!(world.refused::<api::PutSecretValue>(nothing).await.code, "InvalidRequestException");
    let labelled =
        api::PutSecretValueRequest { version_stages: Some(vec!["mine".into()]), ..put("empty", "v") };
    assert_eq!(
        world.ok::<api::PutSecretValue>(labelled).await.version_stages.unwrap(),
        ["mine", "AWSCURRENT"]
    );
}

#[tokio::test]
async fn a_deleted_secret_waits_and_then_goes() {
    let world = World::new();
    world.ok::<api::CreateSecret>(text("s", "one")).await;
    for (window, force) in [(Some(6), None), (Some(31), None), (Some(7), Some(true))] {
        let input = api::DeleteSecretRequest {
            recovery_window_in_days: window,
            force_delete_without_recovery: force,
            ..delete("s")
        };
        assert_eq!(world.refused::<api::DeleteSecret>(input).await.code, "InvalidParameterException");
    }
    let input = api::DeleteSecretRequest { recovery_window_in_days: Some(7), ..delete("s") };
    let deleted = world.ok::<api::DeleteSecret>(input).await;
    assert_eq!(deleted.deletion_date.unwrap().since(world.root().now), Duration::from_secs(7 * 24 * 3600));
    let error = world.refused::<api::GetSecretValue>(get("s")).await;
    assert_eq!(error.code, "InvalidRequestException");
    assert!(error.message.ends_with("because it was marked for deletion."));
    assert_eq!(world.refused::<api::CreateSecret>(text("s", "x")).await.code, "InvalidRequestException");
    assert!(world.ok::<api::ListSecrets>(list(&[])).await.secret_list.unwrap().is_empty());
    let planned = api::ListSecretsRequest { include_planned_deletion: Some(true), ..list(&[]) };
    assert_eq!(world.ok::<api::ListSecrets>(planned).await.secret_list.unwrap().len(), 1);

    world.advance_days(6);
    assert!(matches!(world.delete_due().await, Next::After(_)));
    assert_eq!(world.refused::<api::GetSecretValue>(get("s")).await.code, "InvalidRequestException");
    world.advance_days(1);
    assert_eq!(world.delete_due().await, Next::Wait);
    assert_eq!(world.refused::<api::GetSecretValue>(get("s")).await.code, "ResourceNotFoundException");
    world.ok::<api::CreateSecret>(text("s", "new")).await;
}

#[tokio::test]
async fn force_deletes_at_once_and_spares_a_new_secret_of_the_name() {
    let world = World::new();
    world.ok::<api::CreateSecret>(text("s", "one")).await;
    world
        .ok::<api::DeleteSecret>(api::DeleteSecretRequest { recovery_window_in_days: Some(7), ..delete("s") })
        .await;
    let force = api::DeleteSecretRequest { force_delete_without_recovery: Some(true), ..delete("s") };
    world.ok::<api::DeleteSecret>(force.clone()).await;
    world.ok::<api::CreateSecret>(text("s", "two")).await;
    world.advance_days(8);
    world.delete_due().await;
    assert_eq!(world.ok::<api::GetSecretValue>(get("s")).await.secret_string.as_deref(), Some("two"));
    world.ok::<api::DeleteSecret>(force.clone()).await;
    world.ok::<api::DeleteSecret>(force).await;
    assert_eq!(world.refused::<api::DeleteSecret>(delete("s")).await.code, "ResourceNotFoundException");
}

#[tokio::test]
async fn listings_filter_sort_and_page() {
    let world = World::new();
    for (name, description) in [("app/one", "Database password"), ("app/two", "api key"), ("lib", "")] {
        let tags = Some(vec![api::Tag { key: Some("team".into()), value: Some(name[..3].into()) }]);
        let input =
            api::CreateSecretRequest { description: Some(description.into()), tags, ..text(name, "v") };
        world.ok::<api::CreateSecret>(input).await;
        world.advance_days(1);
    }
    let world = &world;
    let names = |input: api::ListSecretsRequest| async move {
        let rows = world.ok::<api::ListSecrets>(input).await.secret_list.unwrap();
        rows.into_iter().map(|secret| secret.name.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(names(list(&[("name", "app")])).await, ["app/one", "app/two"]);
    assert_eq!(names(list(&[("name", "!app")])).await, ["lib"]);
    assert_eq!(names(list(&[("description", "PASS")])).await, ["app/one"]);
    assert_eq!(names(list(&[("all", "key")])).await, ["app/two"]);
    assert_eq!(names(list(&[("tag-value", "lib,nothing"), ("tag-key", "team")])).await, ["lib"]);
    let sorted = api::ListSecretsRequest {
        sort_by: Some("created-date".into()),
        sort_order: Some("desc".into()),
        max_results: Some(2),
        ..list(&[])
    };
    assert_eq!(names(sorted.clone()).await, ["lib", "app/two"]);
    let next_token = world.ok::<api::ListSecrets>(sorted.clone()).await.next_token;
    assert!(next_token.is_some());
    assert_eq!(names(api::ListSecretsRequest { next_token, ..sorted.clone() }).await, ["app/one"]);
    let bad = api::ListSecretsRequest { next_token: Some("x".into()), ..sorted };
    assert_eq!(world.refused::<api::ListSecrets>(bad).await.code, "InvalidNextTokenException");
}
