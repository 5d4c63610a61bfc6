//! The contract of [`Kv`] against a naive model, over random sequences of requests. Any engine can be put to
//! it by a [`Harness`].

mod etcd;
mod redb;
mod steps;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{FutureExt, StreamExt};
use gantry_store::{
    Change, Compare, Event, KeyValue, Kv, LeaseId, Op, Order, Range, Revision, Snapshot, StoreError,
    TxnOutcome, Watch,
};
use proptest::prelude::*;
use proptest::sample::Index;

use self::etcd::EtcdHarness;
use self::redb::RedbHarness;
use crate::members::Members;

use self::steps::{Guess, Step, Write, everything, key, range, steps};

/// An engine under test.
#[async_trait::async_trait]
trait Harness {
    fn kv(&self) -> &dyn Kv;
    /// Lets time pass for leases.
    async fn advance(&self, time: Duration);
    /// Stops the engine and starts it over the same data; `false` if this engine has none that stays.
    async fn reopen(&mut self) -> bool;
}

type State = BTreeMap<Bytes, KeyValue>;

struct Lease {
    ttl: Duration,
    deadline: Duration,
}

struct Followed {
    watch: Watch,
    range: Range,
    after: Revision,
}

/// What the store should be.
struct Model {
    /// The state at each revision, from that of an empty store on; the last is the present.
    states: Vec<(Revision, State)>,
    changes: Vec<Change>,
    compacted: Revision,
    leases: BTreeMap<LeaseId, Lease>,
    /// Every lease that ever was.
    granted: Vec<LeaseId>,
    now: Duration,
}

impl Model {
    fn new(revision: Revision) -> Model {
        Model {
            states: vec![(revision, State::new())],
            changes: Vec::new(),
            compacted: 0,
            leases: BTreeMap::new(),
            granted: Vec::new(),
            now: Duration::ZERO,
        }
    }

    fn revision(&self) -> Revision {
        self.states.last().unwrap().0
    }

    fn state(&self) -> &State {
        &self.states.last().unwrap().1
    }

    fn apply(&mut self, change: Change) {
        let mut state = self.state().clone();
        for event in &change.events {
            match event {
                Event::Put(kv) => state.insert(kv.key.clone(), kv.clone()),
                Event::Delete { key, .. } => state.remove(key),
            };
        }
        self.states.push((change.revision, state));
        self.changes.push(change);
    }

    fn in_range(state: &State, range: &Range) -> Vec<KeyValue> {
        state.values().filter(|kv| range.contains(&kv.key)).cloned().collect()
    }

    /// The changes in the range after the revision.
    fn expected(&self, range: &Range, after: Revision) -> Vec<Change> {
        let changes = self.changes.iter().filter(|change| change.revision > after);
        let within = changes.map(|change| Change {
            revision: change.revision,
            events: change.events.iter().filter(|event| range.contains(event.key())).cloned().collect(),
        });
        within.filter(|change| !change.events.is_empty()).collect()
    }

    fn leased(&self, lease: LeaseId) -> Vec<Bytes> {
        let bound = self.state().values().filter(|kv| kv.lease == Some(lease));
        bound.map(|kv| kv.key.clone()).collect()
    }
}

/// Whether a request must succeed.
#[derive(PartialEq, Clone, Copy, Debug)]
enum Verdict {
    Must,
    May,
    MustNot,
}

struct Check<H> {
    harness: H,
    model: Model,
    /// Sees everything that happens.
    all: Watch,
    held: Vec<(Arc<dyn Snapshot>, State)>,
    followed: Vec<Followed>,
    appended: BTreeMap<Bytes, Bytes>,
}

impl<H: Harness> Check<H> {
    async fn new(harness: H) -> Self {
        let revision = harness.kv().revision().await.unwrap();
        let all = harness.kv().watch(everything(), revision).await.unwrap();
        let model = Model::new(revision);
        Check { harness, model, all, held: Vec::new(), followed: Vec::new(), appended: BTreeMap::new() }
    }

    async fn next_change(&mut self) -> Change {
        let next = tokio::time::timeout(Duration::from_secs(20), self.all.next()).await;
        next.expect("a change that was acknowledged is seen").unwrap().unwrap()
    }

