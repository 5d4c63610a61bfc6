//! The settings of an account's registry.

use gantry_store::{Key, key};

use gantry_service::Cx;

use crate::error::EcrError;

/// A setting: its name, its values, and which one it has until another is put.
pub struct Known {
    pub name: &'static str,
    pub values: &'static [&'static str],
    pub usual: &'static str,
}

/// Whether layers are taken over from other repositories.
pub const BLOB_MOUNTING: &str = "BLOB_MOUNTING";

const KNOWN: [Known; 3] = [
    // Images are not scanned yet, so nothing depends on it.
    Known { name: "BASIC_SCAN_TYPE_VERSION", values: &["AWS_NATIVE", "CLAIR"], usual: "AWS_NATIVE" },
    // A registry's policy holds for the making of repositories, as in the first version.
    Known { name: "REGISTRY_POLICY_SCOPE", values: &["V1"], usual: "V1" },
    Known { name: BLOB_MOUNTING, values: &["ENABLED", "DISABLED"], usual: "ENABLED" },
];

/// The setting of that name.
pub fn known(name: &str) -> Result<&'static Known, EcrError> {
    KNOWN.iter().find(|known| known.name == name).ok_or_else(|| {
        let names: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
        let rule = format!("Member must satisfy enum value set: [{}]", names.join(", "));
        EcrError::InvalidParameter { parameter: "name", rule }
    })
}

/// The key of a setting.
pub fn setting_key(cx: &Cx, name: &str) -> Key {
    key!(cx.account, cx.region, name)
}
