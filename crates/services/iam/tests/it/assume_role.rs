//! AssumeRole: who may, for how long, and what the session may.

use gantry_api_iam as api;
use gantry_api_sts as sts;

use crate::world::*;

#[tokio::test]
async fn both_sides_must_allow() {
    let world = World::new();
    let able = world.user("able", ALLOW_ALL).await;
    let unable = world.user("unable", "").await;
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    world.role("tasks", TRUST_TASKS).await.unwrap();

    let session = world.assume(&able, "app").await.unwrap();
    assert!(session.access_key_id.starts_with("ASIA") && session.access_key_id.len() == 20);
    assert_eq!(session.expiration, gantry_base::Timestamp::from_secs(world.now().as_secs() + 3600));
    assert!(
        world
            .assume(&unable, "app")
            .await
            .err()
            .unwrap()
            .ends_with("because no identity-based policy allows the sts:AssumeRole action")
    );
    for role in ["tasks", "none"] {
        assert_eq!(
            world.assume(&able, role).await.err().unwrap(),
            format!(
                "AccessDenied: User: arn:aws:iam::111111111111:user/able is not authorized to perform: sts:AssumeRole on \
                 resource: arn:aws:iam::111111111111:role/{role} because no role trust policy allows the sts:AssumeRole action"
            )
        );
    }
    assert_eq!(
        world.root::<sts::AssumeRole>(assume("app")).await.err().unwrap(),
        "AccessDenied: Roles may not be assumed by root accounts."
    );
}

#[tokio::test]
async fn another_account_is_let_in_by_both() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    let away = std::sync::Arc::new(gantry_iam_core::Caller::root(account(AWAY)));
    let create = |trusted: &str| api::CreateRoleRequest {
        role_name: format!("for-{trusted}"),
        assume_role_policy_document: document(&TRUST_ACCOUNT.replace(HOME, trusted)),
        ..Default::default()
    };
    for trusted in [HOME, AWAY] {
        world.call::<api::CreateRole>(away.clone(), create(trusted)).await.unwrap();
    }
    let assume = |role: &str| sts::AssumeRoleRequest {
        role_arn: format!("arn:aws:iam::{AWAY}:role/{role}"),
        role_session_name: "s1".into(),
        ..Default::default()
    };
    let open = world.with_keys::<sts::AssumeRole>((&key, None), assume("for-111111111111")).await.unwrap();
    assert_eq!(
        open.assumed_role_user.unwrap().arn,
        "arn:aws:sts::222222222222:assumed-role/for-111111111111/s1"
    );
    assert!(world.with_keys::<sts::AssumeRole>((&key, None), assume("for-222222222222")).await.is_err());
}

