//! AssumeRoleWithWebIdentity: tokens of an issuer that really serves its keys.

use std::sync::Arc;

use gantry_api_iam as api;
use gantry_api_sts as sts;
use gantry_iam::Issuers;
use gantry_iam_core::{Caller, Principal};
use gantry_store::{Db, Redb};
use serde_json::{Value, json};

use crate::web_identity_issuer::Issuer;
use crate::world::*;

struct Trusted {
    world: World,
    issuer: Issuer,
}

impl Trusted {
    /// An account with a provider for the issuer, and a role `web` that trusts one subject of it.
    async fn new() -> Trusted {
        let issuer = Issuer::start(true).await;
        let world = asking(Issuers::trusting(Some(&issuer.authority), false).unwrap());
        let trusted = Trusted { world, issuer };
        trusted.provider("ffffffffffffffffffffffffffffffffffffffff").await.unwrap();
        let name = trusted.name();
        let condition = format!(r#"{{"StringEquals":{{"{name}:sub":"ann","{name}:aud":"gantry"}}}}"#);
        trusted.role("web", &condition).await;
        trusted
    }

    async fn provider(&self, thumbprint: &str) -> Result<String, String> {
        let request = api::CreateOpenIDConnectProviderRequest {
            url: self.issuer.url.clone(),
            client_id_list: Some(vec!["gantry".into(), "other".into()]),
            thumbprint_list: Some(vec![thumbprint.into()]),
            ..Default::default()
        };
        let made = self.world.root::<api::CreateOpenIDConnectProvider>(request).await?;
        Ok(made.open_id_connect_provider_arn.unwrap())
    }

    /// The issuer as condition keys and ARNs name it.
    fn name(&self) -> &str {
        self.issuer.url.split_once("://").unwrap().1
    }

    async fn role(&self, name: &str, condition: &str) {
        let provider = format!("arn:aws:iam::{HOME}:oidc-provider/{}", self.name());
        let actions = r#"["sts:AssumeRoleWithWebIdentity","sts:TagSession"]"#;
        let statement = format!(
            r#""Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":{actions},"Condition":{condition}"#
        );
        self.world.role(name, &statement).await.unwrap();
    }

    fn claims(&self) -> Value {
        let now = self.world.now().as_secs();
        json!({ "iss": self.issuer.url, "sub": "ann", "aud": "gantry", "iat": now, "exp": now + 600 })
    }

    async fn assume(
        &self,
        role: &str,
        token: String,
    ) -> Result<sts::AssumeRoleWithWebIdentityResponse, String> {
        let request = sts::AssumeRoleWithWebIdentityRequest {
            role_arn: format!("arn:aws:iam::{HOME}:role/{role}"),
            role_session_name: "s1".into(),
            web_identity_token: token,
            ..Default::default()
        };
        let nobody = Arc::new(Caller::new(Principal::Anonymous));
        self.world.call::<sts::AssumeRoleWithWebIdentity>(nobody, request).await
    }

    async fn refused(&self, token: String) -> String {
        self.assume("web", token).await.err().unwrap()
    }
}

fn asking(issuers: Issuers) -> World {
    World::asking(Db::new(Arc::new(Redb::in_memory().unwrap())), 1, issuers)
}

#[tokio::test]
async fn a_token_is_worth_a_session() {
    let trusted = Trusted::new().await;
    for kid in ["elliptic", "rsa", "wide"] {
        let token = trusted.issuer.token(kid, &trusted.claims());
        let answer = trusted.assume("web", token).await.unwrap();
        assert_eq!(answer.subject_from_web_identity_token.as_deref(), Some("ann"));
        assert_eq!(answer.audience.as_deref(), Some("gantry"));
        let provider = format!("arn:aws:iam::{HOME}:oidc-provider/{}", trusted.name());
        assert_eq!(answer.provider, Some(provider));
        assert_eq!(answer.packed_policy_size, None);
        let user = answer.assumed_role_user.unwrap();
        assert_eq!(user.arn, format!("arn:aws:sts::{HOME}:assumed-role/web/s1"));
        let keys = answer.credentials.unwrap();
        let who = trusted
            .world
            .with_keys::<sts::GetCallerIdentity>(
                (&keys.access_key_id, Some(&keys.session_token)),
                sts::GetCallerIdentityRequest::default(),
            )
            .await
            .unwrap();
        assert_eq!(who.arn, Some(user.arn));
    }
    assert_eq!(trusted.issuer.asked(), 2, "the keys are remembered");
    trusted.world.advance(301);
    trusted.assume("web", trusted.issuer.token("rsa", &trusted.claims())).await.unwrap();
    assert_eq!(trusted.issuer.asked(), 4, "and not for ever");
}

#[tokio::test]
async fn the_session_carries_what_the_token_says() {
    let trusted = Trusted::new().await;
    let name = trusted.name().to_owned();
    trusted.role("tagged", r#"{"StringEquals":{"aws:RequestTag/team":"blue"}}"#).await;
    let condition = format!(r#""Condition":{{"ForAnyValue:StringEquals":{{"{name}:amr":"phone"}}}}"#);
    trusted
        .world
        .put_role_policy(
            "tagged",
            &format!(
                r#""Effect":"Allow","Action":"iam:List${{aws:PrincipalTag/what}}","Resource":"*",{condition}"#
            )
            .replace("${aws:PrincipalTag/what}", "Roles"),
        )
        .await;
    let mut claims = trusted.claims();
    claims["amr"] = json!(["known", "phone"]);
    assert_eq!(
        trusted.assume("tagged", trusted.issuer.token("rsa", &claims)).await.err().unwrap(),
        "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
    );
    claims["https://aws.amazon.com/tags"] = json!({ "principal_tags": { "team": ["blue"] } });
    let answer = trusted.assume("tagged", trusted.issuer.token("rsa", &claims)).await.unwrap();
    assert_eq!(answer.packed_policy_size, Some(1));
    let keys = answer.credentials.unwrap();
    let keys = (keys.access_key_id.as_str(), Some(keys.session_token.as_str()));
    trusted.world.with_keys::<api::ListRoles>(keys, Default::default()).await.unwrap();

    // A source identity takes a permission of its own.
    claims["https://aws.amazon.com/source_identity"] = json!("ann");
    assert!(trusted.assume("tagged", trusted.issuer.token("rsa", &claims)).await.is_err());
}

#[tokio::test]
async fn a_token_that_does_not_count_is_refused_in_awss_words() {
    let trusted = Trusted::new().await;
    let changed = |claim: &str, value: Value| {
        let mut claims = trusted.claims();
        claims[claim] = value;
        trusted.issuer.token("elliptic", &claims)
    };
    assert_eq!(
        trusted.refused(changed("sub", json!("bob"))).await,
        "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
    );
    assert_eq!(
        trusted.refused(changed("aud", json!("stranger"))).await,
        "InvalidIdentityToken: Incorrect token audience"
    );
    assert_eq!(
        trusted.refused(changed("iss", json!("https://localhost:1"))).await,
        "InvalidIdentityToken: No OpenIDConnect provider found in your account for https://localhost:1"
    );
    let now = trusted.world.now().as_secs();
    assert_eq!(
        trusted.refused(changed("exp", json!(now - 1))).await,
        format!(
            "ExpiredTokenException: Token expired: current date/time {now} must be before the expiration date/time {}",
            now - 1
        )
    );
    assert!(trusted.refused(changed("nbf", json!(now + 3600))).await.starts_with("IDPRejectedClaim: "));
    assert!(
        trusted
            .refused("not-a-token".into())
            .await
            .starts_with("InvalidIdentityToken: The ID Token provided")
    );

    // Somebody else's signature, and a key that the issuer does not have.
    let token = trusted.issuer.token("elliptic", &trusted.claims());
    let (signed, _) = token.rsplit_once('.').unwrap();
    let another = changed("sub", json!("bob"));
    let forged = format!("{signed}.{}", another.rsplit_once('.').unwrap().1);
    assert!(trusted.refused(forged).await.contains("its signature is invalid"));
    let asked = trusted.issuer.asked();
    for _ in 0..3 {
        let unknown = trusted.issuer.token("unknown", &trusted.claims());
        assert!(
            trusted
                .refused(unknown)
                .await
                .starts_with("InvalidIdentityToken: Couldn't retrieve verification key")
        );
    }
    assert_eq!(trusted.issuer.asked(), asked, "an issuer is not asked for every unknown key");
    trusted.world.advance(11);
    trusted.refused(trusted.issuer.token("unknown", &trusted.claims())).await;
    assert_eq!(trusted.issuer.asked(), asked + 2);
    let unsigned = json!({ "alg": "none" }).to_string();
    let encode = |text: &str| {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    };
    let none = format!("{}.{}.", encode(&unsigned), encode(&trusted.claims().to_string()));
    assert_eq!(trusted.refused(none).await, "InvalidIdentityToken: The algorithm none is not supported.");
}

#[tokio::test]
async fn an_issuer_is_known_by_the_machine_or_by_its_thumbprint() {
    // Nobody knows this one's authority.
    let issuer = Issuer::start(true).await;
    let thumbprint = issuer.thumbprint.clone();
    let trusted = Trusted { world: asking(Issuers::trusting(None, false).unwrap()), issuer };
    let provider = trusted.provider("ffffffffffffffffffffffffffffffffffffffff").await.unwrap();
    trusted.role("web", "{}").await;
    let token = trusted.issuer.token("rsa", &trusted.claims());
    assert!(trusted.refused(token.clone()).await.starts_with("IDPCommunicationError: "));
    let update = api::UpdateOpenIDConnectProviderThumbprintRequest {
        open_id_connect_provider_arn: provider,
        thumbprint_list: vec![thumbprint.to_uppercase()],
    };
    trusted.world.root::<api::UpdateOpenIDConnectProviderThumbprint>(update).await.unwrap();
    trusted.assume("web", token).await.unwrap();
}

#[tokio::test]
async fn plain_http_is_for_this_machine_and_only_where_it_is_allowed() {
    let issuer = Issuer::start(false).await;
    let world = asking(Issuers::trusting(None, false).unwrap());
    let trusted = Trusted { world, issuer };
    assert_eq!(
        trusted.provider("").await.err().unwrap(),
        "ValidationError: Invalid Open ID Connect Provider URL"
    );
    let world = asking(Issuers::trusting(None, true).unwrap());
    let trusted = Trusted { world, ..trusted };
    trusted.provider("ffffffffffffffffffffffffffffffffffffffff").await.unwrap();
    trusted.role("web", "{}").await;
    trusted.assume("web", trusted.issuer.token("rsa", &trusted.claims())).await.unwrap();
    let request = api::CreateOpenIDConnectProviderRequest {
        url: "http://issuer.example.org".into(),
        ..Default::default()
    };
    assert!(trusted.world.root::<api::CreateOpenIDConnectProvider>(request).await.is_err());
}
