//! Versions of policies, boundaries, profiles, roles of services, aliases, providers and tags.

use gantry_api_iam as api;

use crate::world::*;

const POLICY: &str = "arn:aws:iam::111111111111:policy/p";

async fn policy(world: &World, statement: &str) {
    let create = api::CreatePolicyRequest {
        policy_name: "p".into(),
        policy_document: document(statement),
        ..Default::default()
    };
    world.root::<api::CreatePolicy>(create).await.unwrap();
}

fn version(statement: &str, set_as_default: bool) -> api::CreatePolicyVersionRequest {
    api::CreatePolicyVersionRequest {
        policy_arn: POLICY.into(),
        policy_document: document(statement),
        set_as_default: Some(set_as_default),
    }
}

#[tokio::test]
async fn the_version_in_force_decides() {
    let world = World::new();
    let key = world.user("ann", "").await;
    policy(&world, r#""Effect":"Allow","Action":"iam:ListRoles","Resource":"*""#).await;
    let attach = api::AttachUserPolicyRequest { user_name: "ann".into(), policy_arn: POLICY.into() };
    world.root::<api::AttachUserPolicy>(attach).await.unwrap();
    let list = || world.with_keys::<api::ListUsers>((&key, None), api::ListUsersRequest::default());
    let users = r#""Effect":"Allow","Action":"iam:ListUsers","Resource":"*""#;
    let made = world.root::<api::CreatePolicyVersion>(version(users, false)).await.unwrap();
    assert_eq!(made.policy_version.unwrap().version_id.as_deref(), Some("v2"));
    assert!(list().await.is_err());
    let set = api::SetDefaultPolicyVersionRequest { policy_arn: POLICY.into(), version_id: "v2".into() };
    world.root::<api::SetDefaultPolicyVersion>(set).await.unwrap();
    assert!(list().await.is_ok());

    for _ in 0..3 {
        world.root::<api::CreatePolicyVersion>(version(users, false)).await.unwrap();
    }
    assert!(
        world
            .root::<api::CreatePolicyVersion>(version(users, false))
            .await
            .err()
            .unwrap()
            .starts_with("LimitExceeded: A managed policy can have up to 5 versions.")
    );
    let delete = |id: &str| {
        let request = api::DeletePolicyVersionRequest { policy_arn: POLICY.into(), version_id: id.into() };
        world.root::<api::DeletePolicyVersion>(request)
    };
    assert_eq!(
        delete("v2").await.err().unwrap(),
        "DeleteConflict: Cannot delete the default version of a policy."
    );
    assert!(delete("v9").await.err().unwrap().starts_with("NoSuchEntity"));
    delete("v5").await.unwrap();
    let made = world.root::<api::CreatePolicyVersion>(version(users, false)).await.unwrap();
    assert_eq!(made.policy_version.unwrap().version_id.as_deref(), Some("v6"), "no number comes twice");
    let versions = api::ListPolicyVersionsRequest { policy_arn: POLICY.into(), ..Default::default() };
    let versions = world.root::<api::ListPolicyVersions>(versions).await.unwrap().versions.unwrap();
    let ids: Vec<_> = versions.iter().filter_map(|version| version.version_id.as_deref()).collect();
    assert_eq!(ids, ["v6", "v4", "v3", "v2", "v1"]);
    let entities = api::ListEntitiesForPolicyRequest { policy_arn: POLICY.into(), ..Default::default() };
    let entities = world.root::<api::ListEntitiesForPolicy>(entities).await.unwrap();
    assert_eq!(entities.policy_users.unwrap()[0].user_name.as_deref(), Some("ann"));
    let arn = "arn:aws:iam::111111111111:policy/none";
    let entities = api::ListEntitiesForPolicyRequest { policy_arn: arn.into(), ..Default::default() };
    assert_eq!(
        world.root::<api::ListEntitiesForPolicy>(entities).await.err().unwrap(),
        format!("NoSuchEntity: Policy {arn} does not exist or is not attachable.")
    );
}

#[tokio::test]
async fn a_boundary_narrows_until_it_is_taken_away() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    let list = || world.with_keys::<api::ListUsers>((&key, None), api::ListUsersRequest::default());
    let put = |arn: &str| api::PutUserPermissionsBoundaryRequest {
        user_name: "ann".into(),
        permissions_boundary: arn.into(),
    };
    world
        .root::<api::PutUserPermissionsBoundary>(put("arn:aws:iam::aws:policy/AmazonECS_FullAccess"))
        .await
        .unwrap();
    assert!(
        list()
            .await
            .err()
            .unwrap()
            .ends_with("because no permissions boundary allows the iam:ListUsers action")
    );
    world
        .root::<api::PutUserPermissionsBoundary>(put("arn:aws:iam::aws:policy/IAMReadOnlyAccess"))
        .await
        .unwrap();
    assert!(list().await.is_ok());
    let drop = || api::DeleteUserPermissionsBoundaryRequest { user_name: "ann".into() };
    world.root::<api::DeleteUserPermissionsBoundary>(drop()).await.unwrap();
    assert!(
        world
            .root::<api::DeleteUserPermissionsBoundary>(drop())
            .await
            .err()
            .unwrap()
            .starts_with("NoSuchEntity")
    );
}

