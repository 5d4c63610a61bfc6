//! Connections to instances, between their requests.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{One, Two};

/// Idle connections to one instance at most.
const MOST_IDLE: usize = 16;
/// One that was idle for longer is not used again: many servers close it at about that time.
const IDLE: Duration = Duration::from_secs(4);

/// Connections to instances that wait for their next request.
#[derive(Default)]
pub struct Pool {
    one: Mutex<HashMap<SocketAddr, Vec<(One, Instant)>>>,
    two: Mutex<HashMap<SocketAddr, Two>>,
}

impl Pool {
    fn ones(&self) -> MutexGuard<'_, HashMap<SocketAddr, Vec<(One, Instant)>>> {
        self.one.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn twos(&self) -> MutexGuard<'_, HashMap<SocketAddr, Two>> {
        self.two.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets instances that are none any more.
    pub fn retain(&self, targets: &[SocketAddr]) {
        self.ones().retain(|target, _| targets.contains(target));
        self.twos().retain(|target, _| targets.contains(target));
    }

    /// One that is idle.
    pub fn take(&self, target: SocketAddr) -> Option<One> {
        let mut all = self.ones();
        let idle = all.get_mut(&target)?;
        while let Some((sender, since)) = idle.pop() {
            if since.elapsed() <= IDLE && !sender.is_closed() {
                return Some(sender);
            }
        }
        None
    }

    /// Keeps one for its next request.
    pub fn put(&self, target: SocketAddr, sender: One) {
        let mut all = self.ones();
        let idle = all.entry(target).or_default();
        if idle.len() < MOST_IDLE && !sender.is_closed() {
            idle.push((sender, Instant::now()));
        }
    }

    /// The one of HTTP/2, which serves many requests at once.
    pub fn shared(&self, target: SocketAddr) -> Option<Two> {
        self.twos().get(&target).filter(|sender| !sender.is_closed()).cloned()
    }

    /// Keeps one of HTTP/2 for others.
    pub fn share(&self, target: SocketAddr, sender: Two) {
        self.twos().insert(target, sender);
    }
}
