//! `gantry backup FILE`: a consistent copy of the control plane's state.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;

use anyhow::{Context, Result};
use serde_json::json;

use crate::cli::Backup;
use crate::control;
use crate::instance::Instance;
use crate::layout::Layout;
use crate::server;

pub fn run(layout: &Layout, options: &Backup, as_json: bool) -> Result<()> {
    let file = std::path::absolute(&options.file)?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)
        .with_context(|| format!("{} can't be made", file.display()))?;
    let written = match Instance::find(layout) {
        Some(_) => {
            let request = control::Request::Backup { file: file.clone() };
            super::runtime()?.block_on(control::ask(&layout.control(), &request)).map(|_| ())
        }
        None => server::backup_at_rest(layout, &file),
    };
    if let Err(error) = written {
        // Half a backup must not look like one.
        std::fs::remove_file(&file).with_context(|| format!("{} can't be removed", file.display()))?;
        return Err(error);
    }
    let bytes = std::fs::metadata(&file)?.len();
    let words = format!(
        "wrote {} ({bytes} bytes). It holds the control plane's state, with secrets sealed: keep {} beside it, but not with it.",
        file.display(),
        layout.master_key().display()
    );
    super::say(as_json, &words, json!({ "file": file, "bytes": bytes }));
    Ok(())
}
