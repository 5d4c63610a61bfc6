//! Which crate may use which: `layers.toml` against `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::sh;

/// `layers.toml`: every crate of the workspace is in exactly one layer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layers {
    layer: BTreeMap<String, Layer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layer {
    /// Package names; one `*` at the end stands for any ending.
    crates: Vec<String>,
    /// Layers whose crates these may use.
    uses: Vec<String>,
    /// Single crates that these may use beside them.
    #[serde(default)]
    also: Vec<String>,
    /// Packages from outside that these must not know.
    #[serde(default)]
    never: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    source: Option<String>,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

/// The workspace's crates and the layers they should keep to.
pub struct Workspace {
    layers: Layers,
    packages: Vec<Package>,
}

impl Workspace {
    /// Reads `layers.toml` and asks cargo.
    pub fn read() -> Result<Self> {
        let file = sh::root().join("layers.toml");
        let text = std::fs::read_to_string(&file).context("layers.toml lies in the workspace's folder")?;
        let layers = toml::from_str(&text).context("layers.toml")?;
        let json = sh::output(sh::cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
        let metadata: Metadata = serde_json::from_str(&json).context("cargo metadata")?;
        let packages = metadata.packages.into_iter().filter(|package| package.source.is_none()).collect();
        Ok(Workspace { layers, packages })
    }

    /// Every crate's root files: library and binaries.
    pub fn root_files(&self) -> Vec<(&str, PathBuf)> {
        let is_root = |target: &&Target| target.kind.iter().any(|kind| kind == "lib" || kind == "bin");
        let roots = self.packages.iter().flat_map(|package| {
            let files = package.targets.iter().filter(is_root).map(|target| target.src_path.clone());
            files.map(move |file| (package.name.as_str(), file))
        });
        roots.collect()
    }

    /// Every dependency that its layer does not allow, in words.
    pub fn wrong_arrows(&self) -> Result<Vec<String>> {
        let own: BTreeSet<&str> = self.packages.iter().map(|package| package.name.as_str()).collect();
        let mut complaints = Vec::new();
        for package in &self.packages {
            let Some((name, layer)) = self.layer_of(&package.name) else {
                complaints.push(format!("{}: in no layer of layers.toml", package.name));
                continue;
            };
            for dependency in package.dependencies.iter().filter(|d| d.kind.as_deref() != Some("dev")) {
                if layer.never.contains(&dependency.name) {
                    complaints
                        .push(format!("{}: the layer {name} never uses {}", package.name, dependency.name));
                }
                if own.contains(dependency.name.as_str()) && !self.allows(layer, &dependency.name) {
                    let found = self.layer_of(&dependency.name).map_or("no layer", |(found, _)| found);
                    complaints.push(format!(
                        "{} uses {} (layer {found}), which layer {name} may not",
                        package.name, dependency.name
                    ));
                }
            }
        }
        Ok(complaints)
    }

    fn allows(&self, layer: &Layer, dependency: &str) -> bool {
        let by_layer =
            self.layer_of(dependency).is_some_and(|(name, _)| layer.uses.iter().any(|used| used == name));
        by_layer || layer.also.iter().any(|also| also == dependency)
    }

    fn layer_of(&self, package: &str) -> Option<(&str, &Layer)> {
        let holds = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => package.starts_with(start),
            None => package == pattern,
        };
        let found = self.layers.layer.iter().find(|(_, layer)| layer.crates.iter().any(holds));
        found.map(|(name, layer)| (name.as_str(), layer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(layers: &str, packages: &[(&str, &[&str])]) -> Workspace {
        let package = |(name, uses): &(&str, &[&str])| Package {
            name: (*name).to_owned(),
            source: None,
            dependencies: uses
                .iter()
                .map(|name| Dependency { name: (*name).to_owned(), kind: None })
                .collect(),
            targets: Vec::new(),
        };
        Workspace {
            layers: toml::from_str(layers).unwrap(),
            packages: packages.iter().map(package).collect(),
        }
    }

    const LAYERS: &str = r#"
        [layer.kernel]
        crates = ["k-*"]
        uses = ["kernel"]
        [layer.core]
        crates = ["core"]
        uses = []
        also = ["k-base"]
        never = ["tokio"]
        [layer.service]
        crates = ["ecs", "ecr"]
        uses = ["kernel", "core"]
    "#;

    #[test]
    fn arrows_that_fit_pass() {
        let fits: &[(&str, &[&str])] = &[
            ("k-base", &["serde"]),
            ("k-store", &["k-base"]),
            ("core", &["k-base"]),
            ("ecs", &["k-store", "core"]),
        ];
        assert_eq!(workspace(LAYERS, fits).wrong_arrows().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn wrong_arrows_are_named() {
        let wrong: &[(&str, &[&str])] = &[
            ("k-store", &[]),
            ("core", &["tokio", "k-store"]),
            ("ecr", &[]),
            ("ecs", &["ecr"]),
            ("stray", &[]),
        ];
        let complaints = workspace(LAYERS, wrong).wrong_arrows().unwrap();
        assert_eq!(complaints.len(), 4, "{complaints:?}");
        assert!(complaints[0].contains("never uses tokio"));
        assert!(complaints[1].contains("k-store"));
        assert!(complaints[2].contains("ecs uses ecr"));
        assert!(complaints[3].contains("stray: in no layer"));
    }
}
