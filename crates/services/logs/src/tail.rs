//! Live Tail: events go to whoever watches as they arrive.
//!
//! What is put passes through a [`Hub`] of this process; a session takes what it wants from there, and sends it on
//! once a second. A session that is too slow, or a second with too many events, loses some, and says so by `sampled`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gantry_api_logs as api;
use gantry_base::{AccountId, Region};
use gantry_service::Events;
use gantry_service::handlers::Answer;
use gantry_wire::ApiError;
use tokio::sync::broadcast::{self, error::RecvError, error::TryRecvError};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::chunks::Incoming;
use crate::pattern::Pattern;

/// How many batches wait for slow sessions.
const WAITING: usize = 64;

/// How many events a session sends at most in a second, as AWS does.
const MAX_EVENTS: usize = 500;

/// How many bytes of messages a session sends at most in a second.
const MAX_BYTES: usize = 1024 * 1024;

/// How long a session lasts at most.
const MAX_TIME: Duration = Duration::from_secs(3 * 60 * 60);

/// How many sessions an account may have in a region.
pub const MAX_SESSIONS: usize = 15;

/// A batch that was put.
#[derive(Debug)]
pub struct Arrived {
    pub group_id: String,
    pub stream: String,
    pub ingestion: i64,
    pub events: Vec<Incoming>,
}

/// Where batches pass that were put.
#[derive(Clone)]
pub struct Hub {
    passing: broadcast::Sender<Arc<Arrived>>,
    sessions: Arc<Mutex<HashMap<(AccountId, Region), usize>>>,
}

/// What a session shows.
pub struct Wanted {
    /// ARNs of groups by their ids.
    pub groups: HashMap<String, String>,
    pub streams: Vec<String>,
    pub stream_prefixes: Vec<String>,
    pub pattern: Pattern,
}

/// A place among an account's sessions, which is free again once this is dropped.
pub struct Place {
    hub: Hub,
    of: (AccountId, Region),
}

impl Hub {
    pub fn new() -> Hub {
        Hub { passing: broadcast::channel(WAITING).0, sessions: Arc::default() }
    }

    /// Whether anybody watches.
    pub fn watched(&self) -> bool {
        self.passing.receiver_count() > 0
    }

    /// Shows a batch to those who watch.
    pub fn pass(&self, arrived: Arrived) {
        // Nobody may be there any more.
        let _ = self.passing.send(Arc::new(arrived));
    }

    /// A place for one more session of an account, if there is one.
    pub fn place(&self, account: AccountId, region: &Region) -> Option<Place> {
        let of = (account, region.clone());
        let mut sessions = self.sessions();
        let taken = sessions.entry(of.clone()).or_default();
        if *taken >= MAX_SESSIONS {
            return None;
        }
        *taken += 1;
        Some(Place { hub: self.clone(), of })
    }

    /// The events of a session: first its beginning, then what arrives, second by second.
    pub fn session(&self, start: api::LiveTailSessionStart, wanted: Wanted, place: Place) -> Events {
        let mut ticks =
            tokio::time::interval_at(Instant::now() + Duration::from_secs(1), Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let session = Session {
            passing: self.passing.subscribe(),
            wanted,
            ticks,
            end: Instant::now() + MAX_TIME,
            ended: false,
            _place: place,
        };
        let begin = api::StartLiveTailResponseStream { session_start: Some(start), ..Default::default() };
        let begin = futures::stream::once(async move { Ok(Box::new(begin) as Answer) });
        let updates = futures::stream::unfold(session, |mut session| async move {
            let next = session.next().await?;
            Some((next, session))
        });
        Box::pin(futures::StreamExt::chain(begin, updates))
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<(AccountId, Region), usize>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut sessions = self.hub.sessions();
        if let Some(taken) = sessions.get_mut(&self.of) {
            *taken -= 1;
            if *taken == 0 {
                sessions.remove(&self.of);
            }
        }
    }
}

struct Session {
    passing: broadcast::Receiver<Arc<Arrived>>,
    wanted: Wanted,
    ticks: Interval,
    end: Instant,
    ended: bool,
    _place: Place,
}

/// What arrived within a second.
#[derive(Default)]
struct Second {
    results: Vec<api::LiveTailSessionLogEvent>,
    bytes: usize,
    sampled: bool,
}

impl Session {
    /// The next update; none after the session has timed out.
    async fn next(&mut self) -> Option<Result<Answer, ApiError>> {
        if self.ended {
            return None;
        }
        let mut second = Second::default();
        loop {
            tokio::select! {
                biased;
                _ = self.ticks.tick() => break,
                arrived = self.passing.recv() => match arrived {
                    Ok(arrived) => second.take(&self.wanted, &arrived),
                    Err(RecvError::Lagged(_)) => second.sampled = true,
                    Err(RecvError::Closed) => break,
                },
            }
        }
        // What came before the tick belongs to this second.
        loop {
            match self.passing.try_recv() {
                Ok(arrived) => second.take(&self.wanted, &arrived),
                Err(TryRecvError::Lagged(_)) => second.sampled = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        if Instant::now() >= self.end {
            self.ended = true;
            let message = "Live Tail session has ended because it lasted for three hours.";
            return Some(Err(ApiError::new("SessionTimeoutException", message)));
        }
        let update = api::LiveTailSessionUpdate {
            session_metadata: Some(api::LiveTailSessionMetadata { sampled: Some(second.sampled) }),
            session_results: Some(second.results),
        };
        let event = api::StartLiveTailResponseStream { session_update: Some(update), ..Default::default() };
        Some(Ok(Box::new(event)))
    }
}

impl Second {
    fn take(&mut self, wanted: &Wanted, arrived: &Arrived) {
        let Some(group) = wanted.groups.get(&arrived.group_id) else { return };
        if !wanted.stream(&arrived.stream) {
            return;
        }
        for event in arrived.events.iter().filter(|event| wanted.pattern.matches(&event.message)) {
            let size = event.message.len();
            let full = self.results.len() >= MAX_EVENTS || self.bytes + size > MAX_BYTES;
            if full && !self.results.is_empty() {
                self.sampled = true;
                return;
            }
            self.bytes += size;
            self.results.push(api::LiveTailSessionLogEvent {
                log_stream_name: Some(arrived.stream.clone()),
                log_group_identifier: Some(group.clone()),
                message: Some(event.message.clone()),
                timestamp: Some(event.timestamp),
                ingestion_time: Some(arrived.ingestion),
            });
        }
    }
}

impl Wanted {
    fn stream(&self, name: &str) -> bool {
        (self.streams.is_empty() && self.stream_prefixes.is_empty())
            || self.streams.iter().any(|wanted| wanted == name)
            || self.stream_prefixes.iter().any(|prefix| name.starts_with(prefix))
    }
}
