//! Reading a file ahead of the client, in a few buffers that are used again and again.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use gantry_ecr_core::ByteRange;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// The size of a buffer in bytes. Small enough that what was just read is still in the processor's cache
/// when it is sent.
const BUFFER: usize = 256 * 1024;
/// How many buffers are read ahead of the one that is sent.
const AHEAD: usize = 2;
/// How long the client may take nothing before its turn is over.
pub const STALL: Duration = Duration::from_secs(120);

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
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() <= AHEAD {
            spare.push(std::mem::take(&mut self.buffer));
        }
    }
}

/// The bytes of a part of the file. If the client takes nothing for `stall`, they end early, which its
/// connection tells from the end by the announced length.
pub fn file(
    file: File,
    range: ByteRange,
    turn: OwnedSemaphorePermit,
    stall: Duration,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let (sending, mut receiving) = mpsc::channel(AHEAD);
    tokio::spawn(read(Arc::new(file), range, turn, stall, sending));
    futures::stream::poll_fn(move |cx| receiving.poll_recv(cx))
}

async fn read(
    file: Arc<File>,
    range: ByteRange,
    _turn: OwnedSemaphorePermit,
    stall: Duration,
    sending: mpsc::Sender<io::Result<Bytes>>,
) {
    let spare = Spare::default();
    let mut at = range.start;
    while at < range.end {
        let length = (range.end - at).min(BUFFER as u64) as usize;
        let (from, buffers) = (file.clone(), spare.clone());
        let filled = tokio::task::spawn_blocking(move || fill(&from, buffers, at, length)).await;
        let filled = filled.map_err(io::Error::other).and_then(|filled| filled);
        let failed = filled.is_err();
        // An error here is a client that is gone, or as good as gone.
        let taken = matches!(tokio::time::timeout(stall, sending.send(filled)).await, Ok(Ok(())));
        if failed || !taken {
            return;
        }
        at += length as u64;
    }
}

fn fill(file: &File, spare: Spare, at: u64, length: usize) -> io::Result<Bytes> {
    let used = spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
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
        let pieces: Vec<Bytes> = file(made, range, turn, STALL).try_collect().await?;
        Ok(pieces.concat())
    }

    #[tokio::test]
    async fn every_part_of_a_file_comes_in_order() {
        let content: Vec<u8> = (0..9 * BUFFER + 17).map(|at| (at / 251) as u8).collect();
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

    #[tokio::test]
    async fn a_client_that_takes_nothing_loses_its_turn() {
        let made = tempfile::tempfile().unwrap();
        made.set_len(100 * BUFFER as u64).unwrap();
        let turns = Arc::new(Semaphore::new(1));
        let turn = turns.clone().acquire_owned().await.unwrap();
        let range = ByteRange { start: 0, end: 100 * BUFFER as u64 };
        let stream = file(made, range, turn, Duration::from_millis(20));
        drop(turns.acquire().await.unwrap());
        let got: Vec<Bytes> = stream.try_collect().await.unwrap();
        assert_eq!(got.len(), AHEAD);
    }
}
