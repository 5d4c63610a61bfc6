//! STS `AssumeRole`: temporary keys for a role that trusts the caller.

use std::time::Duration;

use gantry_api_sts::{
    AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser, Credentials, PolicyDescriptorType,
};
use gantry_base::{Arn, Tags};
use gantry_iam_core::{Denial, DenyReason, Kind, Policy, PolicyType, Principal};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Tx;
use gantry_wire::ApiError;

use crate::caller::{TRANSITIVE_KEYS, managed_policy, of_role_session};
use crate::document::{read, trust_policy};
use crate::error::{access_denied, no_such_entity, validation};
use crate::iam::{Iam, tagged};
use crate::roles::find_role;
use crate::session::{Keys, Session, Terms, Whose};
use crate::shape::{DUPLICATE_KEYS, UNTAGGED_KEY, any_twice};
use crate::tables::role::Role;

/// How long a session lasts unless asked otherwise.
const USUAL_SECS: u32 = 3600;
/// The longest session of a role that another role assumed.
const LONGEST_CHAINED_SECS: u32 = 3600;
/// The longest session that a service may ask for.
const LONGEST_SECS: u32 = 12 * 3600;
/// The most characters of policies and tags in a session.
const PACKED_SIZE: usize = 2048;
/// What STS says of a tag laid over one that was handed on.
const INHERITED_KEY: &str = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";

pub(crate) async fn run(iam: Iam, cx: Cx, input: AssumeRoleRequest) -> Result<AssumeRoleResponse, Failure> {
    let role_arn = parse_role_arn(&input.role_arn)?;
    refuse_unserved(&input)?;
    let guest = matches!(cx.caller.principal, Principal::Root { .. });
    if guest && !iam.development {
        return Err(access_denied("Roles may not be assumed by root accounts."));
    }
    let mut tx = iam.db.begin();
    let Some((account, role)) = find_role(&mut tx, &role_arn).await? else {
        return Err(untrusted(&cx, &role_arn));
    };
    let terms = terms(&mut tx, &cx, &role, &input).await?;
    if !guest {
        authorize(&cx, &role, &input, &terms)?;
    }
    let packed = packed_percent(&terms)?;
    let lifetime = Duration::from_secs(u64::from(lifetime_secs(&cx, &role, input.duration_seconds)?));

    let name = &input.role_session_name;
    let session = Session::of(account, Whose::role(&role, name), cx.now, lifetime);
    let session = Session { terms, ..session };
    let caller = of_role_session(&mut tx, &session, &role, name).await?;
    let principal = caller.principal.in_partition(cx.partition());
    let keys = session.keys(&iam)?;
    Ok(AssumeRoleResponse {
        credentials: Some(credentials(keys, &session)),
        assumed_role_user: Some(AssumedRoleUser {
            assumed_role_id: principal.user_id(),
            arn: principal.arn(),
        }),
        packed_policy_size: packed,
        source_identity: session.terms.source_identity,
        ..AssumeRoleResponse::default()
    })
}

/// The keys as STS hands them out.
pub(crate) fn credentials(keys: Keys, session: &Session) -> Credentials {
    Credentials {
        access_key_id: keys.access_key,
        secret_access_key: keys.secret,
        session_token: keys.token,
        expiration: session.expires,
    }
}

pub(crate) fn parse_role_arn(text: &str) -> Result<Arn, Failure> {
    let arn: Result<Arn, _> = text.parse();
    arn.ok()
        .filter(|arn| arn.service() == "iam" && arn.resource().starts_with("role/"))
        .ok_or_else(|| validation(format!("{text} is invalid")))
}

/// What would change the session's meaning and is not served is refused, not ignored.
fn refuse_unserved(input: &AssumeRoleRequest) -> Result<(), Failure> {
    if input.serial_number.is_some() || input.token_code.is_some() {
        return Err(access_denied("MultiFactorAuthentication failed with invalid MFA one time pass code."));
    }
    if input.provided_contexts.as_ref().is_some_and(|contexts| !contexts.is_empty()) {
        return Err(validation("ProvidedContexts is not served: Gantry has no trusted context providers."));
    }
    Ok(())
}

/// A role that is not there looks like one that does not trust the caller.
fn untrusted(cx: &Cx, role_arn: &Arn) -> Failure {
    let denial = Denial {
        principal: cx.caller.principal.arn().into(),
        action: "sts:AssumeRole".into(),
        resource: role_arn.as_str().into(),
        reason: DenyReason::NoAllow { policy: PolicyType::RoleTrust },
    };
    denial.into()
}

/// Checks the policies of a session; returns the ARNs of those that are managed.
pub(crate) async fn session_policies(
    tx: &mut Tx,
    account: &str,
    document: Option<&str>,
    managed: Option<&[PolicyDescriptorType]>,
) -> Result<Vec<String>, Failure> {
    if let Some(document) = document {
        read(Kind::Identity, document)?;
    }
    let mut policy_arns = Vec::new();
    for arn in managed.into_iter().flatten().filter_map(|policy| policy.arn.clone()) {
        let own = arn.contains(&format!(":iam::{account}:policy/"));
        if !(own || crate::managed::find(&arn).is_some()) || managed_policy(tx, &arn).await?.is_none() {
            return Err(no_such_entity(format!("Policy {arn} does not exist or is not attachable.")));
        }
        policy_arns.push(arn);
    }
    Ok(policy_arns)
}

