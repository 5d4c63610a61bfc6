//! Connections to a target that wait for their next request.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::client::conn::{http1, http2};

use super::Body;
use crate::workers;

/// How many idle connections of HTTP/1 a target has at most for each worker.
const MOST: usize = 256;
/// A connection that was idle for longer is not used again: many servers close it at about that time.
const IDLE: Duration = Duration::from_secs(4);

/// Connections, and since when they are idle; the newest is the last.
type Idle = Vec<(http1::SendRequest<Body>, Instant)>;

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
    pub fn take(&self) -> Option<http1::SendRequest<Body>> {
        let mut idle = self.own();
        while let Some((sender, since)) = idle.pop() {
            if since.elapsed() > IDLE {
                // Those below are older still.
                idle.clear();
                return None;
            }
            if !sender.is_closed() {
                return Some(sender);
            }
        }
        None
    }

    /// Keeps a connection for the worker's next request.
    pub fn put(&self, sender: http1::SendRequest<Body>) {
        if sender.is_closed() {
            return;
        }
        let mut idle = self.own();
        if idle.len() >= MOST {
            idle.remove(0);
        }
        idle.push((sender, Instant::now()));
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
            one.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        *self.two.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
