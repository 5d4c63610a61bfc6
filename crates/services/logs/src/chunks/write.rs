//! Adding events, and taking away what has expired or was deleted.

use bytes::Bytes;
use gantry_base::Authority;
use gantry_service::LogPosition;
use gantry_store::{Compare, Op, Order, Range, StoreError, TxnOutcome};

use super::codec::{self, Event, Raw};
use super::head::{self, Head, Meta};
use super::layout::{
    self, counts_key, counts_range, data_key, head_key, index_key, index_range, pending_key,
};
use super::{Chunks, MAX_SPAN_MILLIS, StreamId};
use crate::metrics::{Counter, Counts};

/// How many bytes of messages a new chunk holds at most, unless one event is larger.
const MAX_CHUNK_BYTES: usize = 512 * 1024;

/// Ordinals leave room for so many events in a chunk.
const ORDINALS_PER_CHUNK: u64 = 1 << 14;

/// After so many chunks a stream is looked at for chunks to merge.
pub(super) const CHUNKS_TO_MERGE: u64 = 32;

/// What AWS counts for each event beside its message.
pub const EVENT_OVERHEAD: usize = 26;

const LEVEL: i32 = 1;

/// So many bytes are compressed sooner than they are handed to another thread.
const COMPRESS_HERE: usize = 128 * 1024;

/// How often an addition is tried again when another one to the same stream came first.
const ATTEMPTS: u32 = 32;

/// An event that is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    pub timestamp: i64,
    pub message: String,
}

/// What is added: a time in milliseconds since the epoch, and a message.
pub trait Said {
    fn timestamp(&self) -> i64;
    fn message(&self) -> &str;
}

impl Said for Incoming {
    fn timestamp(&self) -> i64 {
        self.timestamp
    }

    fn message(&self) -> &str {
        &self.message
    }
}

impl Said for (i64, &str) {
    fn timestamp(&self) -> i64 {
        self.0
    }

    fn message(&self) -> &str {
        self.1
    }
}

/// What came of an addition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// The stream's head after it.
    Done(Head),
    /// Nothing was added: the source has come to this position, and not to where the part begins.
    Elsewhere(u64),
}

impl Chunks {
    /// Adds events, in the order of their times, to a stream. They are durable when this returns, and with them, in the
    /// same transaction, how far their source has come. Where a source stands elsewhere than its part begins, nothing
    /// is added.
    pub async fn append<E: Said + Sync>(
        &self,
        by: &dyn Authority,
        id: &StreamId,
        events: &[E],
        part: Option<&LogPosition>,
        counters: &[Counter],
        now: i64,
    ) -> Result<Appended, StoreError> {
        let pieces = pieces(events);
        // Who compresses for nothing because another was first has lost more than who waits.
        let _turn = self.turn(id).lock().await;
        for _ in 0..ATTEMPTS {
            let found = self.kv.get(head_key(id)).await?;
            let revision = found.as_ref().map_or(0, |kv| kv.mod_revision);
            let head =
                found.map(|kv| head::decode::<Head>("the head of a log stream", &kv.value)).transpose()?;
            if let Some(part) = part {
                let stands = head.as_ref().map_or(0, |head| head.position_of(&part.source));
                if stands != part.from {
                    return Ok(Appended::Elsewhere(stands));
                }
            }
            let (head, mut ops) = additions(id, head, &pieces, part, now).await?;
            // Only whoever adds to the stream writes its counts, so that the head's revision guards them, too.
            ops.extend(self.counted(id, events, counters).await?);
            let unchanged = Compare::ModRevision { key: head_key(id), revision };
            match self.kv.txn(vec![unchanged], ops).await? {
                TxnOutcome::Committed { revision } => {
                    tracing::trace!(revision, by = by.describe(), events = events.len(), "log events added");
                    return Ok(Appended::Done(head));
                }
                TxnOutcome::Failed => tokio::task::yield_now().await,
            }
        }
        Err(StoreError::Conflict)
    }

    /// What is to be written for the counts of metric filters.
    async fn counted<E: Said + Sync>(
        &self,
        id: &StreamId,
        events: &[E],
        counters: &[Counter],
    ) -> Result<Vec<Op>, StoreError> {
        let mut ops = Vec::new();
        for counter in counters {
            let mut rest = events;
            while let Some(first) = rest.first() {
                let hour = first.timestamp().div_euclid(MAX_SPAN_MILLIS);
                let end = rest.partition_point(|event| event.timestamp().div_euclid(MAX_SPAN_MILLIS) == hour);
                let key = counts_key(hour, id, &counter.filter.id);
                let mut counts = match self.kv.get(key.clone()).await? {
                    Some(found) => head::decode("the counts of a metric filter", &found.value)?,
                    None => counter.counts(),
                };
                rest[..end]
                    .iter()
                    .for_each(|event| counter.count(event.timestamp(), event.message(), &mut counts));
                if !counts.minutes.is_empty() {
                    let value = head::encode("counts", &counts)?;
                    ops.push(Op::Put { key, value, lease: None });
                }
                rest = &rest[end..];
            }
        }
        Ok(ops)
    }