fn invalid_value(message: &str) -> Failure {
    ApiError::new("InvalidParameterValue", message).into()
}

/// What the caller lays down for the session, and what it inherits from the caller's own.
async fn terms(tx: &mut Tx, cx: &Cx, role: &Role, input: &AssumeRoleRequest) -> Result<Terms, Failure> {
    let policy_arns =
        session_policies(tx, role.arn.account(), input.policy.as_deref(), input.policy_arns.as_deref())
            .await?;
    if any_twice(input.tags.iter().flatten().map(|tag| tag.key.as_str())) {
        return Err(invalid_value(DUPLICATE_KEYS));
    }
    let given = input.tags.iter().flatten().map(|tag| (tag.key.clone(), tag.value.clone()));
    let given = Tags::parse(given).map_err(|error| validation(error.to_string()))?;
    let same = |key: &str| {
        given.iter().map(|(known, _)| known).find(|known| known.to_lowercase() == key.to_lowercase())
    };
    let mut transitive = Vec::new();
    for key in input.transitive_tag_keys.iter().flatten() {
        let known = same(key).ok_or_else(|| invalid_value(UNTAGGED_KEY))?;
        transitive.push(known.to_owned());
    }
    let mut tags: Vec<(String, String)> =
        given.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    for key in cx.caller.keys.get(TRANSITIVE_KEYS).unwrap_or_default() {
        if same(key).is_some() {
            return Err(invalid_value(INHERITED_KEY));
        }
        let value = cx.caller.keys.get(&format!("aws:PrincipalTag/{key}")).and_then(<[String]>::first);
        tags.extend(value.map(|value| (key.clone(), value.clone())));
        transitive.push(key.clone());
    }
    let inherited = cx.caller.keys.get("aws:SourceIdentity").and_then(<[String]>::first);
    if let (Some(inherited), Some(asked)) = (inherited, &input.source_identity)
        && inherited != asked
    {
        return Err(access_denied("The source identity of a session cannot be changed."));
    }
    let source_identity = inherited.cloned().or_else(|| input.source_identity.clone());
    Ok(Terms {
        policy: input.policy.clone(),
        policy_arns,
        tags,
        transitive,
        source_identity,
        keys: Vec::new(),
    })
}

/// Both sides must allow it: the caller's policies and the role's trust policy. Tags and a source identity
/// take a permission of their own.
fn authorize(cx: &Cx, role: &Role, input: &AssumeRoleRequest, terms: &Terms) -> Result<(), Failure> {
    let trust = trust_policy(role)?;
    let role_arn = role.arn.in_partition(cx.partition());
    let mut actions = vec!["sts:AssumeRole"];
    if !terms.tags.is_empty() {
        actions.push("sts:TagSession");
    }
    if terms.source_identity.is_some() {
        actions.push("sts:SetSourceIdentity");
    }
    for action in actions {
        cx.authorize(permission(action, &role_arn, role, input, terms, &trust))?;
    }
    Ok(())
}

fn permission<'a>(
    action: &'static str,
    role_arn: &'a Arn,
    role: &Role,
    input: &AssumeRoleRequest,
    terms: &Terms,
    trust: &'a Policy,
) -> Permission<'a> {
    let tags = terms.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    tagged(Permission::on(action, role_arn), &role.tags)
        .resource_policy(Some(trust))
        .request_tags(tags)
        .key("sts:RoleSessionName", [&input.role_session_name])
        .key("sts:ExternalId", &input.external_id)
        .key("sts:TransitiveTagKeys", &terms.transitive)
        .key("sts:SourceIdentity", &terms.source_identity)
}

/// How much of the room for policies and tags the session takes; nothing where it has neither.
pub(crate) fn packed_percent(terms: &Terms) -> Result<Option<i32>, Failure> {
    let policies = terms.policy.iter().chain(&terms.policy_arns).map(String::len).sum::<usize>();
    let tags = terms.tags.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
    let size = policies + tags;
    if size > PACKED_SIZE {
        let percent = size * 100 / PACKED_SIZE;
        let message =
            format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.");
        return Err(ApiError::new("PackedPolicyTooLarge", message).with_status(400).into());
    }
    Ok((size > 0).then(|| i32::try_from((size * 100).div_ceil(PACKED_SIZE)).unwrap_or(100)))
}

fn lifetime_secs(cx: &Cx, role: &Role, asked: Option<i32>) -> Result<u32, Failure> {
    let asked = asked.and_then(|secs| u32::try_from(secs).ok()).unwrap_or(USUAL_SECS);
    let (longest, message) = match cx.caller.principal {
        Principal::AssumedRole { .. } => (
            LONGEST_CHAINED_SECS,
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ),
        Principal::Service { .. } => (LONGEST_SECS, "The requested DurationSeconds exceeds 12 hours."),
        _ => (
            role.max_session_secs,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
    };
    if asked > longest { Err(validation(message)) } else { Ok(asked) }
}
