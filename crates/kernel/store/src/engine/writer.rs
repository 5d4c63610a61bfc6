//! The one writer: takes what waits, applies it in turn within one redb transaction, makes it durable, and
//! only then answers. While the disk works, the next group gathers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redb::{Database, ReadableDatabase, ReadableTable};
use tokio::sync::{mpsc, oneshot};

use super::apply::{Group, Written};
use super::layout::{LEASES, META, REVISION, Tables, number};
use super::medium::{RETRY, Trouble};
use super::{Shared, lock};
use crate::error::StoreError;
use crate::kv::{Compare, LeaseId, Op, Revision, TxnOutcome};

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked.
pub(super) enum Request {
    Txn { compares: Vec<Compare>, ops: Vec<Op>, reply: Reply<TxnOutcome> },
    Grant { ttl: Duration, reply: Reply<LeaseId> },
    Revoke { lease: LeaseId, reply: Reply<()> },
    Compact { revision: Revision, reply: Reply<()> },
    Expire { reply: Reply<()> },
    Clear { reply: Reply<()> },
}

/// What came of a request, once its group is durable.
pub(super) enum Outcome {
    Txn(Result<TxnOutcome, StoreError>),
    Grant(LeaseId),
    Done(Result<(), StoreError>),
}

impl Request {
    fn apply(&self, group: &mut Group<'_>) -> Result<Outcome, StoreError> {
        Ok(match self {
            Request::Txn { compares, ops, .. } => Outcome::Txn(group.txn(compares, ops)?),
            Request::Grant { ttl, .. } => Outcome::Grant(group.grant(*ttl)?),
            Request::Revoke { lease, .. } => Outcome::Done(group.revoke(*lease)?),
            Request::Compact { revision, .. } => Outcome::Done(group.compact(*revision)?),
            Request::Expire { .. } => Outcome::Done(Ok(())),
            Request::Clear { .. } => Outcome::Done(Ok(group.clear()?)),
        })
    }

    /// Answers. A caller that no longer waits is no error: its transaction stands all the same.
    fn answer(self, outcome: Result<Outcome, StoreError>) {
        match self {
            Request::Txn { reply, .. } => drop(reply.send(outcome.and_then(|outcome| match outcome {
                Outcome::Txn(outcome) => outcome,
                _ => unreachable!("`apply` gives each request its own kind of outcome"),
            }))),
            Request::Grant { reply, .. } => drop(reply.send(outcome.map(|outcome| match outcome {
                Outcome::Grant(lease) => lease,
                _ => unreachable!("`apply` gives each request its own kind of outcome"),
            }))),
            Request::Revoke { reply, .. }
            | Request::Compact { reply, .. }
            | Request::Expire { reply }
            | Request::Clear { reply } => drop(reply.send(outcome.and_then(|outcome| match outcome {
                Outcome::Done(outcome) => outcome,
                _ => unreachable!("`apply` gives each request its own kind of outcome"),
            }))),
        }
    }
}

/// What a database held when it was opened.
pub(super) struct Found {
    pub revision: Revision,
    pub leases: Vec<(LeaseId, Duration)>,
}

/// Makes the tables and reads what was there.
pub(super) fn prepare(database: &Database) -> Result<Found, StoreError> {
    let txn = database.begin_write()?;
    drop(Tables::open(&txn)?);
    txn.commit()?;
    find(database)
}

/// Reads what is there.
pub(super) fn find(database: &Database) -> Result<Found, StoreError> {
    let txn = database.begin_read()?;
    let leases = txn.open_table(LEASES)?;
    let leases = leases.iter()?.map(|entry| {
        let (lease, ttl) = entry?;
        Ok((LeaseId(lease.value()), Duration::from_millis(ttl.value())))
    });
    let leases = leases.collect::<Result<_, StoreError>>()?;
    Ok(Found { revision: number(&txn.open_table(META)?, REVISION)?, leases })
}

pub(super) struct Writer {
    shared: Arc<Shared>,
    requests: mpsc::Receiver<Request>,
    /// How many requests the last group had.
    last_group: usize,
}

/// How many requests one group takes at most.
const GROUP: usize = 512;
/// How many bytes of values one group takes before it is closed.
const GROUP_BYTES: usize = 16 * 1024 * 1024;

