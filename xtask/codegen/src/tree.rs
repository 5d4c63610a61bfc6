//! Brings a directory to what the generator wants, or says how it differs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// Makes the files below `dir` that are `ours` be exactly `wanted`. With `check`, changes nothing and fails
/// with the first difference.
pub fn settle(
    dir: &Path,
    wanted: &BTreeMap<PathBuf, String>,
    ours: impl Fn(&Path) -> bool,
    check: bool,
) -> anyhow::Result<()> {
    for path in files(dir)? {
        if ours(&path) && !wanted.contains_key(&path) {
            let path = dir.join(path);
            if check {
                bail!("{} is left over; run the generator", path.display());
            }
            fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
        }
    }
    for (path, text) in wanted {
        let path = dir.join(path);
        if fs::read_to_string(&path).is_ok_and(|present| present == *text) {
            continue;
        }
        if check {
            bail!("{} is stale; run the generator", path.display());
        }
        fs::create_dir_all(path.parent().expect("a file is in a directory"))?;
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(())
}

/// All files below `dir`, relative to it.
fn files(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut pending = vec![dir.to_path_buf()];
    while let Some(at) = pending.pop() {
        if !at.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&at).with_context(|| format!("list {}", at.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                pending.push(path);
            } else {
                found.push(path.strip_prefix(dir).expect("found below it").to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}
