//! Sessions of roles, for services that work on behalf of a role: a task's role, an execution role.

use async_trait::async_trait;
use gantry_base::{Arn, Timestamp};
use gantry_iam_core::Caller;

use crate::failure::Failure;

/// A service at work for somebody's resource. A role's trust policy may look at both, so that nobody has the service
/// use a role for a resource that is not meant
/// ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html)).
#[derive(Debug, Clone)]
pub struct OnBehalf {
    /// `ecs-tasks.amazonaws.com`
    pub service: &'static str,
    /// The resource, as the value of `aws:SourceArn`; its account is `aws:SourceAccount`.
    pub source: Arn,
}

/// Opens sessions of roles that trust a service. IAM implements it.
///
/// A role that is not there, or does not trust the service, is a [`Failure::Answer`] or [`Failure::Denied`] whose
/// text says so; the service puts it in its own words.
#[async_trait]
pub trait RoleCredentials: Send + Sync + 'static {
    /// Whether the service could open a session of the role now.
    async fn may_assume(&self, by: &OnBehalf, role: &Arn, now: Timestamp) -> Result<(), Failure>;

    /// A new session of the role.
    async fn credentials_for_role(
        &self,
        by: &OnBehalf,
        role: &Arn,
        session_name: &str,
        now: Timestamp,
    ) -> Result<RoleSession, Failure>;
}

/// A session: its keys, for whoever calls over the wire, and its caller, for calls in process.
#[derive(Clone)]
pub struct RoleSession {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    pub expires_at: Timestamp,
    /// Who a request signed with these keys comes from.
    pub caller: Caller,
}

impl std::fmt::Debug for RoleSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RoleSession").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}
