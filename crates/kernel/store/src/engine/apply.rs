//! What one group of requests does to the tables, each request seeing those before it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use redb::ReadableTable;

use super::layout::{
    COMPACTED, HISTORY_BYTES, HISTORY_EVENTS, Head, LAST_LEASE, REVISION, Tables, history_entry, number,
    split_entry,
};
use super::{Shared, lock};
use crate::error::StoreError;
use crate::kv::{Change, Compare, Event, KeyValue, LeaseId, Op, Range, Revision, TxnOutcome};

/// A request's own outcome within a failure of the database, which fails the whole group.
type Applied<T> = Result<Result<T, StoreError>, StoreError>;

pub(super) struct Group<'t> {
    shared: &'t Shared,
    tables: Tables<'t>,
    counts: Counts,
    before: Counts,
    written: Written,
}

/// What a group has written, for those who read from memory.
#[derive(Default)]
pub(super) struct Written {
    pub revision: Revision,
    pub compacted: Revision,
    pub changes: Vec<Arc<Change>>,
    pub granted: Vec<(LeaseId, Duration)>,
    pub revoked: Vec<LeaseId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    revision: Revision,
    compacted: Revision,
    history_events: u64,
    history_bytes: u64,
    last_lease: u64,
}

impl<'t> Group<'t> {
    pub(super) fn new(shared: &'t Shared, tables: Tables<'t>) -> Result<Self, StoreError> {
        let counts = Counts {
            revision: number(&tables.meta, REVISION)?,
            compacted: number(&tables.meta, COMPACTED)?,
            history_events: number(&tables.meta, HISTORY_EVENTS)?,
            history_bytes: number(&tables.meta, HISTORY_BYTES)?,
            last_lease: number(&tables.meta, LAST_LEASE)?,
        };
        Ok(Group { shared, tables, counts, before: counts, written: Written::default() })
    }

    pub(super) fn txn(&mut self, compares: &[Compare], ops: &[Op]) -> Applied<TxnOutcome> {
        for compare in compares {
            if !self.holds(compare)? {
                return Ok(Ok(TxnOutcome::Failed));
            }
        }
        for op in ops {
            if let Op::Put { lease: Some(lease), .. } = op
                && self.tables.leases.get(lease.0)?.is_none()
            {
                return Ok(Err(StoreError::NoLease(*lease)));
            }
        }
        let revision = self.counts.revision + 1;
        let mut events = Vec::with_capacity(ops.len());
        for (index, op) in ops.iter().enumerate() {
            match op {
                Op::Put { key, value, lease } => events.push(self.put(revision, key, value, *lease)?),
                Op::Delete { key } => events.extend(self.delete(revision, key)?),
                Op::Append { prefix, value } => {
                    let suffix = format!("{revision:016x}{index:04x}");
                    let key = Bytes::from([prefix, suffix.as_bytes()].concat());
                    events.push(self.put(revision, &key, value, None)?);
                }
            }
        }
        self.record(revision, events)?;
        Ok(Ok(TxnOutcome::Committed { revision: self.counts.revision }))
    }

    pub(super) fn grant(&mut self, ttl: Duration) -> Result<LeaseId, StoreError> {
        self.counts.last_lease += 1;
        let lease = LeaseId(self.counts.last_lease);
        let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        self.tables.leases.insert(lease.0, millis)?;
        self.written.granted.push((lease, ttl));
        Ok(lease)
    }

    pub(super) fn revoke(&mut self, lease: LeaseId) -> Applied<()> {
        if self.tables.leases.remove(lease.0)?.is_none() {
            return Ok(Err(StoreError::NoLease(lease)));
        }
        self.written.revoked.push(lease);
        let bound = self.tables.lease_keys.range((lease.0, [].as_slice())..(lease.0 + 1, [].as_slice()))?;
        let keys = bound.map(|entry| Ok(Bytes::copy_from_slice(entry?.0.value().1)));
        let keys = keys.collect::<Result<Vec<_>, StoreError>>()?;
        let revision = self.counts.revision + 1;
        let mut events = Vec::with_capacity(keys.len());
        for key in keys {
            events.extend(self.delete(revision, &key)?);
        }
        self.record(revision, events)?;
        Ok(Ok(()))
    }

