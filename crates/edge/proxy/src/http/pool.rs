//! Connections to a target that wait for their next request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::client::conn::http2;
use tokio::runtime::Handle;

use super::Body;
use super::upstream::Upstream;
use crate::workers;

/// How many idle connections of HTTP/1 a target has at most for each worker.
const MOST: usize = 256;
/// A connection that was idle for longer is not used again: many servers close it at about that time.
const IDLE: Duration = Duration::from_secs(4);

/// Connections that are idle; the newest is the last.
#[derive(Default)]
struct Idle {
    /// With the moment since when.
    all: Vec<(Upstream, Instant)>,
    /// Whether somebody will close those that nobody takes.
    swept: bool,
}

/// The idle connections of one target.
pub struct Pool {
    /// By worker.
    one: Arc<[Mutex<Idle>]>,
    two: Mutex<Option<http2::SendRequest<Body>>>,
}

impl Default for Pool {
    fn default() -> Pool {
        Pool { one: (0..workers::count()).map(|_| Mutex::default()).collect(), two: Mutex::default() }
    }
}

fn locked(one: &Mutex<Idle>) -> MutexGuard<'_, Idle> {
    one.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    fn own(&self) -> usize {
        workers::own() % self.one.len()
    }

    /// An idle connection of HTTP/1, the last that was used by this worker.
    pub fn take(&self) -> Option<Upstream> {
        loop {
            let (mut upstream, since) = locked(&self.one[self.own()]).all.pop()?;
            if since.elapsed() <= IDLE && upstream.is_ready() {
                return Some(upstream);
            }
        }
    }

    /// Keeps a connection for the worker's next request.
    pub fn put(&self, upstream: Upstream) {
        let at = self.own();
        let mut idle = locked(&self.one[at]);
        if idle.all.len() >= MOST {
            idle.all.remove(0);
        }
        idle.all.push((upstream, Instant::now()));
        if let (false, Ok(runtime)) = (idle.swept, Handle::try_current()) {
            idle.swept = true;
            runtime.spawn(sweep(self.one.clone(), at));
        }
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
        for one in self.one.iter() {
            locked(one).all.clear();
        }
        *self.two.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Closes what was idle for too long, until nothing is left.
async fn sweep(all: Arc<[Mutex<Idle>]>, at: usize) {
    loop {
        tokio::time::sleep(IDLE / 2).await;
        let mut idle = locked(&all[at]);
        let fresh = idle.all.partition_point(|(_, since)| since.elapsed() > IDLE);
        idle.all.drain(..fresh);
        if idle.all.is_empty() {
            idle.swept = false;
            return;
        }
    }
}
