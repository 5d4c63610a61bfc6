//! Merging small chunks, so that a stream of single lines does not stay a heap of chunks of one line.

use gantry_base::Authority;
use gantry_store::{Compare, KeyValue, Op, Order, StoreError, TxnOutcome};

use super::codec;
use super::head::{self, Meta};
use super::layout::{data_key, index_range, pending_key, pending_range, stream_of};
use super::write::chunk;
use super::{Chunks, MAX_SPAN_MILLIS, StreamId};

/// Chunks are merged up to this many bytes of messages.
const TARGET_BYTES: u64 = 256 * 1024;

/// So many chunks at least are merged at a time.
const MIN_CHUNKS: usize = 8;

/// So many chunks at most are looked at in a stream in one go, from its end.
const LOOK_BACK: usize = 1024;

/// Merged once and read often, so it is worth more work than a chunk that lives for minutes.
const LEVEL: i32 = 6;

impl Chunks {
    /// Streams with chunks to merge, at most `limit`.
    pub async fn pending(&self, limit: usize) -> Result<Vec<StreamId>, StoreError> {
        let page = self.kv.range(pending_range(), limit, Order::Ascending).await?;
        Ok(page.kvs.iter().filter_map(|kv| stream_of(&kv.key)).collect())
    }

    /// Merges the small chunks at the end of a stream. Returns how many chunks became how many.
    pub async fn merge(&self, by: &dyn Authority, id: &StreamId) -> Result<(usize, usize), StoreError> {
        let pending = self.kv.get(pending_key(id)).await?;
        let page = self.kv.range(index_range(id, 0, i64::MAX), LOOK_BACK, Order::Descending).await?;
        let mut entries = Vec::with_capacity(page.kvs.len());
        for kv in page.kvs.into_iter().rev() {
            let meta: Meta = head::decode("the index of a log stream", &kv.value)?;
            entries.push((kv, meta));
        }
        let (mut before, mut after) = (0, 0);
        for run in plan(&entries) {
            if self.merge_run(&entries[run.clone()], id).await? {
                before += run.len();
                after += 1;
            }
        }
        // A chunk that came meanwhile has written the mark anew, which then stays.
        if let Some(pending) = pending {
            let unchanged = Compare::ModRevision { key: pending.key.clone(), revision: pending.mod_revision };
            self.kv.txn(vec![unchanged], vec![Op::Delete { key: pending.key }]).await?;
        }
        tracing::debug!(stream = id.stream, before, after, by = by.describe(), "log chunks merged");
        Ok((before, after))
    }

    /// Puts one chunk in the place of several; false where one of them was taken away meanwhile.
    async fn merge_run(&self, run: &[(KeyValue, Meta)], id: &StreamId) -> Result<bool, StoreError> {
        let keys: Vec<_> = run.iter().map(|(_, meta)| data_key(id, meta.sequence)).collect();
        let mut events = Vec::new();
        for data in self.kv.snapshot().await?.get_many(&keys).await? {
            let Some(data) = data else { return Ok(false) };
            events.extend(codec::decode(&data.value)?);
        }
        events.sort_by_key(|event| event.position(0));
        let sequence = run.iter().map(|(_, meta)| meta.sequence).max().unwrap_or_default();
        let (_, puts) = chunk(id, sequence, &events, LEVEL, true)?;
        let kept: Vec<_> = puts.iter().map(put_key).collect();
        let index_keys = run.iter().map(|(kv, _)| kv.key.clone());
        let deletes =
            index_keys.chain(keys).filter(|key| !kept.contains(&Some(key))).map(|key| Op::Delete { key });
        let ops: Vec<Op> = deletes.chain(puts.clone()).collect();
        let unchanged = |(kv, _): &(KeyValue, Meta)| Compare::ModRevision {
            key: kv.key.clone(),
            revision: kv.mod_revision,
        };
        let outcome = self.kv.txn(run.iter().map(unchanged).collect(), ops).await?;
        Ok(matches!(outcome, TxnOutcome::Committed { .. }))
    }
}

fn put_key(op: &Op) -> Option<&bytes::Bytes> {
    match op {
        Op::Put { key, .. } => Some(key),
        _ => None,
    }
}

/// Runs of neighbouring chunks that become one each, as ranges of the entries.
fn plan<T>(entries: &[(T, Meta)]) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    while start < entries.len() {
        let mut end = start;
        let (mut bytes, mut first, mut last) = (0, i64::MAX, i64::MIN);
        while let Some((_, meta)) = entries.get(end).filter(|(_, meta)| !meta.merged) {
            let (earliest, latest) = (first.min(meta.first), last.max(meta.last));
            if bytes + meta.bytes > TARGET_BYTES || latest - earliest >= MAX_SPAN_MILLIS {
                break;
            }
            (bytes, first, last) = (bytes + meta.bytes, earliest, latest);
            end += 1;
        }
        if end - start >= MIN_CHUNKS {
            runs.push(start..end);
        }
        start = end.max(start + 1);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metas(parts: &[(i64, u64, bool)]) -> Vec<((), Meta)> {
        let meta = |(at, (time, bytes, merged)): (usize, &(i64, u64, bool))| {
            let meta = Meta {
                first: *time,
                last: *time,
                sequence: at as u64,
                events: 1,
                bytes: *bytes,
                merged: *merged,
            };
            ((), meta)
        };
        parts.iter().enumerate().map(meta).collect()
    }

    #[test]
    fn runs_are_long_small_and_short_in_time() {
        let ends = |runs: Vec<std::ops::Range<usize>>| {
            runs.iter().map(|run| (run.start, run.end)).collect::<Vec<_>>()
        };
        let small: Vec<_> = (0..40).map(|at| (at * 1000, 100, false)).collect();
        assert_eq!(ends(plan(&metas(&small))), [(0, 40)]);
        assert!(plan(&metas(&small[..7])).is_empty());
        let hours: Vec<_> = (0..40).map(|at| (at * MAX_SPAN_MILLIS / 10, 100, false)).collect();
        assert_eq!(ends(plan(&metas(&hours))), [(0, 10), (10, 20), (20, 30), (30, 40)]);
        let large: Vec<_> = (0..20).map(|at| (at, 60 * 1024, false)).collect();
        assert!(plan(&metas(&large)).is_empty());
        let mut again = small.clone();
        again[19].2 = true;
        assert_eq!(ends(plan(&metas(&again))), [(0, 19), (20, 40)]);
    }
}
