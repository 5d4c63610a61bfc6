//! Roles and their policies.

use gantry_api_iam as api;

use crate::world::*;

#[tokio::test]
async fn a_role_is_made_shown_and_removed() {
    let world = World::new();
    let request = api::CreateRoleRequest {
        role_name: "App".into(),
        path: Some("/team/".into()),
        assume_role_policy_document: document(TRUST_TASKS),
        description: Some("runs the app".into()),
        tags: Some(vec![api::Tag { key: "team".into(), value: "blue".into() }]),
        ..Default::default()
    };
    let role = world.root::<api::CreateRole>(request.clone()).await.unwrap().role;
    assert_eq!(role.arn, "arn:aws:iam::111111111111:role/team/App");
    assert!(role.role_id.starts_with("AROA") && role.role_id.len() == 21);
    assert_eq!(role.max_session_duration, None);
    assert!(role.assume_role_policy_document.unwrap().starts_with("%7B%22Version%22%3A"), "percent-encoded");

    let shown = world.root::<api::GetRole>(api::GetRoleRequest { role_name: "App".into() }).await.unwrap();
    assert_eq!(shown.role.max_session_duration, Some(3600));
    assert_eq!(shown.role.tags.unwrap()[0].value, "blue");
    let lower = api::CreateRoleRequest { role_name: "app".into(), ..request };
    assert_eq!(
        world.root::<api::CreateRole>(lower).await.err().unwrap(),
        "EntityAlreadyExists: Role with name app already exists."
    );
    let delete = api::DeleteRoleRequest { role_name: "App".into() };
    world.root::<api::DeleteRole>(delete.clone()).await.unwrap();
    assert_eq!(
        world.root::<api::DeleteRole>(delete).await.err().unwrap(),
        "NoSuchEntity: The role with name App cannot be found."
    );
}

#[tokio::test]
async fn a_role_with_policies_is_not_deleted() {
    let world = World::new();
    world.role("app", TRUST_TASKS).await.unwrap();
    world.put_role_policy("app", ALLOW_ALL).await;
    let attach = api::AttachRolePolicyRequest {
        role_name: "app".into(),
        policy_arn: "arn:aws:iam::aws:policy/ReadOnlyAccess".into(),
    };
    world.root::<api::AttachRolePolicy>(attach.clone()).await.unwrap();
    world.root::<api::AttachRolePolicy>(attach).await.unwrap();

    let delete = || world.root::<api::DeleteRole>(api::DeleteRoleRequest { role_name: "app".into() });
    assert_eq!(
        delete().await.err().unwrap(),
        "DeleteConflict: Cannot delete entity, must detach all policies first."
    );
    let detach = api::DetachRolePolicyRequest {
        role_name: "app".into(),
        policy_arn: "arn:aws:iam::aws:policy/ReadOnlyAccess".into(),
    };
    world.root::<api::DetachRolePolicy>(detach.clone()).await.unwrap();
    assert_eq!(
        world.root::<api::DetachRolePolicy>(detach).await.err().unwrap(),
        "NoSuchEntity: Policy arn:aws:iam::aws:policy/ReadOnlyAccess was not found."
    );
    assert_eq!(
        delete().await.err().unwrap(),
        "DeleteConflict: Cannot delete entity, must delete policies first."
    );
    let inline = api::DeleteRolePolicyRequest { role_name: "app".into(), policy_name: "inline".into() };
    world.root::<api::DeleteRolePolicy>(inline).await.unwrap();
    delete().await.unwrap();
}