/// How long a group waits to become as large as the one before it.
const GATHER: Duration = Duration::from_millis(1);

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, requests: mpsc::Receiver<Request>) -> Writer {
        Writer { shared, requests, last_group: 0 }
    }

    pub(super) fn run(mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return tracing::error!(%error, "the store's writer has no timer, and stops"),
        };
        // Ends when every handle is gone and what was asked before is done.
        while let Some(group) = runtime.block_on(self.next_group()) {
            self.write(group);
        }
    }

    /// Waits for requests or for a lease to run out; `None` when no more can come.
    async fn next_group(&mut self) -> Option<Vec<Request>> {
        let now = (self.shared.options.time)();
        let again_at = lock(&self.shared.trouble).as_ref().map(|trouble| trouble.again_at);
        let deadline = match again_at {
            // Leases that have run out wait too, until their keys can be deleted.
            Some(again_at) => Some(now.saturating_add(again_at.saturating_duration_since(Instant::now()))),
            None => lock(&self.shared.leases).next_deadline(),
        };
        let first = match deadline {
            None => self.requests.recv().await?,
            Some(deadline) => {
                let left = deadline.saturating_sub((self.shared.options.time)());
                match tokio::time::timeout(left, self.requests.recv()).await {
                    Ok(request) => request?,
                    Err(_) => return Some(Vec::new()),
                }
            }
        };
        let mut bytes = size(&first);
        let mut group = vec![first];
        // Those who were answered with the last group are likely to ask again at once: the first of them to do
        // so waits for the others, and not they for its whole commit.
        let gathered = tokio::time::Instant::now() + GATHER;
        while group.len() < GROUP && bytes < GROUP_BYTES {
            let request = match self.requests.try_recv() {
                Ok(request) => request,
                Err(_) if group.len() >= self.last_group => break,
                Err(_) => match tokio::time::timeout_at(gathered, self.requests.recv()).await {
                    Ok(Some(request)) => request,
                    Ok(None) | Err(_) => break,
                },
            };
            bytes += size(&request);
            group.push(request);
        }
        self.last_group = group.len();
        Some(group)
    }

    fn write(&mut self, requests: Vec<Request>) {
        if let Err(why) = self.mend() {
            for request in requests {
                request.answer(Err(StoreError::Unavailable(why.clone())));
            }
            return;
        }
        match self.write_group(&requests) {
            Ok(outcomes) => {
                for (request, outcome) in requests.into_iter().zip(outcomes) {
                    request.answer(Ok(outcome));
                }
            }
            Err(error) => {
                tracing::error!(%error, requests = requests.len(), "the store could not write");
                let error = self.fail(error);
                for request in requests {
                    request.answer(Err(error.clone()));
                }
            }
        }
    }

    /// Has the store refuse writes until it can write again. The error to answer with.
    fn fail(&mut self, error: StoreError) -> StoreError {
        let shared = &self.shared;
        let why = error.to_string();
        *lock(&shared.trouble) = Some(Trouble { why: why.clone(), again_at: Instant::now() + RETRY });
        let before = shared.published.borrow().revision;
        // Reads of what is not in memory need the database opened anew.
        match shared.open_again() {
            // Now it is known that nothing was done.
            Ok(()) if shared.published.borrow().revision == before => StoreError::Unavailable(why),
            Ok(()) => error,
            Err(again) => {
                tracing::warn!(error = %again, "the store could not be opened again yet");
                error
            }
        }
    }

    /// Tries to write again after a failure, not too often; why it can't be yet.
    fn mend(&mut self) -> Result<(), String> {
        let shared = &self.shared;
        let why = match &mut *lock(&shared.trouble) {
            None => return Ok(()),
            Some(trouble) if Instant::now() < trouble.again_at => return Err(trouble.why.clone()),
            Some(trouble) => {
                trouble.again_at = Instant::now() + RETRY;
                trouble.why.clone()
            }
        };
        let room = shared.medium.has_room().map_err(|error| StoreError::Engine(error.to_string()));
        let mended = room.and_then(|()| shared.open_again()).and_then(|()| {
            // A write that changes nothing is proof enough.
            let txn = shared.begin_write()?;
            let mut tables = Tables::open(&txn)?;
            let revision = number(&tables.meta, REVISION)?;
            tables.meta.insert(REVISION, revision)?;
            drop(tables);
            Ok(txn.commit()?)
        });
        if let Err(error) = mended {
            tracing::debug!(%error, "the store can't write yet");
            return Err(why);
        }
        *lock(&shared.trouble) = None;
        tracing::info!("the store writes again");
        Ok(())
    }

    /// Applies the requests and makes them durable; on an error none is to be counted on.
    fn write_group(&mut self, requests: &[Request]) -> Result<Vec<Outcome>, StoreError> {
        let shared = self.shared.clone();
        let now = (shared.options.time)();
        let expired = lock(&shared.leases).take_expired(now);
        let txn = shared.begin_write()?;
        let mut group = Group::new(&shared, Tables::open(&txn)?)?;
        for lease in expired {
            // A lease that a request of the same moment has revoked is gone already.
            let _ = group.revoke(lease)?;
        }
        let mut outcomes = Vec::with_capacity(requests.len());
        for request in requests {
            outcomes.push(request.apply(&mut group)?);
        }
        match group.finish()? {
            Some(written) => {
                txn.commit()?;
                self.publish(written, now);
            }
            None => txn.abort()?,
        }
        Ok(outcomes)
    }

    /// Lets readers, watches and leases see what is now durable.
    fn publish(&mut self, written: Written, now: Duration) {
        let shared = &self.shared;
        {
            let mut leases = lock(&shared.leases);
            for (lease, ttl) in written.granted {
                leases.insert(lease, ttl, now);
            }
            for lease in written.revoked {
                leases.remove(lease);
            }
        }
        {
            let mut tail = lock(&shared.tail);
            for change in written.changes {
                tail.push(change);
            }
            tail.forget(written.compacted);
        }
        *lock(&shared.view) = None;
        shared.published.send_modify(|published| published.revision = written.revision);
    }
}

fn size(request: &Request) -> usize {
    match request {
        Request::Txn { ops, .. } => ops
            .iter()
            .map(|op| match op {
                Op::Put { value, .. } | Op::Append { value, .. } => value.len(),
                Op::Delete { .. } => 0,
            })
            .sum(),
        _ => 0,
    }
}
