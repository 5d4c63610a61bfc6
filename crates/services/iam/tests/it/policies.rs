//! Managed policies, the customer's and AWS's.

use gantry_api_iam as api;

use crate::world::*;

fn create(name: &str, statement: &str) -> api::CreatePolicyRequest {
    api::CreatePolicyRequest {
        policy_name: name.into(),
        policy_document: document(statement),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_policy_is_made_attached_and_removed() {
    let world = World::new();
    let policy = world.root::<api::CreatePolicy>(create("p", ALLOW_ALL)).await.unwrap().policy.unwrap();
    let arn = policy.arn.unwrap();
    assert_eq!(arn, "arn:aws:iam::111111111111:policy/p");
    assert!(policy.policy_id.unwrap().starts_with("ANPA"));
    assert_eq!(
        world.root::<api::CreatePolicy>(create("P", ALLOW_ALL)).await.err().unwrap(),
        "EntityAlreadyExists: A policy called P already exists. Duplicate names are not allowed."
    );

    world.role("app", TRUST_TASKS).await.unwrap();
    let attach = api::AttachRolePolicyRequest { role_name: "app".into(), policy_arn: arn.clone() };
    world.root::<api::AttachRolePolicy>(attach).await.unwrap();
    let get = || world.root::<api::GetPolicy>(api::GetPolicyRequest { policy_arn: arn.clone() });
    assert_eq!(get().await.unwrap().policy.unwrap().attachment_count, Some(1));
    let delete = || world.root::<api::DeletePolicy>(api::DeletePolicyRequest { policy_arn: arn.clone() });
    assert_eq!(delete().await.err().unwrap(), "DeleteConflict: Cannot delete a policy attached to entities.");
    let detach = api::DetachRolePolicyRequest { role_name: "app".into(), policy_arn: arn.clone() };
    world.root::<api::DetachRolePolicy>(detach).await.unwrap();
    delete().await.unwrap();
    assert_eq!(
        get().await.err().unwrap(),
        "NoSuchEntity: Policy arn:aws:iam::111111111111:policy/p was not found."
    );
}

#[tokio::test]
async fn what_cannot_be_attached_says_so() {
    let world = World::new();
    world.role("app", TRUST_TASKS).await.unwrap();
    for (arn, message) in [
        (
            "arn:aws:iam::111111111111:policy/none",
            "NoSuchEntity: Policy arn:aws:iam::111111111111:policy/none does not exist or is not attachable.",
        ),
        (
            "arn:aws:iam::aws:policy/NoSuchThing",
            "NoSuchEntity: Policy arn:aws:iam::aws:policy/NoSuchThing does not exist or is not attachable.",
        ),
        ("arn:aws:s3:::bucket/and/more", "ValidationError: ARN arn:aws:s3:::bucket/and/more is not valid."),
    ] {
        let attach = api::AttachRolePolicyRequest { role_name: "app".into(), policy_arn: arn.into() };
        assert_eq!(world.root::<api::AttachRolePolicy>(attach).await.err().unwrap(), message);
    }
}

#[tokio::test]
async fn documents_are_versions() {
    let world = World::new();
    world.root::<api::CreatePolicy>(create("p", ALLOW_ALL)).await.unwrap();
    let get = |arn: &str, version: &str| {
        world.root::<api::GetPolicyVersion>(api::GetPolicyVersionRequest {
            policy_arn: arn.into(),
            version_id: version.into(),
        })
    };
    let own = get("arn:aws:iam::111111111111:policy/p", "v1").await.unwrap().policy_version.unwrap();
    assert_eq!(own.is_default_version, Some(true));
    let arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    let aws = get(arn, "v1").await.unwrap().policy_version.unwrap().document.unwrap();
    assert!(aws.contains("ecr%3AGetAuthorizationToken"));
    assert_eq!(
        get(arn, "v9").await.err().unwrap(),
        format!("NoSuchEntity: Policy {arn} version v9 does not exist or is not attachable.")
    );
    let arn = "arn:aws:iam::111111111111:policy/none";
    assert_eq!(
        get(arn, "v1").await.err().unwrap(),
        format!("NoSuchEntity: Policy {arn} version v1 does not exist or is not attachable.")
    );
}

#[tokio::test]
async fn a_boundary_is_in_use_too() {
    let world = World::new();
    let bound = r#""Effect":"Allow","Action":"ecs:*","Resource":"*""#;
    let arn = world.root::<api::CreatePolicy>(create("b", bound)).await.unwrap().policy.unwrap().arn.unwrap();
    let request = api::CreateUserRequest {
        user_name: "ann".into(),
        permissions_boundary: Some(arn.clone()),
        ..Default::default()
    };
    let ann = world.root::<api::CreateUser>(request).await.unwrap().user.unwrap();
    assert_eq!(ann.permissions_boundary.unwrap().permissions_boundary_arn.as_ref(), Some(&arn));
    let delete = || world.root::<api::DeletePolicy>(api::DeletePolicyRequest { policy_arn: arn.clone() });
    assert!(delete().await.err().unwrap().starts_with("DeleteConflict"));

    let put = api::PutUserPolicyRequest {
        user_name: "ann".into(),
        policy_name: "all".into(),
        policy_document: document(ALLOW_ALL),
    };
    world.root::<api::PutUserPolicy>(put).await.unwrap();
    let key = world
        .root::<api::CreateAccessKey>(api::CreateAccessKeyRequest { user_name: Some("ann".into()) })
        .await
        .unwrap()
        .access_key
        .access_key_id;
    let denied = world.with_keys::<api::ListUsers>((&key, None), Default::default()).await.err().unwrap();
    assert!(denied.ends_with("because no permissions boundary allows the iam:ListUsers action"));
}

#[tokio::test]
async fn listings_have_scopes() {
    let world = World::new();
    world.root::<api::CreatePolicy>(create("p", ALLOW_ALL)).await.unwrap();
    let list = |scope: &str| {
        let request = api::ListPoliciesRequest { scope: Some(scope.into()), ..Default::default() };
        world.root::<api::ListPolicies>(request)
    };
    assert_eq!(list("Local").await.unwrap().policies.unwrap().len(), 1);
    let aws = list("AWS").await.unwrap().policies.unwrap().len();
    assert!(aws > 15);
    assert_eq!(list("All").await.unwrap().policies.unwrap().len(), aws + 1);
    let request = api::ListPoliciesRequest { only_attached: Some(true), ..Default::default() };
    assert_eq!(world.root::<api::ListPolicies>(request).await.unwrap().policies.unwrap().len(), 0);
}
