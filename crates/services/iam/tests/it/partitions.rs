//! Requests name everything by the partition of their region; an account is one room in all of them.

use std::sync::Arc;

use gantry_api_iam as api;
use gantry_api_sts as sts;
use gantry_base::Arn;
use gantry_iam_core::Caller;
use gantry_service::RoleCredentials;

use crate::world::*;

const BEIJING: &str = "cn-north-1";

#[tokio::test]
async fn identities_are_named_by_the_partition_of_the_request() {
    let world = World::new();
    let root = Arc::new(Caller::root(account(HOME)));
    let who =
        world.call_in::<sts::GetCallerIdentity>(BEIJING, root.clone(), Default::default()).await.unwrap();
    assert_eq!(who.arn.unwrap(), "arn:aws-cn:iam::111111111111:root");

    let create = api::CreateRoleRequest {
        role_name: "app".into(),
        assume_role_policy_document: document(TRUST_TASKS),
        permissions_boundary: Some("arn:aws-cn:iam::aws:policy/PowerUserAccess".into()),
        ..Default::default()
    };
    let role = world.call_in::<api::CreateRole>(BEIJING, root.clone(), create).await.unwrap().role;
    assert_eq!(role.arn, "arn:aws-cn:iam::111111111111:role/app");
    let bounded = role.permissions_boundary.unwrap().permissions_boundary_arn.unwrap();
    assert_eq!(bounded, "arn:aws-cn:iam::aws:policy/PowerUserAccess");

    let policy_arn = "arn:aws-cn:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy".to_owned();
    let attach = api::AttachRolePolicyRequest { role_name: "app".into(), policy_arn };
    world.call_in::<api::AttachRolePolicy>(BEIJING, root.clone(), attach).await.unwrap();
    for (region, partition) in [(BEIJING, "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")] {
        let get = api::GetRoleRequest { role_name: "app".into() };
        let role = world.call_in::<api::GetRole>(region, root.clone(), get).await.unwrap().role;
        assert_eq!(role.arn, format!("arn:{partition}:iam::111111111111:role/app"));
        let list = api::ListAttachedRolePoliciesRequest { role_name: "app".into(), ..Default::default() };
        let list = world.call_in::<api::ListAttachedRolePolicies>(region, root.clone(), list).await.unwrap();
        assert_eq!(
            list.attached_policies.unwrap()[0].policy_arn.as_deref().unwrap(),
            format!("arn:{partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")
        );
        let role_arn: Arn = role.arn.parse().unwrap();
        let service = by("ecs-tasks.amazonaws.com");
        let session = world.iam.credentials_for_role(&service, &role_arn, "t", world.now());
        assert_eq!(
            session.await.unwrap().caller.principal.arn(),
            format!("arn:{partition}:sts::111111111111:assumed-role/app/t")
        );
    }
}

#[tokio::test]
async fn a_role_is_assumed_by_the_name_that_the_partition_gives_it() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    let trust = TRUST_ACCOUNT.replace(r#""111111111111""#, r#""arn:aws-cn:iam::111111111111:user/ann""#);
    world.role("app", &trust).await.unwrap();
    let caller = world.identities.find(&key, None, world.now()).await.unwrap().caller;
    let assume = sts::AssumeRoleRequest {
        role_arn: "arn:aws-cn:iam::111111111111:role/app".into(),
        role_session_name: "s1".into(),
        ..Default::default()
    };
    let opened = world.call_in::<sts::AssumeRole>(BEIJING, caller, assume).await.unwrap();
    assert_eq!(opened.assumed_role_user.unwrap().arn, "arn:aws-cn:sts::111111111111:assumed-role/app/s1");
}
