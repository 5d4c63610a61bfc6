//! Looking up keys: what is known, what has ended, and how soon changes count.

use std::sync::Arc;

use gantry_api_iam as api;
use gantry_api_sts as sts;
use gantry_iam::Unknown;
use gantry_service::RoleCredentials;

use crate::world::*;

const LIST: api::ListUsersRequest =
    api::ListUsersRequest { path_prefix: None, marker: None, max_items: None };

#[tokio::test]
async fn unknown_keys_are_unknown() {
    let world = World::new();
    let find = |key: &'static str, token| world.identities.find(key, token, world.now());
    assert_eq!(find("AKIAAAAAAAAAAAAAAAAA", None).await.err(), Some(Unknown::Invalid));
    assert_eq!(find("ASIAAAAAAAAAAAAAAAAA", Some("x")).await.err(), Some(Unknown::Invalid));
    assert_eq!(find("", Some("")).await.err(), Some(Unknown::Invalid));
}

#[tokio::test]
async fn a_session_ends_with_its_time() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    let session = world.assume(&key, "app").await.unwrap();
    let find = || world.identities.find(&session.access_key_id, Some(&session.session_token), world.now());
    assert_eq!(find().await.unwrap().secret, session.secret_access_key);
    world.advance(3599);
    assert!(find().await.is_ok());
    world.advance(1);
    assert_eq!(find().await.err(), Some(Unknown::Expired), "also when it is remembered");
    world.advance(10);
    assert_eq!(find().await.err(), Some(Unknown::Expired));
}

#[tokio::test]
async fn a_token_belongs_to_its_key() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    let one = world.assume(&key, "app").await.unwrap();
    let two = world.assume(&key, "app").await.unwrap();
    let find =
        async |key: &str, token: Option<&str>| world.identities.find(key, token, world.now()).await.err();
    assert_eq!(find(&one.access_key_id, Some(&one.session_token)).await, None);
    assert_eq!(find(&one.access_key_id, Some(&two.session_token)).await, Some(Unknown::Invalid));
    assert_eq!(find(&one.access_key_id, None).await, Some(Unknown::Invalid));
    let mut damaged = one.session_token.clone().into_bytes();
    damaged[40] ^= 1;
    let damaged = String::from_utf8(damaged).unwrap();
    assert_eq!(find(&one.access_key_id, Some(&damaged)).await, Some(Unknown::Invalid));
}

#[tokio::test]
async fn sessions_and_keys_survive_a_restart() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    let session = world.assume(&key, "app").await.unwrap();
    let again = World::over(world.db.clone(), 2);
    let identity = again
        .identities
        .find(&session.access_key_id, Some(&session.session_token), again.now())
        .await
        .unwrap();
    assert_eq!(identity.secret, session.secret_access_key);
    assert_eq!(identity.caller.principal.arn(), "arn:aws:sts::111111111111:assumed-role/app/s1");
    assert!(again.identities.find(&key, None, again.now()).await.is_ok());
}

#[tokio::test]
async fn a_role_of_the_same_name_is_another_role() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    let session = world.assume(&key, "app").await.unwrap();
    world.root::<api::DeleteRole>(api::DeleteRoleRequest { role_name: "app".into() }).await.unwrap();
    let find = || world.identities.find(&session.access_key_id, Some(&session.session_token), world.now());
    assert_eq!(find().await.err(), Some(Unknown::Invalid));
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    assert_eq!(find().await.err(), Some(Unknown::Invalid));
}

#[tokio::test]
async fn a_change_counts_at_once_here_and_soon_elsewhere() {
    let world = World::new();
    let replica = World::over(world.db.clone(), 2);
    let key = world.user("ann", ALLOW_ALL).await;
    assert!(world.with_keys::<api::ListUsers>((&key, None), LIST).await.is_ok());
    assert!(replica.with_keys::<api::ListUsers>((&key, None), LIST).await.is_ok());
    let delete = api::DeleteUserPolicyRequest { user_name: "ann".into(), policy_name: "inline".into() };
    world.root::<api::DeleteUserPolicy>(delete).await.unwrap();
    assert!(world.with_keys::<api::ListUsers>((&key, None), LIST).await.is_err());
    replica.advance(1);
    assert!(replica.with_keys::<api::ListUsers>((&key, None), LIST).await.is_err());
}

