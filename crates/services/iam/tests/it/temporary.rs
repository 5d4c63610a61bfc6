//! Temporary keys of users, roots and their guests; what stands in a key's id.

use gantry_api_sts as sts;

use crate::world::*;

fn keys(credentials: &sts::Credentials) -> (&str, Option<&str>) {
    (&credentials.access_key_id, Some(&credentials.session_token))
}

#[tokio::test]
async fn a_users_own_session_may_what_the_user_may() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    let open = sts::GetSessionTokenRequest { duration_seconds: Some(900), ..Default::default() };
    let opened = world.with_keys::<sts::GetSessionToken>((&key, None), open.clone()).await.unwrap();
    let own = opened.credentials.unwrap();
    let who = world.with_keys::<sts::GetCallerIdentity>(keys(&own), Default::default()).await.unwrap();
    assert_eq!(who.arn.as_deref(), Some("arn:aws:iam::111111111111:user/ann"));
    assert!(world.with_keys::<sts::AssumeRole>(keys(&own), assume("app")).await.is_ok());
    assert_eq!(
        world.with_keys::<sts::GetSessionToken>(keys(&own), open).await.err().unwrap(),
        "AccessDenied: Cannot call GetSessionToken with session credentials"
    );
    world.advance(901);
    let late = world.with_keys::<sts::GetCallerIdentity>(keys(&own), Default::default()).await;
    assert_eq!(late.err().unwrap(), "Expired");
}

#[tokio::test]
async fn a_guest_may_what_the_user_and_the_session_allow() {
    let world = World::new();
    let key = world.user("ann", r#""Effect":"Allow","Action":"sts:*","Resource":"*""#).await;
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    let open = |policy: Option<String>| {
        let request = sts::GetFederationTokenRequest { name: "bob".into(), policy, ..Default::default() };
        world.with_keys::<sts::GetFederationToken>((&key, None), request)
    };
    let nothing = open(None).await.unwrap();
    assert_eq!(nothing.federated_user.unwrap().arn, "arn:aws:sts::111111111111:federated-user/bob");
    let nothing = nothing.credentials.unwrap();
    let who = world.with_keys::<sts::GetCallerIdentity>(keys(&nothing), Default::default()).await.unwrap();
    assert_eq!(who.user_id.as_deref(), Some("111111111111:bob"));
    let info = || sts::GetAccessKeyInfoRequest { access_key_id: key.clone() };
    let denied = world.with_keys::<sts::GetAccessKeyInfo>(keys(&nothing), info()).await.err().unwrap();
    assert!(denied.ends_with("because no session policy allows the sts:GetAccessKeyInfo action"), "{denied}");
    let some = open(Some(document(ALLOW_ALL))).await.unwrap().credentials.unwrap();
    let info = world.with_keys::<sts::GetAccessKeyInfo>(keys(&some), info()).await.unwrap();
    assert_eq!(info.account.as_deref(), Some(HOME), "the account stands in the key's id");
}

#[tokio::test]
async fn a_key_that_is_none_has_no_account() {
    let world = World::new();
    for id in ["AKIA", "AKIA000000000000000000", "XXXXAAAAAAAAAAAAAAAA", "AKIA11111111111111AA"] {
        let request = sts::GetAccessKeyInfoRequest { access_key_id: id.into() };
        let refused = world.root::<sts::GetAccessKeyInfo>(request).await.err().unwrap();
        assert!(refused.starts_with("ValidationError"), "{refused}");
    }
}

#[tokio::test]
async fn an_encoded_denial_is_read_by_who_may() {
    let world = World::new();
    let key = world.user("ann", "").await;
    let caller = world.identities.find(&key, None, world.now()).await.unwrap().caller;
    let wish = gantry_service::Permission::of("ec2:DescribeVpcs");
    let gantry_service::Failure::Denied(denial) = world.cx(caller).authorize(wish).unwrap_err() else {
        panic!("it is denied")
    };
    let encoded_message = world.iam.encode_denial(&denial);
    assert!(!encoded_message.contains("ec2"));
    let decode = sts::DecodeAuthorizationMessageRequest { encoded_message: encoded_message.clone() };
    let refused = world.with_keys::<sts::DecodeAuthorizationMessage>((&key, None), decode.clone()).await;
    assert!(refused.err().unwrap().starts_with("AccessDenied"));
    let decoded =
        world.root::<sts::DecodeAuthorizationMessage>(decode).await.unwrap().decoded_message.unwrap();
    assert!(decoded.contains("ec2:DescribeVpcs") && decoded.contains(r#""explicitDeny":false"#), "{decoded}");
    let damaged = sts::DecodeAuthorizationMessageRequest { encoded_message: format!("A{encoded_message}") };
    let refused = world.root::<sts::DecodeAuthorizationMessage>(damaged).await.err().unwrap();
    assert!(refused.starts_with("InvalidAuthorizationMessageException"));
}
