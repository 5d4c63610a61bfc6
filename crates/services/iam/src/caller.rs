//! From rows to callers: who someone is, and the policies they carry now.

use std::sync::Arc;

use gantry_base::{AccountId, Arn};
use gantry_iam_core::{Caller, Context, Kind, Policies, Policy, Principal};
use gantry_service::Failure;
use gantry_store::Tx;

use crate::managed;
use crate::session::Session;
use crate::tables::grants::Grants;
use crate::tables::group::Group;
use crate::tables::policy::ManagedPolicy;
use crate::tables::role::Role;
use crate::tables::user::User;

/// The key under which a session carries the names of the tags that go on to further sessions. It is for
/// AssumeRole; AWS has no condition key for it.
pub(crate) const TRANSITIVE_KEYS: &str = "gantry:TransitiveTagKeys";

/// A user as a caller.
pub(crate) async fn of_user(tx: &mut Tx, account: AccountId, user: &User) -> Result<Caller, Failure> {
    let principal =
        Principal::User { account, arn: user.arn.to_string(), id: user.id.clone(), name: user.name.clone() };
    let mut keys = Context::new();
    for (key, value) in user.tags.iter() {
        keys.set(&format!("aws:PrincipalTag/{key}"), value);
    }
    let mut policies = policies(tx, &user.grants).await?;
    for name in &user.groups {
        // Members are taken out before a group is deleted, in one transaction with their rows.
        let group = Group::find(tx, account, name).await?;
        let group = group.ok_or_else(|| Failure::internal(format_args!("the group {name} is not there")))?;
        add_identity(tx, &mut policies, &group.grants).await?;
    }
    Ok(Caller { principal, policies, keys })
}

/// A role's session as a caller.
pub(crate) async fn of_session(tx: &mut Tx, session: &Session, role: &Role) -> Result<Caller, Failure> {
    let principal = Principal::AssumedRole {
        account: session.account,
        role_arn: role.arn.to_string(),
        role_id: role.id.clone(),
        role_name: role.name.clone(),
        session_name: session.session_name.clone(),
    };
    let terms = &session.terms;
    let mut policies = policies(tx, &role.grants).await?;
    if let Some(document) = &terms.policy {
        policies.session.push(Arc::new(compile(document)?));
    }
    for arn in &terms.policy_arns {
        // A policy that is gone since allows nothing any more, but it narrows all the same.
        policies.session.push(managed_policy(tx, arn).await?.unwrap_or_else(|| Arc::new(Policy::nothing())));
    }
    let mut keys = Context::new();
    let session_tags = terms.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    for (key, value) in role.tags.iter().chain(session_tags) {
        keys.set(&format!("aws:PrincipalTag/{key}"), value);
    }
    keys.set_all(TRANSITIVE_KEYS, &terms.transitive);
    keys.set("aws:TokenIssueTime", session.issued.to_rfc3339());
    keys.set("aws:MultiFactorAuthPresent", "false");
    if let Some(source) = &terms.source_identity {
        keys.set("aws:SourceIdentity", source);
    }
    Ok(Caller { principal, policies, keys })
}

/// What a role or user may, ready to be evaluated.
async fn policies(tx: &mut Tx, grants: &Grants) -> Result<Policies, Failure> {
    let mut policies = Policies::default();
    add_identity(tx, &mut policies, grants).await?;
    if let Some(arn) = &grants.boundary {
        let boundary = managed_policy(tx, arn).await?;
        policies.boundary = Some(boundary.ok_or_else(|| dangling(arn))?);
    }
    Ok(policies)
}

/// Adds what a user, role or group is allowed by its own policies.
async fn add_identity(tx: &mut Tx, policies: &mut Policies, grants: &Grants) -> Result<(), Failure> {
    for (name, document) in &grants.inline {
        policies.identity.push(Arc::new(compile(document)?.named(name.as_str())));
    }
    for arn in &grants.attached {
        let policy = managed_policy(tx, arn).await?;
        policies.identity.push(policy.ok_or_else(|| dangling(arn))?);
    }
    Ok(())
}

/// A managed policy in its version in force.
pub(crate) async fn managed_policy(tx: &mut Tx, arn: &str) -> Result<Option<Arc<Policy>>, Failure> {
    if let Some(policy) = managed::find(arn) {
        return Ok(Some(policy.policy()));
    }
    let Ok(parsed) = arn.parse::<Arn>() else { return Ok(None) };
    let Some(row) = ManagedPolicy::find(tx, &parsed).await? else { return Ok(None) };
    let version = row.version(row.default_version);
    let version = version.ok_or_else(|| Failure::internal(format_args!("{arn} has no version in force")))?;
    Ok(Some(Arc::new(compile(&version.document)?.named(arn))))
}

fn compile(document: &str) -> Result<Policy, Failure> {
    Policy::parse(Kind::Identity, document)
        .map_err(|error| Failure::internal(format_args!("a policy that was accepted once: {error}")))
}

fn dangling(arn: &str) -> Failure {
    Failure::internal(format_args!("{arn} is attached but not there"))
}