#[tokio::test]
async fn more_keys_than_are_remembered_are_looked_up() {
    let world = World::new();
    let role: gantry_base::Arn = world.role("app", TRUST_TASKS).await.unwrap().arn.parse().unwrap();
    for _ in 0..5000 {
        let session = world
            .iam
            .credentials_for_role(&by("ecs-tasks.amazonaws.com"), &role, "t", world.now())
            .await
            .unwrap();
        let found =
            world.identities.find(&session.access_key_id, Some(&session.session_token), world.now()).await;
        assert!(found.is_ok());
    }
}

#[tokio::test]
async fn services_open_sessions_of_roles_that_trust_them() {
    let world = World::new();
    let role: gantry_base::Arn = world.role("app", TRUST_TASKS).await.unwrap().arn.parse().unwrap();
    world.put_role_policy("app", r#""Effect":"Allow","Action":"iam:ListUsers","Resource":"*""#).await;
    let iam = &world.iam;
    iam.may_assume(&by("ecs-tasks.amazonaws.com"), &role, world.now()).await.unwrap();
    assert_eq!(
        iam.may_assume(&by("ecs.amazonaws.com"), &role, world.now()).await.map_err(words).unwrap_err(),
        "AccessDenied: User: ecs.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: \
         arn:aws:iam::111111111111:role/app because no role trust policy allows the sts:AssumeRole action"
    );
    let none = "arn:aws:iam::111111111111:role/none".parse().unwrap();
    assert_eq!(
        iam.may_assume(&by("ecs-tasks.amazonaws.com"), &none, world.now()).await.map_err(words).unwrap_err(),
        "NoSuchEntity: The role with name none cannot be found."
    );

    let session =
        iam.credentials_for_role(&by("ecs-tasks.amazonaws.com"), &role, "task1", world.now()).await.unwrap();
    let keys = (session.access_key_id.as_str(), Some(session.session_token.as_str()));
    assert!(world.with_keys::<api::ListUsers>(keys, LIST).await.is_ok());
    assert!(world.with_keys::<api::ListRoles>(keys, Default::default()).await.is_err());
    assert!(world.call::<api::ListUsers>(Arc::new(session.caller.clone()), LIST).await.is_ok());
    let who = world.with_keys::<sts::GetCallerIdentity>(keys, Default::default()).await.unwrap();
    assert_eq!(who.arn.unwrap(), "arn:aws:sts::111111111111:assumed-role/app/task1");
    assert!(!format!("{session:?}").contains(&session.secret_access_key));
}

/// The confused deputy: the service works for others too, and a role says for whom it may be used.
#[tokio::test]
async fn a_role_may_be_trusted_for_some_sources_only() {
    let world = World::new();
    let conditions = [
        ("arn", r#"{"ArnLike":{"aws:SourceArn":"arn:aws:ecs:us-east-1:111111111111:*"}}"#, true),
        ("account", r#"{"StringEquals":{"aws:SourceAccount":"111111111111"}}"#, true),
        ("elsewhere", r#"{"ArnLike":{"aws:SourceArn":"arn:aws:ecs:eu-west-1:111111111111:*"}}"#, false),
        ("other", r#"{"StringEquals":{"aws:SourceAccount":"222222222222"}}"#, false),
    ];
    for (name, condition, trusted) in conditions {
        let statement = format!(r#"{TRUST_TASKS},"Condition":{condition}"#);
        let role = world.role(name, &statement).await.unwrap().arn.parse().unwrap();
        let may = world.iam.may_assume(&by("ecs-tasks.amazonaws.com"), &role, world.now()).await;
        assert_eq!(may.is_ok(), trusted, "{name}");
    }
}
