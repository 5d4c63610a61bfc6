//! What outlives the process: the store and the master key.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use gantry_base::{Clock, Ids, OsIds, SystemClock};
use gantry_service::Sealer;
use gantry_store::{Db, Redb};

use crate::layout::{Layout, write_private};

/// The store, the sealer, and where time and randomness come from.
#[derive(Clone)]
pub struct State {
    pub db: Db,
    pub engine: Arc<Redb>,
    pub sealer: Sealer,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl State {
    /// Opens what is in the data directory, or makes it there. Refused while another process has it open.
    pub fn open(layout: &Layout) -> Result<State> {
        layout.create()?;
        if layout.store().exists() && !layout.master_key().exists() {
            bail!(
                "{} is missing, and secrets are sealed under it: put it back where the store in {} came from",
                layout.master_key().display(),
                layout.store().display()
            );
        }
        let engine = Arc::new(Redb::open(layout.store())?);
        let ids: Arc<dyn Ids> = Arc::new(OsIds);
        Ok(State {
            db: Db::new(engine.clone()),
            engine,
            sealer: Sealer::new(&master_key(&layout.master_key(), &*ids)?),
            clock: Arc::new(SystemClock),
            ids,
        })
    }
}

/// Reads the master key, or makes it at the first start.
fn master_key(file: &Path, ids: &dyn Ids) -> Result<[u8; Sealer::KEY_LENGTH]> {
    match std::fs::read(file) {
        Ok(bytes) => match bytes.as_slice().try_into() {
            Ok(key) => Ok(key),
            Err(_) => bail!("{} is not a master key: it has {} bytes", file.display(), bytes.len()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut key = [0; Sealer::KEY_LENGTH];
            ids.fill(&mut key);
            write_private(file, &key)?;
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| format!("{} can't be read", file.display())),
    }
}
