//! `cargo xtask tidy`: what a reviewer should not have to look for.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::layers::Workspace;
use crate::sh;

pub fn run() -> Result<()> {
    let workspace = Workspace::read()?;
    let mut complaints = workspace.wrong_arrows()?;
    complaints.extend(without_opening_document(&workspace)?);
    if !complaints.is_empty() {
        bail!("tidy refuses:\n  {}", complaints.join("\n  "));
    }
    println!("Layers and opening documents are in order");
    sh::run(sh::cargo().args(["fmt", "--all", "--check"]))
        .context("unformatted code: run cargo fmt --all")?;
    for what in ["codegen", "grpc"] {
        sh::codegen(what, true).context("stale generated code: run cargo xtask codegen")?;
    }
    sh::run(sh::cargo().args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))
        .context("clippy has something to say")
}

/// Crates whose root file does not say first what they are for.
fn without_opening_document(workspace: &Workspace) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for (name, file) in workspace.root_files() {
        let text = std::fs::read_to_string(&file).with_context(|| format!("{} is there", file.display()))?;
        if !opens_with_document(&text) {
            complaints.push(format!("{name}: {} does not open with a //! document", shown(&file)));
        }
    }
    Ok(complaints)
}

/// At least two lines of `//!`, before anything else.
fn opens_with_document(text: &str) -> bool {
    text.lines().take_while(|line| line.starts_with("//!")).count() >= 2
}

fn shown(file: &Path) -> String {
    file.strip_prefix(sh::root()).unwrap_or(file).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_more_than_a_line() {
        assert!(opens_with_document("//! Purpose.\n//!\n//! Invariants.\nfn main() {}\n"));
        assert!(!opens_with_document("fn main() {}\n"));
        assert!(!opens_with_document("// Purpose.\n// More.\n"));
        assert!(!opens_with_document("//! stub\npub fn x() {}\n"));
    }
}