    async fn step(&mut self, step: &Step) {
        match step {
            Step::Txn(guesses, writes) => self.txn(guesses, writes).await,
            Step::Range(a, b, limit, up) => self.range(range(*a, *b), *limit, *up).await,
            Step::Get(keys) => {
                let keys: Vec<_> = keys.iter().map(|k| key(*k)).collect();
                let found = self.harness.kv().snapshot().await.unwrap().get_many(&keys).await.unwrap();
                let expected: Vec<_> = keys.iter().map(|key| self.model.state().get(key).cloned()).collect();
                assert_eq!(found, expected);
            }
            Step::Grant(seconds) => {
                let ttl = Duration::from_secs((*seconds).into());
                let lease = self.harness.kv().lease_grant(ttl).await.unwrap();
                let deadline = self.model.now + ttl;
                assert!(self.model.leases.insert(lease, Lease { ttl, deadline }).is_none(), "a new lease");
                self.model.granted.push(lease);
            }
            Step::Revoke(at) => self.revoke(at).await,
            Step::KeepAlive(at) if !self.model.granted.is_empty() => {
                let lease = *at.get(&self.model.granted);
                let answer = self.harness.kv().lease_keep_alive(lease).await;
                match self.model.leases.get_mut(&lease) {
                    Some(found) => {
                        found.deadline = self.model.now + found.ttl;
                        assert_eq!(answer, Ok(found.ttl));
                    }
                    None => assert_eq!(answer, Err(StoreError::NoLease(lease))),
                }
            }
            Step::Advance(seconds) => self.advance(Duration::from_secs((*seconds).into())).await,
            Step::Hold => {
                let snapshot = self.harness.kv().snapshot().await.unwrap();
                assert_eq!(snapshot.revision(), self.model.revision());
                self.held.push((snapshot, self.model.state().clone()));
            }
            Step::Recheck(at) if !self.held.is_empty() => {
                let (snapshot, state) = at.get(&self.held);
                match snapshot.range(&everything(), usize::MAX, Order::Ascending).await {
                    Ok(page) => assert_eq!(page.kvs, state.values().cloned().collect::<Vec<_>>()),
                    // An engine's snapshot may end with the history.
                    Err(error) => {
                        assert_eq!(error, StoreError::Conflict);
                        assert!(snapshot.revision() < self.model.compacted, "the history has it");
                    }
                }
            }
            Step::Watch(a, b, at) => self.watch(range(*a, *b), at).await,
            Step::Follow(at) if !self.followed.is_empty() => self.follow(at.index(self.followed.len())).await,
            Step::Compact(at) => {
                let revision = at.get(&self.model.states).0;
                self.harness.kv().compact(revision).await.unwrap();
                self.model.compacted = self.model.compacted.max(revision);
                let future = self.model.revision() + 1;
                assert!(matches!(self.harness.kv().compact(future).await, Err(StoreError::Invalid(_))));
            }
            Step::Reopen => self.reopen().await,
            Step::KeepAlive(_) | Step::Recheck(_) | Step::Follow(_) => {}
        }
        assert_eq!(self.harness.kv().revision().await.unwrap(), self.model.revision());
    }

    async fn range(&self, range: Range, limit: usize, ascending: bool) {
        let order = if ascending { Order::Ascending } else { Order::Descending };
        let page = self.harness.kv().range(range.clone(), limit, order).await.unwrap();
        let mut expected = Model::in_range(self.model.state(), &range);
        if !ascending {
            expected.reverse();
        }
        assert_eq!(page.more, expected.len() > limit);
        expected.truncate(limit);
        assert_eq!(page.kvs, expected);
        assert_eq!(page.revision, self.model.revision());
    }

    fn compare(&self, guess: &Guess) -> (Compare, Verdict) {
        match guess {
            Guess::Key(k, now) => {
                let key = key(*k);
                let found = self.model.state().get(&key).map_or(0, |kv| kv.mod_revision);
                let revision = if *now { found } else { found.wrapping_sub(1) };
                let verdict = if *now { Verdict::Must } else { Verdict::MustNot };
                (Compare::ModRevision { key, revision }, verdict)
            }
            Guess::Unchanged(a, b, at) => {
                let (since, then) = at.get(&self.model.states);
                let range = range(*a, *b);
                let before = Model::in_range(then, &range);
                let verdict = if self.model.expected(&range, *since).is_empty() {
                    Verdict::Must
                } else if before == Model::in_range(self.model.state(), &range) {
                    Verdict::May
                } else {
                    Verdict::MustNot
                };
                let seen = before.into_iter().map(|kv| (kv.key, kv.mod_revision)).collect();
                (Compare::Unchanged { range, since: *since, seen }, verdict)
            }
        }
    }

