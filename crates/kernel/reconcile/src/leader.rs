//! One leader among replicas: who holds a key that is bound to a lease.
//!
//! A leader that can't renew its lease in time stops before the lease runs out, by its own clock. Should it be
//! too late all the same, its writes fail: [`Fenced`] has each of them hold only while the key is as it was
//! when it was won.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use gantry_store::{Compare, Kv, LeaseId, Op, Range, Revision, Snapshot, StoreError, TxnOutcome, Watch};
use tokio_util::sync::CancellationToken;

/// The key that the leader holds; its value is who that is.
const KEY: &[u8] = b"c/leader";
/// How long after its last sign of life a leader is followed by another.
const TTL: Duration = Duration::from_secs(2);
/// How often a leader renews its lease.
const RENEWAL: Duration = Duration::from_millis(500);
/// When a leader that could not renew its lease stops: before another can begin.
const STOP_AFTER: Duration = Duration::from_millis(1400);
/// How soon a campaign that failed is begun again.
const RETRY: Duration = Duration::from_millis(300);

/// A term of leadership.
pub struct Term {
    /// The store as the leader writes to it.
    pub kv: Arc<dyn Kv>,
    /// Cancelled when the term ends.
    pub ended: CancellationToken,
    lease: LeaseId,
    engine: Arc<dyn Kv>,
}

