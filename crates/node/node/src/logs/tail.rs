//! Following one stream of one container.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gantry_node_proto::v1;
use nix::fcntl::{FallocateFlags, fallocate};
use tokio::sync::watch;
use tokio::time::Instant;

use super::drivers::Driver;
use super::group;
use super::lines::Lines;
use super::{Destination, Shared, Stream, note};

const READ_BYTES: usize = 64 * 1024;
/// Of events that wait for one acknowledgement: CloudWatch Logs' own limits on a batch.
const BATCH_BYTES: usize = 1024 * 1024;
const BATCH_EVENTS: usize = 10_000;
/// A quiet stream is looked at less and less often.
const SOONEST: Duration = Duration::from_millis(100);
const LATEST: Duration = Duration::from_secs(1);
/// An event of several lines is complete when nothing was written for so long.
const COMPLETE: Duration = Duration::from_secs(5);
/// How much of a stream that is not shipped is kept.
const KEPT_BYTES: u64 = 1024 * 1024;
/// Space is given back in whole blocks, and not for every line.
const BLOCK: u64 = 64 * 1024;

/// Returns when the stream has ended and everything of it was accepted; its file and ledger row are gone then.
pub(super) async fn tail(
    shared: Arc<Shared>,
    key: String,
    mut stream: Stream,
    mut ended: watch::Receiver<bool>,
) {
    let mut pause = SOONEST;
    let mut grown = Grown { length: 0, at: Instant::now() };
    let mut driver = None;
    loop {
        // Seen before reading: what was written before the end is read after it.
        let over = *ended.borrow_and_update();
        match round(&shared, &key, &mut stream, &mut grown, &mut driver, over).await {
            Ok(true) => pause = SOONEST,
            Ok(false) if over => break,
            Ok(false) => {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    _ = ended.changed() => {}
                }
                pause = (pause * 2).min(LATEST);
            }
            Err(error) => {
                tracing::warn!(%key, %error, "a stream cannot be followed now");
                tokio::time::sleep(LATEST).await;
            }
        }
    }
    remove(&stream.path);
    if let Err(error) = shared.ledger.put_output(&key, None) {
        tracing::error!(%key, %error, "a stream stays in the ledger");
    }
}

/// When a file was last seen to have become longer.
struct Grown {
    length: u64,
    at: Instant,
}

/// Reads and ships one batch; false if there was nothing.
async fn round(
    shared: &Shared,
    key: &str,
    stream: &mut Stream,
    grown: &mut Grown,
    driver: &mut Option<Driver>,
    over: bool,
) -> io::Result<bool> {
    let file = match OpenOptions::new().read(true).write(true).open(&stream.path) {
        Ok(file) => file,
        // The container was not started yet, or never.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let Some(to) = stream.to.clone() else {
        return discard(shared, key, stream, &file, length);
    };
    let dropped = limit(shared, stream, length);
    let now = shared.clock.now().as_millis();
    let mut events = Vec::new();
    if dropped > 0 {
        events.push(v1::LogEvent {
            timestamp_ms: now,
            message: format!("{dropped} bytes of output were dropped: they could not be shipped"),
            end_offset: stream.offset,
        });
    }
    let mut lines = Lines::from(stream.offset);
    read(&file, &mut lines, &mut events, now)?;
    let all = lines.read_offset() >= length;
    if over && all {
        lines.end(now, &mut events);
    }
    if length != grown.length {
        *grown = Grown { length, at: Instant::now() };
    }
    if !to.driver.is_empty() {
        let end_offset = events.last().map_or(lines.offset(), |last| last.end_offset);
        if !events.is_empty() {
            let driver = match driver {
                Some(driver) => driver,
                None => driver.insert(begin(&to, stream)?),
            };
            driver.take(stream.output(), &events).await?;
        }
        advance(shared, key, stream, &file, end_offset)?;
        return Ok(!events.is_empty() || !all);
    }
    let beginning = group::beginning(&to.options).map_err(io::Error::other)?;
    if let Some(beginning) = &beginning
        && !events.is_empty()
    {
        let complete = all && (over || grown.at.elapsed() >= COMPLETE);
        events = group::join(events, beginning, complete);
        if events.is_empty() {
            return Ok(false);
        }
    }
    let end_offset = match events.last() {
        Some(last) => last.end_offset,
        // Empty lines only, or a line that is not complete.
        None => {
            let passed = lines.offset();
            advance(shared, key, stream, &file, passed)?;
            return Ok(!all);
        }
    };
    let batch = v1::LogBatch {
        task_arn: stream.task_arn.clone(),
        container: stream.container.clone(),
        output: stream.output().into(),
        region: to.region,
        group: to.group,
        stream: to.stream,
        start_offset: stream.offset,
        end_offset,
        events,
    };
    let ack = shared.shipper.ship(batch).await?;
    if !ack.refused.is_empty() {
        tracing::warn!(task_arn = %stream.task_arn, container = %stream.container, why = %ack.refused, "output was refused");
    }
    let accepted = ack.accepted_offset.clamp(stream.offset, end_offset);
    if accepted == stream.offset {
        return Err(io::Error::other("nothing of a batch was accepted"));
    }
    advance(shared, key, stream, &file, accepted)?;
    Ok(true)
}

