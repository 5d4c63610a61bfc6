//! Entries become lines, and lines files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use gantry_base::Timestamp;
use gantry_elb_core::access_log::{AccessLog, Logged, PERIOD, RANDOM};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Work;
use super::deliver::File;

/// How many entries are taken at once.
const AT_ONCE: usize = 256;
/// A file with so many bytes of lines is not waited for.
const MOST_OF_ONE: usize = 4 * 1024 * 1024;
/// With so many bytes of lines together, no file is.
const MOST_OF_ALL: usize = 32 * 1024 * 1024;

/// The lines of a file that is not finished.
#[derive(Default)]
struct Open {
    text: String,
    lines: u64,
}

/// Gathers until `ended`, and finishes what there is; `_done` tells by its end that nothing more comes.
pub(super) async fn gather(
    work: Arc<Work>,
    mut entries: mpsc::Receiver<Logged>,
    ended: CancellationToken,
    _done: DropGuard,
) {
    let mut open: BTreeMap<Arc<AccessLog>, Open> = BTreeMap::new();
    let mut taken = Vec::with_capacity(AT_ONCE);
    let mut end = period_end(work.clock.now());
    let mut period = Box::pin(tokio::time::sleep(left(&work, end)));
    let mut crowded = 0;
    loop {
        let over = tokio::select! {
            count = entries.recv_many(&mut taken, AT_ONCE) => match count {
                0 => break,
                _ => false,
            },
            () = &mut period => true,
            () = ended.cancelled() => break,
        };
        add(&mut open, &mut taken);
        let all = open.values().map(|one| one.text.len()).sum::<usize>();
        let is_full = |one: &Open| over || all > MOST_OF_ALL || one.text.len() > MOST_OF_ONE;
        let full: Vec<_> = open.extract_if(.., |_, one| is_full(one)).collect();
        for (log, lines) in full {
            finish(&work, &log, lines, end).await;
        }
        if over {
            let now = work.crowded.load(Ordering::Relaxed);
            if now > crowded {
                let why = "too many requests came at once";
                tracing::warn!(lines = now - crowded, why, "lines of access logs were dropped");
                crowded = now;
            }
            end = period_end(work.clock.now());
            period.as_mut().reset(tokio::time::Instant::now() + left(&work, end));
        }
    }
    entries.close();
    while entries.recv_many(&mut taken, AT_ONCE).await > 0 {
        add(&mut open, &mut taken);
    }
    for (log, lines) in open {
        finish(&work, &log, lines, end).await;
    }
}

fn add(open: &mut BTreeMap<Arc<AccessLog>, Open>, taken: &mut Vec<Logged>) {
    for logged in taken.drain(..) {
        let file = open.entry(logged.log().clone()).or_default();
        // Writing into a string can't fail.
        let _ = writeln!(file.text, "{logged}");
        file.lines += 1;
    }
}

/// The end of the period that a moment is in.
fn period_end(now: Timestamp) -> Timestamp {
    let period = i64::try_from(PERIOD.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis((now.as_millis().div_euclid(period) + 1) * period)
}

fn left(work: &Work, end: Timestamp) -> Duration {
    end.since(work.clock.now()).min(PERIOD)
}

async fn finish(work: &Work, log: &AccessLog, open: Open, end: Timestamp) {
    let Open { text, lines } = open;
    let packed = tokio::task::spawn_blocking(move || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes())?;
        encoder.finish()
    });
    let Ok(Ok(content)) = packed.await else {
        return work.lose(lines, "they can't be compressed");
    };
    let random = work.ids.text(RANDOM.0, RANDOM.1);
    let file =
        File { bucket: log.bucket.clone(), key: log.key(end, &random), content: content.into(), lines };
    let dropped = work.waiting().put(file);
    if dropped > 0 {
        work.lose(dropped, "their buckets can't be written to, and too many files wait");
    }
    work.more.notify_one();
}
