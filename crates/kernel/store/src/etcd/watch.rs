//! Watches: they go on where they were when a member dies, and end only where history is gone.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use gantry_etcd_api as api;
use gantry_etcd_api::watch_request::RequestUnion;
use tonic::{Status, Streaming};

use super::cluster::{Cluster, Refusal, with_leader};
use super::snapshot::key_value;
use super::{Shared, number, revision};
use crate::error::StoreError;
use crate::kv::{Change, Event, Range, Revision, Watch};

/// The longest pause before a member is asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long a member may take to begin a watch.
const BEGIN: Duration = Duration::from_secs(3);

struct Watcher {
    shared: Arc<Shared>,
    range: Range,
    /// All changes up to here have been given or are ready.
    after: Revision,
    open: Option<Open>,
    ready: VecDeque<Change>,
    pause: Duration,
}

/// A watch at one member.
struct Open {
    answers: Streaming<api::WatchResponse>,
    member: usize,
    /// What came of an answer that is sent in pieces.
    pieces: Vec<api::Event>,
    /// Keeps our half of the stream open.
    _requests: tokio::sync::mpsc::Sender<api::WatchRequest>,
}

pub(super) async fn open(shared: Arc<Shared>, range: Range, after: Revision) -> Result<Watch, StoreError> {
    if range.is_empty() {
        return Ok(futures::stream::pending().boxed());
    }
    let mut watcher =
        Watcher { shared, range, after, open: None, ready: VecDeque::new(), pause: Duration::ZERO };
    if watcher.is_compacted().await? {
        // The watch itself says how far.
        return Err(match tokio::time::timeout(BEGIN, watcher.next()).await {
            Ok(Err(error)) => error,
            _ => StoreError::Compacted { compacted: after + 1 },
        });
    }
    let stream = futures::stream::unfold(Some(watcher), |watcher| async move {
        let mut watcher = watcher?;
        match watcher.next().await {
            Ok(change) => Some((Ok(change), Some(watcher))),
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok(stream.boxed())
}

impl Watcher {
    /// Whether the history no longer reaches back to where the watch begins. A read there finds out at once.
    async fn is_compacted(&self) -> Result<bool, StoreError> {
        let request = api::RangeRequest {
            key: self.shared.data(&self.range.start),
            revision: number(self.after).max(1),
            limit: 1,
            keys_only: true,
            ..Default::default()
        };
        match self.shared.cluster.range(request).await {
            Ok(_) | Err(Refusal::Future) => Ok(false),
            Err(Refusal::Compacted) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    async fn next(&mut self) -> Result<Change, StoreError> {
        loop {
            if let Some(change) = self.ready.pop_front() {
                return Ok(change);
            }
            let followed = match self.open.take() {
                Some(mut open) => match open.answers.message().await {
                    Ok(Some(answer)) => self.take(answer, open)?,
                    Ok(None) => Err(("the member ended the watch".to_owned(), open.member)),
                    Err(status) => Err((status.message().to_owned(), open.member)),
                },
                None => self.begin().await,
            };
            match followed {
                Ok(open) => self.open = Some(open),
                Err((why, member)) => {
                    tracing::debug!(why, "a watch goes on with another member");
                    self.shared.cluster.give_up(member);
                    tokio::time::sleep(self.pause).await;
                    self.pause = (self.pause * 2).clamp(Duration::from_millis(20), LONGEST_PAUSE);
                }
            }
        }
    }

    /// Begins at the revision that was seen last, not after it: where that has been compacted, changes of the
    /// revision after it may be gone too.
    async fn begin(&self) -> Result<Open, (String, usize)> {
        let (member, channel) = self.shared.cluster.member();
        let create = api::WatchCreateRequest {
            key: self.shared.data(&self.range.start),
            range_end: self.shared.data(&self.range.end),
            start_revision: number(self.after).max(1),
            progress_notify: true,
            fragment: true,
            ..Default::default()
        };
        let request = api::WatchRequest { request_union: Some(RequestUnion::CreateRequest(create)) };
        let (requests, queue) = tokio::sync::mpsc::channel(1);
        let begun = async {
            let sent = requests.send(request).await;
            sent.map_err(|_| Status::unavailable("the stream of requests is gone"))?;
            let queue = futures::stream::unfold(queue, |mut queue| async move {
                queue.recv().await.map(|request| (request, queue))
            });
            Ok::<_, Status>(Cluster::watch(channel).watch(with_leader(queue)).await?.into_inner())
        };
        match tokio::time::timeout(BEGIN, begun).await {
            Ok(Ok(answers)) => Ok(Open { answers, member, pieces: Vec::new(), _requests: requests }),
            Ok(Err(status)) => Err((status.message().to_owned(), member)),
            Err(_) => Err(("it does not answer".to_owned(), member)),
        }
    }

    /// Takes an answer in. The outer error ends the watch, the inner one only its member's part.
    fn take(
        &mut self,
        answer: api::WatchResponse,
        mut open: Open,
    ) -> Result<Result<Open, (String, usize)>, StoreError> {
        self.pause = Duration::ZERO;
        if answer.compact_revision > 0 {
            return Err(StoreError::Compacted { compacted: revision(answer.compact_revision) });
        }
        if answer.canceled {
            return Ok(Err((answer.cancel_reason, open.member)));
        }
        if answer.created {
            return Ok(Ok(open));
        }
        let progress = answer.events.is_empty() && open.pieces.is_empty();
        open.pieces.extend(answer.events);
        if answer.fragment {
            return Ok(Ok(open));
        }
        if progress {
            // All before it has been sent.
            self.after = self.after.max(revision(answer.header.unwrap_or_default().revision));
        }
        for event in open.pieces.drain(..) {
            let deleted = event.r#type() == api::event::EventType::Delete;
            let Some(kv) = event.kv else { continue };
            let at = revision(kv.mod_revision);
            if at <= self.after {
                continue;
            }
            let kv = key_value(&self.shared, kv);
            let event = if deleted { Event::Delete { key: kv.key, revision: at } } else { Event::Put(kv) };
            match self.ready.back_mut().filter(|change| change.revision == at) {
                Some(change) => change.events.push(event),
                None => self.ready.push_back(Change { revision: at, events: vec![event] }),
            }
        }
        self.after = self.ready.back().map_or(self.after, |change| change.revision);
        Ok(Ok(open))
    }
}
