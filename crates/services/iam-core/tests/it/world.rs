//! Callers and requests for the other modules.

use std::sync::Arc;

use gantry_base::{AccountId, Timestamp};
use gantry_iam_core::{Caller, Context, Denial, Kind, Permit, Policy, Principal, Request, authorize};

pub const HOME: &str = "111111111111";
pub const AWAY: &str = "222222222222";

pub fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

pub fn user(name: &str) -> Principal {
    Principal::User {
        account: account(HOME),
        arn: format!("arn:aws:iam::{HOME}:user/team/{name}"),
        id: "AIDAAAAAAAAAAAAAAAAAA".into(),
        name: name.into(),
    }
}

pub fn role(name: &str) -> Principal {
    Principal::AssumedRole {
        account: account(HOME),
        role_arn: format!("arn:aws:iam::{HOME}:role/path/{name}"),
        role_id: "AROAAAAAAAAAAAAAAAAAA".into(),
        role_name: name.into(),
        session_name: "s1".into(),
    }
}

pub fn service(name: &str) -> Principal {
    Principal::Service { name: name.into() }
}

/// One statement around `inner`, as a whole document.
pub fn document(inner: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{{inner}}}]}}"#)
}

pub fn identity(inner: &str) -> Arc<Policy> {
    Arc::new(Policy::parse(Kind::Identity, &document(inner)).unwrap())
}

pub fn resource(inner: &str) -> Policy {
    Policy::parse(Kind::Resource, &document(inner)).unwrap()
}

pub fn trust(inner: &str) -> Policy {
    Policy::parse(Kind::Trust, &document(inner)).unwrap()
}

pub fn carrying(principal: Principal, identity: impl IntoIterator<Item = Arc<Policy>>) -> Caller {
    let mut caller = Caller::new(principal);
    caller.policies.identity = identity.into_iter().collect();
    caller
}

pub const NOW: Timestamp = Timestamp::from_secs(1_767_312_000);

/// Asks for an action on a resource of `owner`.
pub fn ask_of(
    owner: &str,
    caller: &Caller,
    policy: Option<&Policy>,
    action: &str,
    resource: &str,
    context: &Context,
) -> Result<Permit, Denial> {
    let request =
        Request { action, resource, resource_account: account(owner), now: NOW, context, told: None };
    authorize(caller, policy, &request)
}

/// Asks for an action on a resource at home, without keys.
pub fn ask(caller: &Caller, policy: Option<&Policy>, action: &str, resource: &str) -> Result<Permit, Denial> {
    ask_of(HOME, caller, policy, action, resource, &Context::new())
}
