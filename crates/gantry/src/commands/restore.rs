//! `gantry restore FILE`: a new data directory from a backup.

use anyhow::{Result, bail};
use serde_json::json;

use crate::cli::Restore;
use crate::instance::Instance;
use crate::layout::Layout;
use crate::server;

pub fn run(layout: &Layout, options: &Restore, as_json: bool) -> Result<()> {
    if let Some(instance) = Instance::find(layout) {
        bail!(
            "a Gantry is running in {} (process {}): stop it first with gantry down",
            layout.data().display(),
            instance.pid
        );
    }
    if !options.file.exists() {
        bail!("there is no file {}", options.file.display());
    }
    let made = layout.create()?;
    server::restore(layout, &options.file)?;
    made.keep();
    layout.remove_empty_run_folders();
    let mut words = format!("restored {} into {}", options.file.display(), layout.data().display());
    if !layout.master_key().exists() {
        words += &format!(
            "\nPut the master key of the Gantry that was backed up at {} before you start it: secrets are sealed under it.",
            layout.master_key().display()
        );
    }
    super::say(
        as_json,
        &words,
        json!({ "data_dir": layout.data(), "master_key": layout.master_key().exists() }),
    );
    Ok(())
}
