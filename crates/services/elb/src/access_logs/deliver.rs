//! Files go to their buckets.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::Work;

/// How many bytes of files wait.
const MOST: usize = 64 * 1024 * 1024;
/// After how long a bucket is tried again that could not be written to.
const AGAIN: Duration = Duration::from_secs(30);

/// A file for a bucket.
#[derive(Clone)]
pub(super) struct File {
    pub bucket: String,
    pub key: String,
    pub content: Bytes,
    pub lines: u64,
}

/// The files that wait, the oldest first.
#[derive(Default)]
pub(super) struct Waiting(VecDeque<File>);

impl Waiting {
    /// Adds one; how many lines were dropped with the oldest to make room.
    pub fn put(&mut self, file: File) -> u64 {
        self.0.push_back(file);
        let mut dropped = 0;
        while self.0.len() > 1 && self.0.iter().map(|one| one.content.len()).sum::<usize>() > MOST {
            dropped += self.0.pop_front().map_or(0, |oldest| oldest.lines);
        }
        dropped
    }

    /// How many lines wait.
    pub fn lines(&self) -> u64 {
        self.0.iter().map(|one| one.lines).sum()
    }

    /// Drops all; how many lines they had.
    pub fn drain(&mut self) -> u64 {
        self.0.drain(..).map(|one| one.lines).sum()
    }

    fn remove(&mut self, key: &str) {
        self.0.retain(|one| one.key != key);
    }
}

/// Delivers until nothing more comes and all that waits was tried once more.
pub(super) async fn deliver(work: Arc<Work>, gathered: CancellationToken) {
    loop {
        let last = gathered.is_cancelled();
        let failed = round(&work).await;
        if last {
            return;
        }
        let pause = async {
            match failed {
                // What comes meanwhile waits too: it is for the same store.
                true => tokio::time::sleep(AGAIN).await,
                false => work.more.notified().await,
            }
        };
        tokio::select! {
            () = pause => {}
            () = gathered.cancelled() => {}
        }
    }
}

/// Tries each file that waits; whether some could not be written.
async fn round(work: &Work) -> bool {
    let all: Vec<File> = work.waiting().0.iter().cloned().collect();
    let mut unwritten: Vec<&str> = Vec::new();
    for file in &all {
        // A bucket that just was not there is not asked again for each of its files.
        if unwritten.contains(&file.bucket.as_str()) {
            continue;
        }
        match work.buckets.write(&file.bucket, &file.key, file.content.clone()).await {
            Ok(()) => {
                work.waiting().remove(&file.key);
                work.written.fetch_add(file.lines, Ordering::Relaxed);
            }
            Err(error) => {
                let (bucket, key) = (&file.bucket, &file.key);
                tracing::warn!(bucket, key, %error, "an access log was not written; it is tried again");
                unwritten.push(&file.bucket);
            }
        }
    }
    !unwritten.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_files_make_room() {
        let file = |key: &str, size: usize| File {
            bucket: "b".into(),
            key: key.into(),
            content: vec![0; size].into(),
            lines: 10,
        };
        let mut waiting = Waiting::default();
        assert_eq!(waiting.put(file("1", MOST / 2)), 0);
        assert_eq!(waiting.put(file("2", MOST / 2)), 0);
        assert_eq!(waiting.put(file("3", 1)), 10);
        assert_eq!(waiting.lines(), 20);
        // One alone stays, whatever its size.
        assert_eq!(waiting.put(file("4", 2 * MOST)), 20);
        assert_eq!((waiting.lines(), waiting.drain()), (10, 10));
    }
}
