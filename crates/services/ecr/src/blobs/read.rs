//! Reading a file ahead of the client: in a few buffers that are used again and again, or not at all, where the
//! kernel can send it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use gantry_ecr_core::ByteRange;
use gantry_sendfile::Mapped;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// The size of a buffer in bytes. Small enough that what was just read is still in the processor's cache
/// when it is sent.
const BUFFER: usize = 256 * 1024;
/// How much of a file is handed on at once to be sent by the kernel, in bytes: so much that handing on costs nothing.
const WINDOW: usize = 4 * 1024 * 1024;
/// How many pieces are taken ahead of the one that is sent.
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

/// How the bytes get to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Through this process, which has to see them: to encrypt them, for one.
    Through,
    /// As they are, so that the kernel can send them from the file.
    AsTheyAre,
}

/// The bytes of a part of the file. If the client takes nothing for `stall`, they end early, which its
/// connection tells from the end by the announced length.
pub fn file(
    file: File,
    range: ByteRange,
    way: Way,
    turn: OwnedSemaphorePermit,
    stall: Duration,
) -> io::Result<impl Stream<Item = io::Result<Bytes>> + Send> {
    let source = match way {
        Way::Through => Source::Buffers(Arc::new(file), Spare::default()),
        Way::AsTheyAre => Source::Mapped(Mapped::new(file, range.start..range.end)?),
    };
    let (sending, mut receiving) = mpsc::channel(AHEAD);
    tokio::spawn(read(source, range, turn, stall, sending));
    Ok(futures::stream::poll_fn(move |cx| receiving.poll_recv(cx)))
}

/// Where the bytes are taken from.
#[derive(Clone)]
enum Source {
    Buffers(Arc<File>, Spare),
    Mapped(Mapped),
}

impl Source {
    /// How many bytes are taken at once.
    fn piece(&self) -> usize {
        match self {
            Source::Buffers(..) => BUFFER,
            Source::Mapped(_) => WINDOW,
        }
    }

    async fn take(&self, at: u64, length: usize) -> io::Result<Bytes> {
        if let Source::Mapped(mapped) = self
            && mapped.is_in_memory(at, length)
        {
            return Ok(mapped.bytes(at, length));
        }
        let source = self.clone();
        let taken = tokio::task::spawn_blocking(move || match source {
            Source::Buffers(file, spare) => fill(&file, spare, at, length),
            Source::Mapped(mapped) => mapped.read(at, length).map(|()| mapped.bytes(at, length)),
        });
        taken.await.map_err(io::Error::other)?
    }
}

async fn read(
    source: Source,
    range: ByteRange,
    _turn: OwnedSemaphorePermit,
    stall: Duration,
    sending: mpsc::Sender<io::Result<Bytes>>,
) {
    let mut at = range.start;
    while at < range.end {
        let length = (range.end - at).min(source.piece() as u64) as usize;
        let piece = source.take(at, length).await;
        let failed = piece.is_err();
        // An error here is a client that is gone, or as good as gone.
        let taken = matches!(tokio::time::timeout(stall, sending.send(piece)).await, Ok(Ok(())));
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

    const WAYS: [Way; 2] = [Way::Through, Way::AsTheyAre];

    async fn read(content: &[u8], range: ByteRange, way: Way) -> io::Result<Vec<u8>> {
        let mut made = tempfile::tempfile().unwrap();
        made.write_all(content).unwrap();
        let turn = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        let pieces: Vec<Bytes> = file(made, range, way, turn, STALL)?.try_collect().await?;
        Ok(pieces.concat())
    }

    #[tokio::test]
    async fn every_part_of_a_file_comes_in_order() {
        let content: Vec<u8> = (0..9 * BUFFER + 17).map(|at| (at / 251) as u8).collect();
        let length = content.len() as u64;
        let ranges = [(0, length), (0, 1), (length - 1, length), (BUFFER as u64 - 1, BUFFER as u64 + 1)];
        for (start, end) in ranges {
            for way in WAYS {
                let got = read(&content, ByteRange { start, end }, way).await.unwrap();
                assert!(got == content[start as usize..end as usize], "{start}..{end} {way:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_is_too_short_is_an_error_and_no_zeros() {
        for way in WAYS {
            assert!(read(b"short", ByteRange { start: 0, end: 10 }, way).await.is_err());
        }
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_loses_its_turn() {
        for (way, size) in [(Way::Through, BUFFER), (Way::AsTheyAre, WINDOW)] {
            let made = tempfile::tempfile().unwrap();
            made.set_len(100 * size as u64).unwrap();
            let turns = Arc::new(Semaphore::new(1));
            let turn = turns.clone().acquire_owned().await.unwrap();
            let range = ByteRange { start: 0, end: 100 * size as u64 };
            let stream = file(made, range, way, turn, Duration::from_millis(20)).unwrap();
            drop(turns.acquire().await.unwrap());
            let got: Vec<Bytes> = stream.try_collect().await.unwrap();
            assert_eq!(got.len(), AHEAD);
        }
    }
}
