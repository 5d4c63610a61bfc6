//! From rows to callers: who someone is, and the policies they carry now.

use std::sync::Arc;

use gantry_base::{AccountId, Arn, Partition};
use gantry_iam_core::{Caller, Context, Kind, Policies, Policy, Principal};
use gantry_service::Failure;
use gantry_store::Tx;

use crate::managed;
use crate::session::{Session, Whose};
use crate::tables::access_key::Holder;
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

/// A session as a caller; nothing where its role or user is gone.
pub(crate) async fn of_session(tx: &mut Tx, session: &Session) -> Result<Option<Caller>, Failure> {
    match &session.whose {
        Whose::Role { role_name, role_id, session_name, .. } => {
            let role = Role::find(tx, session.account, role_name).await?;
            match role.filter(|role| role.id == *role_id) {
                Some(role) => of_role_session(tx, session, &role, session_name).await.map(Some),
                None => Ok(None),
            }
        }
        Whose::Own { holder } => {
            let caller = of_holder(tx, session.account, holder).await?;
            Ok(caller.map(|caller| bound(caller, session)))
        }
        Whose::Guest { guest_name, holder } => {
            let Some(mut caller) = of_holder(tx, session.account, holder).await? else { return Ok(None) };
            if matches!(caller.principal, Principal::Root { .. }) {
                // A root has no policies: what its guest may is what the session's policies say.
                caller.policies.identity.push(Arc::new(compile(ALLOW_ALL)?));
            }
            let (account, name) = (session.account, guest_name.clone());
            caller.principal = Principal::FederatedUser { account, partition: Partition::Aws, name };
            lay_down(tx, &mut caller, session).await?;
            if caller.policies.session.is_empty() {
                // A guest without a policy may what resources allow it by name, and nothing else.
                caller.policies.session.push(Arc::new(Policy::nothing()));
            }
            Ok(Some(bound(caller, session)))
        }
    }
}

/// A role's session as a caller.
pub(crate) async fn of_role_session(
    tx: &mut Tx,
    session: &Session,
    role: &Role,
    session_name: &str,
) -> Result<Caller, Failure> {
    let principal = Principal::AssumedRole {
        account: session.account,
        role_arn: role.arn.to_string(),
        role_id: role.id.clone(),
        role_name: role.name.clone(),
        session_name: session_name.to_owned(),
    };
    let policies = policies(tx, &role.grants).await?;
    let mut keys = Context::new();
    for (key, value) in role.tags.iter() {
        keys.set(&format!("aws:PrincipalTag/{key}"), value);
    }
    let mut caller = Caller { principal, policies, keys };
    lay_down(tx, &mut caller, session).await?;
    Ok(bound(caller, session))
}

/// A role as the caller that a session of it would be, for those who ask what it may.
pub(crate) async fn of_role(tx: &mut Tx, account: AccountId, role: &Role) -> Result<Caller, Failure> {
    let principal = Principal::AssumedRole {
        account,
        role_arn: role.arn.to_string(),
        role_id: role.id.clone(),
        role_name: role.name.clone(),
        session_name: "simulated".to_owned(),
    };
    let mut keys = Context::new();
    for (key, value) in role.tags.iter() {
        keys.set(&format!("aws:PrincipalTag/{key}"), value);
    }
    Ok(Caller { principal, policies: policies(tx, &role.grants).await?, keys })
}

/// Somebody with a group's policies alone.
pub(crate) async fn of_group(tx: &mut Tx, principal: Principal, group: &Group) -> Result<Caller, Failure> {
    Ok(Caller { principal, policies: policies(tx, &group.grants).await?, keys: Context::new() })
}

/// The user or root that holds a key; nothing where the user is gone.
pub(crate) async fn of_holder(
    tx: &mut Tx,
    account: AccountId,
    holder: &Holder,
) -> Result<Option<Caller>, Failure> {
    match holder {
        Holder::Root => Ok(Some(Caller::root(account))),
        Holder::User { name, id } => {
            let user = User::find(tx, account, name).await?;
            match user.filter(|user| user.id == *id) {
                Some(user) => of_user(tx, account, &user).await.map(Some),
                None => Ok(None),
            }
        }
    }
}

/// Adds the policies and keys that whoever opened the session laid down.
async fn lay_down(tx: &mut Tx, caller: &mut Caller, session: &Session) -> Result<(), Failure> {
    let terms = &session.terms;
    if let Some(document) = &terms.policy {
        caller.policies.session.push(Arc::new(compile(document)?));
    }
    for arn in &terms.policy_arns {
        // A policy that is gone since allows nothing any more, but it narrows all the same.
        let policy = managed_policy(tx, arn).await?.unwrap_or_else(|| Arc::new(Policy::nothing()));
        caller.policies.session.push(policy);
    }
    for (key, value) in &terms.tags {
        caller.keys.set(&format!("aws:PrincipalTag/{key}"), value);
    }
    for (key, values) in &terms.keys {
        caller.keys.set_all(key, values);
    }
    caller.keys.set_all(TRANSITIVE_KEYS, &terms.transitive);
    if let Some(source) = &terms.source_identity {
        caller.keys.set("aws:SourceIdentity", source);
    }
    Ok(())
}

/// The keys that every session has.
fn bound(mut caller: Caller, session: &Session) -> Caller {
    caller.keys.set("aws:TokenIssueTime", session.issued.to_rfc3339());
    caller.keys.set("aws:MultiFactorAuthPresent", "false");
    caller
}

const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

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
