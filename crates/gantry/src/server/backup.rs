//! Backups of the control plane's state, and data directories made from them.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gantry_store::Redb;
use serde_json::{Value, json};

use super::state::State;
use crate::layout::Layout;

/// Writes a backup while Gantry runs.
pub async fn backup(state: &State, file: PathBuf) -> Result<Value> {
    let engine = state.engine.redb()?.clone();
    let written = tokio::task::spawn_blocking(move || write(&engine, &file));
    written.await.context("the backup ended badly")??;
    Ok(json!({ "written": true }))
}

/// Writes a backup of a data directory in which no Gantry runs.
pub fn backup_at_rest(layout: &Layout, file: &Path) -> Result<()> {
    if !layout.store().exists() {
        anyhow::bail!("there is no Gantry in {}", layout.data().display());
    }
    write(&Redb::open(layout.store())?, file)
}

fn write(engine: &Redb, file: &Path) -> Result<()> {
    let to = File::options().write(true).open(file);
    let to = to.with_context(|| format!("{} can't be written", file.display()))?;
    engine.backup(&to)?;
    to.sync_all().with_context(|| format!("{} can't be written", file.display()))
}

/// Makes the store of a data directory from a backup. Refused where there is a store already.
pub fn restore(layout: &Layout, file: &Path) -> Result<()> {
    gantry_store::restore(file, &layout.store())?;
    Ok(())
}
