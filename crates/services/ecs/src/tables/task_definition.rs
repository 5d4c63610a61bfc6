//! Task definitions: key `account/region/family/revision`; families: key `account/region/family`.

use gantry_base::{Tags, Timestamp};
use gantry_ecs_core::definition::{self, Document, Home};
use gantry_ecs_core::{Invalid, TaskSpec};
use gantry_store::{Key, Table, number};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::names::Place;

pub const TASK_DEFINITIONS: Table<TaskDefinition> = Table::new("ecs.task_definition", 1);
pub const FAMILIES: Table<Family> = Table::new("ecs.family", 1);
/// Revisions on their way out, until nothing runs of them: key `account/region/family/revision`.
pub const DELETING: Table<Deleting> = Table::new("ecs.task_definition_deleting", 1);

/// The key of a revision.
pub fn key(place: &Place, family: &str, revision: u32) -> Key {
    place.key().with(family).with(&number(revision.into()))
}

/// The key of a family.
pub fn family_key(place: &Place, family: &str) -> Key {
    place.key().with(family)
}

/// A family counts its revisions; a number is never used again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    pub last_revision: u32,
    /// The newest active revision; none = the family is inactive.
    pub latest_active: Option<u32>,
    /// Every revision has been deleted: only the count is left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub empty: bool,
}

/// A revision whose deletion was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleting {
    pub since: Timestamp,
}

/// What a revision is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Active,
    /// What runs of it goes on; no more can be run.
    Inactive,
    /// The same, and it is gone once nothing runs of it.
    DeleteInProgress,
}

impl Status {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Active => "ACTIVE",
            Status::Inactive => "INACTIVE",
            Status::DeleteInProgress => "DELETE_IN_PROGRESS",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskDefinition {
    pub family: String,
    pub revision: u32,
    pub active: bool,
    /// What the user registered with AWS's defaults filled in, as AWS's JSON without the tags.
    pub document: Value,
    pub compatibilities: Vec<String>,
    pub requires_attributes: Vec<String>,
    pub registered_at: Timestamp,
    pub registered_by: String,
    #[serde(default)]
    pub deregistered_at: Option<Timestamp>,
    #[serde(default)]
    pub delete_requested_at: Option<Timestamp>,
    pub tags: Tags,
}

impl TaskDefinition {
    /// What it is good for.
    pub fn status(&self) -> Status {
        match (self.active, self.delete_requested_at) {
            (true, _) => Status::Active,
            (false, None) => Status::Inactive,
            (false, Some(_)) => Status::DeleteInProgress,
        }
    }

    /// What the definition means. It was valid when it was stored.
    pub fn spec(&self, place: &Place) -> Result<TaskSpec, Invalid> {
        let document = Document::deserialize(&self.document)
            .map_err(|error| Invalid::new(format!("{}:{}: {error}", self.family, self.revision)))?;
        definition::parse(&document, home(place))
    }
}

/// Whose roles a definition names.
pub fn home(place: &Place) -> Home {
    Home { account: place.account, partition: place.region.partition() }
}
