//! The trail on disk: segments of lines, oldest first, each line a moment and an event.

pub mod search;
mod segment;
mod writer;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gantry_base::Timestamp;
use tokio::sync::{mpsc, oneshot};

pub use search::{Entry, Page, Query};
use writer::{Line, Order, Writer};

/// What a trail may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long events are kept.
    pub age: Duration,
    /// How many bytes all segments may have; the oldest go first.
    pub space: u64,
    /// How many bytes a segment has before the next one is begun.
    pub segment: u64,
}

impl Default for Limits {
    /// 90 days as in CloudTrail's event history, and 1 GiB, which is about 30 million calls.
    fn default() -> Self {
        Limits { age: Duration::from_secs(90 * 24 * 3600), space: 1 << 30, segment: 4 << 20 }
    }
}

/// How many events may wait to be written before callers wait for room.
const QUEUE: usize = 4096;

/// A trail that is written by this process.
pub struct Trail {
    folder: PathBuf,
    sender: mpsc::Sender<Order>,
}

impl Trail {
    /// Opens the trail in `folder`, or begins it there. What a crash left half written is cut off.
    pub fn open(folder: &Path, limits: Limits) -> io::Result<Trail> {
        std::fs::create_dir_all(folder)?;
        let (sender, lines) = mpsc::channel(QUEUE);
        let writer = Writer::open(folder, limits)?;
        // One of its own: it goes on until the last event is written, while the process's may end before.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        std::thread::Builder::new()
            .name("audit trail".to_owned())
            .spawn(move || writer.run(&runtime, lines))?;
        Ok(Trail { folder: folder.to_owned(), sender })
    }

    /// Writes an event; back when it is with the kernel.
    pub async fn append(&self, now: Timestamp, event: &serde_json::Value) {
        let (written, wait) = oneshot::channel();
        let line = Line { now, text: format!("{} {event}\n", now.as_millis()), written };
        // Both fail only when the writer has gone, which has said so.
        if self.sender.send(Order::Append(line)).await.is_ok() {
            let _ = wait.await;
        }
    }

    /// Removes all events: in development, where everything can be emptied.
    pub async fn clear(&self) -> io::Result<()> {
        let (done, wait) = oneshot::channel();
        let gone = |_| io::Error::other("the audit trail is not written any more");
        self.sender.send(Order::Clear(done)).await.map_err(|_| gone(()))?;
        wait.await.map_err(|_| gone(()))?
    }

    /// One page of the events that fit, newest first.
    pub async fn search(&self, query: Query) -> io::Result<Page> {
        let folder = self.folder.clone();
        tokio::task::spawn_blocking(move || search::page(&folder, &query)).await?
    }
}