#[tokio::test]
async fn inline_policies_come_back_as_they_were() {
    let world = World::new();
    world.role("app", TRUST_TASKS).await.unwrap();
    world.put_role_policy("app", ALLOW_ALL).await;
    let get = api::GetRolePolicyRequest { role_name: "app".into(), policy_name: "inline".into() };
    let got = world.root::<api::GetRolePolicy>(get).await.unwrap();
    let decoded =
        percent_encoding::percent_decode_str(&got.policy_document).decode_utf8().unwrap().into_owned();
    assert_eq!(decoded, document(ALLOW_ALL));

    let get = api::GetRolePolicyRequest { role_name: "app".into(), policy_name: "other".into() };
    assert_eq!(
        world.root::<api::GetRolePolicy>(get).await.err().unwrap(),
        "NoSuchEntity: The role policy with name other cannot be found."
    );
    let put = |document: String| {
        world.root::<api::PutRolePolicy>(api::PutRolePolicyRequest {
            role_name: "app".into(),
            policy_name: "big".into(),
            policy_document: document,
        })
    };
    let long = document(&format!(
        r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::{}""#,
        "x".repeat(10_200)
    ));
    assert_eq!(
        put(long).await.err().unwrap(),
        "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role app"
    );
    assert!(
        put("{}".into())
            .await
            .err()
            .unwrap()
            .starts_with("MalformedPolicyDocument: Syntax errors in policy.")
    );
    let spacious =
        document(&format!(r#""Effect":"Allow",{}"Action":"*","Resource":"*""#, " ".repeat(20_000)));
    put(spacious).await.expect("white space does not count");
}

#[tokio::test]
async fn trust_policies_name_who_is_there() {
    let world = World::new();
    let trust =
        |arn: &str| format!(r#""Effect":"Allow","Principal":{{"AWS":"{arn}"}},"Action":"sts:AssumeRole""#);
    let ann = trust("arn:aws:iam::111111111111:user/ann");
    assert_eq!(
        world.role("app", &ann).await.err().unwrap(),
        "MalformedPolicyDocument: Invalid principal in policy: \"AWS\":\"arn:aws:iam::111111111111:user/ann\""
    );
    world.user("ann", "").await;
    world.role("app", &ann).await.unwrap();
    let update = |statement: &str| {
        world.root::<api::UpdateAssumeRolePolicy>(api::UpdateAssumeRolePolicyRequest {
            role_name: "app".into(),
            policy_document: document(statement),
        })
    };
    update(&trust("arn:aws:iam::111111111111:role/app")).await.unwrap();
    assert!(update(ALLOW_ALL).await.err().unwrap().starts_with("MalformedPolicyDocument"));
    let many = vec![r#""111111111111""#; 200].join(",");
    let long = format!(r#""Effect":"Allow","Principal":{{"AWS":[{many}]}},"Action":"sts:AssumeRole""#);
    assert_eq!(
        update(&long).await.err().unwrap(),
        "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"
    );
}

#[tokio::test]
async fn listings_come_in_pages() {
    let world = World::new();
    for index in 0..7 {
        let path = if index % 2 == 0 { "/even/" } else { "/odd/" };
        let request = api::CreateRoleRequest {
            role_name: format!("r{index}"),
            path: Some(path.into()),
            assume_role_policy_document: document(TRUST_TASKS),
            ..Default::default()
        };
        world.root::<api::CreateRole>(request).await.unwrap();
    }
    let mut names = Vec::new();
    let mut marker = None;
    loop {
        let request = api::ListRolesRequest { path_prefix: Some("/even".into()), marker, max_items: Some(3) };
        let page = world.root::<api::ListRoles>(request).await.unwrap();
        assert!(page.roles.len() <= 3);
        assert_eq!(page.is_truncated, Some(page.marker.is_some()));
        names.extend(page.roles.into_iter().map(|role| role.role_name));
        marker = page.marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(names, ["r0", "r2", "r4", "r6"]);
    let request = api::ListRolesRequest { marker: Some("nonsense".into()), ..Default::default() };
    assert_eq!(
        world.root::<api::ListRoles>(request).await.err().unwrap(),
        "ValidationError: Invalid Marker: nonsense"
    );
}

#[tokio::test]
async fn attached_policies_are_listed_in_pages() {
    let world = World::new();
    world.role("app", TRUST_TASKS).await.unwrap();
    for policy in gantry_iam::managed::all().iter().take(10) {
        let request = api::AttachRolePolicyRequest {
            role_name: "app".into(),
            policy_arn: policy.arn(gantry_base::Partition::Aws),
        };
        world.root::<api::AttachRolePolicy>(request).await.unwrap();
    }
    let request = api::AttachRolePolicyRequest {
        role_name: "app".into(),
        policy_arn: "arn:aws:iam::aws:policy/ReadOnlyAccess".into(),
    };
    assert_eq!(
        world.root::<api::AttachRolePolicy>(request).await.err().unwrap(),
        "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10"
    );
    let mut found = 0;
    let mut marker = None;
    for _ in 0..3 {
        let request = api::ListAttachedRolePoliciesRequest {
            role_name: "app".into(),
            max_items: Some(4),
            marker,
            ..Default::default()
        };
        let page = world.root::<api::ListAttachedRolePolicies>(request).await.unwrap();
        found += page.attached_policies.unwrap().len();
        marker = page.marker;
    }
    assert_eq!((found, marker), (10, None));
    let request = api::ListAttachedRolePoliciesRequest {
        role_name: "app".into(),
        path_prefix: Some("/service-role/".into()),
        ..Default::default()
    };
    let page = world.root::<api::ListAttachedRolePolicies>(request).await.unwrap();
    assert!(
        page.attached_policies.unwrap().iter().all(|p| p
            .policy_arn
            .as_ref()
            .unwrap()
            .contains("/service-role/"))
    );
}

#[tokio::test]
async fn a_service_that_is_none_is_not_trusted() {
    let world = World::new();
    let trust = TRUST_TASKS.replace("ecs-tasks", "ecs-task");
    assert_eq!(
        world.role("app", &trust).await.err().unwrap(),
        "MalformedPolicyDocument: Invalid principal in policy: \"SERVICE\":\"ecs-task.amazonaws.com\""
    );
    let create = api::CreateRoleRequest {
        role_name: "app".into(),
        assume_role_policy_document: "{".into(),
        ..Default::default()
    };
    assert_eq!(
        world.root::<api::CreateRole>(create).await.err().unwrap(),
        "MalformedPolicyDocument: This policy contains invalid Json"
    );
}
