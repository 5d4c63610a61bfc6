//! Access keys.

use gantry_api_iam as api;
use gantry_iam::tables::access_key::{ACCESS_KEYS, AccessKey};

use crate::world::*;

#[tokio::test]
async fn a_secret_is_shown_once_and_kept_sealed() {
    let world = World::new();
    world.user("ann", "").await;
    let create =
        || world.root::<api::CreateAccessKey>(api::CreateAccessKeyRequest { user_name: Some("ann".into()) });
    let key = create().await.unwrap().access_key;
    assert!(key.access_key_id.starts_with("AKIA") && key.access_key_id.len() == 20);
    assert_eq!(key.secret_access_key.len(), 40);
    let row = world.db.begin().get(&ACCESS_KEYS, &AccessKey::key(&key.access_key_id)).await.unwrap().unwrap();
    assert!(!serde_json::to_string(&row).unwrap().contains(&key.secret_access_key));
    let identity = world.identities.find(&key.access_key_id, None, world.now()).await.unwrap();
    assert_eq!(identity.secret, key.secret_access_key);
    assert_eq!(create().await.err().unwrap(), "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");

    let list = api::ListAccessKeysRequest { user_name: Some("ann".into()), ..Default::default() };
    let listed = world.root::<api::ListAccessKeys>(list).await.unwrap().access_key_metadata;
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|key| key.status.as_deref() == Some("Active")));
}

#[tokio::test]
async fn one_cannot_delete_anothers_key() {
    let world = World::new();
    world.user("ann", "").await;
    let bobs = world.user("bob", "").await;
    let request = api::DeleteAccessKeyRequest { user_name: Some("ann".into()), access_key_id: bobs.clone() };
    assert_eq!(
        world.root::<api::DeleteAccessKey>(request).await.err().unwrap(),
        format!("NoSuchEntity: The Access Key with id {bobs} cannot be found.")
    );
    assert!(world.identities.find(&bobs, None, world.now()).await.is_ok());
}

#[tokio::test]
async fn a_root_has_keys_too() {
    let world = World::new();
    let first = world.iam.first_key(account(HOME), world.now()).await.unwrap().unwrap();
    assert_eq!(world.iam.first_key(account(HOME), world.now()).await.unwrap().unwrap(), first);
    let identity = world.identities.find(&first.access_key_id, None, world.now()).await.unwrap();
    assert_eq!(identity.secret, first.secret_access_key);
    assert_eq!(identity.caller.principal.arn(), "arn:aws:iam::111111111111:root");

    let second = world.root::<api::CreateAccessKey>(Default::default()).await.unwrap().access_key;
    assert_eq!(
        world.root::<api::ListAccessKeys>(Default::default()).await.unwrap().access_key_metadata.len(),
        2
    );
    let request = api::DeleteAccessKeyRequest { user_name: None, access_key_id: first.access_key_id.clone() };
    world.root::<api::DeleteAccessKey>(request).await.unwrap();
    assert!(world.identities.find(&first.access_key_id, None, world.now()).await.is_err());
    assert!(world.identities.find(&second.access_key_id, None, world.now()).await.is_ok());
    assert_eq!(world.iam.first_key(account(HOME), world.now()).await.unwrap(), None, "deleted is deleted");
}
