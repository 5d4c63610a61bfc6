//! The engine of a fleet: etcd, version 3.4 or newer.
//!
//! `cluster` finds a member that answers; `snapshot` reads; `write` makes a transaction take effect exactly
//! once although members die in the middle of it; `watch` follows and reconnects; `lease` grants and renews.
//!
//! Everything lies under one prefix: `PREFIX/d/` is what users of the engine see, `PREFIX/l/` are the lanes
//! by which `write` finds out what became of a transaction, `PREFIX/s/` are the sequences of appends.

mod cluster;
mod lease;
mod location;
mod snapshot;
mod watch;
mod write;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use gantry_etcd_api as api;

use self::cluster::{Cluster, Refusal};
pub use self::location::{Location, Tls};
use self::snapshot::At;
use self::write::Writes;
use crate::error::StoreError;
use crate::kv::{Compare, Kv, LeaseId, MAX_OPS, Op, Range, Revision, Snapshot, TxnOutcome, Watch, validate};

/// The etcd engine. Clones share their connections.
#[derive(Clone)]
pub struct Etcd {
    shared: Arc<Shared>,
}

struct Shared {
    cluster: Cluster,
    /// Where this store's keys begin.
    prefix: Bytes,
    writes: Writes,
}

/// What etcd's members must be started with, so that the largest transaction of the contract fits.
const FLAGS: &str = "--max-txn-ops=10000 --max-request-bytes=12582912";
/// What a request with the largest transaction may be in bytes.
const MAX_REQUEST: usize = 11 * 1024 * 1024;

impl Etcd {
    /// Opens the store in a cluster; refused where its limits are too small for the contract.
    pub async fn open(location: &Location) -> Result<Etcd, StoreError> {
        let prefix = Bytes::from([location.prefix.as_bytes(), b"/"].concat());
        let cluster = Cluster::of(location)?;
        let etcd = Etcd { shared: Arc::new(Shared { cluster, prefix, writes: Writes::new() }) };
        etcd.check_limits().await?;
        Ok(etcd)
    }

    /// The same cluster, with the keys under another name below this store's.
    pub fn beside(&self, name: &str) -> Etcd {
        let prefix = Bytes::from([&self.shared.prefix, name.as_bytes(), b"/"].concat());
        Etcd {
            shared: Arc::new(Shared { cluster: self.shared.cluster.clone(), prefix, writes: Writes::new() }),
        }
    }

    /// Why nothing can be written at the moment, if the last request found so.
    pub fn trouble(&self) -> Option<String> {
        self.shared.cluster.trouble()
    }

    /// Asks something small, so that [`Etcd::trouble`] is of now.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.revision().await.map(|_| ())
    }

    /// Two requests that change nothing and are as large as the largest that will come.
    async fn check_limits(&self) -> Result<(), StoreError> {
        let absent = |_| api::Compare {
            result: api::compare::CompareResult::Equal.into(),
            target: api::compare::CompareTarget::Mod.into(),
            key: self.shared.own(b"l/", b"none"),
            target_union: Some(api::compare::TargetUnion::ModRevision(0)),
            range_end: Bytes::new(),
        };
        let many = api::TxnRequest { compare: (0..MAX_OPS + 2).map(absent).collect(), ..Default::default() };
        self.ask_for_room(self.shared.cluster.txn(many).await.map(|_| ()))?;
        let large = api::RangeRequest {
            key: Bytes::from(vec![b'l'; MAX_REQUEST]),
            limit: 1,
            keys_only: true,
            serializable: true,
            ..Default::default()
        };
        self.ask_for_room(self.shared.cluster.range(large).await.map(|_| ()))
    }

    fn ask_for_room(&self, answer: Result<(), Refusal>) -> Result<(), StoreError> {
        match answer {
            Err(Refusal::TooLarge(why)) => Err(StoreError::Refused(format!(
                "etcd's members allow too little in one request ({why}): start each of them with {FLAGS}"
            ))),
            other => other.map_err(Refusal::into),
        }
    }
}

impl Shared {
    /// The key of this store as etcd has it.
    fn own(&self, area: &[u8], key: &[u8]) -> Bytes {
        [&self.prefix, area, key].concat().into()
    }
    fn data(&self, key: &[u8]) -> Bytes {
        self.own(b"d/", key)
    }
    /// The key as the users of the engine have it.
    fn bare(&self, key: &Bytes) -> Bytes {
        key.slice(self.prefix.len() + 2..)
    }
}

#[async_trait]
impl Kv for Etcd {
    async fn snapshot(&self) -> Result<Arc<dyn Snapshot>, StoreError> {
        Ok(Arc::new(At::now(self.shared.clone()).await?))
    }

    async fn txn(&self, compares: Vec<Compare>, ops: Vec<Op>) -> Result<TxnOutcome, StoreError> {
        validate(&ops)?;
        self.shared.txn(compares, ops).await
    }

    async fn watch(&self, range: Range, after: Revision) -> Result<Watch, StoreError> {
        watch::open(self.shared.clone(), range, after).await
    }

    async fn lease_grant(&self, ttl: Duration) -> Result<LeaseId, StoreError> {
        lease::grant(&self.shared.cluster, ttl).await
    }

    async fn lease_keep_alive(&self, lease: LeaseId) -> Result<Duration, StoreError> {
        lease::keep_alive(&self.shared.cluster, lease).await
    }

    async fn lease_revoke(&self, lease: LeaseId) -> Result<(), StoreError> {
        lease::revoke(&self.shared.cluster, lease).await
    }

    async fn compact(&self, revision: Revision) -> Result<(), StoreError> {
        match self.shared.cluster.compact(number(revision)).await {
            // It was done before.
            Ok(_) | Err(Refusal::Compacted) => Ok(()),
            Err(Refusal::Future) => Err(StoreError::Invalid(format!(
                "revision {revision} is still to come and can't be compacted"
            ))),
            Err(error) => Err(error.into()),
        }
    }
}

/// etcd counts with a sign.
fn number(revision: Revision) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

fn revision(number: i64) -> Revision {
    Revision::try_from(number).unwrap_or(0)
}

fn lease_id(number: i64) -> Option<LeaseId> {
    u64::try_from(number).ok().filter(|id| *id != 0).map(LeaseId)
}
