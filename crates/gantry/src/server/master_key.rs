//! The master key, under which everything secret in the store is sealed: the instance's own, or the operator's.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_base::{Authority, Ids};
use gantry_service::Sealer;
use gantry_store::{Db, StoreError, Table, key};
use tokio::process::Command;

use crate::cli::MasterKey;
use crate::layout::{Layout, write_private};

/// A key.
pub type Key = [u8; Sealer::KEY_LENGTH];

/// A value that opens under the right key only, so that a wrong one is known before anything is sealed under it.
const CHECK: Table<String> = Table::new("gantry.master_key", 1);
const CHECK_CONTEXT: &str = "gantry/master-key";

/// How long the operator's command may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads the key from where the operator says, else from the data directory, where the first start makes it.
pub async fn read(layout: &Layout, asked: &MasterKey, ids: &dyn Ids) -> Result<Key> {
    match (&asked.master_key_file, &asked.master_key_command) {
        (Some(file), _) => {
            let bytes = private(file)?;
            parse(&bytes).ok_or_else(|| {
                let form = "a master key is 32 bytes, or 64 hexadecimal digits, or their base64";
                anyhow!("{} holds no master key: {form}", file.display())
            })
        }
        (None, Some(command)) => printed(command).await,
        (None, None) => own(&layout.master_key(), ids),
    }
}

/// Refuses a store without its key, before anything is opened or made.
pub fn expect(layout: &Layout, asked: &MasterKey) -> Result<()> {
    let file = layout.master_key();
    if asked.is_operators() || !layout.store().exists() || file.exists() {
        return Ok(());
    }
    bail!(
        "{} is missing, and secrets are sealed under it: put it back where the store in {} came from, or say \
         --master-key-file or --master-key-command as at the first start",
        file.display(),
        layout.store().display()
    )
}

/// The instance's own key, which the first start makes.
fn own(file: &Path, ids: &dyn Ids) -> Result<Key> {
    if file.exists() {
        let bytes = private(file)?;
        let key = bytes.as_slice().try_into();
        return key
            .map_err(|_| anyhow!("{} is not a master key: it has {} bytes", file.display(), bytes.len()));
    }
    let mut key = [0; Sealer::KEY_LENGTH];
    ids.fill(&mut key);
    write_private(file, &key)?;
    Ok(key)
}

/// What a file holds that nobody but its owner may read.
fn private(file: &Path) -> Result<Vec<u8>> {
    let missing = || format!("the master key {} can't be read", file.display());
    let mode = std::fs::metadata(file).with_context(missing)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!(
            "others may read the master key {} (mode {:04o}): chmod 600 it, and think of it as known",
            file.display(),
            mode & 0o7777
        );
    }
    std::fs::read(file).with_context(missing)
}

/// What the operator's command prints.
async fn printed(command: &str) -> Result<Key> {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(COMMAND_TIMEOUT, shell.output()).await;
    let output = output
        .map_err(|_| anyhow!("--master-key-command did not end within {COMMAND_TIMEOUT:?}"))?
        .context("--master-key-command can't be run")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("--master-key-command failed ({}): {}", output.status, said.trim());
    }
    parse(&output.stdout).ok_or_else(|| {
        anyhow!(
            "--master-key-command printed no master key: a master key is 32 bytes, or 64 hexadecimal digits, or \
             their base64, and it printed {} bytes",
            output.stdout.len()
        )
    })
}

/// A key as bytes, or as text.
fn parse(bytes: &[u8]) -> Option<Key> {
    if let Ok(key) = bytes.try_into() {
        return Some(key);
    }
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let decoded = if text.len() == 64 { hex::decode(text).ok() } else { BASE64.decode(text).ok() };
    decoded?.try_into().ok()
}

/// Whoever starts Gantry with the right key.
struct Start;

impl Authority for Start {
    fn describe(&self) -> String {
        "the start of this Gantry: the master key is the right one from now on".to_owned()
    }
}

/// Refuses a key under which the store's secrets do not open; the first start notes which one is right.
pub async fn check(db: &Db, sealer: &Sealer) -> Result<()> {
    let at = key!("check");
    loop {
        let mut tx = db.begin();
        if let Some(sealed) = tx.get(&CHECK, &at).await? {
            let opened =
                BASE64.decode(sealed).ok().and_then(|sealed| sealer.open(&sealed, CHECK_CONTEXT).ok());
            return opened.map(drop).ok_or_else(|| {
                anyhow!(
                    "this is not the master key that the store's secrets are sealed under: start with the same \
                     master.key, --master-key-file or --master-key-command as before"
                )
            });
        }
        tx.put(&CHECK, &at, &BASE64.encode(sealer.seal(b"right", CHECK_CONTEXT)));
        match tx.commit(&Start).await {
            Ok(_) => return Ok(()),
            // Another replica was first: its key is the right one.
            Err(StoreError::Conflict) => {}
            Err(other) => return Err(other.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use gantry_store::Redb;

    use super::*;

    #[test]
    fn keys_come_as_bytes_or_text() {
        let key: Key = std::array::from_fn(|at| at as u8 + 200);
        let digits = hex::encode(key);
        for form in [key.to_vec(), digits.clone().into_bytes(), format!("{digits}\n").into_bytes()] {
            assert_eq!(parse(&form), Some(key));
        }
        assert_eq!(parse(format!(" {}\n", BASE64.encode(key)).as_bytes()), Some(key));
        for none in [&b""[..], b"short", &key[..31], &digits.as_bytes()[..62]] {
            assert_eq!(parse(none), None);
        }
    }

    #[tokio::test]
    async fn a_command_prints_the_key_or_says_why_not() {
        let key = printed("printf '%064d' 0").await.unwrap();
        assert_eq!(key, [0; 32]);
        let failed = printed("echo no such vault >&2; exit 3").await.unwrap_err().to_string();
        assert!(failed.contains("no such vault"), "{failed}");
        let nothing = printed("true").await.unwrap_err().to_string();
        assert!(nothing.contains("printed no master key"), "{nothing}");
    }

    #[test]
    fn a_file_that_others_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        std::fs::write(&file, [7; 32]).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(private(&file).unwrap_err().to_string().contains("chmod 600"));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(private(&file).unwrap(), [7; 32]);
    }

    #[tokio::test]
    async fn a_wrong_key_is_refused() {
        let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
        check(&db, &Sealer::new(&[1; 32])).await.unwrap();
        check(&db, &Sealer::new(&[1; 32])).await.unwrap();
        let refused = check(&db, &Sealer::new(&[2; 32])).await.unwrap_err().to_string();
        assert!(refused.contains("not the master key"), "{refused}");
    }
}
