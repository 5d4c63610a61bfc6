//! Transactions that take effect exactly once.
//!
//! When a member dies in the middle of a transaction, no answer says whether it was done, and asking again
//! might do it twice. So each transaction also writes a mark to a lane, a key of its own for as long as it
//! takes, and holds only if nobody has written there since. Afterwards the lane tells: either it holds the
//! mark, then it was done; or we write to it ourselves, and then it can't be done any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use gantry_base::{Ids, OsIds};
use gantry_etcd_api as api;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard, Semaphore};
use tokio::time::Instant;

use super::cluster::{PATIENCE, Refusal};
use super::{Shared, lease, number, revision};
use crate::error::StoreError;
use crate::kv::{Compare, LeaseId, MAX_OPS, Op, Range, Revision, TxnOutcome};

/// How many transactions may be under way at once.
const LANES: usize = 64;
/// How long lanes stay after the last keep-alive: long after whoever wrote there is gone.
const LANE_TTL: Duration = Duration::from_secs(3600);
const LANE_RENEWAL: Duration = Duration::from_secs(600);
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// What writers share.
pub(super) struct Writes {
    /// Begins the names of our lanes.
    name: String,
    places: Semaphore,
    lanes: Mutex<Vec<Lane>>,
    made: std::sync::atomic::AtomicUsize,
    lease: Turn<Option<(LeaseId, Instant)>>,
    sequences: Mutex<BTreeMap<Bytes, Arc<Turn<Sequence>>>>,
}

struct Lane {
    key: Bytes,
    /// When it was written last; 0: never.
    revision: Revision,
}

/// Where the next append under a prefix goes.
#[derive(Clone, Copy, Default)]
struct Sequence {
    /// Whether the rest is known.
    known: bool,
    revision: Revision,
    next: u64,
}

impl Writes {
    pub(super) fn new() -> Writes {
        Writes {
            name: OsIds.hex(16),
            places: Semaphore::new(LANES),
            lanes: Mutex::default(),
            made: Default::default(),
            lease: Turn::default(),
            sequences: Mutex::default(),
        }
    }
}

impl Shared {
    pub(super) async fn txn(&self, compares: Vec<Compare>, ops: Vec<Op>) -> Result<TxnOutcome, StoreError> {
        let compares = self.compares(&compares)?;
        if !ops.iter().any(|op| !matches!(op, Op::Delete { .. })) {
            return self.deletes(compares, &ops).await;
        }
        let _place = self.writes.places.acquire().await.map_err(|_| StoreError::Closed)?;
        let mut lane = self.lane();
        let outcome = self.write(&mut lane, &compares, &ops).await;
        // Where it is not known what the lane holds, nobody uses it again.
        if !matches!(outcome, Err(StoreError::Engine(_))) {
            self.writes.lanes.lock().unwrap_or_else(PoisonError::into_inner).push(lane);
        }
        outcome
    }

    fn lane(&self) -> Lane {
        let kept = self.writes.lanes.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_else(|| {
            let number = self.writes.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let name = format!("{}/{number}", self.writes.name);
            Lane { key: self.own(b"l/", name.as_bytes()), revision: 0 }
        })
    }

    /// Only deletes need no lane: done again they change nothing. Whether they were done is said if it is known.
    async fn deletes(&self, compare: Vec<api::Compare>, ops: &[Op]) -> Result<TxnOutcome, StoreError> {
        let only_reads = ops.is_empty();
        let success = ops.iter().map(|op| match op {
            Op::Delete { key } | Op::Put { key, .. } | Op::Append { prefix: key, .. } => {
                delete(self.data(key))
            }
        });
        let guarded = !compare.is_empty();
        let request = api::TxnRequest { compare, success: success.collect(), failure: Vec::new() };
        let answer = match only_reads || !guarded {
            true => self.cluster.txn(request).await?,
            false => self.cluster.txn_once(request).await?,
        };
        Ok(match answer.succeeded {
            true => TxnOutcome::Committed { revision: revision(answer.header.unwrap_or_default().revision) },
            false => TxnOutcome::Failed,
        })
    }