    async fn txn(&mut self, guesses: &[Guess], writes: &[Write]) {
        let compares: Vec<_> = guesses.iter().map(|guess| self.compare(guess)).collect();
        let verdict = |wanted| compares.iter().any(|(_, verdict)| *verdict == wanted);
        let ops: Vec<_> = writes.iter().map(|write| self.op(write)).collect();
        let mut named: Vec<_> = ops.iter().filter_map(named_key).collect();
        let count = named.len();
        named.sort();
        named.dedup();
        let compares_only = compares.iter().map(|(compare, _)| compare.clone()).collect();
        let outcome = self.harness.kv().txn(compares_only, ops.clone()).await;
        if named.len() < count {
            assert!(matches!(outcome, Err(StoreError::Invalid(_))), "{outcome:?}");
            return;
        }
        if verdict(Verdict::MustNot) || outcome == Ok(TxnOutcome::Failed) {
            assert!(verdict(Verdict::MustNot) || verdict(Verdict::May), "{compares:?}");
            assert_eq!(outcome, Ok(TxnOutcome::Failed), "{compares:?}");
            return;
        }
        let absent = ops.iter().find_map(|op| match op {
            Op::Put { lease: Some(lease), .. } if !self.model.leases.contains_key(lease) => Some(*lease),
            _ => None,
        });
        if let Some(lease) = absent {
            assert!(matches!(outcome, Err(StoreError::NoLease(_))), "{lease} is gone, but {outcome:?}");
            return;
        }
        let changes = ops.iter().any(|op| match op {
            Op::Delete { key } => self.model.state().contains_key(key),
            _ => true,
        });
        let revision = self.model.revision() + u64::from(changes);
        assert_eq!(outcome, Ok(TxnOutcome::Committed { revision }));
        if changes {
            let seen = self.next_change().await;
            let expected = self.change(revision, &ops, &seen);
            assert_eq!(seen, expected);
            self.model.apply(expected);
        }
    }

    fn op(&self, write: &Write) -> Op {
        let value = |v: &u16| Bytes::from(v.to_string());
        match write {
            Write::Put(k, v, lease) => {
                let granted = Some(&self.model.granted).filter(|granted| !granted.is_empty());
                let lease = lease.and_then(|at| granted.map(|granted| *at.get(granted)));
                Op::Put { key: key(*k), value: value(v), lease }
            }
            Write::Delete(k) => Op::Delete { key: key(*k) },
            Write::Append(k, v) => {
                Op::Append { prefix: Bytes::from([b"o/", key(*k).as_ref(), b"/"].concat()), value: value(v) }
            }
        }
    }

    /// What the operations should do. The keys of appends are the engine's choice, and taken from `seen`.
    fn change(&mut self, revision: Revision, ops: &[Op], seen: &Change) -> Change {
        let mut state = self.model.state().clone();
        let mut events = Vec::new();
        for op in ops {
            let (key, value, lease) = match op {
                Op::Put { key, value, lease } => (key.clone(), value.clone(), *lease),
                Op::Append { prefix, value } => {
                    let key = seen.events.get(events.len()).expect("an event for it").key().clone();
                    assert!(key.starts_with(prefix) && key.len() > prefix.len(), "{key:?}");
                    let before = self.appended.insert(prefix.clone(), key.clone());
                    assert!(before.is_none_or(|before| before < key), "appends sort as they commit");
                    (key, value.clone(), None)
                }
                Op::Delete { key } => {
                    if state.remove(key).is_some() {
                        events.push(Event::Delete { key: key.clone(), revision });
                    }
                    continue;
                }
            };
            let create_revision = state.get(&key).map_or(revision, |kv| kv.create_revision);
            let kv = KeyValue { key: key.clone(), value, create_revision, mod_revision: revision, lease };
            state.insert(key, kv.clone());
            events.push(Event::Put(kv));
        }
        Change { revision, events }
    }

    async fn revoke(&mut self, at: &Index) {
        let Some(lease) = (!self.model.granted.is_empty()).then(|| *at.get(&self.model.granted)) else {
            return;
        };
        let answer = self.harness.kv().lease_revoke(lease).await;
        if self.model.leases.remove(&lease).is_none() {
            return assert_eq!(answer, Err(StoreError::NoLease(lease)));
        }
        assert_eq!(answer, Ok(()));
        let keys = self.model.leased(lease);
        if !keys.is_empty() {
            self.lease_ended(keys).await;
        }
    }

    /// The next change is that these keys are gone.
    async fn lease_ended(&mut self, keys: Vec<Bytes>) {
        let change = self.next_change().await;
        let revision = self.model.revision() + 1;
        let mut deletes = keys.into_iter().map(|key| Event::Delete { key, revision }).collect::<Vec<_>>();
        deletes.sort_by(|a, b| a.key().cmp(b.key()));
        let mut seen = change.events.clone();
        seen.sort_by(|a, b| a.key().cmp(b.key()));
        assert_eq!((change.revision, seen), (revision, deletes));
        self.model.apply(change);
    }