    /// Deletes every key and ends every lease, as one change.
    pub(super) fn clear(&mut self) -> Result<(), StoreError> {
        let leases = self.tables.leases.iter()?.map(|entry| Ok(entry?.0.value()));
        for lease in leases.collect::<Result<Vec<_>, StoreError>>()? {
            self.tables.leases.remove(lease)?;
            self.written.revoked.push(LeaseId(lease));
        }
        let keys = self.tables.kv.iter()?.map(|entry| Ok(Bytes::copy_from_slice(entry?.0.value())));
        let keys = keys.collect::<Result<Vec<_>, StoreError>>()?;
        let revision = self.counts.revision + 1;
        let mut events = Vec::with_capacity(keys.len());
        for key in keys {
            events.extend(self.delete(revision, &key)?);
        }
        self.record(revision, events)
    }

    pub(super) fn compact(&mut self, revision: Revision) -> Applied<()> {
        if revision > self.counts.revision {
            let reason = format!("revision {revision} is still to come and can't be compacted");
            return Ok(Err(StoreError::Invalid(reason)));
        }
        self.forget(
            |_, oldest| if oldest <= revision { ControlFlow::Continue(()) } else { ControlFlow::Break(()) },
        )?;
        self.counts.compacted = self.counts.compacted.max(revision);
        Ok(Ok(()))
    }

    /// Trims the history and writes the counts; `None` where nothing at all has changed.
    pub(super) fn finish(mut self) -> Result<Option<Written>, StoreError> {
        if !self.written.changes.is_empty() {
            self.trim()?;
        }
        if self.counts == self.before && self.written.revoked.is_empty() {
            return Ok(None);
        }
        let counts = self.counts;
        for (name, number, before) in [
            (REVISION, counts.revision, self.before.revision),
            (COMPACTED, counts.compacted, self.before.compacted),
            (HISTORY_EVENTS, counts.history_events, self.before.history_events),
            (HISTORY_BYTES, counts.history_bytes, self.before.history_bytes),
            (LAST_LEASE, counts.last_lease, self.before.last_lease),
        ] {
            if number != before {
                self.tables.meta.insert(name, number)?;
            }
        }
        Ok(Some(Written { revision: counts.revision, compacted: counts.compacted, ..self.written }))
    }

    fn holds(&self, compare: &Compare) -> Result<bool, StoreError> {
        match compare {
            Compare::ModRevision { key, revision } => {
                let found = self.tables.head(key)?;
                Ok(found.map_or(0, |head| head.mod_revision) == *revision)
            }
            Compare::Unchanged { range, since, seen } => self.unchanged(range, *since, seen),
        }
    }