/// Waits until this replica leads. Errors of the store are waited out.
pub async fn lead(engine: &Arc<dyn Kv>, replica: &str) -> Term {
    loop {
        match campaign(engine, replica).await {
            Ok(Some(term)) => return term,
            Ok(None) => {}
            Err(error) => {
                tracing::debug!(%error, "the campaign for leadership is begun again");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

/// Who leads, if anybody does.
pub async fn leader(engine: &dyn Kv) -> Result<Option<String>, StoreError> {
    let found = engine.get(Bytes::from_static(KEY)).await?;
    Ok(found.map(|kv| String::from_utf8_lossy(&kv.value).into_owned()))
}

async fn campaign(engine: &Arc<dyn Kv>, replica: &str) -> Result<Option<Term>, StoreError> {
    let key = Bytes::from_static(KEY);
    let now = engine.revision().await?;
    if engine.get(key.clone()).await?.is_some() {
        follow(engine, now).await?;
        return Ok(None);
    }
    let granted = Instant::now();
    let lease = engine.lease_grant(TTL).await?;
    let vacant = Compare::ModRevision { key: key.clone(), revision: 0 };
    let take = Op::Put { key: key.clone(), value: replica.to_owned().into(), lease: Some(lease) };
    match engine.txn(vec![vacant], vec![take]).await {
        Ok(TxnOutcome::Committed { revision }) => {
            let ended = CancellationToken::new();
            tokio::spawn(keep(engine.clone(), lease, granted, ended.clone()));
            let kv = Arc::new(Fenced { kv: engine.clone(), key, revision });
            tracing::info!(replica, revision, "this replica leads");
            Ok(Some(Term { kv, ended, lease, engine: engine.clone() }))
        }
        Ok(TxnOutcome::Failed) => {
            engine.lease_revoke(lease).await?;
            Ok(None)
        }
        Err(error) => {
            // Should it have been won after all, nobody is kept waiting for a leader that does not know it.
            if let Err(error) = engine.lease_revoke(lease).await {
                tracing::debug!(%error, "the lease runs out by itself");
            }
            Err(error)
        }
    }
}

/// Waits until the key of the leader changes.
async fn follow(engine: &Arc<dyn Kv>, after: Revision) -> Result<(), StoreError> {
    match engine.watch(Range::key(KEY), after).await?.next().await {
        None | Some(Ok(_) | Err(StoreError::Compacted { .. })) => Ok(()),
        Some(Err(error)) => Err(error),
    }
}

/// Renews the lease until the term ends, and ends it when that does not succeed in time.
async fn keep(engine: Arc<dyn Kv>, lease: LeaseId, granted: Instant, ended: CancellationToken) {
    let mut renewed = granted;
    loop {
        tokio::select! {
            () = ended.cancelled() => return,
            () = tokio::time::sleep(RENEWAL.min(STOP_AFTER.saturating_sub(renewed.elapsed()))) => {}
        }
        let begun = Instant::now();
        let left = STOP_AFTER.saturating_sub(renewed.elapsed());
        match tokio::time::timeout(left, engine.lease_keep_alive(lease)).await {
            Ok(Ok(_)) => renewed = begun,
            Ok(Err(StoreError::NoLease(_))) => break,
            Ok(Err(error)) => tracing::debug!(%error, "the leader's lease could not be renewed"),
            Err(_) => {}
        }
        if renewed.elapsed() >= STOP_AFTER {
            break;
        }
    }
    tracing::warn!("this replica leads no longer: its lease could not be renewed");
    ended.cancel();
}

impl Term {
    /// Gives the leadership up, so that another need not wait.
    pub async fn resign(self) {
        self.ended.cancel();
        if let Err(error) = self.engine.lease_revoke(self.lease).await {
            tracing::debug!(%error, "the leader's lease runs out by itself");
        }
    }
}

/// A store to which only the leader of one term can write.
struct Fenced {
    kv: Arc<dyn Kv>,
    key: Bytes,
    revision: Revision,
}

#[async_trait]
impl Kv for Fenced {
    async fn snapshot(&self) -> Result<Arc<dyn Snapshot>, StoreError> {
        self.kv.snapshot().await
    }

    async fn txn(&self, mut compares: Vec<Compare>, ops: Vec<Op>) -> Result<TxnOutcome, StoreError> {
        if !ops.is_empty() {
            compares.push(Compare::ModRevision { key: self.key.clone(), revision: self.revision });
        }
        self.kv.txn(compares, ops).await
    }

    async fn watch(&self, range: Range, after: Revision) -> Result<Watch, StoreError> {
        self.kv.watch(range, after).await
    }
    async fn lease_grant(&self, ttl: Duration) -> Result<LeaseId, StoreError> {
        self.kv.lease_grant(ttl).await
    }
    async fn lease_keep_alive(&self, lease: LeaseId) -> Result<Duration, StoreError> {
        self.kv.lease_keep_alive(lease).await
    }
    async fn lease_revoke(&self, lease: LeaseId) -> Result<(), StoreError> {
        self.kv.lease_revoke(lease).await
    }
    async fn compact(&self, revision: Revision) -> Result<(), StoreError> {
        self.kv.compact(revision).await
    }
}

#[cfg(test)]
mod tests {
    use gantry_store::{Options, Redb};

    use super::*;

    /// A store in which no lease runs out by itself, however slow the machine is.
    fn engine() -> Arc<dyn Kv> {
        let options = Options { time: Arc::new(|| Duration::ZERO), ..Options::default() };
        Arc::new(Redb::in_memory_with(options).unwrap())
    }

    fn put(key: &'static str) -> Vec<Op> {
        vec![Op::Put { key: key.into(), value: "".into(), lease: None }]
    }

    #[tokio::test]
    async fn there_is_one_leader_and_then_the_next() {
        let engine = engine();
        let first = lead(&engine, "one").await;
        assert_eq!(leader(&*engine).await.unwrap().as_deref(), Some("one"));
        let other = engine.clone();
        let second = tokio::spawn(async move { lead(&other, "two").await });
        assert!(matches!(first.kv.txn(vec![], put("a")).await, Ok(TxnOutcome::Committed { .. })));
        assert!(!second.is_finished(), "one leads");

        let late = first.kv.clone();
        first.resign().await;
        let second = tokio::time::timeout(Duration::from_secs(60), second).await.unwrap().unwrap();
        assert_eq!(leader(&*engine).await.unwrap().as_deref(), Some("two"));
        assert_eq!(late.txn(vec![], put("b")).await, Ok(TxnOutcome::Failed), "its term is over");
        assert!(engine.get("b".into()).await.unwrap().is_none());
        second.resign().await;
    }

    #[tokio::test]
    async fn who_loses_the_lease_ends_the_term() {
        let engine = engine();
        let term = lead(&engine, "one").await;
        engine.lease_revoke(term.lease).await.unwrap();
        tokio::time::timeout(Duration::from_secs(60), term.ended.cancelled()).await.unwrap();
        assert_eq!(term.kv.txn(vec![], put("a")).await, Ok(TxnOutcome::Failed));
    }
}
