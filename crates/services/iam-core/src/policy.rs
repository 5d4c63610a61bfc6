//! Policy documents.

mod json;
mod parse;
pub mod spelling;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::principals::Closeness;
use crate::statement::{Effect, Facts, Statement};

/// What a document is for; its grammar depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Hangs on a user or role, bounds one, or narrows a session: no `Principal`, always a `Resource`.
    Identity,
    /// A managed policy: as [`Kind::Identity`], and of version 2012-10-17, which IAM does not ask of inline policies.
    Managed,
    /// Hangs on a resource: always a `Principal`; a `Resource` only where the author wants one.
    Resource,
    /// A role's trust policy: always a `Principal`, never a `Resource`, only actions of STS.
    Trust,
}

/// Why a document is refused, in AWS's words; the code is `MalformedPolicyDocument` in IAM. Of syntax errors AWS
/// says only that there are some; `detail` has more, for logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MalformedPolicy {
    pub(crate) message: String,
    pub(crate) detail: Option<String>,
}

impl MalformedPolicy {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        MalformedPolicy { message: message.into(), detail: None }
    }

    /// What AWS keeps to itself.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

/// A policy document that has been read and understood. It keeps the text it was read from.
#[derive(Clone, PartialEq)]
pub struct Policy {
    text: Arc<str>,
    kind: Kind,
    source: Option<Arc<str>>,
    /// Nobody may without a statement of this policy, not even in the resource's own account.
    alone: bool,
    statements: Vec<Statement>,
}

impl Policy {
    /// Reads a document with the grammar of its kind.
    pub fn parse(kind: Kind, text: &str) -> Result<Policy, MalformedPolicy> {
        let statements = parse::statements(kind, text)?;
        Ok(Policy { text: text.into(), kind, source: None, alone: kind == Kind::Trust, statements })
    }

    /// A policy without statements, which allows and denies nothing. No document reads so.
    pub fn nothing() -> Policy {
        Policy { text: "".into(), kind: Kind::Identity, source: None, alone: false, statements: Vec::new() }
    }

    /// The same policy under its ARN or its name, for denials that tell which policy decided.
    pub fn named(mut self, source: impl Into<Arc<str>>) -> Policy {
        self.source = Some(source.into());
        self
    }

    /// The same policy as the one that must allow, even within the resource's account. KMS's
    /// [key policies](https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html) are such: identity
    /// policies count only where the key's policy names the account. Trust policies are such by nature.
    pub fn deciding(mut self) -> Policy {
        self.alone = true;
        self
    }

    /// Whether the policy must allow, even within the resource's account.
    pub fn decides(&self) -> bool {
        self.alone
    }

    /// The document as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the document is for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The policy's ARN or name, where it was given one.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// The same policy, meaning by the ARNs of users and roles those of these unique ids. AWS keeps ids once a policy is
    /// written, so a new user or role under an old name is not meant. `ids` are by the ARNs as the policy has them.
    pub fn meaning(mut self, ids: &BTreeMap<String, String>) -> Policy {
        for statement in &mut self.statements {
            statement.principals.mean(ids);
        }
        self
    }

    /// Whether a statement says which resources it is about.
    pub fn has_resources(&self) -> bool {
        self.statements.iter().any(|statement| statement.resources.is_some())
    }

    /// The users, roles and sessions that the policy names by ARN.
    pub fn named_principals(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(|statement| statement.principals.arns())
    }

    /// The condition keys that the policy looks at, in lower case, each once.
    pub fn context_keys(&self) -> BTreeSet<&str> {
        self.statements.iter().flat_map(Statement::keys).collect()
    }

    /// The statements of that effect that apply.
    pub(crate) fn applying<'a>(
        &'a self,
        effect: Effect,
        facts: &'a Facts<'_>,
    ) -> impl Iterator<Item = &'a Statement> {
        self.statements.iter().filter(move |s| s.effect == effect && s.applies(facts).is_some())
    }

    /// The services that the policy names.
    pub fn named_services(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(|statement| statement.principals.services())
    }

    /// The identity providers that the policy names.
    pub fn named_providers(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(|statement| statement.principals.providers())
    }

    /// The first statement of that effect that applies.
    pub(crate) fn first(&self, effect: Effect, facts: &Facts<'_>) -> Option<&Statement> {
        self.statements.iter().find(|s| s.effect == effect && s.applies(facts).is_some())
    }

    /// Whether a statement allows it, and how closely the nearest one names the caller.
    pub(crate) fn allows(&self, facts: &Facts<'_>) -> Option<Closeness> {
        let allowing = self.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        let mut closest = None;
        for statement in allowing {
            closest = closest.max(statement.applies(facts));
            if closest == Some(Closeness::Session) {
                break;
            }
        }
        closest
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Policy({:?}, {})", self.kind, self.text)
    }
}
