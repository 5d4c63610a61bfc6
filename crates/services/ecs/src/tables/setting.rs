//! Account settings that somebody has chosen: key `account/region/principal/name`. The account's defaults are its
//! root's.

use gantry_store::{Key, Table};
use serde::{Deserialize, Serialize};

use crate::names::Place;

pub const SETTINGS: Table<Chosen> = Table::new("ecs.setting", 1);

/// The key of a setting; the principal is named by its ARN.
pub fn key(place: &Place, principal: &str, name: &str) -> Key {
    place.key().with(principal).with(name)
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    pub value: String,
}
