//! Which accounts' regions have had their default VPC written down.

use gantry_base::Timestamp;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

/// By account and region.
pub const SITES: Table<Begun> = Table::new("ec2.site", 1);

/// The default VPC of the region is among the rows since then, or was and has been deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    pub at: Timestamp,
}
