//! Counters, which many threads raise.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use gantry_elb_core::counts::{Classes, OfBalancer, OfGroup};

use crate::watched;

/// A number that is counted up.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn count(&self) {
        self.add(1);
    }

    /// So many more.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// As it is now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Answers by the class of their status.
#[derive(Debug, Default)]
struct Answers([Counter; 4]);

impl Answers {
    fn count(&self, status: u16) {
        if let Some(class) = usize::from(status / 100).checked_sub(2).and_then(|at| self.0.get(at)) {
            class.count();
        }
    }

    fn get(&self) -> Classes {
        Classes(std::array::from_fn(|at| self.0[at].get()))
    }
}

/// Of a load balancer.
#[derive(Debug, Default)]
pub struct Balancer {
    pub requests: Counter,
    pub processed_bytes: Counter,
    pub client_tls_errors: Counter,
    pub fixed_responses: Counter,
    pub redirects: Counter,
    active: AtomicU64,
    connections: Counter,
    answers: Answers,
    each: [Counter; 4],
}

/// The statuses that are counted by themselves.
const EACH: [u16; 4] = [500, 502, 503, 504];

impl Balancer {
    /// Counts an answer of its own.
    pub fn answered(&self, status: u16) {
        self.answers.count(status);
        if let Some(at) = EACH.iter().position(|one| *one == status) {
            self.each[at].count();
        }
    }

    /// Counts a connection, which is there as long as what comes back is held.
    pub fn connected(self: &Arc<Self>) -> Connected {
        self.connections.count();
        self.active.fetch_add(1, Ordering::Relaxed);
        Connected(self.clone())
    }

    /// As it is now.
    pub fn get(&self) -> OfBalancer {
        let [answers_500, answers_502, answers_503, answers_504] =
            std::array::from_fn(|at| self.each[at].get());
        OfBalancer {
            requests: self.requests.get(),
            active_connections: self.active.load(Ordering::Relaxed),
            new_connections: self.connections.get(),
            processed_bytes: self.processed_bytes.get(),
            client_tls_errors: self.client_tls_errors.get(),
            fixed_responses: self.fixed_responses.get(),
            redirects: self.redirects.get(),
            answers: self.answers.get(),
            answers_500,
            answers_502,
            answers_503,
            answers_504,
        }
    }
}

/// Counts the bytes of a connection for its load balancer, once it is known whose it is.
#[derive(Default)]
pub struct Carried(OnceLock<(Arc<Balancer>, Option<Connected>)>);

impl Carried {
    /// It is this one's, for which it is counted as a connection too if it is not yet. The first time counts.
    pub fn is_of(&self, of: &Arc<Balancer>, is_new: bool) {
        self.0.get_or_init(|| (of.clone(), is_new.then(|| of.connected())));
    }

    fn add(&self, bytes: usize) {
        if let Some((of, _)) = self.0.get() {
            of.processed_bytes.add(bytes as u64);
        }
    }
}

impl watched::Counts for Carried {
    fn received(&self, bytes: usize) {
        self.add(bytes);
    }

    fn sent(&self, bytes: usize) {
        self.add(bytes);
    }
}

/// A connection that is counted.
pub struct Connected(Arc<Balancer>);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Of a target group.
#[derive(Debug, Default)]
pub struct Group {
    pub requests: Counter,
    pub connection_errors: Counter,
    answers: Answers,
    responses: Counter,
    microseconds: Counter,
}

impl Group {
    /// Counts an answer of a target, and how long it took.
    pub fn answered(&self, status: u16, took: Duration) {
        self.answers.count(status);
        self.responses.count();
        self.microseconds.add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// As it is now, but for its hosts.
    pub fn get(&self) -> OfGroup {
        OfGroup {
            requests: self.requests.get(),
            answers: self.answers.get(),
            response_seconds: Duration::from_micros(self.microseconds.get()).as_secs_f64(),
            responses: self.responses.get(),
            connection_errors: self.connection_errors.get(),
            ..OfGroup::default()
        }
    }
}