    async fn write(
        &self,
        lane: &mut Lane,
        compares: &[api::Compare],
        ops: &[Op],
    ) -> Result<TxnOutcome, StoreError> {
        let deadline = Instant::now() + PATIENCE;
        let mut sequences = self.sequences(ops).await?;
        loop {
            let lease = self.lane_lease().await?;
            let mark = OsIds.hex(32);
            let mut request = api::TxnRequest {
                compare: compares.to_vec(),
                success: self.operations(ops, &sequences),
                failure: Vec::new(),
            };
            for (prefix, turn) in &sequences {
                let key = self.own(b"s/", prefix);
                request.compare.push(written_at(key.clone(), turn.revision));
                request.success.push(put(key.clone(), turn.next_after(ops, prefix).to_string().into(), None));
                request.failure.push(get(key));
            }
            request.compare.push(written_at(lane.key.clone(), lane.revision));
            request.success.push(put(lane.key.clone(), mark.clone().into(), Some(lease)));
            request.failure.push(get(lane.key.clone()));
            match self.cluster.txn_once(request).await {
                Ok(answer) if answer.succeeded => {
                    return Ok(self.done(lane, &mut sequences, ops, answer.header));
                }
                Ok(answer) => {
                    let on_lane = first(&answer).last().flatten().map_or(0, |kv| revision(kv.mod_revision));
                    // A lane whose lease ran out is as new.
                    let lane_is_behind = std::mem::replace(&mut lane.revision, on_lane) != on_lane;
                    if !refresh(&mut sequences, &answer) && !lane_is_behind {
                        return Ok(TxnOutcome::Failed);
                    }
                }
                Err(Refusal::NoLease) => self.find_lease(ops).await?,
                Err(refusal @ (Refusal::Unknown(_) | Refusal::NotNow(_))) => {
                    let nothing_sent = matches!(refusal, Refusal::NotNow(_));
                    if !nothing_sent && let Some(at) = self.settle(lane, &mark, lease, deadline).await? {
                        let header = api::ResponseHeader { revision: number(at), ..Default::default() };
                        return Ok(self.done(lane, &mut sequences, ops, Some(header)));
                    }
                    if Instant::now() > deadline {
                        // It was not done, and won't be.
                        return Err(Refusal::NotNow(StoreError::from(refusal).to_string()).into());
                    }
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                Err(refusal) => return Err(refusal.into()),
            }
        }
    }

    fn done(
        &self,
        lane: &mut Lane,
        sequences: &mut Sequences,
        ops: &[Op],
        header: Option<api::ResponseHeader>,
    ) -> TxnOutcome {
        let revision = revision(header.unwrap_or_default().revision);
        lane.revision = revision;
        for (prefix, sequence) in sequences {
            **sequence = Sequence { known: true, revision, next: sequence.next_after(ops, prefix) };
        }
        TxnOutcome::Committed { revision }
    }

    /// Finds out whether the transaction with the mark was done, and sees to it that it won't be if it was not.
    async fn settle(
        &self,
        lane: &mut Lane,
        mark: &str,
        lease: LeaseId,
        deadline: Instant,
    ) -> Result<Option<Revision>, StoreError> {
        // Our own marks on the lane: each attempt may be done late, too.
        let mut ours = BTreeSet::new();
        let mut why = String::new();
        while Instant::now() < deadline {
            let own = OsIds.hex(32);
            let request = api::TxnRequest {
                compare: vec![written_at(lane.key.clone(), lane.revision)],
                success: vec![put(lane.key.clone(), own.clone().into(), Some(lease))],
                failure: vec![get(lane.key.clone())],
            };
            ours.insert(own);
            match self.cluster.txn_once(request).await {
                Ok(answer) if answer.succeeded => {
                    lane.revision = revision(answer.header.unwrap_or_default().revision);
                    return Ok(None);
                }
                Ok(answer) => {
                    let Some(found) = first(&answer).next().flatten() else { break };
                    let at = revision(found.mod_revision);
                    if found.value == mark.as_bytes() {
                        return Ok(Some(at));
                    }
                    if !std::str::from_utf8(&found.value).is_ok_and(|value| ours.contains(value)) {
                        break;
                    }
                    lane.revision = at;
                    return Ok(None);
                }
                Err(Refusal::Unknown(text) | Refusal::NotNow(text)) => {
                    why = text;
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                Err(_) => break,
            }
        }
        Err(Refusal::Unknown(why).into())
    }

    /// The lease of our lanes, which is renewed by whoever comes when it is time.
    async fn lane_lease(&self) -> Result<LeaseId, StoreError> {
        let mut kept = self.writes.lease.lock().await;
        if let Some((lease, renewed)) = *kept {
            if renewed.elapsed() < LANE_RENEWAL {
                return Ok(lease);
            }
            match lease::keep_alive(&self.cluster, lease).await {
                Ok(_) => {
                    *kept = Some((lease, Instant::now()));
                    return Ok(lease);
                }
                Err(StoreError::NoLease(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let lease = lease::grant(&self.cluster, LANE_TTL).await?;
        *kept = Some((lease, Instant::now()));
        Ok(lease)
    }

    /// Tells which lease of the operations is gone; if none is, it was that of our lanes, and there will be another.
    async fn find_lease(&self, ops: &[Op]) -> Result<(), StoreError> {
        let leases: BTreeSet<LeaseId> = ops
            .iter()
            .filter_map(|op| match op {
                Op::Put { lease, .. } => *lease,
                _ => None,
            })
            .collect();
        for lease in leases {
            lease::keep_alive(&self.cluster, lease).await?;
        }
        *self.writes.lease.lock().await = None;
        Ok(())
    }

    fn compares(&self, compares: &[Compare]) -> Result<Vec<api::Compare>, StoreError> {
        let mut all = Vec::with_capacity(compares.len());
        for compare in compares {
            match compare {
                Compare::ModRevision { key, revision } => all.push(written_at(self.data(key), *revision)),
                Compare::Unchanged { range, since, seen } => {
                    all.extend(self.unwritten(range, *since));
                    all.extend(seen.iter().map(|(key, revision)| written_at(self.data(key), *revision)));
                }
            }
        }
        if all.len() > MAX_OPS {
            let what = "the number of rows that a transaction relies on";
            return Err(StoreError::TooLarge { what, size: all.len(), limit: MAX_OPS });
        }
        Ok(all)
    }

    /// No key of the range was written after the revision.
    fn unwritten(&self, range: &Range, since: Revision) -> Option<api::Compare> {
        (!range.is_empty()).then(|| api::Compare {
            result: api::compare::CompareResult::Less.into(),
            target: api::compare::CompareTarget::Mod.into(),
            key: self.data(&range.start),
            target_union: Some(api::compare::TargetUnion::ModRevision(number(since).saturating_add(1))),
            range_end: self.data(&range.end),
        })
    }

    fn operations(&self, ops: &[Op], sequences: &Sequences) -> Vec<api::RequestOp> {
        let operation = |(index, op): (usize, &Op)| match op {
            Op::Put { key, value, lease } => put(self.data(key), value.clone(), *lease),
            Op::Delete { key } => delete(self.data(key)),
            Op::Append { prefix, value } => {
                let at = sequences.get(prefix).map_or(0, |sequence| sequence.next);
                let key = [prefix, format!("{at:016x}{index:04x}").as_bytes()].concat();
                put(self.data(&key), value.clone(), None)
            }
        };
        ops.iter().enumerate().map(operation).collect()
    }

    /// The sequences of the prefixes under which something is appended, for this transaction alone in this process.
    async fn sequences(&self, ops: &[Op]) -> Result<Sequences, StoreError> {
        let prefixes: BTreeSet<&Bytes> = ops
            .iter()
            .filter_map(|op| match op {
                Op::Append { prefix, .. } => Some(prefix),
                _ => None,
            })
            .collect();
        let mut taken = Sequences::new();
        // In order, so that two that want the same ones don't wait for each other.
        for prefix in prefixes {
            let turn = {
                let mut all = self.writes.sequences.lock().unwrap_or_else(PoisonError::into_inner);
                all.entry(prefix.clone()).or_default().clone()
            };
            let mut sequence = turn.lock_owned().await;
            if !sequence.known {
                *sequence = self.read_sequence(prefix).await?;
            }
            taken.insert(prefix.clone(), sequence);
        }
        Ok(taken)
    }

    /// How far the appends under a prefix have come. Those of a store that was moved here count too.
    async fn read_sequence(&self, prefix: &Bytes) -> Result<Sequence, StoreError> {
        let key = self.own(b"s/", prefix);
        let range = Range::prefix(prefix);
        let last = api::RangeRequest {
            key: self.data(&range.start),
            range_end: self.data(&range.end),
            limit: 1,
            keys_only: true,
            sort_order: api::range_request::SortOrder::Descend.into(),
            sort_target: api::range_request::SortTarget::Key.into(),
            ..Default::default()
        };
        let last = api::RequestOp { request: Some(api::request_op::Request::RequestRange(last)) };
        let request = api::TxnRequest { success: vec![get(key), last], ..Default::default() };
        let answer = self.cluster.txn(request).await?;
        let mut found = first(&answer);
        let (counter, last) = (found.next().flatten(), found.next().flatten());
        let counted = counter.and_then(|kv| std::str::from_utf8(&kv.value).ok()?.parse().ok()).unwrap_or(0);
        let after_last = last.and_then(|kv| {
            let rest = kv.key.get(self.data(prefix).len()..)?.get(..16)?;
            u64::from_str_radix(std::str::from_utf8(rest).ok()?, 16).ok()?.checked_add(1)
        });
        let next = after_last.unwrap_or(0).max(counted);
        Ok(Sequence { known: true, revision: counter.map_or(0, |kv| revision(kv.mod_revision)), next })
    }
}

type Sequences = BTreeMap<Bytes, OwnedMutexGuard<Sequence>>;

impl Sequence {
    fn next_after(&self, ops: &[Op], prefix: &Bytes) -> u64 {
        let some = ops.iter().any(|op| matches!(op, Op::Append { prefix: own, .. } if own == prefix));
        self.next + u64::from(some)
    }
}

/// Takes over how far others have come; whether any had.
fn refresh(sequences: &mut Sequences, answer: &api::TxnResponse) -> bool {
    let mut behind = false;
    for (sequence, found) in sequences.values_mut().zip(first(answer)) {
        let written = found.map_or(0, |kv| revision(kv.mod_revision));
        if written != sequence.revision {
            behind = true;
            let next = found.and_then(|kv| std::str::from_utf8(&kv.value).ok()?.parse().ok());
            **sequence = Sequence { known: true, revision: written, next: next.unwrap_or(sequence.next) };
        }
    }
    behind
}

/// The first row that each read of the answer found.
fn first(answer: &api::TxnResponse) -> impl Iterator<Item = Option<&api::KeyValue>> {
    answer.responses.iter().map(|response| match &response.response {
        Some(api::response_op::Response::ResponseRange(range)) => range.kvs.first(),
        _ => None,
    })
}

fn written_at(key: Bytes, revision: Revision) -> api::Compare {
    api::Compare {
        result: api::compare::CompareResult::Equal.into(),
        target: api::compare::CompareTarget::Mod.into(),
        key,
        target_union: Some(api::compare::TargetUnion::ModRevision(number(revision))),
        range_end: Bytes::new(),
    }
}

fn operation(request: api::request_op::Request) -> api::RequestOp {
    api::RequestOp { request: Some(request) }
}

fn put(key: Bytes, value: Bytes, lease: Option<LeaseId>) -> api::RequestOp {
    let lease = lease.map_or(0, |lease| number(lease.0));
    operation(api::request_op::Request::RequestPut(api::PutRequest { key, value, lease }))
}

fn delete(key: Bytes) -> api::RequestOp {
    let request = api::DeleteRangeRequest { key, ..Default::default() };
    operation(api::request_op::Request::RequestDeleteRange(request))
}

fn get(key: Bytes) -> api::RequestOp {
    let request = api::RangeRequest { key, ..Default::default() };
    operation(api::request_op::Request::RequestRange(request))
}
