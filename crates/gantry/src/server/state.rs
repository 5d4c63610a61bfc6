//! What outlives the process: the store and the master key.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use gantry_base::{Clock, Ids, OsIds, SystemClock};
use gantry_service::Sealer;
use gantry_store::{Db, Etcd, Kv, Location, Options, Order, Range, Redb, StoreError};

use super::master_key;
use crate::cli::MasterKey;
use crate::layout::Layout;

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
    pub async fn open(layout: &Layout, asked: &MasterKey) -> Result<State> {
        master_key::expect(layout, asked)?;
        let engine = Redb::open(layout.store()).map_err(|error| match error {
            StoreError::Engine(why) => anyhow!(
                "{why}; if it is damaged, move {} aside and bring a backup back with gantry restore FILE",
                layout.store().display()
            ),
            other => other.into(),
        });
        let engine = Engine::Redb(Arc::new(engine?));
        // Nobody watches what containers say.
        let unwatched = Options { history_events: 0, ..Options::default() };
        let log_events = Redb::open_with(layout.logs(), unwatched).with_context(|| {
            format!(
                "what containers said can't be read; no backup holds it, so gantry restore does not bring it back: \
                 move {} aside to begin without it",
                layout.logs().display()
            )
        });
        Self::of(layout, asked, engine, Engine::Redb(Arc::new(log_events?))).await
    }

    /// Opens what replicas share. The master key and the authority are files that they must have in common.
    pub async fn shared(layout: &Layout, store: &Location, asked: &MasterKey) -> Result<State> {
        let etcd = Etcd::open(store).await?;
        let found = etcd.range(Range::new(vec![0], vec![0xff]), 1, Order::Ascending).await?;
        let (key, authority) = (layout.master_key(), layout.pki());
        let has_files = (asked.is_operators() || key.exists()) && authority.join("ca-key.pem").exists();
        if !found.kvs.is_empty() && !has_files {
            bail!(
                "the store has state already, and its replicas share a master key and an authority: copy {} and \
                 {} here from a replica, or from the Gantry that the state was moved from",
                key.display(),
                authority.display()
            );
        }
        let log_events = Engine::Etcd(Arc::new(etcd.beside("logs")));
        Self::of(layout, asked, Engine::Etcd(Arc::new(etcd)), log_events).await
    }

    async fn of(layout: &Layout, asked: &MasterKey, engine: Engine, log_events: Engine) -> Result<State> {
        let ids: Arc<dyn Ids> = Arc::new(OsIds);
        Ok(State {
            db: Db::new(engine.kv()),
            engine,
            log_events,
            sealer: Sealer::new(&master_key::read(layout, asked, &*ids).await?),
            clock: Arc::new(SystemClock),
            ids,
        })
    }

    /// Refuses a master key that is not the one that the store's secrets are sealed under.
    pub async fn check_master_key(&self) -> Result<()> {
        master_key::check(&self.db, &self.sealer).await
    }
}