#[tokio::test]
async fn a_profile_holds_one_role() {
    let world = World::new();
    world.role("app", TRUST_TASKS).await.unwrap();
    world.role("other", TRUST_TASKS).await.unwrap();
    let name = || "web".to_owned();
    let create = api::CreateInstanceProfileRequest { instance_profile_name: name(), ..Default::default() };
    let made = world.root::<api::CreateInstanceProfile>(create).await.unwrap().instance_profile;
    assert_eq!(made.arn, "arn:aws:iam::111111111111:instance-profile/web");
    assert!(made.instance_profile_id.starts_with("AIPA") && made.roles.is_empty());
    let add = |role: &str| api::AddRoleToInstanceProfileRequest {
        instance_profile_name: name(),
        role_name: role.into(),
    };
    world.root::<api::AddRoleToInstanceProfile>(add("app")).await.unwrap();
    assert_eq!(
        world.root::<api::AddRoleToInstanceProfile>(add("other")).await.err().unwrap(),
        "LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
    );
    let delete_role = || world.root::<api::DeleteRole>(api::DeleteRoleRequest { role_name: "app".into() });
    assert!(delete_role().await.err().unwrap().starts_with("DeleteConflict"));
    let of = api::ListInstanceProfilesForRoleRequest { role_name: "app".into(), ..Default::default() };
    let of = world.root::<api::ListInstanceProfilesForRole>(of).await.unwrap().instance_profiles;
    assert_eq!(of[0].roles[0].role_name, "app");
    assert_eq!(of[0].roles[0].max_session_duration, None);
    let remove = |role: &str| api::RemoveRoleFromInstanceProfileRequest {
        instance_profile_name: name(),
        role_name: role.into(),
    };
    assert_eq!(
        world.root::<api::RemoveRoleFromInstanceProfile>(remove("other")).await.err().unwrap(),
        format!("NoSuchEntity: Role other in Instance Profile {} cannot be found.", name())
    );
    world.root::<api::RemoveRoleFromInstanceProfile>(remove("app")).await.unwrap();
    delete_role().await.unwrap();
    let delete = api::DeleteInstanceProfileRequest { instance_profile_name: name() };
    world.root::<api::DeleteInstanceProfile>(delete).await.unwrap();
}

