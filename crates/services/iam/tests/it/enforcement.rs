//! Every operation is allowed with exactly its permission, and not without it.

use gantry_api_iam as api;
use gantry_wire::Operation;

use crate::world::*;

struct Fixture {
    world: World,
    key: String,
}

impl Fixture {
    async fn new() -> Fixture {
        let world = World::new();
        let key = world.user("ann", "").await;
        world.user("target", ALLOW_ALL).await;
        world.role("target", TRUST_TASKS).await.unwrap();
        world.put_role_policy("target", ALLOW_ALL).await;
        let policy = api::CreatePolicyRequest {
            policy_name: "target".into(),
            policy_document: document(ALLOW_ALL),
            ..Default::default()
        };
        world.root::<api::CreatePolicy>(policy).await.unwrap();
        Fixture { world, key }
    }

    async fn grant(&self, statement: &str) {
        let request = api::PutUserPolicyRequest {
            user_name: "ann".into(),
            policy_name: "granted".into(),
            policy_document: document(statement),
        };
        self.world.root::<api::PutUserPolicy>(request).await.unwrap();
    }

    /// Denied by everything else, allowed by its own action on its own resource, denied by an explicit deny.
    async fn check<O: Operation>(&self, resource: &str, input: O::Input)
    where
        O::Input: Clone,
    {
        let action = format!("iam:{}", O::NAME);
        let call = || self.world.with_keys::<O>((&self.key, None), input.clone());
        self.grant(&format!(r#""Effect":"Allow","NotAction":"{action}","Resource":"*""#)).await;
        let denied = call().await.err().unwrap_or_else(|| panic!("{action} is not enforced"));
        assert!(denied.starts_with("AccessDenied: User: arn:aws:iam::111111111111:user/ann"), "{denied}");
        assert!(denied.contains(&format!("perform: {action}")), "{denied}");

        self.grant(&format!(r#""Effect":"Deny","Action":"{action}","Resource":"*""#)).await;
        assert!(call().await.err().unwrap().contains("with an explicit deny in an identity-based policy"));

        self.grant(&format!(r#""Effect":"Allow","Action":"{action}","Resource":"{resource}""#)).await;
        if let Err(error) = call().await {
            panic!("{action} on {resource}: {error}");
        }
    }
}

const ROLE: &str = "arn:aws:iam::111111111111:role/target";
const USER: &str = "arn:aws:iam::111111111111:user/target";
const POLICY: &str = "arn:aws:iam::111111111111:policy/target";

#[tokio::test]
async fn every_operation_takes_its_own_permission() {
    let f = Fixture::new().await;
    let name = || "target".to_owned();
    let inline = || "inline".to_owned();
    let arn = || POLICY.to_owned();
    let create = api::CreateRoleRequest {
        role_name: "new".into(),
        assume_role_policy_document: document(TRUST_TASKS),
        ..Default::default()
    };
    f.check::<api::CreateRole>("arn:aws:iam::111111111111:role/new", create).await;
    f.check::<api::GetRole>(ROLE, api::GetRoleRequest { role_name: name() }).await;
    f.check::<api::ListRoles>("*", Default::default()).await;
    let update =
        api::UpdateAssumeRolePolicyRequest { role_name: name(), policy_document: document(TRUST_TASKS) };
    f.check::<api::UpdateAssumeRolePolicy>(ROLE, update).await;
    let put = api::PutRolePolicyRequest {
        role_name: name(),
        policy_name: inline(),
        policy_document: document(ALLOW_ALL),
    };
    f.check::<api::PutRolePolicy>(ROLE, put).await;
    let get = api::GetRolePolicyRequest { role_name: name(), policy_name: inline() };
    f.check::<api::GetRolePolicy>(ROLE, get).await;
    let list = api::ListRolePoliciesRequest { role_name: name(), ..Default::default() };
    f.check::<api::ListRolePolicies>(ROLE, list).await;
    let attach = api::AttachRolePolicyRequest { role_name: name(), policy_arn: arn() };
    f.check::<api::AttachRolePolicy>(ROLE, attach).await;
    let list = api::ListAttachedRolePoliciesRequest { role_name: name(), ..Default::default() };
    f.check::<api::ListAttachedRolePolicies>(ROLE, list).await;
    let detach = api::DetachRolePolicyRequest { role_name: name(), policy_arn: arn() };
    f.check::<api::DetachRolePolicy>(ROLE, detach).await;
    let delete = api::DeleteRolePolicyRequest { role_name: name(), policy_name: inline() };
    f.check::<api::DeleteRolePolicy>(ROLE, delete).await;
    f.check::<api::DeleteRole>(ROLE, api::DeleteRoleRequest { role_name: name() }).await;

    let create = api::CreateUserRequest { user_name: "new".into(), ..Default::default() };
    f.check::<api::CreateUser>("arn:aws:iam::111111111111:user/new", create).await;
    f.check::<api::GetUser>(USER, api::GetUserRequest { user_name: Some(name()) }).await;
    f.check::<api::ListUsers>("*", Default::default()).await;
    let put = api::PutUserPolicyRequest {
        user_name: name(),
        policy_name: inline(),
        policy_document: document(ALLOW_ALL),
    };
    f.check::<api::PutUserPolicy>(USER, put).await;
    let get = api::GetUserPolicyRequest { user_name: name(), policy_name: inline() };
    f.check::<api::GetUserPolicy>(USER, get).await;
    let list = api::ListUserPoliciesRequest { user_name: name(), ..Default::default() };
    f.check::<api::ListUserPolicies>(USER, list).await;
    let attach = api::AttachUserPolicyRequest { user_name: name(), policy_arn: arn() };
    f.check::<api::AttachUserPolicy>(USER, attach).await;
    let list = api::ListAttachedUserPoliciesRequest { user_name: name(), ..Default::default() };
    f.check::<api::ListAttachedUserPolicies>(USER, list).await;
    let detach = api::DetachUserPolicyRequest { user_name: name(), policy_arn: arn() };
    f.check::<api::DetachUserPolicy>(USER, detach).await;
    let delete = api::DeleteUserPolicyRequest { user_name: name(), policy_name: inline() };
    f.check::<api::DeleteUserPolicy>(USER, delete).await;

    f.check::<api::CreateAccessKey>(USER, api::CreateAccessKeyRequest { user_name: Some(name()) }).await;
    let list = api::ListAccessKeysRequest { user_name: Some(name()), ..Default::default() };
    f.check::<api::ListAccessKeys>(USER, list.clone()).await;
    let keys = f.world.root::<api::ListAccessKeys>(list).await.unwrap().access_key_metadata;
    for (index, key) in keys.into_iter().enumerate() {
        let delete = api::DeleteAccessKeyRequest {
            user_name: Some(name()),
            access_key_id: key.access_key_id.unwrap(),
        };
        if index == 0 {
            f.check::<api::DeleteAccessKey>(USER, delete).await;
        } else {
            f.world.root::<api::DeleteAccessKey>(delete).await.unwrap();
        }
    }
    f.check::<api::DeleteUser>(USER, api::DeleteUserRequest { user_name: name() }).await;

    let create = api::CreatePolicyRequest {
        policy_name: "new".into(),
        policy_document: document(ALLOW_ALL),
        ..Default::default()
    };
    f.check::<api::CreatePolicy>("arn:aws:iam::111111111111:policy/new", create).await;
    f.check::<api::GetPolicy>(POLICY, api::GetPolicyRequest { policy_arn: arn() }).await;
    let version = api::GetPolicyVersionRequest { policy_arn: arn(), version_id: "v1".into() };
    f.check::<api::GetPolicyVersion>(POLICY, version).await;
    f.check::<api::ListPolicies>("*", Default::default()).await;
    f.check::<api::DeletePolicy>(POLICY, api::DeletePolicyRequest { policy_arn: arn() }).await;
}

#[tokio::test]
async fn whether_something_is_there_is_told_only_to_those_who_may_look() {
    let f = Fixture::new().await;
    f.grant(r#""Effect":"Allow","Action":"iam:GetRole","Resource":"arn:aws:iam::111111111111:role/no*""#)
        .await;
    let get = |name: &str| {
        let request = api::GetRoleRequest { role_name: name.into() };
        f.world.with_keys::<api::GetRole>((&f.key, None), request)
    };
    assert!(get("nowhere").await.err().unwrap().starts_with("NoSuchEntity"));
    assert!(get("absent").await.err().unwrap().starts_with("AccessDenied"));
    assert!(get("target").await.err().unwrap().starts_with("AccessDenied"));
}

#[tokio::test]
async fn what_may_be_attached_can_be_limited() {
    let f = Fixture::new().await;
    f.grant(r#""Effect":"Allow","Action":"iam:AttachRolePolicy","Resource":"*","Condition":{"ArnLike":{"iam:PolicyARN":"arn:aws:iam::aws:policy/service-role/*"}}"#).await;
    let attach = |arn: &str| {
        let request = api::AttachRolePolicyRequest { role_name: "target".into(), policy_arn: arn.into() };
        f.world.with_keys::<api::AttachRolePolicy>((&f.key, None), request)
    };
    assert!(attach("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy").await.is_ok());
    assert!(
        attach("arn:aws:iam::aws:policy/AdministratorAccess")
            .await
            .err()
            .unwrap()
            .starts_with("AccessDenied")
    );
}
