//! Reading a stream's events in order, in either direction, opening no chunk before it is needed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use gantry_store::{Order, Snapshot, StoreError};

use super::codec::{self, Event, Position};
use super::head::{self, Head, Meta};
use super::layout::{data_key, group_prefix, head_key, index_range, stream_of};
use super::{Chunks, MAX_SPAN_MILLIS, StreamId};

/// How many index entries are read at once.
const INDEX_PAGE: usize = 256;

/// Which events are wanted, by their times in milliseconds: `from..until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub from: i64,
    pub until: i64,
}

impl Window {
    fn holds(self, timestamp: i64) -> bool {
        (self.from..self.until).contains(&timestamp)
    }

    /// Whether a stream with this head may have events in the window.
    pub fn touches(self, head: &Head) -> bool {
        head.first < self.until && head.last >= self.from
    }
}

impl Chunks {
    /// The events as they are now; what is read from it is of one moment.
    pub async fn snapshot(&self) -> Result<Arc<dyn Snapshot>, StoreError> {
        self.kv.snapshot().await
    }

    /// The heads of these streams, in their order; none for a stream that never had an event.
    pub async fn heads(&self, ids: &[StreamId]) -> Result<Vec<Option<Head>>, StoreError> {
        let keys: Vec<_> = ids.iter().map(head_key).collect();
        let found = self.kv.snapshot().await?.get_many(&keys).await?;
        let decode = |kv: gantry_store::KeyValue| head::decode("the head of a log stream", &kv.value);
        found.into_iter().map(|kv| kv.map(decode).transpose()).collect()
    }

    /// The heads of all streams of a group that have events, from `after` on, at most `limit`.
    pub async fn group_heads(
        &self,
        group: &str,
        after: Option<&StreamId>,
        limit: usize,
    ) -> Result<Vec<(StreamId, Head)>, StoreError> {
        let mut range = gantry_store::Range::prefix(group_prefix("h", group));
        if let Some(after) = after {
            range.start = gantry_store::kv::successor(&head_key(after));
        }
        let found = self.kv.range(range, limit, Order::Ascending).await?;
        let pairs = found.kvs.into_iter().filter_map(|kv| Some((stream_of(&kv.key)?, kv.value)));
        pairs.map(|(id, value)| Ok((id, head::decode("the head of a log stream", &value)?))).collect()
    }
}

async fn open(snapshot: &dyn Snapshot, id: &StreamId, sequence: u64) -> Result<Vec<Event>, StoreError> {
    let found = snapshot.get_many(&[data_key(id, sequence)]).await?.pop().flatten();
    let found = found.ok_or_else(|| StoreError::Codec {
        what: format!("chunk {sequence} of log stream {}", id.stream),
        reason: "its index entry is there and its data is not".into(),
    })?;
    codec::decode(&found.value)
}

/// A stream's events from the earliest on.
pub struct Forward {
    snapshot: Arc<dyn Snapshot>,
    id: StreamId,
    window: Window,
    after: Option<Position>,
    /// From which time of a chunk's last event on the index has not been read; none: all of it has.
    unread: Option<i64>,
    /// Chunks that have not been opened, by their first event.
    closed: BTreeMap<(i64, u64), Meta>,
    events: BTreeMap<Position, Event>,
    /// How many bytes of messages were looked at.
    pub examined: u64,
}

impl Forward {
    /// The events in the window that come after `after`.
    pub fn new(
        snapshot: Arc<dyn Snapshot>,
        id: StreamId,
        window: Window,
        after: Option<Position>,
    ) -> Forward {
        let from = window.from.max(after.map_or(i64::MIN, |after| after.timestamp)).max(0);
        let window = Window { from, ..window };
        Forward {
            snapshot,
            id,
            window,
            after,
            unread: Some(from),
            closed: BTreeMap::new(),
            events: BTreeMap::new(),
            examined: 0,
        }
    }

    /// The stream that is read.
    pub fn stream(&self) -> &StreamId {
        &self.id
    }

    /// The next event.
    pub async fn next(&mut self) -> Result<Option<(Position, Event)>, StoreError> {
        loop {
            let next = self.events.first_key_value().map(|(position, _)| position.timestamp);
            // A chunk that may hold an earlier event is opened first: a known one that begins before, or an
            // unknown one, which begins at most the longest span before the index that was read.
            if let Some((key, meta)) =
                self.closed.first_key_value().filter(|(key, _)| next.is_none_or(|next| key.0 <= next))
            {
                let (key, sequence) = (*key, meta.sequence);
                self.closed.remove(&key);
                self.open(sequence).await?;
            } else if let Some(unread) =
                self.unread.filter(|unread| next.is_none_or(|next| unread - MAX_SPAN_MILLIS <= next))
            {
                self.read_index(unread).await?;
            } else {
                return Ok(self.events.pop_first());
            }
        }
    }

