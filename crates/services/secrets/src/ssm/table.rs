//! What is stored of parameters.

use std::collections::BTreeMap;

use gantry_base::{AccountId, Region, Tags, Timestamp};
use gantry_store::{Key, Table, key, number};
use serde::{Deserialize, Serialize};

use super::policy::Policy;
use crate::sealed::Sealed;
use crate::vault::Under;

/// The newest version of each parameter, by account, region and name.
pub const PARAMETERS: Table<Parameter> = Table::new("ssm.parameter", 1);

/// Older versions, by account, region, name and version.
pub const VERSIONS: Table<Version> = Table::new("ssm.parameter_version", 1);

/// What a parameter's policies have done at a time, sorted by time.
pub const POLICY_DUES: Table<Due> = Table::new("ssm.parameter_policy", 1);

/// How many versions a parameter keeps.
pub const MAX_VERSIONS: u64 = 100;

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    pub name: String,
    pub description: Option<String>,
    pub allowed_pattern: Option<String>,
    pub key_id: Option<String>,
    pub tier: Tier,
    pub tags: Tags,
    /// Tells this parameter from an earlier one of the same name.
    pub incarnation: String,
    pub current: Version,
    /// Labels, each on one version.
    #[serde(default)]
    pub labels: BTreeMap<String, u64>,
    #[serde(default)]
    pub policies: Vec<Policy>,
}

/// A parameter with a policy that is due at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    pub at: Timestamp,
    /// The parameter's key.
    pub parameter: String,
    /// The parameter's ARN, for the event that tells of it.
    pub arn: String,
    pub incarnation: String,
    /// The version that the policies came with, or were counted from.
    pub version: u64,
    /// Which of the policies.
    pub policy: usize,
}

/// One version of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub version: u64,
    pub kind: Kind,
    pub data_type: String,
    pub value: Sealed,
    pub modified_at: Timestamp,
    /// The ARN of who wrote it.
    pub modified_by: String,
    /// What a SecureString is sealed under.
    #[serde(default)]
    pub under: Under,
    /// How the parameter was when the version was made, for its history.
    #[serde(default)]
    pub then: Option<Then>,
}

/// What may change from version to version beside the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Then {
    pub description: Option<String>,
    pub allowed_pattern: Option<String>,
    pub key_id: Option<String>,
    pub tier: Tier,
}

/// What a parameter's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    String,
    StringList,
    SecureString,
}

impl Kind {
    /// AWS's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::String => "String",
            Kind::StringList => "StringList",
            Kind::SecureString => "SecureString",
        }
    }

    /// Reads AWS's name.
    pub fn parse(text: &str) -> Option<Kind> {
        [Kind::String, Kind::StringList, Kind::SecureString].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// How large a parameter's value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tier {
    Standard,
    Advanced,
}

impl Tier {
    /// AWS's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Standard => "Standard",
            Tier::Advanced => "Advanced",
        }
    }

    /// The most bytes of a value.
    pub fn value_bytes(self) -> usize {
        match self {
            Tier::Standard => 4 * 1024,
            Tier::Advanced => 8 * 1024,
        }
    }
}

impl Parameter {
    /// The labels of a version.
    pub fn labels_of(&self, version: u64) -> Vec<String> {
        self.labels.iter().filter(|(_, on)| **on == version).map(|(label, _)| label.clone()).collect()
    }

    /// What a version's value is sealed for.
    pub fn context(&self, version: u64) -> String {
        context(&self.incarnation, &self.name, version)
    }
}

/// What the value of a version of a parameter is sealed for.
pub fn context(incarnation: &str, name: &str, version: u64) -> String {
    format!("ssm/{incarnation}/{name}/{version}")
}

/// The key of what is due.
pub fn due_key(due: &Due) -> Key {
    let at = due.at.as_millis().max(0).unsigned_abs();
    key!(number(at), due.arn, due.incarnation, number(due.version), due.policy)
}

/// The prefix of an account's parameters in a region.
pub fn parameters_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}

/// The key of a parameter.
pub fn parameter_key(account: AccountId, region: &Region, name: &str) -> Key {
    key!(account, region, name)
}

/// The key of an older version of the parameter with this key.
pub fn version_key(parameter: &Key, version: u64) -> Key {
    parameter.clone().with(&number(version))
}
