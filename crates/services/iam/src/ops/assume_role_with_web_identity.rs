//! STS `AssumeRoleWithWebIdentity`: temporary keys for a role that trusts another identity provider, for whoever
//! brings that provider's token. The request itself is not signed.

use std::sync::Arc;
use std::time::Duration;

use gantry_api_sts::{AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse, AssumedRoleUser};
use gantry_base::{AccountId, Arn, Tags};
use gantry_iam_core::{Caller, Policy, Principal};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Tx;
use gantry_wire::ApiError;

use super::assume_role::{credentials, packed_percent, parse_role_arn, session_policies};
use crate::caller::of_role_session;
use crate::document::trust_policy;
use crate::error::{access_denied, validation};
use crate::iam::{Iam, tagged};
use crate::roles::find_role;
use crate::session::{Session, Terms, Whose};
use crate::shape::UNTAGGED_KEY;
use crate::tables::oidc_provider::{OidcProvider, PROVIDERS};
use crate::tables::role::Role;
use crate::web_identity::{SessionTags, Token, invalid_token};

/// How long a session lasts unless asked otherwise.
const USUAL_SECS: u32 = 3600;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: AssumeRoleWithWebIdentityRequest,
) -> Result<AssumeRoleWithWebIdentityResponse, Failure> {
    let role_arn = parse_role_arn(&input.role_arn)?;
    if input.provider_id.is_some() {
        return Err(validation("ProviderId is not served: Gantry takes OpenID Connect tokens only."));
    }
    let token = Token::parse(&input.web_identity_token)?;
    let account: AccountId = role_arn.account().parse().map_err(|_| denied())?;
    let mut tx = iam.db.begin();
    let provider = provider_of(&mut tx, account, &token).await?;
    let audience = token.audience(&provider.client_ids)?.to_owned();
    iam.issuers.verify(&token, &provider.thumbprints, cx.now).await?;
    token.check_time(cx.now)?;

    let Some((account, role)) = find_role(&mut tx, &role_arn).await? else { return Err(denied()) };
    let terms = terms(&mut tx, &provider, &role, &input, &token).await?;
    authorize(&cx, &provider, &role, &input, &token, &terms)?;
    let packed_policy_size = packed_percent(&terms)?;
    let lifetime = Duration::from_secs(u64::from(lifetime_secs(&role, input.duration_seconds)?));

    let name = &input.role_session_name;
    let session = Session::of(account, Whose::role(&role, name), cx.now, lifetime);
    let session = Session { terms, ..session };
    let caller = of_role_session(&mut tx, &session, &role, name).await?;
    let principal = caller.principal.in_partition(cx.partition());
    let keys = session.keys(&iam)?;
    Ok(AssumeRoleWithWebIdentityResponse {
        credentials: Some(credentials(keys, &session)),
        subject_from_web_identity_token: Some(token.subject),
        assumed_role_user: Some(AssumedRoleUser {
            assumed_role_id: principal.user_id(),
            arn: principal.arn(),
        }),
        packed_policy_size,
        provider: Some(provider.arn.in_partition(cx.partition()).to_string()),
        audience: Some(audience),
        source_identity: session.terms.source_identity,
        ..AssumeRoleWithWebIdentityResponse::default()
    })
}

/// A role that is not there looks like one that does not trust the token, and AWS tells nameless callers no more.
fn denied() -> Failure {
    access_denied("Not authorized to perform sts:AssumeRoleWithWebIdentity")
}

/// The account's provider of whoever issued the token.
async fn provider_of(tx: &mut Tx, account: AccountId, token: &Token) -> Result<OidcProvider, Failure> {
    let url = token.issuer.split_once("://").map_or(&*token.issuer, |(_, rest)| rest);
    let url = url.strip_suffix('/').unwrap_or(url);
    let found = tx.get(&PROVIDERS, &OidcProvider::key(account, url)).await?;
    let missing =
        || invalid_token(format!("No OpenIDConnect provider found in your account for {}", token.issuer));
    found.ok_or_else(missing)
}

/// What the request and the token lay down for the session.
async fn terms(
    tx: &mut Tx,
    provider: &OidcProvider,
    role: &Role,
    input: &AssumeRoleWithWebIdentityRequest,
    token: &Token,
) -> Result<Terms, Failure> {
    let (document, managed) = (input.policy.as_deref(), input.policy_arns.as_deref());
    let policy_arns = session_policies(tx, role.arn.account(), document, managed).await?;
    let SessionTags { tags, transitive } = token.tags()?;
    let tags = Tags::parse(tags).map_err(|error| invalid_token(error.to_string()))?;
    if transitive.iter().any(|key| tags.get(key).is_none()) {
        return Err(ApiError::new("InvalidParameterValue", UNTAGGED_KEY).into());
    }
    let mut keys = token.keys(&provider.url);
    keys.push(("aws:FederatedProvider".to_owned(), vec![provider.arn.to_string()]));
    Ok(Terms {
        policy: input.policy.clone(),
        policy_arns,
        tags: tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        transitive,
        source_identity: token.source_identity(),
        keys,
    })
}

/// The role's trust policy alone decides. Tags and a source identity take a permission of their own.
fn authorize(
    cx: &Cx,
    provider: &OidcProvider,
    role: &Role,
    input: &AssumeRoleWithWebIdentityRequest,
    token: &Token,
    terms: &Terms,
) -> Result<(), Failure> {
    let principal =
        Principal::Federated { provider: provider.arn.to_string(), subject: token.subject.clone() };
    let trust = trust_policy(role)?;
    let mut caller = Caller::new(principal);
    for (key, values) in &terms.keys {
        caller.keys.set_all(key, values);
    }
    // The token, not a signature, says who calls.
    let cx = Cx { caller: Arc::new(caller), key: None, ..cx.clone() };
    let role_arn = role.arn.in_partition(cx.partition());
    let mut actions = vec!["sts:AssumeRoleWithWebIdentity"];
    if !terms.tags.is_empty() {
        actions.push("sts:TagSession");
    }
    if terms.source_identity.is_some() {
        actions.push("sts:SetSourceIdentity");
    }
    for action in actions {
        let allowed = cx.authorize(permission(action, &role_arn, role, input, terms, &trust));
        if let Err(Failure::Denied(denial)) = allowed {
            tracing::info!(%denial, provider = provider.arn.as_str(), request_id = &*cx.request_id, "denied");
            return Err(denied());
        }
        allowed?;
    }
    Ok(())
}

fn permission<'a>(
    action: &'static str,
    role_arn: &'a Arn,
    role: &Role,
    input: &AssumeRoleWithWebIdentityRequest,
    terms: &Terms,
    trust: &'a Policy,
) -> Permission<'a> {
    let tags = terms.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    tagged(Permission::on(action, role_arn), &role.tags)
        .resource_policy(Some(trust))
        .request_tags(tags)
        .key("sts:RoleSessionName", [&input.role_session_name])
        .key("sts:TransitiveTagKeys", &terms.transitive)
        .key("sts:SourceIdentity", &terms.source_identity)
}

fn lifetime_secs(role: &Role, asked: Option<i32>) -> Result<u32, Failure> {
    let asked = asked.and_then(|secs| u32::try_from(secs).ok()).unwrap_or(USUAL_SECS);
    if asked > role.max_session_secs {
        return Err(validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(asked)
}