#[tokio::test]
async fn a_new_user_under_an_old_name_is_not_trusted() {
    let world = World::new();
    let key = world.user("ann", "").await;
    let trust = TRUST_ACCOUNT.replace(r#""111111111111""#, r#""arn:aws:iam::111111111111:user/ann""#);
    world.role("app", &trust).await.unwrap();
    assert!(world.assume(&key, "app").await.is_ok());
    let delete = api::DeleteAccessKeyRequest { user_name: Some("ann".into()), access_key_id: key };
    world.root::<api::DeleteAccessKey>(delete).await.unwrap();
    world.root::<api::DeleteUser>(api::DeleteUserRequest { user_name: "ann".into() }).await.unwrap();
    let key = world.user("ann", "").await;
    assert!(world.assume(&key, "app").await.is_err());
    let update =
        api::UpdateAssumeRolePolicyRequest { role_name: "app".into(), policy_document: document(&trust) };
    world.root::<api::UpdateAssumeRolePolicy>(update).await.unwrap();
    assert!(world.assume(&key, "app").await.is_ok());
}

#[tokio::test]
async fn an_external_id_is_a_condition() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    let trust = format!(r#"{TRUST_ACCOUNT},"Condition":{{"StringEquals":{{"sts:ExternalId":"x1"}}}}"#);
    world.role("app", &trust).await.unwrap();
    let with = |external_id: Option<&str>| sts::AssumeRoleRequest {
        external_id: external_id.map(str::to_owned),
        ..assume("app")
    };
    assert!(world.with_keys::<sts::AssumeRole>((&key, None), with(Some("x1"))).await.is_ok());
    assert!(world.with_keys::<sts::AssumeRole>((&key, None), with(Some("x2"))).await.is_err());
    assert!(world.with_keys::<sts::AssumeRole>((&key, None), with(None)).await.is_err());
}

#[tokio::test]
async fn lifetimes_are_bounded() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    world.put_role_policy("app", ALLOW_ALL).await;
    let request = api::CreateRoleRequest {
        role_name: "long".into(),
        assume_role_policy_document: document(TRUST_ACCOUNT),
        max_session_duration: Some(7200),
        ..Default::default()
    };
    world.root::<api::CreateRole>(request).await.unwrap();
    let lasting = |role: &str, secs| sts::AssumeRoleRequest { duration_seconds: Some(secs), ..assume(role) };
    assert_eq!(
        world.with_keys::<sts::AssumeRole>((&key, None), lasting("app", 3601)).await.err().unwrap(),
        "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    );
    assert!(world.with_keys::<sts::AssumeRole>((&key, None), lasting("long", 7200)).await.is_ok());
    let session = world.assume(&key, "app").await.unwrap();
    let keys = (session.access_key_id.as_str(), Some(session.session_token.as_str()));
    assert!(world.with_keys::<sts::AssumeRole>(keys, lasting("long", 3600)).await.is_ok());
    assert_eq!(
        world.with_keys::<sts::AssumeRole>(keys, lasting("long", 3601)).await.err().unwrap(),
        "ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
    );
}

#[tokio::test]
async fn a_session_policy_narrows() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    world.put_role_policy("app", ALLOW_ALL).await;
    let request = sts::AssumeRoleRequest {
        policy: Some(document(r#""Effect":"Allow","Action":"iam:ListUsers","Resource":"*""#)),
        ..assume("app")
    };
    let answer = world.with_keys::<sts::AssumeRole>((&key, None), request).await.unwrap();
    assert!(answer.packed_policy_size.unwrap() > 0);
    let session = answer.credentials.unwrap();
    let keys = (session.access_key_id.as_str(), Some(session.session_token.as_str()));
    assert!(world.with_keys::<api::ListUsers>(keys, Default::default()).await.is_ok());
    assert!(
        world
            .with_keys::<api::ListRoles>(keys, Default::default())
            .await
            .err()
            .unwrap()
            .ends_with("because no session policy allows the iam:ListRoles action")
    );

    let by_arn = |arn: &str| sts::AssumeRoleRequest {
        policy_arns: Some(vec![sts::PolicyDescriptorType { arn: Some(arn.into()) }]),
        ..assume("app")
    };
    let request = by_arn("arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly");
    let session =
        world.with_keys::<sts::AssumeRole>((&key, None), request).await.unwrap().credentials.unwrap();
    let keys = (session.access_key_id.as_str(), Some(session.session_token.as_str()));
    assert!(world.with_keys::<api::ListUsers>(keys, Default::default()).await.is_err());
    let request = by_arn("arn:aws:iam::111111111111:policy/none");
    assert!(
        world
            .with_keys::<sts::AssumeRole>((&key, None), request)
            .await
            .err()
            .unwrap()
            .starts_with("NoSuchEntity")
    );
    let request = sts::AssumeRoleRequest { policy: Some("{}".into()), ..assume("app") };
    assert!(
        world
            .with_keys::<sts::AssumeRole>((&key, None), request)
            .await
            .err()
            .unwrap()
            .starts_with("MalformedPolicyDocument")
    );
}

#[tokio::test]
async fn tags_take_a_permission_and_go_on_where_asked() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    world.role("plain", TRUST_ACCOUNT).await.unwrap();
    let tagging = TRUST_ACCOUNT.replace(r#""sts:AssumeRole""#, r#"["sts:AssumeRole","sts:TagSession"]"#);
    world.role("tagged", &tagging).await.unwrap();
    let blue = r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}"#;
    world.put_role_policy("tagged", blue).await;
    let with_tag = |role: &str, value: &str, transitive: bool| sts::AssumeRoleRequest {
        tags: Some(vec![sts::Tag { key: "team".into(), value: value.into() }]),
        transitive_tag_keys: transitive.then(|| vec!["team".into()]),
        ..assume(role)
    };
    assert!(
        world
            .with_keys::<sts::AssumeRole>((&key, None), with_tag("plain", "blue", false))
            .await
            .err()
            .unwrap()
            .ends_with("because no role trust policy allows the sts:TagSession action")
    );
    for (value, transitive, lists, chains) in
        [("blue", true, true, true), ("blue", false, true, false), ("red", true, false, false)]
    {
        let request = with_tag("tagged", value, transitive);
        let session =
            world.with_keys::<sts::AssumeRole>((&key, None), request).await.unwrap().credentials.unwrap();
        let keys = (session.access_key_id.as_str(), Some(session.session_token.as_str()));
        assert_eq!(
            world.with_keys::<api::ListUsers>(keys, Default::default()).await.is_ok(),
            lists,
            "{value}"
        );
        if !lists {
            continue;
        }
        let next = world.with_keys::<sts::AssumeRole>(keys, assume("tagged")).await.unwrap();
        let next = next.credentials.unwrap();
        let keys = (next.access_key_id.as_str(), Some(next.session_token.as_str()));
        assert_eq!(world.with_keys::<api::ListUsers>(keys, Default::default()).await.is_ok(), chains);
    }
}

#[tokio::test]
async fn tags_that_are_handed_on_have_a_value_and_keep_it() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    let tagging = TRUST_ACCOUNT.replace(r#""sts:AssumeRole""#, r#"["sts:AssumeRole","sts:TagSession"]"#);
    world.role("tagged", &tagging).await.unwrap();
    world.put_role_policy("tagged", r#""Effect":"Allow","Action":"*","Resource":"*""#).await;
    let request = |tag: &str, transitive: &str| sts::AssumeRoleRequest {
        tags: Some(vec![sts::Tag { key: tag.into(), value: "blue".into() }]),
        transitive_tag_keys: Some(vec![transitive.into()]),
        ..assume("tagged")
    };
    let refused =
        world.with_keys::<sts::AssumeRole>((&key, None), request("team", "unit")).await.err().unwrap();
    assert!(
        refused.ends_with("The specified transitive tag key must be included in the requested tags."),
        "{refused}"
    );
    let session = world.with_keys::<sts::AssumeRole>((&key, None), request("team", "Team")).await.unwrap();
    let session = session.credentials.unwrap();
    let keys = (session.access_key_id.as_str(), Some(session.session_token.as_str()));
    let refused = world.with_keys::<sts::AssumeRole>(keys, request("TEAM", "TEAM")).await.err().unwrap();
    assert!(refused.ends_with("conflicts with a transitive tag key from the calling session."), "{refused}");
}

#[tokio::test]
async fn what_is_not_served_is_refused() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    let mfa = sts::AssumeRoleRequest {
        serial_number: Some("arn:aws:iam::111111111111:mfa/ann".into()),
        ..assume("app")
    };
    assert!(
        world
            .with_keys::<sts::AssumeRole>((&key, None), mfa)
            .await
            .err()
            .unwrap()
            .starts_with("AccessDenied")
    );
    let wrong =
        sts::AssumeRoleRequest { role_arn: "arn:aws:iam::111111111111:user/ann".into(), ..assume("app") };
    assert_eq!(
        world.with_keys::<sts::AssumeRole>((&key, None), wrong).await.err().unwrap(),
        "ValidationError: arn:aws:iam::111111111111:user/ann is invalid"
    );
}

#[tokio::test]
async fn everyone_may_ask_who_they_are() {
    let world = World::new();
    let key = world.user("ann", r#""Effect":"Deny","Action":"*","Resource":"*""#).await;
    let who = world.with_keys::<sts::GetCallerIdentity>((&key, None), Default::default()).await.unwrap();
    assert_eq!(who.arn.as_deref(), Some("arn:aws:iam::111111111111:user/ann"));
    assert_eq!(who.account.as_deref(), Some(HOME));
}

#[tokio::test]
async fn policies_may_name_the_tags_of_the_role_in_iam_s_own_way() {
    let world = World::new();
    let tagged = r#""Effect":"Allow","Action":"sts:AssumeRole","Resource":"*","Condition":{"StringEquals":{"iam:ResourceTag/team":"blue"}}"#;
    let key = world.user("ann", tagged).await;
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    assert!(world.assume(&key, "app").await.is_err());
    let tag = api::Tag { key: "team".into(), value: "blue".into() };
    let request = api::TagRoleRequest { role_name: "app".into(), tags: vec![tag] };
    world.root::<api::TagRole>(request).await.unwrap();
    assert!(world.assume(&key, "app").await.is_ok());
}
