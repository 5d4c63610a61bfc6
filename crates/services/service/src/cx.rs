//! The context of one call: who asks, where, when and from which address.

use std::net::IpAddr;
use std::sync::Arc;

use gantry_base::{AccountId, Arn, Partition, Region, Timestamp};
use gantry_iam_core::{Caller, Context, Permit, Policy, Request, authorize};

use crate::failure::Failure;
use crate::handlers::Siblings;

/// Where a request came from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The client's address; absent for calls from within.
    pub source_ip: Option<IpAddr>,
    /// Whether it came over TLS or from within.
    pub secure: bool,
    /// The client's own words about itself, cut to a bounded length.
    pub user_agent: Option<String>,
    /// The `Host` that the client used, as it gave it: `localhost:4566`.
    pub host: Option<String>,
    /// The service that passes the caller's request on under the caller's name, such as `secretsmanager`.
    pub via: Option<&'static str>,
}

/// The key that a request was signed with, without its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIA...`, or `ASIA...` for a session's.
    pub id: String,
    /// What goes with a session's key.
    pub session_token: Option<String>,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The context of one call. Cheap to clone.
#[derive(Clone)]
pub struct Cx {
    /// Who calls, with the policies they carry.
    pub caller: Arc<Caller>,
    /// The key they signed with; absent for calls from within. What a caller is handed for later, such as
    /// a registry's password, is bound to it.
    pub key: Option<Arc<AccessKey>>,
    /// The account in which the call works: the caller's, or for a service the one it acts in.
    pub account: AccountId,
    /// The region the request was signed for.
    pub region: Region,
    /// The id that the answer carries.
    pub request_id: Arc<str>,
    /// The moment of the request; one for the whole of it.
    pub now: Timestamp,
    /// Where it came from.
    pub origin: Arc<Origin>,
    /// The other services.
    pub siblings: Siblings,
}

/// What an operation needs to be allowed: an action on a resource, with the condition keys that go with it.
///
/// The keys that every request has (`aws:SourceIp`, `aws:RequestedRegion`, ...) are added by
/// [`Cx::authorize`], those of the caller by the engine.
#[derive(Debug, Clone)]
pub struct Permission<'a> {
    action: &'static str,
    resource: &'a str,
    owner: Option<AccountId>,
    keys: Context,
    policy: Option<&'a Policy>,
}

impl<'a> Permission<'a> {
    /// `action` (`ecs:RunTask`) on one resource.
    pub fn on(action: &'static str, resource: &'a Arn) -> Self {
        let owner = resource.account().parse().ok();
        Permission { action, resource: resource.as_str(), owner, keys: Context::new(), policy: None }
    }

    /// An action that has no resource, such as a listing.
    pub fn of(action: &'static str) -> Self {
        Permission { action, resource: "*", owner: None, keys: Context::new(), policy: None }
    }

    /// Adds the values of a condition key, such as `ecs:cluster` or `aws:RequestTag/team`.
    pub fn key(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.keys.set_all(&name.into(), values);
        self
    }

    /// Names the tags that the resource has: `aws:ResourceTag/...`.
    pub fn resource_tags<'t>(mut self, tags: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        self.keys = self.keys.with_resource_tags(tags);
        self
    }

    /// Names the tags that the request gives: `aws:RequestTag/...` and `aws:TagKeys`.
    pub fn request_tags<'t>(mut self, tags: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        self.keys = self.keys.with_request_tags(tags);
        self
    }

    /// The resource's own policy.
    pub fn resource_policy(mut self, policy: Option<&'a Policy>) -> Self {
        self.policy = policy;
        self
    }
}

impl Cx {
    /// Proves that the caller may, or says why not.
    pub fn authorize(&self, permission: Permission<'_>) -> Result<Permit, Failure> {
        let Permission { action, resource, owner, mut keys, policy } = permission;
        keys.set("aws:RequestedRegion", self.region.as_str());
        keys.set("aws:SecureTransport", if self.origin.secure { "true" } else { "false" });
        if let Some(address) = self.origin.source_ip {
            keys.set("aws:SourceIp", address.to_string());
        }
        if let Some(agent) = &self.origin.user_agent {
            keys.set("aws:UserAgent", agent.as_str());
        }
        if let Some(service) = self.origin.via {
            let service = format!("{service}.amazonaws.com");
            keys.set("aws:ViaAWSService", "true");
            keys.set("aws:CalledVia", service.as_str());
            keys.set("aws:CalledViaFirst", service.as_str());
            keys.set("aws:CalledViaLast", service);
        }
        let request = Request {
            action,
            resource,
            resource_account: owner.unwrap_or(self.account),
            now: self.now,
            context: &keys,
            told: None,
        };
        Ok(authorize(&self.caller, policy, &request)?)
    }

    /// The partition of the call's region.
    pub fn partition(&self) -> Partition {
        self.region.partition()
    }

    /// The ARN of a resource in the call's account and region.
    pub fn arn(&self, service: &str, resource: impl std::fmt::Display) -> Arn {
        Arn::regional(service, &self.region, self.account, resource)
    }

    /// The caller's own request, passed on by `service` (`secretsmanager`), as AWS's
    /// [forward access sessions](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html) do.
    pub fn via(&self, service: &'static str) -> Cx {
        let origin = Origin { secure: true, via: Some(service), ..Origin::default() };
        Cx { origin: Arc::new(origin), ..self.clone() }
    }

    /// The same call as somebody else: a service acting for itself, or a role's session.
    pub fn as_caller(&self, caller: Caller) -> Cx {
        Cx {
            caller: Arc::new(caller.in_partition(self.partition())),
            key: None,
            origin: Arc::new(Origin { secure: true, ..Origin::default() }),
            ..self.clone()
        }
    }
}