    async fn advance(&mut self, time: Duration) {
        self.model.now += time;
        let now = self.model.now;
        self.harness.advance(time).await;
        let (ended, running) = std::mem::take(&mut self.model.leases)
            .into_iter()
            .partition::<BTreeMap<_, _>, _>(|(_, lease)| lease.deadline <= now);
        self.model.leases = running;
        // Leases that end in one moment may end in any order.
        let mut ended: Vec<_> = ended.keys().map(|lease| self.model.leased(*lease)).collect();
        ended.retain(|keys| !keys.is_empty());
        while !ended.is_empty() {
            let kv = self.harness.kv();
            let mut watch = kv.watch(everything(), self.model.revision()).await.unwrap();
            let first =
                tokio::time::timeout(Duration::from_secs(20), watch.next()).await.expect("a lease ends");
            let first = first.unwrap().unwrap();
            let at = ended.iter().position(|keys| keys.contains(first.events[0].key())).expect("of a lease");
            let keys = ended.swap_remove(at);
            self.lease_ended(keys).await;
        }
    }

    async fn watch(&mut self, range: Range, at: &Index) {
        let after = at.get(&self.model.states).0;
        match self.harness.kv().watch(range.clone(), after).await {
            Ok(watch) => self.followed.push(Followed { watch, range, after }),
            Err(error) => {
                assert!(after < self.model.compacted, "{error}");
                assert_eq!(error, StoreError::Compacted { compacted: self.model.compacted });
            }
        }
    }

    async fn follow(&mut self, at: usize) {
        let followed = &mut self.followed[at];
        let expected = self.model.expected(&followed.range, followed.after);
        for expected in expected {
            let next = tokio::time::timeout(Duration::from_secs(20), followed.watch.next()).await;
            match next.expect("the watch goes on").expect("the watch does not just end") {
                Ok(change) => {
                    assert_eq!(change, expected);
                    followed.after = change.revision;
                }
                Err(StoreError::Compacted { .. }) => {
                    assert!(followed.after < self.model.compacted);
                    assert!(followed.watch.next().await.is_none(), "it ends with the error");
                    self.followed.swap_remove(at);
                    return;
                }
                Err(error) => panic!("{error}"),
            }
        }
        match followed.watch.next().now_or_never() {
            None => {}
            // Changes elsewhere that it had not looked at may be gone.
            Some(Some(Err(StoreError::Compacted { .. }))) if followed.after < self.model.compacted => {
                self.followed.swap_remove(at);
            }
            Some(other) => panic!("nothing more has happened, but {other:?}"),
        }
    }

    async fn reopen(&mut self) {
        self.held.clear();
        self.followed.clear();
        self.all = futures::stream::empty().boxed();
        if self.harness.reopen().await {
            for lease in self.model.leases.values_mut() {
                lease.deadline = self.model.now + lease.ttl;
            }
        }
        self.all = self.harness.kv().watch(everything(), self.model.revision()).await.unwrap();
        self.range(everything(), usize::MAX, true).await;
    }
}

fn named_key(op: &Op) -> Option<Bytes> {
    match op {
        Op::Put { key, .. } | Op::Delete { key } => Some(key.clone()),
        Op::Append { .. } => None,
    }
}

fn check(harness: impl Harness, steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(check_all(harness, steps));
}

async fn check_all(harness: impl Harness, steps: &[Step]) {
    let mut check = Check::new(harness).await;
    for step in steps {
        check.step(step).await;
    }
}

/// One member for all cases, each with keys of its own. Time is etcd's, so leases are made long.
#[test]
fn etcd_keeps_the_contract() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let members = runtime.block_on(Members::start(1));
    let cases = std::cell::Cell::new(0);
    let config = ProptestConfig { cases: 25, failure_persistence: None, ..ProptestConfig::default() };
    let checked = proptest::test_runner::TestRunner::new(config).run(&steps(), |steps| {
        cases.set(cases.get() + 1);
        let steps = steps.into_iter().filter(|step| !matches!(step, Step::Advance(_)));
        let steps: Vec<_> = steps
            .map(|step| match step {
                Step::Grant(seconds) => Step::Grant(seconds + 200),
                other => other,
            })
            .collect();
        runtime.block_on(async {
            let harness = EtcdHarness::new(members.location(&format!("case{}", cases.get()))).await;
            check_all(harness, &steps).await;
        });
        Ok(())
    });
    checked.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn redb_in_memory_keeps_the_contract(steps in steps()) {
        check(RedbHarness::new(false, 1000), &steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn redb_on_disk_keeps_the_contract(steps in steps()) {
        check(RedbHarness::new(true, 1_000_000), &steps);
    }
}
