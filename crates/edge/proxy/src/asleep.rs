//! Requests to groups whose targets sleep: they wake somebody, and wait until the first target is healthy.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::header::RETRY_AFTER;
use http::{HeaderValue, Response};
use tokio::time::Instant;

use crate::http::{Body, answer};
use crate::table::{Group, Table};

/// How long a request waits at most for a target, and how many of one group do.
const WAITS: Duration = Duration::from_secs(60);
const MOST: usize = 1000;
/// How long an answer of whoever wakes targets holds, and how long it may take.
const ANSWER_HOLDS: Duration = Duration::from_secs(1);
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// After how many seconds a client may come again that could not be held any longer.
const COME_AGAIN: &str = "10";

/// Brings targets back that were taken away as nobody asked them for anything.
#[async_trait]
pub trait Waker: Send + Sync + 'static {
    /// Somebody asks a group, by its ARN, that has no target. True if one is to come. It may be asked again and again.
    async fn wake(&self, target_group: &str) -> bool;
}

/// What a group knows of its sleep.
#[derive(Debug, Default)]
pub struct Sleep {
    held: AtomicUsize,
    /// Until when targets are on their way.
    until: Mutex<Option<Instant>>,
    /// What was answered last, and when. Who asks holds it, so that one asks for all.
    answered: tokio::sync::Mutex<Option<(Instant, bool)>>,
}

impl Sleep {
    /// Whether targets are on their way: none gets a request before it is healthy, and they are checked often.
    pub fn is_waking(&self) -> bool {
        self.until().is_some_and(|until| Instant::now() < until)
    }

    fn until(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a target is to come.
    async fn wakes(&self, waker: &Arc<dyn Waker>, group: &str) -> bool {
        let mut answered = self.answered.lock().await;
        if let Some((at, answer)) = *answered
            && at.elapsed() < ANSWER_HOLDS
        {
            return answer;
        }
        let (waker, group) = (waker.clone(), group.to_owned());
        // By itself, so that a client that goes away does not take the wake with it.
        let asked = tokio::spawn(async move { waker.wake(&group).await });
        let answer = matches!(tokio::time::timeout(ANSWERS_WITHIN, asked).await, Ok(Ok(true)));
        *answered = Some((Instant::now(), answer));
        answer
    }
}

/// A place among the held; given back when it is dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(held: &'a AtomicUsize) -> Option<Place<'a>> {
        let place = Place(held);
        (held.fetch_add(1, Ordering::Relaxed) < MOST).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// A target is healthy.
    Ready,
    /// There is nobody to wait for.
    Nobody,
    /// Too many wait, or it took too long.
    Overdue,
}

/// Holds a request of a group without targets as long as one is to come.
pub async fn hold(table: &Table, group: &Group) -> Held {
    let sleep = &group.sleep;
    let Some(_place) = Place::take(&sleep.held) else { return Held::Overdue };
    let mut changed = table.changed();
    if !sleep.wakes(table.waker(), &group.arn).await {
        return Held::Nobody;
    }
    let deadline = Instant::now() + WAITS;
    *sleep.until() = Some(deadline);
    loop {
        if group.has_healthy() {
            *sleep.until() = None;
            return Held::Ready;
        }
        let Ok(Ok(())) = tokio::time::timeout_at(deadline, changed.changed()).await else {
            return Held::Overdue;
        };
    }
}

/// The load balancer's own answer to a request that was not held, or not any longer.
pub fn unavailable(held: Held, server: bool) -> Response<Body> {
    let mut response = answer::page(503, server);
    if held == Held::Overdue {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(COME_AGAIN));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_held_and_no_more() {
        let held = AtomicUsize::new(0);
        let mut places: Vec<_> = (0..MOST).filter_map(|_| Place::take(&held)).collect();
        assert_eq!(places.len(), MOST);
        assert!(Place::take(&held).is_none() && Place::take(&held).is_none());
        places.pop();
        assert!(Place::take(&held).is_some(), "who leaves makes room");
    }
}
