//! One statement of a policy, and the facts it is held against.

use std::borrow::Cow;

use crate::authorize::Request;
use crate::condition::Condition;
use crate::pattern::{ArnPattern, Fields, Pattern, Variables, fields};
use crate::principal::{Caller, Principal};
use crate::principals::{Closeness, Principals};

/// What a statement that applies does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// Patterns, or all but them (`NotAction`, `NotResource`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selection<P> {
    pub not: bool,
    pub patterns: Vec<P>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    pub sid: Option<String>,
    /// Its place in the document, from 1.
    pub place: usize,
    pub effect: Effect,
    pub principals: Principals,
    pub actions: Selection<Pattern>,
    /// `None` where the policy hangs on its resource and need not repeat it.
    pub resources: Option<Selection<ArnPattern>>,
    pub conditions: Vec<Condition>,
}

impl Statement {
    /// The `Sid`, or the place in the document.
    pub fn name(&self) -> String {
        self.sid.clone().unwrap_or_else(|| format!("statement {}", self.place))
    }

    /// The condition keys that it looks at, as they are written.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let resources = self.resources.iter().flat_map(|selection| &selection.patterns);
        let conditions = self.conditions.iter().flat_map(Condition::keys);
        resources.flat_map(ArnPattern::variables).chain(conditions)
    }

    /// Whether, and how closely to the caller, the statement applies.
    pub fn applies(&self, facts: &Facts<'_>) -> Option<Closeness> {
        let action = self.actions.patterns.iter().any(|p| p.matches(facts.request.action, true, facts));
        if action == self.actions.not {
            return None;
        }
        let closeness = self.principals.about(&facts.caller.principal)?;
        if let Some(resources) = &self.resources {
            // Matching nothing, a name that is not known would widen an allowing NotResource.
            let widens = resources.not && self.effect == Effect::Allow;
            if widens && resources.patterns.iter().any(|p| p.unresolved(facts)) {
                return None;
            }
            let resource =
                resources.patterns.iter().any(|p| p.matches_fields(facts.resource.as_ref(), facts));
            if resource == resources.not {
                return None;
            }
        }
        let holds = |condition: &Condition| {
            let widened = self.effect == Effect::Allow && condition.unresolved(facts);
            !widened && condition.holds(facts)
        };
        self.conditions.iter().all(holds).then_some(closeness)
    }
}

/// All that a statement may look at.
pub(crate) struct Facts<'a> {
    pub caller: &'a Caller,
    pub request: &'a Request<'a>,
    /// The resource's ARN; none where it is `*`.
    resource: Option<Fields<'a>>,
}

impl<'a> Facts<'a> {
    pub fn new(caller: &'a Caller, request: &'a Request<'a>) -> Self {
        Facts { caller, request, resource: fields(request.resource) }
    }

    /// The values of a condition key, whose name is given in lower case. `None` where it is absent.
    pub fn values(&self, key: &str) -> Option<Cow<'a, [String]>> {
        if let Some(told) = self.request.told.and_then(|told| told.get(key)) {
            return Some(Cow::Borrowed(told));
        }
        let one = |value: String| Some(Cow::Owned(vec![value]));
        let principal = &self.caller.principal;
        match key {
            "aws:principalarn" => principal.principal_arn().and_then(one),
            "aws:principalaccount" => principal.account().and_then(|account| one(account.to_string())),
            "aws:principaltype" => principal_type(principal).and_then(|kind| one(kind.to_owned())),
            "aws:userid" => one(principal.user_id()),
            "aws:username" => match principal {
                Principal::User { name, .. } => one(name.clone()),
                _ => None,
            },
            "aws:principalisawsservice" => one(matches!(principal, Principal::Service { .. }).to_string()),
            "aws:principalservicename" => match principal {
                Principal::Service { name } => one(name.clone()),
                _ => None,
            },
            "aws:currenttime" => one(self.request.now.to_rfc3339()),
            "aws:epochtime" => one(self.request.now.as_secs().to_string()),
            "aws:resourceaccount" => one(self.request.resource_account.to_string()),
            // A service that acts for its caller says so; every other request comes from the caller itself.
            "aws:viaawsservice" => {
                self.request.context.get(key).map(Cow::Borrowed).or_else(|| one("false".to_owned()))
            }
            _ if is_callers_own(key) => self.caller.keys.get(key).map(Cow::Borrowed),
            _ => self.caller.keys.get(key).or_else(|| self.request.context.get(key)).map(Cow::Borrowed),
        }
    }
}

/// Keys that a request may not bring along: only authentication sets them.
fn is_callers_own(key: &str) -> bool {
    key.starts_with("aws:principaltag/")
        || matches!(
            key,
            "aws:tokenissuetime"
                | "aws:sourceidentity"
                | "aws:multifactorauthpresent"
                | "aws:multifactorauthage"
        )
}

fn principal_type(principal: &Principal) -> Option<&'static str> {
    match principal {
        Principal::Root { .. } => Some("Account"),
        Principal::User { .. } => Some("User"),
        Principal::AssumedRole { .. } => Some("AssumedRole"),
        Principal::Federated { .. } | Principal::FederatedUser { .. } => Some("FederatedUser"),
        Principal::Anonymous => Some("Anonymous"),
        Principal::Service { .. } => None,
    }
}

impl Variables for Facts<'_> {
    fn value(&self, key: &str) -> Option<Cow<'_, str>> {
        match self.values(key)? {
            Cow::Borrowed([value]) => Some(Cow::Borrowed(value)),
            Cow::Borrowed(_) => None,
            Cow::Owned(mut values) if values.len() == 1 => values.pop().map(Cow::Owned),
            Cow::Owned(_) => None,
        }
    }
}