    /// What metric filters counted in hours that touch `from..until`, in milliseconds since the epoch.
    pub async fn counts(&self, from: i64, until: i64) -> Result<Vec<Counts>, StoreError> {
        let hours = from.div_euclid(MAX_SPAN_MILLIS)..until.div_euclid(MAX_SPAN_MILLIS) + 1;
        let page = self.kv.range(counts_range(hours.start, hours.end), usize::MAX, Order::Ascending).await?;
        page.kvs.iter().map(|kv| head::decode("the counts of a metric filter", &kv.value)).collect()
    }

    /// Takes away counts that lie before `cutoff`, at most `limit` keys. Returns whether there may be more.
    pub async fn expire_counts(
        &self,
        by: &dyn Authority,
        cutoff: i64,
        limit: usize,
    ) -> Result<bool, StoreError> {
        let range = counts_range(0, cutoff.div_euclid(MAX_SPAN_MILLIS));
        let page = self.kv.range(range, limit, Order::Ascending).await?;
        let deletes: Vec<_> = page.kvs.into_iter().map(|kv| Op::Delete { key: kv.key }).collect();
        if !deletes.is_empty() {
            tracing::debug!(keys = deletes.len(), by = by.describe(), "counts of metric filters expired");
            self.kv.txn(Vec::new(), deletes).await?;
        }
        Ok(page.more)
    }

    /// Takes away the chunks of a stream that lie wholly before `cutoff`, at most `limit` of them. Returns
    /// whether there may be more.
    pub async fn expire(
        &self,
        by: &dyn Authority,
        id: &StreamId,
        cutoff: i64,
        limit: usize,
    ) -> Result<bool, StoreError> {
        let snapshot = self.kv.snapshot().await?;
        let Some(found) = snapshot.get_many(&[head_key(id)]).await?.pop().flatten() else { return Ok(false) };
        let mut head: Head = head::decode("the head of a log stream", &found.value)?;
        let expired = snapshot.range(&index_range(id, 0, cutoff), limit, Order::Ascending).await?;
        let kept = snapshot.range(&index_range(id, cutoff, i64::MAX), 1, Order::Ascending).await?;
        let mut ops = Vec::with_capacity(2 * expired.kvs.len() + 1);
        for entry in &expired.kvs {
            let meta: Meta = head::decode("the index of a log stream", &entry.value)?;
            head.stored_bytes = head.stored_bytes.saturating_sub(meta.bytes);
            ops.push(Op::Delete { key: entry.key.clone() });
            ops.push(Op::Delete { key: data_key(id, meta.sequence) });
        }
        // Once nothing expired is left the head must say so, or it would be looked at again and again.
        head.first = match kept.kvs.first() {
            _ if expired.more => head.first,
            Some(entry) => head::decode::<Meta>("the index of a log stream", &entry.value)?.first.max(cutoff),
            None => head.last.max(cutoff),
        };
        ops.push(Op::Put { key: head_key(id), value: head::encode("a head", &head)?, lease: None });
        let unchanged = Compare::ModRevision { key: head_key(id), revision: found.mod_revision };
        match self.kv.txn(vec![unchanged], ops).await? {
            TxnOutcome::Committed { .. } => {
                tracing::debug!(
                    stream = id.stream,
                    chunks = expired.kvs.len(),
                    by = by.describe(),
                    "logs expired"
                );
                Ok(expired.more)
            }
            TxnOutcome::Failed => Ok(true),
        }
    }

