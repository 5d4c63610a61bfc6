//! Grants.

use gantry_api_kms as api;

use crate::keys::{encrypt, key};
use crate::world::World;

const ANN: &str = "arn:aws:iam::000000000000:user/ann";
const BOB: &str = "arn:aws:iam::000000000000:user/bob";

fn grant(id: &str, operations: &[&str]) -> api::CreateGrantRequest {
    api::CreateGrantRequest {
        key_id: id.into(),
        grantee_principal: Some(ANN.into()),
        operations: operations.iter().map(|name| (*name).to_owned()).collect(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_grant_lets_its_grantee_in_until_it_is_revoked() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let (ann, bob) = (world.user("ann", &[]), world.user("bob", &[]));
    assert!(world.denied::<api::Encrypt>(&ann, encrypt(&id, "x")).await);
    let made = world.ok::<api::CreateGrant>(grant(&id, &["Encrypt"])).await;
    assert!(!world.denied::<api::Encrypt>(&ann, encrypt(&id, "x")).await);
    assert!(world.denied::<api::Encrypt>(&bob, encrypt(&id, "x")).await);
    let data_key = api::GenerateDataKeyRequest {
        key_id: id.clone(),
        key_spec: Some("AES_256".into()),
        ..Default::default()
    };
    assert!(world.denied::<api::GenerateDataKey>(&ann, data_key).await, "the grant says Encrypt");
    let list = api::ListGrantsRequest { key_id: id.clone(), ..Default::default() };
    let grants = world.ok::<api::ListGrants>(list.clone()).await.grants.unwrap();
    assert_eq!((grants.len(), grants[0].grantee_principal.as_deref()), (1, Some(ANN)));
    let revoke =
        api::RevokeGrantRequest { key_id: id.clone(), grant_id: made.grant_id.unwrap(), dry_run: None };
    assert!(world.denied::<api::RevokeGrant>(&ann, revoke.clone()).await);
    world.ok::<api::RevokeGrant>(revoke.clone()).await;
    assert!(world.denied::<api::Encrypt>(&ann, encrypt(&id, "x")).await);
    assert!(world.ok::<api::ListGrants>(list).await.grants.unwrap().is_empty());
    assert_eq!(world.refused::<api::RevokeGrant>(revoke).await.code, "NotFoundException");
}

#[tokio::test]
async fn constraints_narrow_a_grant() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let ann = world.user("ann", &[]);
    let subset = Some([("team".to_owned(), "blue".to_owned())].into());
    let constraints = Some(api::GrantConstraints { encryption_context_subset: subset, ..Default::default() });
    world.ok::<api::CreateGrant>(api::CreateGrantRequest { constraints, ..grant(&id, &["Encrypt"]) }).await;
    let within = |pairs: &[(&str, &str)]| api::EncryptRequest {
        encryption_context: Some(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()),
        ..encrypt(&id, "x")
    };
    assert!(!world.denied::<api::Encrypt>(&ann, within(&[("team", "blue"), ("row", "1")])).await);
    assert!(world.denied::<api::Encrypt>(&ann, within(&[("team", "red")])).await);
    assert!(world.denied::<api::Encrypt>(&ann, encrypt(&id, "x")).await);
}

#[tokio::test]
async fn grants_are_handed_on_and_retired() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let (ann, bob) = (world.user("ann", &[]), world.user("bob", &[]));
    let input = api::CreateGrantRequest {
        retiring_principal: Some(BOB.into()),
        ..grant(&id, &["Encrypt", "CreateGrant"])
    };
    let made = world.ok::<api::CreateGrant>(input).await;
    let hand_on = |operations: &[&str]| api::CreateGrantRequest {
        grantee_principal: Some(BOB.into()),
        ..grant(&id, operations)
    };
    assert!(
        world.denied::<api::CreateGrant>(&ann, hand_on(&["Decrypt"])).await,
        "she has no Decrypt to give"
    );
    assert!(!world.denied::<api::CreateGrant>(&ann, hand_on(&["Encrypt"])).await);
    assert!(!world.denied::<api::Encrypt>(&bob, encrypt(&id, "x")).await);

    let list = api::ListRetirableGrantsRequest { retiring_principal: Some(BOB.into()), ..Default::default() };
    let grants = world.ok::<api::ListRetirableGrants>(list).await.grants.unwrap();
    assert_eq!((grants.len(), &grants[0].grant_id), (1, &made.grant_id));
    let retire = api::RetireGrantRequest { grant_token: made.grant_token.clone(), ..Default::default() };
    assert!(world.denied::<api::RetireGrant>(&ann, retire.clone()).await, "the grant lets her not");
    assert!(!world.denied::<api::RetireGrant>(&bob, retire.clone()).await);
    assert!(world.denied::<api::Encrypt>(&ann, encrypt(&id, "x")).await);
    assert_eq!(world.refused::<api::RetireGrant>(retire).await.code, "NotFoundException");
    let forged = api::RetireGrantRequest { grant_token: Some("eA==".into()), ..Default::default() };
    assert_eq!(world.refused::<api::RetireGrant>(forged).await.code, "InvalidGrantTokenException");
}

#[tokio::test]
async fn grants_are_checked_and_made_once_under_a_name() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let named = api::CreateGrantRequest { name: Some("n".into()), ..grant(&id, &["Encrypt", "Decrypt"]) };
    let first = world.ok::<api::CreateGrant>(named.clone()).await.grant_id;
    assert_eq!(world.ok::<api::CreateGrant>(named).await.grant_id, first);
    let unnamed = world.ok::<api::CreateGrant>(grant(&id, &["Encrypt", "Decrypt"])).await.grant_id;
    assert_ne!(unnamed, first);
    for (input, code) in [
        (grant(&id, &["Sign"]), "ValidationException"),
        (
            api::CreateGrantRequest {
                grantee_principal: Some("arn:aws:iam::0:user/x".into()),
                ..grant(&id, &["Encrypt"])
            },
            "InvalidArnException",
        ),
        (
            api::CreateGrantRequest { grantee_principal: Some("ann".into()), ..grant(&id, &["Encrypt"]) },
            "InvalidArnException",
        ),
    ] {
        assert_eq!(world.refused::<api::CreateGrant>(input).await.code, code);
    }
}

#[tokio::test]
async fn who_may_hand_on_may_hand_on_what_is_stricter() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let ann = world.user("ann", &[]);
    let of = |pairs: &[(&str, &str)]| {
        Some(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    };
    let subset = |pairs| api::GrantConstraints { encryption_context_subset: of(pairs), ..Default::default() };
    let equals = |pairs| api::GrantConstraints { encryption_context_equals: of(pairs), ..Default::default() };
    let constraints = Some(subset(&[("app", "x")]));
    let parent = api::CreateGrantRequest { constraints, ..grant(&id, &["Encrypt", "CreateGrant"]) };
    world.ok::<api::CreateGrant>(parent).await;
    for (place, (constraints, allowed)) in [
        (Some(subset(&[("app", "x")])), true),
        (Some(subset(&[("app", "x"), ("b", "y")])), true),
        (Some(equals(&[("app", "x"), ("b", "y")])), true),
        (Some(subset(&[("app", "z")])), false),
        (Some(equals(&[("b", "y")])), false),
        (None, false),
    ]
    .into_iter()
    .enumerate()
    {
        let child = api::CreateGrantRequest {
            grantee_principal: Some(BOB.into()),
            constraints,
            ..grant(&id, &["Encrypt"])
        };
        assert_eq!(!world.denied::<api::CreateGrant>(&ann, child).await, allowed, "case {place}");
    }
}
