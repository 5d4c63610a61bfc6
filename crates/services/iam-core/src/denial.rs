//! Why a request was refused, in AWS's words.

use std::fmt;

/// The kind of policy that decided against a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyType {
    /// A policy of the user or role itself.
    Identity,
    /// A permissions boundary.
    Boundary,
    /// A session policy.
    Session,
    /// A policy of the resource.
    Resource,
    /// A role's trust policy.
    RoleTrust,
}

impl PolicyType {
    fn words(self) -> &'static str {
        match self {
            PolicyType::Identity => "identity-based policy",
            PolicyType::Boundary => "permissions boundary",
            PolicyType::Session => "session policy",
            PolicyType::Resource => "resource-based policy",
            PolicyType::RoleTrust => "role trust policy",
        }
    }

    fn article(self) -> &'static str {
        match self {
            PolicyType::Identity => "an",
            PolicyType::RoleTrust => "the",
            _ => "a",
        }
    }
}

/// What decided against a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DenyReason {
    /// A statement denies it.
    Explicit {
        policy: PolicyType,
        /// The policy's ARN or name, where it has one.
        source: Option<Box<str>>,
        /// The statement: its `Sid`, or its place in the document counted from 1.
        statement: Box<str>,
    },
    /// No statement of this kind of policy allows it, where one must.
    NoAllow { policy: PolicyType },
    /// A role is passed within its account only.
    CrossAccountPassRole,
}

/// A refusal. Its text is the message that AWS gives with `AccessDenied` (its
/// [documentation](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The caller's ARN.
    pub principal: Box<str>,
    /// `ecs:RunTask`
    pub action: Box<str>,
    /// The resource's ARN, or `*`.
    pub resource: Box<str>,
    /// What decided.
    pub reason: DenyReason,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Denial { principal, action, resource, reason } = self;
        if *reason == DenyReason::CrossAccountPassRole {
            return f.write_str("Cross-account pass role is not allowed.");
        }
        write!(f, "User: {principal} is not authorized to perform: {action} on resource: {resource}")?;
        match reason {
            DenyReason::Explicit { policy, source, .. } => {
                write!(f, " with an explicit deny in {} {}", policy.article(), policy.words())?;
                if let Some(source) = source.as_deref().filter(|source| source.starts_with("arn:")) {
                    write!(f, ": {source}")?;
                }
                Ok(())
            }
            DenyReason::NoAllow { policy } => {
                write!(f, " because no {} allows the {action} action", policy.words())
            }
            DenyReason::CrossAccountPassRole => Ok(()),
        }
    }
}

impl std::error::Error for Denial {}
