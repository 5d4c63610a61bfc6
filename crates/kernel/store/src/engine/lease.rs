//! When leases run out. Only the time to live is on disk; the deadline is not.

use std::collections::HashMap;
use std::time::Duration;

use crate::error::StoreError;
use crate::kv::LeaseId;

#[derive(Default)]
pub(super) struct Leases {
    leases: HashMap<LeaseId, Lease>,
}

struct Lease {
    ttl: Duration,
    deadline: Duration,
}

impl Leases {
    /// The leases that a store was closed with, each with its whole time before it.
    pub(super) fn restored(found: Vec<(LeaseId, Duration)>, now: Duration) -> Leases {
        let mut leases = Leases::default();
        for (lease, ttl) in found {
            leases.insert(lease, ttl, now);
        }
        leases
    }

    pub(super) fn insert(&mut self, lease: LeaseId, ttl: Duration, now: Duration) {
        self.leases.insert(lease, Lease { ttl, deadline: now.saturating_add(ttl) });
    }

    pub(super) fn remove(&mut self, lease: LeaseId) {
        self.leases.remove(&lease);
    }

    pub(super) fn keep_alive(&mut self, lease: LeaseId, now: Duration) -> Result<Duration, StoreError> {
        // One that is past its deadline has ended, also where the writer has not come to it yet.
        let found = self.leases.get_mut(&lease).filter(|found| found.deadline > now);
        let found = found.ok_or(StoreError::NoLease(lease))?;
        found.deadline = now.saturating_add(found.ttl);
        Ok(found.ttl)
    }

    /// Takes out the leases that have run out, the oldest names first.
    pub(super) fn take_expired(&mut self, now: Duration) -> Vec<LeaseId> {
        let mut expired: Vec<_> =
            self.leases.iter().filter(|(_, lease)| lease.deadline <= now).map(|(id, _)| *id).collect();
        expired.sort();
        for lease in &expired {
            self.leases.remove(lease);
        }
        expired
    }

    /// When the next lease runs out.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.leases.values().map(|lease| lease.deadline).min()
    }
}
