//! A decision told in full, for those who ask what would happen.

use std::collections::BTreeMap;

use crate::authorize::{Request, authorize};
use crate::denial::{DenyReason, PolicyType};
use crate::policy::Policy;
use crate::principal::Caller;
use crate::statement::{Effect, Facts};

/// What would happen, in the words of IAM's simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    ExplicitDeny,
    ImplicitDeny,
}

impl Verdict {
    /// `allowed`, `explicitDeny`, `implicitDeny`
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Allowed => "allowed",
            Verdict::ExplicitDeny => "explicitDeny",
            Verdict::ImplicitDeny => "implicitDeny",
        }
    }
}

/// A statement that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// The policy's ARN or name, where it has one.
    pub source: Option<String>,
    pub policy: PolicyType,
    /// Its `Sid`, or its place in the document.
    pub statement: String,
}

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    pub verdict: Verdict,
    /// The statements that deny, or that allow where none denies.
    pub matched: Vec<Matched>,
    /// Keys that policies look at and the request has not.
    pub missing: Vec<String>,
    /// Whether the boundary allows it, where there is one.
    pub boundary: Option<bool>,
}

/// Decides like [`authorize`], and tells why.
pub fn simulate(caller: &Caller, resource_policy: Option<&Policy>, request: &Request<'_>) -> Simulation {
    let facts = Facts::new(caller, request);
    let policies = &caller.policies;
    let identity = policies.identity.iter().map(|policy| (PolicyType::Identity, &**policy));
    let boundary = policies.boundary.iter().map(|policy| (PolicyType::Boundary, &**policy));
    let session = policies.session.iter().map(|policy| (PolicyType::Session, &**policy));
    let resource = resource_policy.into_iter().map(|policy| (PolicyType::Resource, policy));
    let all: Vec<(PolicyType, &Policy)> = identity.chain(boundary).chain(session).chain(resource).collect();

    let verdict = match authorize(caller, resource_policy, request) {
        Ok(_) => Verdict::Allowed,
        Err(denial) if matches!(denial.reason, DenyReason::Explicit { .. }) => Verdict::ExplicitDeny,
        Err(_) => Verdict::ImplicitDeny,
    };
    let effect = if verdict == Verdict::ExplicitDeny { Effect::Deny } else { Effect::Allow };
    let mut matched = Vec::new();
    for (kind, policy) in &all {
        matched.extend(policy.applying(effect, &facts).map(|statement| Matched {
            source: policy.source().map(str::to_owned),
            policy: *kind,
            statement: statement.name(),
        }));
    }
    // Names have no case; of one that is written in several ways, one is told.
    let mut keys: BTreeMap<String, &str> = BTreeMap::new();
    for written in all.iter().flat_map(|(_, policy)| policy.context_keys()) {
        keys.entry(written.to_ascii_lowercase()).or_insert(written);
    }
    let absent = keys.into_iter().filter(|(key, _)| facts.values(key).is_none());
    let missing = absent.map(|(_, written)| written.to_owned()).collect();
    let boundary = policies.boundary.as_ref().map(|policy| policy.allows(&facts).is_some());
    Simulation { verdict, matched, missing, boundary }
}