    fn unchanged(
        &self,
        range: &Range,
        since: Revision,
        seen: &[(Bytes, Revision)],
    ) -> Result<bool, StoreError> {
        let touches = |change: &Arc<Change>| change.events.iter().any(|event| range.contains(event.key()));
        let mut own = self.written.changes.iter().filter(|change| change.revision > since);
        if own.any(touches) {
            return Ok(false);
        }
        if let Some(mut changes) = lock(&self.shared.tail).after(since) {
            return Ok(!changes.any(touches));
        }
        if since >= self.counts.compacted {
            for entry in self.tables.history.range((since + 1, 0)..)? {
                if range.contains(split_entry(entry?.1.value())?.0) {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        self.is_as_seen(range, seen)
    }

    /// Without history: whether the range holds what was seen, nothing more and nothing less.
    fn is_as_seen(&self, range: &Range, seen: &[(Bytes, Revision)]) -> Result<bool, StoreError> {
        if range.is_empty() {
            return Ok(seen.is_empty());
        }
        let mut seen = seen.iter();
        for entry in self.tables.kv.range(range.start.as_ref()..range.end.as_ref())? {
            let (key, record) = entry?;
            let revision = Head::read(record.value())?.mod_revision;
            if seen.next().is_none_or(|(k, r)| k.as_ref() != key.value() || *r != revision) {
                return Ok(false);
            }
        }
        Ok(seen.next().is_none())
    }

    fn put(
        &mut self,
        revision: Revision,
        key: &Bytes,
        value: &Bytes,
        lease: Option<LeaseId>,
    ) -> Result<Event, StoreError> {
        let before = self.tables.head(key)?;
        let head = Head {
            create_revision: before.map_or(revision, |head| head.create_revision),
            mod_revision: revision,
            lease: lease.map_or(0, |lease| lease.0),
        };
        self.bind(key, before.map_or(0, |head| head.lease), head.lease)?;
        let mut place = self.tables.kv.insert_reserve(key.as_ref(), Head::SIZE + value.len())?;
        head.write(value, place.as_mut());
        drop(place);
        Ok(Event::Put(KeyValue {
            key: key.clone(),
            value: value.clone(),
            create_revision: head.create_revision,
            mod_revision: revision,
            lease,
        }))
    }

    fn delete(&mut self, revision: Revision, key: &Bytes) -> Result<Option<Event>, StoreError> {
        let Some(before) = self.tables.head(key)? else { return Ok(None) };
        self.bind(key, before.lease, 0)?;
        self.tables.kv.remove(key.as_ref())?;
        Ok(Some(Event::Delete { key: key.clone(), revision }))
    }

    /// Moves the key from one lease to another; 0 is none.
    fn bind(&mut self, key: &Bytes, from: u64, to: u64) -> Result<(), StoreError> {
        if from == to {
            return Ok(());
        }
        if from != 0 {
            self.tables.lease_keys.remove((from, key.as_ref()))?;
        }
        if to != 0 {
            self.tables.lease_keys.insert((to, key.as_ref()), ())?;
        }
        Ok(())
    }

    /// Makes the events the change of `revision`; without events there is no such revision.
    fn record(&mut self, revision: Revision, events: Vec<Event>) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let written: &[Event] = if self.shared.options.history_events == 0 {
            self.counts.compacted = revision;
            &[]
        } else {
            &events
        };
        for (index, event) in (0u32..).zip(written) {
            let entry = history_entry(event);
            self.counts.history_events += 1;
            self.counts.history_bytes += entry.len() as u64;
            self.tables.history.insert((revision, index), entry.as_slice())?;
        }
        self.counts.revision = revision;
        self.written.changes.push(Arc::new(Change { revision, events }));
        Ok(())
    }

    /// Keeps the history within its limits, at a pace that no group has to pay for another's backlog.
    fn trim(&mut self) -> Result<(), StoreError> {
        let added: usize = self.written.changes.iter().map(|change| change.events.len()).sum();
        let mut budget = 4 * added + 64;
        let options = &self.shared.options;
        let (max_events, max_bytes) = (options.history_events, options.history_bytes);
        self.forget(|counts, _| {
            let over = counts.history_events > max_events || counts.history_bytes > max_bytes;
            budget = budget.saturating_sub(1);
            if over && budget > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
    }

    /// Forgets the oldest changes for as long as `more` goes on; a revision is forgotten whole.
    fn forget(
        &mut self,
        mut more: impl FnMut(&Counts, Revision) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        loop {
            let oldest = self.tables.history.first()?.map(|(at, _)| at.value().0);
            let Some(oldest) = oldest else { return Ok(()) };
            if oldest > self.counts.compacted && more(&self.counts, oldest).is_break() {
                return Ok(());
            }
            if let Some((_, entry)) = self.tables.history.pop_first()? {
                self.counts.history_events = self.counts.history_events.saturating_sub(1);
                self.counts.history_bytes =
                    self.counts.history_bytes.saturating_sub(entry.value().len() as u64);
            }
            self.counts.compacted = self.counts.compacted.max(oldest);
        }
    }
}
