//! Grants.

use std::collections::BTreeMap;

use gantry_base::Timestamp;
use gantry_store::{Key, Table};
use serde::{Deserialize, Serialize};

/// By account, region, key and id.
pub const GRANTS: Table<Grant> = Table::new("kms.grant", 1);

/// The same grants by account, region, key, grantee and id, for the decision who may.
pub const GRANTEES: Table<Grant> = Table::new("kms.grantee", 1);

/// A grant. It never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub id: String,
    pub name: Option<String>,
    /// An ARN, or a service's name.
    pub grantee: String,
    pub retiring: Option<String>,
    pub operations: Vec<String>,
    pub constraints: Constraints,
    pub created_at: Timestamp,
    /// The account of who made it, as its root's ARN.
    pub issuer: String,
}

/// What a request's encryption context must be for the grant to count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraints {
    pub equals: Option<BTreeMap<String, String>>,
    pub subset: Option<BTreeMap<String, String>>,
}

impl Constraints {
    /// Whether an encryption context keeps within them.
    pub fn hold(&self, context: &BTreeMap<String, String>) -> bool {
        let equal = self.equals.as_ref().is_none_or(|wanted| wanted == context);
        let within = |wanted: &BTreeMap<String, String>| {
            wanted.iter().all(|(name, value)| context.get(name) == Some(value))
        };
        equal && self.subset.as_ref().is_none_or(within)
    }

    /// Whether these allow no encryption context that `others` do not: they are the same or stricter.
    pub fn narrow(&self, others: &Constraints) -> bool {
        let equal = others.equals.is_none() || self.equals == others.equals;
        let names = |wanted: &BTreeMap<String, String>| {
            let all_in = |given: &BTreeMap<String, String>| {
                wanted.iter().all(|(name, value)| given.get(name) == Some(value))
            };
            self.equals.as_ref().is_some_and(all_in) || self.subset.as_ref().is_some_and(all_in)
        };
        equal && others.subset.as_ref().is_none_or(names)
    }
}

/// The prefix of the grants of the key with this key.
pub fn grants_key(row: &Key) -> Key {
    row.clone()
}

/// The key of a grant.
pub fn grant_key(row: &Key, id: &str) -> Key {
    row.clone().with(id)
}

/// The prefix of what a key's grants give to one grantee; with a grant's id behind it the key of one.
pub fn grantee_key(row: &Key, grantee: &str) -> Key {
    row.clone().with(grantee)
}