#[tokio::test]
async fn a_services_role_is_the_services() {
    let world = World::new();
    let create = |service: &str| api::CreateServiceLinkedRoleRequest {
        aws_service_name: service.into(),
        ..Default::default()
    };
    let made = world.root::<api::CreateServiceLinkedRole>(create("ecs.amazonaws.com")).await.unwrap();
    assert_eq!(
        made.role.unwrap().arn,
        "arn:aws:iam::111111111111:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    );
    assert_eq!(
        world.root::<api::CreateServiceLinkedRole>(create("ecs.amazonaws.com")).await.err().unwrap(),
        "InvalidInput: Service role name AWSServiceRoleForECS has been taken in this account, please try a \
         different suffix."
    );
    assert_eq!(
        world.root::<api::CreateServiceLinkedRole>(create("notreal.amazonaws.com")).await.err().unwrap(),
        "AccessDenied: notreal.amazonaws.com is not a valid AWS service name (Service Principal)"
    );
    let input = api::CreateGroupRequest { path: Some("/aws-service-role/".into()), group_name: "x".into() };
    assert_eq!(
        world.root::<api::CreateGroup>(input).await.err().unwrap(),
        "InvalidInput: Paths beginning with '/aws-service-role' are reserved for AWS Service Linked Roles"
    );
    let name = || "AWSServiceRoleForECS".to_owned();
    assert_eq!(
        world.root::<api::DeleteRole>(api::DeleteRoleRequest { role_name: name() }).await.err().unwrap(),
        "UnmodifiableEntity: Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - this role \
         is only modifiable by AWS"
    );
    let delete = api::DeleteServiceLinkedRoleRequest { role_name: name() };
    let task = world.root::<api::DeleteServiceLinkedRole>(delete).await.unwrap().deletion_task_id;
    let status = api::GetServiceLinkedRoleDeletionStatusRequest { deletion_task_id: task };
    let status = world.root::<api::GetServiceLinkedRoleDeletionStatus>(status).await.unwrap().status;
    assert_eq!(status, "SUCCEEDED");
}

#[tokio::test]
async fn an_alias_is_one_accounts() {
    let world = World::new();
    let create = || api::CreateAccountAliasRequest { account_alias: "acme".into() };
    world.root::<api::CreateAccountAlias>(create()).await.unwrap();
    let away = std::sync::Arc::new(gantry_iam_core::Caller::root(account(AWAY)));
    assert_eq!(
        world.call::<api::CreateAccountAlias>(away, create()).await.err().unwrap(),
        "EntityAlreadyExists: The account alias acme already exists."
    );
    let list = || world.root::<api::ListAccountAliases>(api::ListAccountAliasesRequest::default());
    assert_eq!(list().await.unwrap().account_aliases, ["acme"]);
    let delete = api::DeleteAccountAliasRequest { account_alias: "acme".into() };
    world.root::<api::DeleteAccountAlias>(delete).await.unwrap();
    assert!(list().await.unwrap().account_aliases.is_empty());
}

#[tokio::test]
async fn a_provider_is_known_by_its_url() {
    let world = World::new();
    let create = |url: &str| api::CreateOpenIDConnectProviderRequest {
        url: url.into(),
        client_id_list: Some(vec!["one".into()]),
        ..Default::default()
    };
    let made = world.root::<api::CreateOpenIDConnectProvider>(create("https://id.example.org/realm")).await;
    let arn = made.unwrap().open_id_connect_provider_arn.unwrap();
    assert_eq!(arn, "arn:aws:iam::111111111111:oidc-provider/id.example.org/realm");
    assert!(world.root::<api::CreateOpenIDConnectProvider>(create("http://id.example.org")).await.is_err());
    let add = api::AddClientIDToOpenIDConnectProviderRequest {
        open_id_connect_provider_arn: arn.clone(),
        client_id: "two".into(),
    };
    world.root::<api::AddClientIDToOpenIDConnectProvider>(add).await.unwrap();
    let get = api::GetOpenIDConnectProviderRequest { open_id_connect_provider_arn: arn.clone() };
    let found = world.root::<api::GetOpenIDConnectProvider>(get).await.unwrap();
    assert_eq!(found.client_id_list.unwrap(), ["one", "two"]);
    assert!(found.tags.unwrap().is_empty());
    assert_eq!(found.url.as_deref(), Some("id.example.org/realm"));
    let delete = api::DeleteOpenIDConnectProviderRequest { open_id_connect_provider_arn: arn };
    world.root::<api::DeleteOpenIDConnectProvider>(delete.clone()).await.unwrap();
    assert!(
        world
            .root::<api::DeleteOpenIDConnectProvider>(delete)
            .await
            .err()
            .unwrap()
            .starts_with("NoSuchEntity: OpenId connect Provider arn:")
    );
}

#[tokio::test]
async fn tags_are_hung_listed_and_taken_off() {
    let world = World::new();
    world.role("app", TRUST_TASKS).await.unwrap();
    let tag = |key: &str, value: &str| api::Tag { key: key.into(), value: value.into() };
    let request = |tags| api::TagRoleRequest { role_name: "app".into(), tags };
    world.root::<api::TagRole>(request(vec![tag("team", "red"), tag("tier", "1")])).await.unwrap();
    world.root::<api::TagRole>(request(vec![tag("team", "blue")])).await.unwrap();
    let list = || {
        let request = api::ListRoleTagsRequest { role_name: "app".into(), ..Default::default() };
        world.root::<api::ListRoleTags>(request)
    };
    let tags = list().await.unwrap().tags;
    let pairs: Vec<_> = tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    assert_eq!(pairs, [("team", "blue"), ("tier", "1")]);
    let many = (0..49).map(|number| tag(&format!("k{number}"), "")).collect();
    assert_eq!(
        world.root::<api::TagRole>(request(many)).await.err().unwrap(),
        "LimitExceeded: The number of tags has reached the maximum limit."
    );
    let untag = api::UntagRoleRequest { role_name: "app".into(), tag_keys: vec!["team".into(), "no".into()] };
    world.root::<api::UntagRole>(untag).await.unwrap();
    assert_eq!(list().await.unwrap().tags.len(), 1);
}

#[tokio::test]
async fn a_key_that_is_switched_off_lets_nobody_in() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    let set = |status: &str| {
        let request = api::UpdateAccessKeyRequest {
            user_name: Some("ann".into()),
            access_key_id: key.clone(),
            status: status.into(),
        };
        world.root::<api::UpdateAccessKey>(request)
    };
    let list = || world.with_keys::<api::ListUsers>((&key, None), api::ListUsersRequest::default());
    assert!(list().await.is_ok());
    set("Inactive").await.unwrap();
    assert_eq!(list().await.err().unwrap(), "Invalid");
    set("Active").await.unwrap();
    assert!(list().await.is_ok());
    let summary = world.root::<api::GetAccountSummary>(gantry_wire::Unit).await.unwrap().summary_map.unwrap();
    assert_eq!((summary["Users"], summary["UsersQuota"]), (1, 5000));
    assert_eq!((summary["ServerCertificates"], summary["ServerCertificatesQuota"]), (0, 20));
}

