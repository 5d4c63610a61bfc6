//! Who makes a request, and the policies that come with them.

use std::fmt;
use std::sync::Arc;

use gantry_base::{AccountId, Partition};
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::policy::Policy;

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Principal {
    /// The account itself, in the partition where it calls.
    Root { account: AccountId, partition: Partition },
    /// A user. `arn` has the path in it: `arn:aws:iam::123456789012:user/team/ann`; `id` is `AIDA...`.
    User { account: AccountId, arn: String, id: String, name: String },
    /// A role's session. `role_arn` has the role's path in it, the session's own ARN has not.
    AssumedRole {
        account: AccountId,
        role_arn: String,
        /// `AROA...`
        role_id: String,
        role_name: String,
        session_name: String,
    },
    /// A user's guest with temporary keys from `sts:GetFederationToken`.
    FederatedUser { account: AccountId, partition: Partition, name: String },
    /// Nobody in particular: a request of the few that need no signature.
    Anonymous,
    /// Someone another identity provider vouches for, while they call `sts:AssumeRoleWithWebIdentity`.
    Federated {
        /// The provider as a trust policy names it: an OIDC provider's ARN, or `cognito-identity.amazonaws.com`.
        provider: String,
        /// The provider's name of the user.
        subject: String,
    },
    /// A service acting for itself, such as `ecs-tasks.amazonaws.com`.
    Service { name: String },
}

impl Principal {
    /// The account the principal belongs to. Services and federated users have none.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Principal::Root { account, .. }
            | Principal::User { account, .. }
            | Principal::AssumedRole { account, .. }
            | Principal::FederatedUser { account, .. } => Some(*account),
            Principal::Federated { .. } | Principal::Service { .. } | Principal::Anonymous => None,
        }
    }

    /// The same principal as a partition names it: a request names its caller by the partition of its region.
    pub fn in_partition(mut self, to: Partition) -> Principal {
        match &mut self {
            Principal::Root { partition, .. } | Principal::FederatedUser { partition, .. } => *partition = to,
            Principal::User { arn, .. } | Principal::AssumedRole { role_arn: arn, .. } => {
                if partition_of(arn) != to.as_str() {
                    *arn = moved(arn, to);
                }
            }
            Principal::Federated { .. } | Principal::Service { .. } | Principal::Anonymous => {}
        }
        self
    }

    /// The ARN (for a service its name) that GetCallerIdentity and denials show: a session's is its `sts` ARN.
    pub fn arn(&self) -> String {
        match self {
            Principal::Root { account, partition } => format!("arn:{partition}:iam::{account}:root"),
            Principal::User { arn, .. } => arn.clone(),
            Principal::AssumedRole { account, role_arn, role_name, session_name, .. } => {
                let partition = partition_of(role_arn);
                format!("arn:{partition}:sts::{account}:assumed-role/{role_name}/{session_name}")
            }
            Principal::FederatedUser { account, partition, name } => {
                format!("arn:{partition}:sts::{account}:federated-user/{name}")
            }
            Principal::Federated { subject, .. } => subject.clone(),
            Principal::Service { name } => name.clone(),
            Principal::Anonymous => "anonymous".to_owned(),
        }
    }

    /// The value of `aws:PrincipalArn`: for a role's session the role.
    pub fn principal_arn(&self) -> Option<String> {
        match self {
            Principal::AssumedRole { role_arn, .. } => Some(role_arn.clone()),
            Principal::Root { .. } | Principal::User { .. } | Principal::FederatedUser { .. } => {
                Some(self.arn())
            }
            Principal::Federated { .. } | Principal::Service { .. } | Principal::Anonymous => None,
        }
    }

    /// The value of `aws:userid` and of GetCallerIdentity's `UserId`.
    pub fn user_id(&self) -> String {
        match self {
            Principal::Root { account, .. } => account.to_string(),
            Principal::User { id, .. } => id.clone(),
            Principal::AssumedRole { role_id, session_name, .. } => format!("{role_id}:{session_name}"),
            Principal::FederatedUser { account, name, .. } => format!("{account}:{name}"),
            Principal::Anonymous => "anonymous".to_owned(),
            Principal::Federated { provider, subject } => format!("{provider}:{subject}"),
            Principal::Service { name } => name.clone(),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn())
    }
}

fn partition_of(arn: &str) -> &str {
    arn.split(':').nth(1).unwrap_or("aws")
}

/// The ARN as another partition names it.
fn moved(arn: &str, partition: Partition) -> String {
    let rest = arn.splitn(3, ':').nth(2).unwrap_or_default();
    format!("arn:{partition}:{rest}")
}

/// The policies that come with a caller. What is absent restricts nothing, except `identity`: without an
/// identity policy nothing is allowed by one.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// Inline and attached policies of the user (and its groups) or of the role.
    pub identity: Vec<Arc<Policy>>,
    /// The most that the user or role may be allowed.
    pub boundary: Option<Arc<Policy>>,
    /// What narrows a session, given when it was made. Where there are any, one of them must allow.
    pub session: Vec<Arc<Policy>>,
}

/// A caller that has been authenticated.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who calls.
    pub principal: Principal,
    /// What they carry.
    pub policies: Policies,
    /// Condition keys that stay the same for all of the caller's requests: `aws:PrincipalTag/...`,
    /// `aws:TokenIssueTime`, `aws:SourceIdentity`, `aws:MultiFactorAuthPresent`.
    pub keys: Context,
}

impl Caller {
    /// A caller with neither policies nor keys, which can do what root can or what resource policies allow.
    pub fn new(principal: Principal) -> Self {
        Caller { principal, policies: Policies::default(), keys: Context::new() }
    }

    /// An account's root.
    pub fn root(account: AccountId) -> Self {
        Caller::new(Principal::Root { account, partition: Partition::Aws })
    }

    /// The same caller as a partition names it.
    pub fn in_partition(self, partition: Partition) -> Self {
        Caller { principal: self.principal.in_partition(partition), ..self }
    }

    /// A service, with the policies that the service's own role would have.
    pub fn service(name: impl Into<String>, identity: Vec<Arc<Policy>>) -> Self {
        let principal = Principal::Service { name: name.into() };
        Caller { principal, policies: Policies { identity, ..Policies::default() }, keys: Context::new() }
    }
}
