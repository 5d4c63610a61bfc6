//! File systems that were deleted and whose directories are still there.

use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By id.
pub const GARBAGE: Table<Garbage> = Table::new("efs.garbage", 1);

/// A deleted file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Garbage {
    pub file_system_id: String,
}

/// The key of a deleted file system.
pub fn garbage_key(id: &str) -> Key {
    key!(id)
}
