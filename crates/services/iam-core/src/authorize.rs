//! The decision.
//!
//! The order and the exceptions are those of AWS's
//! [evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).

use gantry_base::{AccountId, Authority, Timestamp};

use crate::context::Context;
use crate::denial::{Denial, DenyReason, PolicyType};
use crate::policy::{Kind, Policy};
use crate::principal::{Caller, Policies, Principal};
use crate::principals::Closeness;
use crate::statement::{Effect, Facts};

/// What a caller wants to do.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `ecs:RunTask`
    pub action: &'a str,
    /// The resource's ARN, or `*` for an action without one.
    pub resource: &'a str,
    /// The account that owns the resource.
    pub resource_account: AccountId,
    /// The present moment, for `aws:CurrentTime` and `aws:EpochTime`.
    pub now: Timestamp,
    /// The keys of the request and of the resource.
    pub context: &'a Context,
    /// What a simulation is told; it goes before everything that is known of the caller, the resource and the moment.
    pub told: Option<&'a Context>,
}

/// The proof that a caller may do an action on a resource. Only [`authorize`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    principal: String,
    action: String,
    resource: String,
}

impl Permit {
    /// The action that is permitted.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The resource it is permitted on.
    pub fn resource(&self) -> &str {
        &self.resource
    }
}

impl Authority for Permit {
    fn describe(&self) -> String {
        format!("{} may {} on {}", self.principal, self.action, self.resource)
    }
}

/// Decides whether `caller` may do what it asks for. `resource_policy` is the policy of the resource; a role's
/// trust policy is one that must allow, even within the account.
pub fn authorize(
    caller: &Caller,
    resource_policy: Option<&Policy>,
    request: &Request<'_>,
) -> Result<Permit, Denial> {
    match decide(caller, resource_policy, request) {
        Ok(()) => Ok(Permit {
            principal: caller.principal.arn(),
            action: request.action.to_owned(),
            resource: request.resource.to_owned(),
        }),
        Err(reason) => Err(Denial {
            principal: caller.principal.arn().into(),
            action: request.action.into(),
            resource: request.resource.into(),
            reason,
        }),
    }
}

fn decide(
    caller: &Caller,
    resource_policy: Option<&Policy>,
    request: &Request<'_>,
) -> Result<(), DenyReason> {
    let facts = Facts::new(caller, request);
    let elsewhere = caller.principal.account().is_some_and(|account| account != request.resource_account);
    if elsewhere && request.action.eq_ignore_ascii_case("iam:PassRole") {
        return Err(DenyReason::CrossAccountPassRole);
    }
    refuse_denied(caller, resource_policy, &facts)?;

    let granted = resource_policy.and_then(|policy| policy.allows(&facts));
    let trust = resource_policy.is_some_and(|policy| policy.kind() == Kind::Trust);
    let resource_type = if trust { PolicyType::RoleTrust } else { PolicyType::Resource };
    if resource_policy.is_some_and(Policy::decides) && granted.is_none() {
        return Err(DenyReason::NoAllow { policy: resource_type });
    }

    match caller.principal.account() {
        // A service acts under the resource's policy or under the policies of its own role, in any account.
        None if granted.is_some() => Ok(()),
        None => missing(caller, &facts, resource_type),
        Some(account) if account == request.resource_account => match granted {
            // The policy names this very user or session: that is enough by itself.
            Some(Closeness::Session) => Ok(()),
            // It names the role, or everybody: boundary and session policies still narrow it.
            Some(Closeness::Identity) => narrowed(caller, &facts),
            // It names the account, which leaves the choice to the account's own policies.
            Some(Closeness::Account) | None => own(caller, &facts),
        },
        // Another account's resource takes both sides.
        Some(_) => match (granted, own(caller, &facts)) {
            (Some(_), own) => own,
            (None, Err(reason)) => Err(reason),
            (None, Ok(())) => Err(DenyReason::NoAllow { policy: resource_type }),
        },
    }
}

/// A principal without an account: what its own policies allow, else the more telling refusal.
fn missing(caller: &Caller, facts: &Facts<'_>, resource_type: PolicyType) -> Result<(), DenyReason> {
    if caller.policies.identity.is_empty() {
        return Err(DenyReason::NoAllow { policy: resource_type });
    }
    own(caller, facts)
}

/// Any deny, anywhere, decides.
fn refuse_denied(
    caller: &Caller,
    resource_policy: Option<&Policy>,
    facts: &Facts<'_>,
) -> Result<(), DenyReason> {
    let policies = &caller.policies;
    let identity = policies.identity.iter().map(|policy| (PolicyType::Identity, &**policy));
    let boundary = policies.boundary.iter().map(|policy| (PolicyType::Boundary, &**policy));
    let session = policies.session.iter().map(|policy| (PolicyType::Session, &**policy));
    let resource = resource_policy.into_iter().map(|policy| {
        let trust = policy.kind() == Kind::Trust;
        (if trust { PolicyType::RoleTrust } else { PolicyType::Resource }, policy)
    });
    for (policy_type, policy) in identity.chain(boundary).chain(session).chain(resource) {
        if let Some(statement) = policy.first(Effect::Deny, facts) {
            return Err(DenyReason::Explicit {
                policy: policy_type,
                source: policy.source().map(Into::into),
                statement: statement.name().into(),
            });
        }
    }
    Ok(())
}

/// What the caller's own policies must allow: identity, and boundary, and session.
fn own(caller: &Caller, facts: &Facts<'_>) -> Result<(), DenyReason> {
    let root = matches!(caller.principal, Principal::Root { .. });
    if !root && !caller.policies.identity.iter().any(|policy| policy.allows(facts).is_some()) {
        return Err(DenyReason::NoAllow { policy: PolicyType::Identity });
    }
    narrowed(caller, facts)
}

/// What narrows the caller, beside its identity policies.
fn narrowed(caller: &Caller, facts: &Facts<'_>) -> Result<(), DenyReason> {
    let Policies { boundary, session, .. } = &caller.policies;
    if boundary.as_ref().is_some_and(|policy| policy.allows(facts).is_none()) {
        return Err(DenyReason::NoAllow { policy: PolicyType::Boundary });
    }
    if !session.is_empty() && !session.iter().any(|policy| policy.allows(facts).is_some()) {
        return Err(DenyReason::NoAllow { policy: PolicyType::Session });
    }
    Ok(())
}
