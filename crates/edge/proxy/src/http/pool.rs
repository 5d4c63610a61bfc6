//! Connections to a target that wait for their next request.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::client::conn::http2;

use super::Body;
use crate::one::target::Link;
use crate::workers;

/// How many idle connections of HTTP/1 a target has at most for each worker.
const MOST: usize = 256;
/// A connection that was idle for longer is not used again: many servers close it at about that time.
pub const IDLE: Duration = Duration::from_secs(4);

/// Connections of a worker that wait.
#[derive(Default)]
struct Idle {
    /// Each with since when it is idle; the newest is the last.
    all: Vec<(Link, Instant)>,
    /// Whether somebody will look for those that are too old.
    swept: bool,
}

/// The idle connections of one target.
pub struct Pool {
    /// By worker.
    one: Box<[Mutex<Idle>]>,
    two: Mutex<Option<http2::SendRequest<Body>>>,
}

impl Default for Pool {
    fn default() -> Pool {
        Pool { one: (0..workers::count()).map(|_| Mutex::default()).collect(), two: Mutex::default() }
    }
}

impl Pool {
    fn own(&self) -> MutexGuard<'_, Idle> {
        self.one[workers::own() % self.one.len()].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An idle connection of HTTP/1, the last that was used by this worker.
    pub fn take(&self) -> Option<Link> {
        let mut idle = self.own();
        while let Some((mut target, since)) = idle.all.pop() {
            if since.elapsed() > IDLE {
                // Those below are older still.
                idle.all.clear();
                return None;
            }
            if target.is_open() {
                return Some(target);
            }
        }
        None
    }

    /// Keeps a connection, which is idle since now, for the worker's next request. True if the worker is to
    /// [`sweep`](Pool::sweep) from now on.
    pub fn put(&self, target: Link, now: Instant) -> bool {
        let mut idle = self.own();
        if idle.all.len() >= MOST {
            idle.all.remove(0);
        }
        idle.all.push((target, now));
        !std::mem::replace(&mut idle.swept, true)
    }

    /// Closes those of this worker that were idle for too long; true if some are left.
    pub fn sweep(&self) -> bool {
        let mut idle = self.own();
        let fresh = idle.all.iter().position(|(_, since)| since.elapsed() <= IDLE);
        let old = fresh.unwrap_or(idle.all.len());
        idle.all.drain(..old);
        idle.swept = !idle.all.is_empty();
        idle.swept
    }

    /// The connection of HTTP/2, which serves many requests at once.
    pub fn shared(&self) -> Option<http2::SendRequest<Body>> {
        let mut two = self.two.lock().unwrap_or_else(PoisonError::into_inner);
        if two.as_ref().is_some_and(|sender| sender.is_closed()) {
            *two = None;
        }
        two.clone()
    }

    /// Keeps a connection of HTTP/2 for others.
    pub fn share(&self, sender: http2::SendRequest<Body>) {
        *self.two.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
    }

    /// Closes what is idle.
    pub fn clear(&self) {
        for one in &self.one {
            one.lock().unwrap_or_else(PoisonError::into_inner).all.clear();
        }
        *self.two.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
