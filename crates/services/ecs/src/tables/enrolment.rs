//! Machines that joined: key `node`; and the tokens by which they may: key `id`.

use std::collections::BTreeMap;

use gantry_base::Timestamp;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::names::Place;
use crate::tables::task::LaunchType;

pub const ENROLMENTS: Table<Enrolment> = Table::new("ecs.enrolment", 1);
pub const NODE_TOKENS: Table<NodeToken> = Table::new("ecs.node_token", 1);

/// What a machine is that joined. Without this row its certificate is good for nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Enrolment {
    pub terms: Terms,
    pub hostname: String,
    pub joined_at: Timestamp,
}

/// On which terms machines join.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// For which tasks: EC2 and EXTERNAL make a container instance of it, FARGATE a part of the pool.
    pub launch: LaunchType,
    pub place: Place,
    /// The cluster whose container instance it is.
    pub cluster: String,
    pub zone: String,
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// The capacity provider that its container instance is of.
    #[serde(default)]
    pub capacity_provider: Option<String>,
}

/// A right to join.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeToken {
    pub terms: Terms,
    /// Of the secret half, in hexadecimal.
    pub secret_sha256: String,
    pub expires_at: Timestamp,
    pub uses_left: u32,
}
