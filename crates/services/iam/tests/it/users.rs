//! Users and their policies.

use gantry_api_iam as api;

use crate::world::*;

#[tokio::test]
async fn a_user_is_made_shown_and_removed() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    let get = |name: Option<&str>| api::GetUserRequest { user_name: name.map(str::to_owned) };
    let ann = world.root::<api::GetUser>(get(Some("ann"))).await.unwrap().user;
    assert_eq!(ann.arn, "arn:aws:iam::111111111111:user/ann");
    assert!(ann.user_id.starts_with("AIDA") && ann.user_id.len() == 21);
    assert_eq!(
        world.with_keys::<api::GetUser>((&key, None), get(None)).await.unwrap().user.user_name.as_deref(),
        Some("ann")
    );
    let root = world.root::<api::GetUser>(get(None)).await.unwrap().user;
    assert_eq!((root.user_id.as_str(), root.user_name, root.path), (HOME, None, None));

    let delete = || world.root::<api::DeleteUser>(api::DeleteUserRequest { user_name: "ann".into() });
    assert_eq!(
        delete().await.err().unwrap(),
        "DeleteConflict: Cannot delete entity, must delete access keys first."
    );
    let request = api::DeleteAccessKeyRequest { user_name: Some("ann".into()), access_key_id: key };
    world.root::<api::DeleteAccessKey>(request).await.unwrap();
    assert_eq!(
        delete().await.err().unwrap(),
        "DeleteConflict: Cannot delete entity, must delete policies first."
    );
    let list = api::ListUserPoliciesRequest { user_name: "ann".into(), ..Default::default() };
    assert_eq!(world.root::<api::ListUserPolicies>(list).await.unwrap().policy_names, ["inline"]);
    let request = api::DeleteUserPolicyRequest { user_name: "ann".into(), policy_name: "inline".into() };
    world.root::<api::DeleteUserPolicy>(request).await.unwrap();
    delete().await.unwrap();
    assert_eq!(
        world.root::<api::GetUser>(get(Some("ann"))).await.err().unwrap(),
        "NoSuchEntity: The user with name ann cannot be found."
    );
}

#[tokio::test]
async fn attached_policies_work_for_users_too() {
    let world = World::new();
    let key = world.user("ann", "").await;
    let arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
    let list = || world.with_keys::<api::ListUsers>((&key, None), api::ListUsersRequest::default());
    assert!(list().await.err().unwrap().ends_with(
        "iam:ListUsers on resource: arn:aws:iam::111111111111:user/ because no identity-based policy \
                 allows the iam:ListUsers action"
    ));
    let attach = api::AttachUserPolicyRequest { user_name: "ann".into(), policy_arn: arn.into() };
    world.root::<api::AttachUserPolicy>(attach).await.unwrap();
    assert_eq!(list().await.unwrap().users.len(), 1, "in force at once");
    let request = api::ListAttachedUserPoliciesRequest { user_name: "ann".into(), ..Default::default() };
    let attached =
        world.root::<api::ListAttachedUserPolicies>(request).await.unwrap().attached_policies.unwrap();
    assert_eq!(attached[0].policy_name.as_deref(), Some("IAMReadOnlyAccess"));
    let detach = api::DetachUserPolicyRequest { user_name: "ann".into(), policy_arn: arn.into() };
    world.root::<api::DetachUserPolicy>(detach).await.unwrap();
    assert!(list().await.is_err(), "out of force at once");
}