    async fn open(&mut self, sequence: u64) -> Result<(), StoreError> {
        let rank = self.id.rank();
        for event in open(&*self.snapshot, &self.id, sequence).await? {
            let position = event.position(rank);
            self.examined += event.message.len() as u64;
            if self.window.holds(event.timestamp) && self.after.is_none_or(|after| position > after) {
                self.events.insert(position, event);
            }
        }
        Ok(())
    }

    async fn read_index(&mut self, unread: i64) -> Result<(), StoreError> {
        // A chunk that ends later than this begins past the window.
        let until = self.window.until.saturating_add(MAX_SPAN_MILLIS);
        if unread >= until {
            self.unread = None;
            return Ok(());
        }
        let page =
            self.snapshot.range(&index_range(&self.id, unread, until), INDEX_PAGE, Order::Ascending).await?;
        let mut metas = decode_metas(&page.kvs)?;
        self.unread = None;
        if let (true, Some(last)) = (page.more, metas.last().map(|meta| meta.last)) {
            // All chunks that end at the same time belong to one page, so that none is read twice.
            metas.retain(|meta| meta.last < last);
            let same = index_range(&self.id, last, last.saturating_add(1));
            metas.extend(decode_metas(&self.snapshot.range(&same, usize::MAX, Order::Ascending).await?.kvs)?);
            self.unread = Some(last.saturating_add(1));
        }
        let in_time = metas.into_iter().filter(|meta| meta.first < self.window.until);
        self.closed.extend(in_time.map(|meta| ((meta.first, meta.sequence), meta)));
        Ok(())
    }
}

fn decode_metas(entries: &[gantry_store::KeyValue]) -> Result<Vec<Meta>, StoreError> {
    entries.iter().map(|entry| head::decode("the index of a log stream", &entry.value)).collect()
}

/// A stream's events from the latest back.
pub struct Backward {
    snapshot: Arc<dyn Snapshot>,
    id: StreamId,
    window: Window,
    before: Option<Position>,
    /// Up to which time of a chunk's last event (without it) the index has not been read; none: all of it has.
    unread: Option<i64>,
    /// Chunks that have not been opened, the one that ends last first.
    closed: VecDeque<Meta>,
    events: BTreeMap<Position, Event>,
}

impl Backward {
    /// The events in the window that come before `before`.
    pub fn new(
        snapshot: Arc<dyn Snapshot>,
        id: StreamId,
        window: Window,
        before: Option<Position>,
    ) -> Backward {
        let until = window.until.min(before.map_or(i64::MAX, |before| before.timestamp.saturating_add(1)));
        let window = Window { from: window.from.max(0), until };
        Backward {
            snapshot,
            id,
            window,
            before,
            unread: Some(until.saturating_add(MAX_SPAN_MILLIS)),
            closed: VecDeque::new(),
            events: BTreeMap::new(),
        }
    }

    /// The next event, which is the one before.
    pub async fn next(&mut self) -> Result<Option<(Position, Event)>, StoreError> {
        loop {
            let next = self.events.last_key_value().map(|(position, _)| position.timestamp);
            if let Some(meta) = self.closed.pop_front_if(|meta| next.is_none_or(|next| meta.last >= next)) {
                self.open(meta.sequence).await?;
            } else if let Some(unread) = self.unread.filter(|unread| next.is_none_or(|next| *unread > next)) {
                self.read_index(unread).await?;
            } else {
                return Ok(self.events.pop_last());
            }
        }
    }

    async fn open(&mut self, sequence: u64) -> Result<(), StoreError> {
        let rank = self.id.rank();
        for event in open(&*self.snapshot, &self.id, sequence).await? {
            let position = event.position(rank);
            if self.window.holds(event.timestamp) && self.before.is_none_or(|before| position < before) {
                self.events.insert(position, event);
            }
        }
        Ok(())
    }

    async fn read_index(&mut self, unread: i64) -> Result<(), StoreError> {
        if unread <= self.window.from {
            self.unread = None;
            return Ok(());
        }
        let range = index_range(&self.id, self.window.from, unread);
        let page = self.snapshot.range(&range, INDEX_PAGE, Order::Descending).await?;
        let mut metas = decode_metas(&page.kvs)?;
        self.unread = None;
        if let (true, Some(last)) = (page.more, metas.last().map(|meta| meta.last)) {
            metas.retain(|meta| meta.last > last);
            let same = index_range(&self.id, last, last.saturating_add(1));
            metas
                .extend(decode_metas(&self.snapshot.range(&same, usize::MAX, Order::Descending).await?.kvs)?);
            self.unread = Some(last);
        }
        self.closed.extend(metas.into_iter().filter(|meta| meta.first < self.window.until));
        Ok(())
    }
}
