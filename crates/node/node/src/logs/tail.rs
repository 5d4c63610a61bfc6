//! Following one stream of one container.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gantry_node_proto::packed::pack;
use gantry_node_proto::v1;
use nix::fcntl::{FallocateFlags, fallocate};
use tokio::sync::watch;
use tokio::time::Instant;

use super::drivers::Driver;
use super::group;
use super::read::{self, Extent, Read};
use super::{Destination, Shared, Stream, note};

/// A quiet stream is looked at less and less often.
const SOONEST: Duration = Duration::from_millis(100);
const LATEST: Duration = Duration::from_secs(1);
/// An event of several lines is complete when nothing was written for so long.
const COMPLETE: Duration = Duration::from_secs(5);
/// How much of a stream that is not shipped is kept.
const KEPT_BYTES: u64 = 1024 * 1024;
/// A buffer that a user asks for is never smaller: what was written since the last look is not late.
const LEAST_BACKLOG: u64 = 4 * 1024 * 1024;
/// What is read of a stream while it is at work otherwise is bounded; so much is read in place, more beside.
const IN_PLACE: u64 = 128 * 1024;
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
    let grown = Grown { length: 0, at: Instant::now() };
    let mut work = Work { grown, driver: None, ahead: None, begun: false };
    loop {
        // Seen before reading: what was written before the end is read after it.
        let over = *ended.borrow_and_update();
        match round(&shared, &key, &mut stream, &mut work, over).await {
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

/// What a tailer keeps between its rounds.
struct Work {
    grown: Grown,
    driver: Option<Driver>,
    /// Read while the batch before it was on its way.
    ahead: Option<Read<Bytes>>,
    /// It was looked for a hole at the beginning.
    begun: bool,
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
    work: &mut Work,
    over: bool,
) -> io::Result<bool> {
    let file = match OpenOptions::new().read(true).write(true).open(&stream.path) {
        Ok(file) => file,
        // The container was not started yet, or never.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    if !std::mem::replace(&mut work.begun, true) {
        stream.offset = read::behind_hole(&file, stream.offset, length)?;
    }
    let Some(to) = stream.to.clone() else {
        return discard(shared, key, stream, &file, length);
    };
    let dropped = limit(shared, stream, length);
    let now_ms = shared.clock.now().as_millis();
    let extent = Extent { offset: stream.offset, length, over, now_ms, dropped };
    if length != work.grown.length {
        work.grown = Grown { length, at: Instant::now() };
    }
    if !to.driver.is_empty() {
        let read = read::events(&file, extent)?;
        if !read.events.is_empty() {
            let driver = match &mut work.driver {
                Some(driver) => driver,
                none => none.insert(begin(&to, stream)?),
            };
            driver.take(stream.output(), &read.events).await?;
        }
        advance(shared, key, stream, &file, read.end_offset)?;
        return Ok(!read.events.is_empty() || !read.all);
    }
    if let Some(beginning) = group::beginning(&to.options).map_err(io::Error::other)? {
        let read = read::events(&file, extent)?;
        let (all, none) = (read.all, read.events.is_empty());
        let complete = all && (over || work.grown.at.elapsed() >= COMPLETE);
        let events = group::join(read.events, &beginning, complete);
        let end_offset = match events.last() {
            Some(last) => last.end_offset,
            None if none => read.end_offset,
            None => return Ok(false),
        };
        let mut buffer = Vec::new();
        for event in &events {
            pack(&mut buffer, event.timestamp_ms, event.end_offset, &event.message);
        }
        let read = Read { start_offset: stream.offset, end_offset, events: buffer.into(), all };
        return ship(shared, key, stream, &file, to, &read).await;
    }
    // What was read ahead may end before what is there now: the next round looks again.
    if let Some(ahead) = work.ahead.take().filter(|ahead| ahead.start_offset == stream.offset && dropped == 0)
    {
        let next = look_ahead(&file, extent, &ahead);
        let (shipped, next) = tokio::join!(ship(shared, key, stream, &file, to, &ahead), next);
        work.ahead = next;
        return shipped.map(|_| true);
    }
    let read = match length.saturating_sub(stream.offset) <= IN_PLACE {
        true => read::packed(&file, extent)?,
        false => beside(&file, extent).await?,
    };
    let next = look_ahead(&file, extent, &read);
    let (shipped, next) = tokio::join!(ship(shared, key, stream, &file, to, &read), next);
    work.ahead = next;
    shipped
}

/// Reads where it holds up nobody.
async fn beside(file: &File, extent: Extent) -> io::Result<Read<Bytes>> {
    let file = file.try_clone()?;
    tokio::task::spawn_blocking(move || read::packed(&file, extent)).await.map_err(io::Error::other)?
}

/// What comes behind a batch that was full. What can't be read now is read later.
async fn look_ahead(file: &File, extent: Extent, read: &Read<Bytes>) -> Option<Read<Bytes>> {
    if read.all {
        return None;
    }
    let extent = Extent { offset: read.end_offset, over: false, dropped: 0, ..extent };
    beside(file, extent).await.ok().filter(|ahead| !ahead.events.is_empty())
}

/// Ships what was read, and waits until it was taken; false if there was nothing.
async fn ship(
    shared: &Shared,
    key: &str,
    stream: &mut Stream,
    file: &File,
    to: Destination,
    read: &Read<Bytes>,
) -> io::Result<bool> {
    if read.events.is_empty() {
        // Empty lines only, or a line that is not complete.
        advance(shared, key, stream, file, read.end_offset)?;
        return Ok(!read.all);
    }
    let batch = v1::LogBatch {
        task_arn: stream.task_arn.clone(),
        container: stream.container.clone(),
        output: stream.output().into(),
        region: to.region,
        group: to.group,
        stream: to.stream,
        start_offset: stream.offset,
        end_offset: read.end_offset,
        events: read.events.clone(),
    };
    let ack = shared.shipper.ship(batch).await?;
    if !ack.refused.is_empty() {
        tracing::warn!(task_arn = %stream.task_arn, container = %stream.container, why = %ack.refused, "output was refused");
    }
    let accepted = ack.accepted_offset.clamp(stream.offset, read.end_offset);
    if accepted == stream.offset && read.end_offset > stream.offset {
        return Err(io::Error::other("nothing of a batch was accepted"));
    }
    advance(shared, key, stream, file, accepted)?;
    Ok(true)
}

fn begin(to: &Destination, stream: &Stream) -> io::Result<Driver> {
    let source = to.source.as_ref().ok_or_else(|| io::Error::other("a stream of no container"))?;
    Driver::new(&to.driver, &to.options, source, &stream.path).map_err(io::Error::other)
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
    given.map_or(default, |bytes| bytes.clamp(LEAST_BACKLOG, default))
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
