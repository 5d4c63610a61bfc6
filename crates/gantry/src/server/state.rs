//! What outlives the process: the store and the master key.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use gantry_base::{Clock, Ids, OsIds, SystemClock};
use gantry_service::Sealer;
use gantry_store::{Db, Etcd, Kv, Location, Order, Range, Redb, StoreError};

use crate::layout::{Layout, write_private};

/// The store, the sealer, and where time and randomness come from.
#[derive(Clone)]
pub struct State {
    pub db: Db,
    pub engine: Engine,
    /// Where the events of CloudWatch Logs are.
    pub log_events: Engine,
    pub sealer: Sealer,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// Where rows are kept.
#[derive(Clone)]
pub enum Engine {
    /// In the data directory.
    Redb(Arc<Redb>),
    /// In a cluster that replicas share.
    Etcd(Arc<Etcd>),
}

impl Engine {
    pub fn kv(&self) -> Arc<dyn Kv> {
        match self {
            Engine::Redb(redb) => redb.clone(),
            Engine::Etcd(etcd) => etcd.clone(),
        }
    }

    /// Why it can't be written to at the moment, if so.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Engine::Redb(redb) => redb.trouble(),
            Engine::Etcd(etcd) => etcd.trouble(),
        }
    }

    /// The engine of a data directory: only that can be backed up and emptied.
    pub fn redb(&self) -> Result<&Arc<Redb>> {
        match self {
            Engine::Redb(redb) => Ok(redb),
            Engine::Etcd(_) => bail!(
                "the state is in etcd: back it up with etcdctl snapshot save, or stop the replicas and use \
                 gantry store move"
            ),
        }
    }
}

impl State {
    /// Opens what is in the data directory, or makes it there. Refused while another process has it open.
    pub fn open(layout: &Layout) -> Result<State> {
        if layout.store().exists() && !layout.master_key().exists() {
            bail!(
                "{} is missing, and secrets are sealed under it: put it back where the store in {} came from",
                layout.master_key().display(),
                layout.store().display()
            );
        }
        let engine = Redb::open(layout.store()).map_err(|error| match error {
            StoreError::Engine(why) => anyhow!(
                "{why}; if it is damaged, move {} aside and bring a backup back with gantry restore FILE",
                layout.store().display()
            ),
            other => other.into(),
        });
        let engine = Engine::Redb(Arc::new(engine?));
        let log_events = Redb::open(layout.logs()).with_context(|| {
            format!(
                "what containers said can't be read; no backup holds it, so gantry restore does not bring it back: \
                 move {} aside to begin without it",
                layout.logs().display()
            )
        });
        Self::of(layout, engine, Engine::Redb(Arc::new(log_events?)))
    }

    /// Opens what replicas share. The master key and the authority are files that they must have in common.
    pub async fn shared(layout: &Layout, store: &Location) -> Result<State> {
        let etcd = Etcd::open(store).await?;
        let found = etcd.range(Range::new(vec![0], vec![0xff]), 1, Order::Ascending).await?;
        let (key, authority) = (layout.master_key(), layout.pki());
        let has_files = key.exists() && authority.join("ca-key.pem").exists();
        if !found.kvs.is_empty() && !has_files {
            bail!(
                "the store has state already, and its replicas share a master key and an authority: copy {} and \
                 {} here from a replica, or from the Gantry that the state was moved from",
                key.display(),
                authority.display()
            );
        }
        let log_events = Engine::Etcd(Arc::new(etcd.beside("logs")));
        Self::of(layout, Engine::Etcd(Arc::new(etcd)), log_events)
    }

    fn of(layout: &Layout, engine: Engine, log_events: Engine) -> Result<State> {
        let ids: Arc<dyn Ids> = Arc::new(OsIds);
        Ok(State {
            db: Db::new(engine.kv()),
            engine,
            log_events,
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
