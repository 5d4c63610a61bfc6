//! What holds for a registry as a whole.

use gantry_store::Table;
use serde::{Deserialize, Serialize};

/// How registries want to be scanned.
pub const SCANNING: Table<Scanning> = Table::new("ecr.scanning", 1);
/// What an account chose.
pub const SETTINGS: Table<Setting> = Table::new("ecr.setting", 1);

/// How a registry wants to be scanned.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scanning {
    /// AWS's word for the kind of scan.
    pub kind: String,
    pub rules: Vec<ScanRule>,
}

impl Default for Scanning {
    fn default() -> Self {
        Scanning { kind: "BASIC".to_owned(), rules: Vec::new() }
    }
}

/// When the repositories of some names are to be scanned.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScanRule {
    /// AWS's word for when.
    pub frequency: String,
    /// Patterns of names, in which `*` stands for any text.
    pub filters: Vec<String>,
}

/// The value of a setting.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setting {
    pub value: String,
}
