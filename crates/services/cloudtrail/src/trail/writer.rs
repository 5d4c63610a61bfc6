//! The one who writes: batches to the open segment, a sync each second, and the limits.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gantry_base::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::Limits;
use super::segment::{Segment, list};

/// How long what is written may wait for the disk.
const SYNC: Duration = Duration::from_secs(1);
/// How many lines are written at once.
const BATCH: usize = 256;
/// How often the log is told that nothing can be written.
const COMPLAIN: Duration = Duration::from_secs(60);

/// A line on its way.
pub struct Line {
    pub now: Timestamp,
    pub text: String,
    pub written: oneshot::Sender<()>,
}

/// What the writer is asked for.
pub enum Order {
    Append(Line),
    Clear(oneshot::Sender<io::Result<()>>),
}

pub struct Writer {
    folder: PathBuf,
    limits: Limits,
    /// Oldest first; the last one is open when `file` is.
    segments: Vec<Segment>,
    file: Option<File>,
    unsynced: bool,
    synced: Instant,
    lost: u64,
    complained: Option<Instant>,
}

impl Writer {
    /// Closes what an earlier process left open, except the newest, which goes on.
    pub fn open(folder: &Path, limits: Limits) -> io::Result<Writer> {
        let mut segments = list(folder)?;
        for segment in &segments {
            // A crash between packing and removing leaves both.
            if segment.closed {
                let _ = std::fs::remove_file(Segment::path(folder, segment.name, false));
            }
        }
        let newest = segments.len().saturating_sub(1);
        for segment in segments.iter_mut().take(newest).filter(|segment| !segment.closed) {
            segment.close(folder)?;
        }
        let mut file = None;
        if let Some(segment) = segments.last_mut().filter(|segment| !segment.closed) {
            let whole = segment.read(folder)?.len() as u64;
            let open = OpenOptions::new().append(true).open(Segment::path(folder, segment.name, false))?;
            open.set_len(whole)?;
            segment.bytes = whole;
            file = Some(open);
        }
        Ok(Writer {
            folder: folder.to_owned(),
            limits,
            segments,
            file,
            unsynced: false,
            synced: Instant::now(),
            lost: 0,
            complained: None,
        })
    }

    /// Writes until nobody can send any more.
    pub fn run(mut self, runtime: &tokio::runtime::Runtime, mut orders: mpsc::Receiver<Order>) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let waiting = async {
                match self.unsynced {
                    true => tokio::time::timeout(SYNC, orders.recv_many(&mut batch, BATCH)).await.ok(),
                    false => Some(orders.recv_many(&mut batch, BATCH).await),
                }
            };
            match runtime.block_on(waiting) {
                Some(0) => break,
                Some(_) => self.obey(&mut batch),
                None => {}
            }
            if self.unsynced && self.synced.elapsed() >= SYNC {
                self.sync();
            }
        }
        self.sync();
    }

    fn obey(&mut self, orders: &mut Vec<Order>) {
        let mut lines = Vec::with_capacity(orders.len());
        for order in orders.drain(..) {
            match order {
                Order::Append(line) => lines.push(line),
                Order::Clear(done) => {
                    self.take(std::mem::take(&mut lines));
                    // The caller may have gone.
                    let _ = done.send(self.clear());
                }
            }
        }
        self.take(lines);
    }

    fn clear(&mut self) -> io::Result<()> {
        self.file = None;
        while let Some(segment) = self.segments.last() {
            segment.remove(&self.folder)?;
            self.segments.pop();
        }
        Ok(())
    }

    fn take(&mut self, batch: Vec<Line>) {
        if batch.is_empty() {
            return;
        }
        let text: String = batch.iter().map(|line| line.text.as_str()).collect();
        let now = batch.last().map_or(Timestamp::default(), |line| line.now);
        if let Err(error) = self.write(now, text.as_bytes()) {
            self.lost += batch.len() as u64;
            if self.complained.is_none_or(|last| last.elapsed() > COMPLAIN) {
                self.complained = Some(Instant::now());
                tracing::error!(%error, lost = self.lost, "calls can't be written to the audit trail");
            }
        } else if self.lost > 0 {
            tracing::error!(
                lost = self.lost,
                "the audit trail is written again; what came meanwhile is lost"
            );
            self.lost = 0;
            self.complained = None;
        }
        for line in batch {
            // The caller may have gone.
            let _ = line.written.send(());
        }
    }

    fn write(&mut self, now: Timestamp, text: &[u8]) -> io::Result<()> {
        self.make_room(now)?;
        let segment = self.segments.last_mut().ok_or_else(|| io::Error::other("no segment is open"))?;
        let file = self.file.as_mut().ok_or_else(|| io::Error::other("no segment is open"))?;
        if let Err(error) = file.write_all(text) {
            // Half a line must not stand before the next.
            file.set_len(segment.bytes)?;
            return Err(error);
        }
        segment.bytes += text.len() as u64;
        self.unsynced = true;
        Ok(())
    }

    fn sync(&mut self) {
        if let Some(Err(error)) = self.file.as_ref().map(File::sync_data) {
            tracing::error!(%error, "the audit trail can't be synced to the disk");
        }
        self.unsynced = false;
        self.synced = Instant::now();
    }

    /// Begins a segment when there is none or the open one is full, and keeps to the limits then.
    fn make_room(&mut self, now: Timestamp) -> io::Result<()> {
        let full = self.segments.last().is_some_and(|segment| segment.bytes >= self.limits.segment);
        if self.file.is_some() && !full {
            return Ok(());
        }
        if self.file.is_some() {
            self.sync();
            self.file = None;
        }
        if let Some(segment) = self.segments.last_mut().filter(|segment| !segment.closed) {
            segment.close(&self.folder)?;
        }
        self.forget(now);
        let name = self.segments.last().map_or(0, |last| last.name + 1).max(now.as_millis());
        let path = Segment::path(&self.folder, name, false);
        self.file = Some(OpenOptions::new().append(true).create_new(true).open(path)?);
        self.segments.push(Segment { name, closed: false, bytes: 0 });
        Ok(())
    }

    fn forget(&mut self, now: Timestamp) {
        let oldest =
            now.as_millis().saturating_sub(i64::try_from(self.limits.age.as_millis()).unwrap_or(i64::MAX));
        let mut space: u64 = self.segments.iter().map(|segment| segment.bytes).sum();
        let mut gone = 0;
        for pair in 0..self.segments.len() {
            let segment = &self.segments[pair];
            // Its last line is not younger than the next segment's first.
            let until = self.segments.get(pair + 1).map_or(now.as_millis(), |next| next.name);
            let too_old = until < oldest;
            let too_much = space + self.limits.segment > self.limits.space;
            if !too_old && !too_much {
                break;
            }
            if !too_old {
                tracing::warn!(
                    until = %Timestamp::from_millis(until),
                    "the audit trail is full; its oldest calls are removed before their time"
                );
            }
            if let Err(error) = segment.remove(&self.folder) {
                tracing::error!(%error, "an old part of the audit trail can't be removed");
                break;
            }
            space -= segment.bytes;
            gone += 1;
        }
        self.segments.drain(..gone);
    }
}