    /// Takes away keys of a group, or of one of its streams, at most `limit`. Returns whether there may be more.
    pub async fn sweep(
        &self,
        by: &dyn Authority,
        group: &str,
        stream: Option<&str>,
        limit: usize,
    ) -> Result<bool, StoreError> {
        let mut left = limit;
        for kind in layout::KINDS {
            let prefix = match stream {
                None => layout::group_prefix(kind, group),
                Some(stream) => {
                    let id = StreamId { group: group.to_owned(), stream: stream.to_owned() };
                    layout::stream_prefix(kind, &id)
                }
            };
            let found = self.kv.range(Range::prefix(prefix), left, Order::Ascending).await?;
            left -= found.kvs.len();
            let deletes: Vec<_> = found.kvs.into_iter().map(|kv| Op::Delete { key: kv.key }).collect();
            if !deletes.is_empty() {
                tracing::debug!(group, kind, keys = deletes.len(), by = by.describe(), "deleted logs swept");
                self.kv.txn(Vec::new(), deletes).await?;
            }
            if left == 0 || found.more {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Cuts events into what fits a chunk each.
fn pieces<E: Said>(events: &[E]) -> Vec<&[E]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut bytes = 0;
    for (at, event) in events.iter().enumerate() {
        let size = event.message().len() + EVENT_OVERHEAD;
        let apart = event.timestamp() - events[start].timestamp() >= MAX_SPAN_MILLIS;
        if at > start
            && (apart || bytes + size > MAX_CHUNK_BYTES || (at - start) as u64 >= ORDINALS_PER_CHUNK)
        {
            pieces.push(&events[start..at]);
            start = at;
            bytes = 0;
        }
        bytes += size;
    }
    if start < events.len() {
        pieces.push(&events[start..]);
    }
    pieces
}

/// The head after the pieces were added, and what is to be written for it.
async fn additions<E: Said + Sync>(
    id: &StreamId,
    head: Option<Head>,
    pieces: &[&[E]],
    part: Option<&LogPosition>,
    now: i64,
) -> Result<(Head, Vec<Op>), StoreError> {
    let first = pieces.first().and_then(|piece| piece.first()).map_or(now, E::timestamp);
    let mut head = head.unwrap_or(Head {
        first,
        last: first,
        last_ingestion: now,
        stored_bytes: 0,
        next_sequence: 1,
        sources: Vec::new(),
    });
    if let Some(part) = part {
        head.set_position(&part.source, part.to);
    }
    let had = head.next_sequence / CHUNKS_TO_MERGE;
    let mut metas = Vec::with_capacity(pieces.len());
    let mut raws = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let sequence = head.next_sequence;
        let bytes = piece.iter().map(|event| event.message().len()).sum();
        let mut raw = Raw::with_capacity(piece.len(), bytes);
        for (event, ordinal) in piece.iter().zip(sequence * ORDINALS_PER_CHUNK..) {
            raw.add(event.timestamp(), now, ordinal, event.message());
        }
        let meta = Meta {
            first: piece.first().map_or(0, E::timestamp),
            last: piece.last().map_or(0, E::timestamp),
            sequence,
            events: piece.len() as u32,
            bytes: (bytes + piece.len() * EVENT_OVERHEAD) as u64,
            merged: false,
        };
        raws.push(raw);
        head.first = head.first.min(meta.first);
        head.last = head.last.max(meta.last);
        head.last_ingestion = head.last_ingestion.max(now);
        head.stored_bytes += meta.bytes;
        head.next_sequence += 1;
        metas.push(meta);
    }
    let mut ops = Vec::with_capacity(2 * pieces.len() + 2);
    for (meta, data) in metas.into_iter().zip(compressed(raws).await?) {
        ops.extend(puts(id, &meta, data)?);
    }
    if head.next_sequence / CHUNKS_TO_MERGE > had {
        ops.push(Op::Put { key: pending_key(id), value: Bytes::new(), lease: None });
    }
    ops.push(Op::Put { key: head_key(id), value: head::encode("a head", &head)?, lease: None });
    Ok((head, ops))
}

/// Compresses: little of it here, more of it on as many cores as there are.
async fn compressed(raws: Vec<Raw>) -> Result<Vec<Bytes>, StoreError> {
    if raws.iter().map(Raw::len).sum::<usize>() <= COMPRESS_HERE {
        return raws.iter().map(|raw| raw.compress(LEVEL)).collect();
    }
    let works = raws.into_iter().map(|raw| tokio::task::spawn_blocking(move || raw.compress(LEVEL)));
    let mut all = Vec::new();
    for work in works.collect::<Vec<_>>() {
        all.push(work.await.map_err(|error| StoreError::Engine(error.to_string()))??);
    }
    Ok(all)
}

/// What is written for a chunk with these events, which are in the order of their times.
pub(super) fn chunk(
    id: &StreamId,
    sequence: u64,
    events: &[Event],
    level: i32,
    merged: bool,
) -> Result<(Meta, [Op; 2]), StoreError> {
    let meta = Meta {
        first: events.first().map_or(0, |event| event.timestamp),
        last: events.last().map_or(0, |event| event.timestamp),
        sequence,
        events: events.len() as u32,
        bytes: events.iter().map(|event| (event.message.len() + EVENT_OVERHEAD) as u64).sum(),
        merged,
    };
    let puts = puts(id, &meta, codec::encode(events, level)?)?;
    Ok((meta, puts))
}

fn puts(id: &StreamId, meta: &Meta, data: Bytes) -> Result<[Op; 2], StoreError> {
    let key = index_key(id, meta.last, meta.sequence);
    let index = Op::Put { key, value: head::encode("an index entry", meta)?, lease: None };
    Ok([index, Op::Put { key: data_key(id, meta.sequence), value: data, lease: None }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(timestamp: i64, size: usize) -> Incoming {
        Incoming { timestamp, message: "x".repeat(size) }
    }

    #[test]
    fn pieces_are_short_and_small() {
        let hour = MAX_SPAN_MILLIS;
        let cut = |events: &[Incoming]| pieces(events).iter().map(|piece| piece.len()).collect::<Vec<_>>();
        assert_eq!(cut(&[]), [0; 0]);
        assert_eq!(cut(&[event(0, 1), event(hour - 1, 1), event(hour, 1), event(2 * hour, 1)]), [2, 1, 1]);
        assert_eq!(cut(&[event(0, 300_000), event(0, 300_000), event(0, 1)]), [1, 2]);
        assert_eq!(cut(&[event(0, 1_000_000), event(0, 1_000_000)]), [1, 1]);
    }
}