#[tokio::test]
async fn what_would_happen_is_told_with_its_reasons() {
    let world = World::new();
    world.user("ann", r#""Sid":"Look","Effect":"Allow","Action":"ecs:List*","Resource":"*""#).await;
    let ask = |actions: &[&str]| api::SimulatePrincipalPolicyRequest {
        policy_source_arn: "arn:aws:iam::111111111111:user/ann".into(),
        action_names: actions.iter().map(|action| (*action).to_owned()).collect(),
        policy_input_list: Some(vec![document(
            r#""Effect":"Deny","Action":"ecs:ListTasks","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#,
        )]),
        ..Default::default()
    };
    let results = world
        .root::<api::SimulatePrincipalPolicy>(ask(&["ecs:ListTasks", "ecs:RunTask"]))
        .await
        .unwrap()
        .evaluation_results
        .unwrap();
    assert_eq!(results[0].eval_decision, "allowed");
    assert_eq!(
        results[0].matched_statements.as_ref().unwrap()[0].source_policy_id.as_deref(),
        Some("inline")
    );
    assert_eq!(results[0].missing_context_values.as_ref().unwrap(), &["aws:SecureTransport"]);
    assert_eq!(results[1].eval_decision, "implicitDeny");
    let entry = api::ContextEntry {
        context_key_name: Some("aws:SecureTransport".into()),
        context_key_values: Some(vec!["false".into()]),
        context_key_type: Some("boolean".into()),
    };
    let asked =
        api::SimulatePrincipalPolicyRequest { context_entries: Some(vec![entry]), ..ask(&["ecs:ListTasks"]) };
    let results =
        world.root::<api::SimulatePrincipalPolicy>(asked).await.unwrap().evaluation_results.unwrap();
    assert_eq!(results[0].eval_decision, "explicitDeny");
    let matched = results[0].matched_statements.as_ref().unwrap();
    assert_eq!(matched[0].source_policy_id.as_deref(), Some("PolicyInputList.1"));

    let custom = api::SimulateCustomPolicyRequest {
        policy_input_list: vec![document(ALLOW_ALL)],
        permissions_boundary_policy_input_list: Some(vec![document(
            r#""Effect":"Allow","Action":"s3:*","Resource":"*""#,
        )]),
        action_names: vec!["ecs:RunTask".into()],
        resource_arns: Some(vec![
            "arn:aws:ecs:us-east-1:111111111111:task-definition/a:1".into(),
            "*".into(),
        ]),
        max_items: Some(1),
        ..Default::default()
    };
    let page = world.root::<api::SimulateCustomPolicy>(custom).await.unwrap();
    assert_eq!(page.is_truncated, Some(true));
    let result = &page.evaluation_results.unwrap()[0];
    assert_eq!(result.eval_decision, "implicitDeny");
    let detail = result.permissions_boundary_decision_detail.as_ref().unwrap();
    assert_eq!(detail.allowed_by_permissions_boundary, Some(false));
    let keys = api::GetContextKeysForCustomPolicyRequest {
        policy_input_list: vec![document(
            r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}","Condition":{"Null":{"ecs:Cluster":"true"}}"#,
        )],
    };
    let keys =
        world.root::<api::GetContextKeysForCustomPolicy>(keys).await.unwrap().context_key_names.unwrap();
    assert_eq!(keys, ["aws:username", "ecs:Cluster"], "in the author's case");
}

