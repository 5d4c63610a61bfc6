//! The `Principal` element of resource and trust policies.

use std::collections::BTreeMap;

use gantry_base::AccountId;

use crate::principal::Principal;

/// How closely an element names the caller; what else must allow depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Closeness {
    /// Its account.
    Account,
    /// Its role, or everybody.
    Identity,
    /// This user or this very session, or the service itself.
    Session,
}

/// One name in the element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    /// `*` and `{"AWS": "*"}`
    Everybody,
    /// `{"AWS": "123456789012"}` and its root's ARN
    Account(AccountId),
    /// A user's, role's or session's ARN, and the id of the user or role that was meant when the policy was written.
    Arn { arn: String, id: Option<String> },
    /// `{"Service": "ecs-tasks.amazonaws.com"}`
    Service(String),
    /// `{"Federated": ...}`
    Federated(String),
    /// `{"CanonicalUser": ...}`, which only S3 knows.
    Nobody,
}

impl Name {
    /// A value under `AWS`; `None` where it is no principal.
    pub fn aws(value: &str) -> Option<Name> {
        if value == "*" {
            return Some(Name::Everybody);
        }
        if let Ok(account) = value.parse() {
            return Some(Name::Account(account));
        }
        let fields: Vec<&str> = value.splitn(6, ':').collect();
        let ["arn", partition, service, "", account, resource] = fields[..] else {
            // Where a named user or role is gone, AWS leaves its id in the policy.
            let orphan = value.len() >= 16
                && (value.starts_with("AIDA") || value.starts_with("AROA"))
                && value.bytes().all(|b| b.is_ascii_alphanumeric());
            return orphan.then(|| Name::arn(value));
        };
        let account: AccountId = account.parse().ok()?;
        let known = match service {
            "iam" => resource == "root" || resource.starts_with("user/") || resource.starts_with("role/"),
            "sts" => resource.starts_with("assumed-role/") || resource.starts_with("federated-user/"),
            _ => false,
        };
        // A wildcard may stand for everybody only, never in a part of a name.
        if !known || partition.is_empty() || resource.contains(['*', '?']) {
            return None;
        }
        if resource == "root" {
            return Some(Name::Account(account));
        }
        Some(Name::arn(value))
    }

    fn arn(arn: &str) -> Name {
        Name::Arn { arn: arn.to_owned(), id: None }
    }

    /// How closely the name names the principal, if it does.
    pub fn names(&self, principal: &Principal) -> Option<Closeness> {
        match (self, principal) {
            (Name::Everybody, _) => Some(Closeness::Identity),
            (Name::Account(account), _) => {
                (principal.account() == Some(*account)).then_some(Closeness::Account)
            }
            (Name::Arn { id: Some(meant), .. }, Principal::User { id, .. }) if meant != id => None,
            (Name::Arn { id: Some(meant), .. }, Principal::AssumedRole { role_id, .. })
                if meant != role_id =>
            {
                None
            }
            (Name::Arn { arn: name, .. }, Principal::User { arn, .. }) => {
                same_resource(name, arn).then_some(Closeness::Session)
            }
            (Name::Arn { arn: name, .. }, Principal::AssumedRole { role_arn, .. }) => {
                if same_resource(name, role_arn) {
                    Some(Closeness::Identity)
                } else {
                    same_resource(name, &principal.arn()).then_some(Closeness::Session)
                }
            }
            (Name::Arn { arn: name, .. }, Principal::FederatedUser { .. }) => {
                same_resource(name, &principal.arn()).then_some(Closeness::Session)
            }
            (Name::Service(service), Principal::Service { name }) => {
                (service == name).then_some(Closeness::Session)
            }
            (Name::Federated(provider), Principal::Federated { provider: actual, .. }) => {
                same_resource(provider, actual).then_some(Closeness::Session)
            }
            _ => None,
        }
    }
}

/// Whether two ARNs name the same thing. An account is one room in all partitions.
fn same_resource(a: &str, b: &str) -> bool {
    let rest = |arn: &str| arn.find(':').and_then(|at| arn[at + 1..].find(':').map(|next| at + 1 + next));
    match (rest(a), rest(b)) {
        (Some(at), Some(bt)) => a[at..] == b[bt..],
        _ => a == b,
    }
}

/// Which principals a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principals {
    /// Identity policies have no such element: the statement is about whoever carries the policy.
    Carrier,
    Only(Vec<Name>),
    AllBut(Vec<Name>),
}

impl Principals {
    /// Means the users and roles of those ids by those ARNs.
    pub fn mean(&mut self, ids: &BTreeMap<String, String>) {
        let (Principals::Only(names) | Principals::AllBut(names)) = self else { return };
        for name in names {
            if let Name::Arn { arn, id } = name {
                *id = ids.get(arn).cloned();
            }
        }
    }

    fn names(&self) -> &[Name] {
        match self {
            Principals::Carrier => &[],
            Principals::Only(names) | Principals::AllBut(names) => names,
        }
    }

    /// The services that are named.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.names().iter().filter_map(|name| match name {
            Name::Service(service) => Some(service.as_str()),
            _ => None,
        })
    }

    /// The identity providers that are named.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.names().iter().filter_map(|name| match name {
            Name::Federated(provider) => Some(provider.as_str()),
            _ => None,
        })
    }

    /// The users, roles and sessions that are named by ARN.
    pub fn arns(&self) -> impl Iterator<Item = &str> {
        self.names().iter().filter_map(|name| match name {
            Name::Arn { arn, .. } => Some(arn.as_str()),
            _ => None,
        })
    }

    /// Whether, and how closely, the statement is about the principal.
    pub fn about(&self, principal: &Principal) -> Option<Closeness> {
        match self {
            Principals::Carrier => Some(Closeness::Session),
            Principals::Only(names) => names.iter().filter_map(|name| name.names(principal)).max(),
            Principals::AllBut(names) => {
                let named = names.iter().any(|name| excepts(name, principal));
                (!named).then_some(Closeness::Identity)
            }
        }
    }
}

/// Whether a name in `NotPrincipal` leaves the principal out. An account's name leaves out its root alone, not
/// everybody in the account
/// ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html)).
fn excepts(name: &Name, principal: &Principal) -> bool {
    match (name, principal) {
        (Name::Account(_), Principal::Root { .. }) => name.names(principal).is_some(),
        (Name::Account(_), _) => false,
        _ => name.names(principal).is_some(),
    }
}