fn begin(to: &Destination, stream: &Stream) -> io::Result<Driver> {
    let source = to.source.as_ref().ok_or_else(|| io::Error::other("a stream of no container"))?;
    Driver::new(&to.driver, &to.options, source, &stream.path).map_err(io::Error::other)
}

/// Reads until a batch is full or the file's end.
fn read(file: &File, lines: &mut Lines, events: &mut Vec<v1::LogEvent>, now: i64) -> io::Result<()> {
    let mut buffer = vec![0; READ_BYTES];
    let mut bytes = 0;
    while bytes < BATCH_BYTES - READ_BYTES && events.len() < BATCH_EVENTS {
        let length = file.read_at(&mut buffer, lines.read_offset())?;
        if length == 0 {
            break;
        }
        bytes += length;
        lines.add(&buffer[..length], now, events);
    }
    Ok(())
}

/// A stream that cannot be shipped for long keeps its newest half; answers how many bytes that costs.
fn limit(shared: &Shared, stream: &mut Stream, length: u64) -> u64 {
    let waiting = length.saturating_sub(stream.offset);
    let most = stream.to.as_ref().map_or(shared.backlog_bytes, |to| backlog(to, shared.backlog_bytes));
    if waiting <= most {
        return 0;
    }
    let dropped = waiting - most / 2;
    stream.offset += dropped;
    dropped
}

/// In the mode non-blocking, what waits has the size that the user gives; it is never less than a batch, as what was
/// written since the last look is not late.
fn backlog(to: &Destination, default: u64) -> u64 {
    let non_blocking = to.options.get("mode").is_some_and(|mode| mode == "non-blocking");
    let given = to.options.get("max-buffer-size").filter(|_| non_blocking);
    let given = given.and_then(|text| super::drivers::size(text));
    given.map_or(default, |bytes| bytes.clamp(4 * BATCH_BYTES as u64, default))
}

fn discard(shared: &Shared, key: &str, stream: &mut Stream, file: &File, length: u64) -> io::Result<bool> {
    if length.saturating_sub(stream.offset) > 2 * KEPT_BYTES {
        advance(shared, key, stream, file, length - KEPT_BYTES)?;
    }
    Ok(false)
}

/// Notes that everything before `offset` is done with, and gives its space back. The file keeps its length, so that its
/// writer and its offsets are not disturbed.
fn advance(shared: &Shared, key: &str, stream: &mut Stream, file: &File, offset: u64) -> io::Result<()> {
    let before = stream.offset;
    if offset == before {
        return Ok(());
    }
    stream.offset = offset;
    note(&shared.ledger, key, stream).map_err(io::Error::other)?;
    let (from, to) = (before / BLOCK * BLOCK, offset / BLOCK * BLOCK);
    if to > from {
        let flags = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
        let at = |offset: u64| i64::try_from(offset).map_err(io::Error::other);
        match fallocate(file, flags, at(from)?, at(to - from)?) {
            // A file system without holes keeps the file until its container is gone.
            Ok(()) | Err(nix::Error::EOPNOTSUPP) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

/// Removes a stream's file, and its task's directory with the last.
pub(super) fn remove(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "a stream's file stays");
        }
        _ => {}
    }
    if let Some(dir) = path.parent() {
        // It is not empty while another stream has its file there.
        let _ = std::fs::remove_dir(dir);
    }
}
