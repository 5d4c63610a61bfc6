//! Reading a file ahead of the client, in a few buffers that are used again and again.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::Stream;
use gantry_ecr_core::ByteRange;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;

/// The size of a buffer in bytes. Small enough that what was just read is still in the processor's cache
/// when it is sent.
const BUFFER: usize = 256 * 1024;
/// How many buffers are read ahead of the one that is sent.
const AHEAD: usize = 2;

type Spare = Arc<Mutex<Vec<Vec<u8>>>>;

/// A buffer on loan: it goes back to the spare ones when its last byte has been sent.
struct Loan {
    buffer: Vec<u8>,
    filled: usize,
    spare: Spare,
}

impl AsRef<[u8]> for Loan {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let mut spare = self.spare.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if spare.len() <= AHEAD {
            spare.push(std::mem::take(&mut self.buffer));
        }
    }
}

struct Reading {
    file: Arc<File>,
    /// Where the next read begins.
    at: u64,
    end: u64,
    under_way: VecDeque<JoinHandle<io::Result<Bytes>>>,
    spare: Spare,
    _turn: OwnedSemaphorePermit,
}

/// The bytes of a part of the file.
pub fn file(
    file: File,
    range: ByteRange,
    turn: OwnedSemaphorePermit,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let reading = Reading {
        file: Arc::new(file),
        at: range.start,
        end: range.end,
        under_way: VecDeque::with_capacity(AHEAD + 1),
        spare: Spare::default(),
        _turn: turn,
    };
    futures::stream::try_unfold(reading, |mut reading| async move {
        reading.read_ahead();
        let Some(next) = reading.under_way.pop_front() else { return Ok(None) };
        let bytes = next.await.map_err(io::Error::other)??;
        reading.read_ahead();
        Ok(Some((bytes, reading)))
    })
}

impl Reading {
    fn read_ahead(&mut self) {
        while self.at < self.end && self.under_way.len() < AHEAD {
            let length = (self.end - self.at).min(BUFFER as u64) as usize;
            let (file, spare, at) = (self.file.clone(), self.spare.clone(), self.at);
            self.at += length as u64;
            self.under_way.push_back(tokio::task::spawn_blocking(move || fill(&file, spare, at, length)));
        }
    }
}

fn fill(file: &File, spare: Spare, at: u64, length: usize) -> io::Result<Bytes> {
    let used = spare.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop();
    let mut buffer = used.unwrap_or_default();
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
    file.read_exact_at(&mut buffer[..length], at)?;
    Ok(Bytes::from_owner(Loan { buffer, filled: length, spare }))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use futures::TryStreamExt;
    use tokio::sync::Semaphore;

    use super::*;

    async fn read(content: &[u8], range: ByteRange) -> io::Result<Vec<u8>> {
        let mut made = tempfile::tempfile().unwrap();
        made.write_all(content).unwrap();
        let turn = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        let pieces: Vec<Bytes> = file(made, range, turn).try_collect().await?;
        Ok(pieces.concat())
    }

    #[tokio::test]
    async fn every_part_of_a_file_comes_in_order() {
        let content: Vec<u8> = (0..3 * BUFFER + 17).map(|at| (at / 251) as u8).collect();
        let length = content.len() as u64;
        let ranges =
            [(0, length), (0, 1), (length - 1, length), (BUFFER as u64 - 1, BUFFER as u64 + 1), (5, 5)];
        for (start, end) in ranges {
            let got = read(&content, ByteRange { start, end }).await.unwrap();
            assert!(got == content[start as usize..end as usize], "{start}..{end}");
        }
    }

    #[tokio::test]
    async fn a_file_that_is_too_short_is_an_error_and_no_zeros() {
        assert!(read(b"short", ByteRange { start: 0, end: 10 }).await.is_err());
    }
}
