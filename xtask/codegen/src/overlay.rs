//! `models/overlays/<service>.toml`: what is served, and corrections to AWS's model.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use gantry_wire::Model;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// Operations that get typed shapes.
    #[serde(default)]
    pub served: Vec<String>,
    /// Corrections to error shapes, by their name.
    #[serde(default)]
    pub errors: BTreeMap<String, ErrorFix>,
    /// String shapes whose pattern AWS's service does not hold anyone to, or that no engine here reads.
    #[serde(default)]
    pub patterns_off: Vec<String>,
    /// Members that AWS's model requires and AWS sometimes leaves out, by their shape.
    #[serde(default)]
    pub optional: BTreeMap<String, Vec<String>>,
    /// How a broken constraint is answered.
    pub validation: Option<Validation>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorFix {
    pub status: Option<u16>,
    pub code: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    pub style: String,
    pub code: String,
    /// Operations that answer with another code.
    #[serde(default)]
    pub operations: BTreeMap<String, String>,
}

impl Overlay {
    /// Reads a service's overlay; an absent one serves nothing and corrects nothing. A name that the model
    /// does not have is refused.
    pub fn read(root: &Path, model: &Model) -> anyhow::Result<Overlay> {
        let path = root.join(format!("models/overlays/{}.toml", model.service));
        if !path.exists() {
            return Ok(Overlay::default());
        }
        let overlay: Overlay = toml::from_str(&fs::read_to_string(&path)?)
            .with_context(|| format!("read {}", path.display()))?;
        let exceptions = overlay.validation.iter().flat_map(|validation| validation.operations.keys());
        for name in overlay.served.iter().chain(exceptions) {
            ensure!(model.operation(name).is_some(), "{}: no operation {name}", path.display());
        }
        for name in overlay.errors.keys().chain(&overlay.patterns_off).chain(overlay.optional.keys()) {
            ensure!(model.shape_id(name).is_some(), "{}: no shape {name}", path.display());
        }
        Ok(overlay)
    }
}