#[tokio::test]
async fn all_of_the_account_is_shown_in_pages() {
    let world = World::new();
    world.user("ann", ALLOW_ALL).await;
    world.role("app", TRUST_TASKS).await.unwrap();
    policy(&world, ALLOW_ALL).await;
    let (mut users, mut roles, mut policies, mut marker) = (0, 0, 0, None);
    loop {
        let ask =
            api::GetAccountAuthorizationDetailsRequest { max_items: Some(5), marker, ..Default::default() };
        let page = world.root::<api::GetAccountAuthorizationDetails>(ask).await.unwrap();
        users += page.user_detail_list.unwrap().len();
        roles += page.role_detail_list.unwrap().len();
        policies += page.policies.unwrap().len();
        marker = page.marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!((users, roles, policies), (1, 1, 1 + gantry_iam::managed::all().len()));
    let filter = Some(vec!["LocalManagedPolicy".to_owned()]);
    let ask = api::GetAccountAuthorizationDetailsRequest { filter, ..Default::default() };
    let page = world.root::<api::GetAccountAuthorizationDetails>(ask).await.unwrap();
    let policies = page.policies.unwrap();
    assert_eq!(policies.len(), 1);
    assert!(policies[0].policy_version_list.as_ref().unwrap()[0].document.is_some());
}
