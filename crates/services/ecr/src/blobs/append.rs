//! From the socket to the disk: while one batch is hashed and written on a thread that may block, the next
//! one is received.

use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use gantry_ecr_core::Bytestream;
use tokio::task::JoinHandle;

use super::staged::{AppendError, Staged};

/// How much is received while the batch before it is written, in bytes.
const BATCH: usize = 1024 * 1024;
/// How much is worth handing to a thread, in bytes, unless no more comes.
const WORTHWHILE: usize = 512 * 1024;
/// How long the client may pause.
const PAUSE: Duration = Duration::from_secs(60);

type Written = (Staged, std::io::Result<()>);

/// Who has the file: this task, or a thread that writes a batch.
enum Hands {
    Free(Staged),
    Writing(JoinHandle<Written>),
}

/// See [`Staged::append`]. Without a file in the answer it must be opened anew.
pub async fn append(
    staged: Staged,
    mut content: Bytestream,
    limit: u64,
) -> (Option<Staged>, Result<(), AppendError>) {
    let mut promised = staged.received();
    let mut hands = Hands::Free(staged);
    let mut batch: Vec<Bytes> = Vec::new();
    let mut batched = 0;
    let mut ended: Option<Result<(), AppendError>> = None;
    loop {
        if let Hands::Free(staged) = hands {
            if batch.is_empty()
                && let Some(ended) = ended
            {
                return (Some(staged), ended);
            }
            hands = if batch.is_empty() || (batched < WORTHWHILE && ended.is_none()) {
                Hands::Free(staged)
            } else {
                batched = 0;
                Hands::Writing(start_writing(staged, std::mem::take(&mut batch)))
            };
        }
        let receiving = ended.is_none() && batched < BATCH;
        tokio::select! {
            written = writing(&mut hands) => match written {
                Some((staged, Ok(()))) => hands = Hands::Free(staged),
                Some((staged, Err(error))) => return (Some(staged), Err(AppendError::Disk(error))),
                None => return (None, Err(AppendError::Disk(std::io::Error::other("the writer ended badly")))),
            },
            next = tokio::time::timeout(PAUSE, content.next()), if receiving => match next {
                Err(_) => ended = Some(Err(AppendError::BrokeOff(format!("no byte came for {} s", PAUSE.as_secs())))),
                Ok(None) => ended = Some(Ok(())),
                Ok(Some(Err(error))) => ended = Some(Err(AppendError::BrokeOff(error.to_string()))),
                Ok(Some(Ok(piece))) => {
                    promised += piece.len() as u64;
                    if promised > limit {
                        ended = Some(Err(AppendError::TooLarge { limit }));
                    } else if !piece.is_empty() {
                        batched += piece.len();
                        batch.push(piece);
                    }
                }
            },
        }
    }
}

fn start_writing(mut staged: Staged, batch: Vec<Bytes>) -> JoinHandle<Written> {
    tokio::task::spawn_blocking(move || {
        let written = staged.write(&batch);
        (staged, written)
    })
}

/// Ends when the batch is written; never, when none is.
async fn writing(hands: &mut Hands) -> Option<Written> {
    match hands {
        Hands::Writing(job) => job.await.ok(),
        Hands::Free(_) => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use gantry_ecr_core::Digest;

    use super::*;

    fn stream(pieces: Vec<io::Result<Bytes>>) -> Bytestream {
        Box::pin(futures::stream::iter(pieces))
    }

    fn content(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at / 13) as u8).collect()
    }

    fn pieces(content: &[u8], size: usize) -> Vec<io::Result<Bytes>> {
        content.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect()
    }

    #[tokio::test]
    async fn what_comes_is_hashed_and_kept_and_goes_on_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("upload");
        let content = content(5 * BATCH + 77);
        let (first, second) = content.split_at(2 * BATCH + 5);
        let staged = Staged::open(&path).unwrap();
        let (staged, added) = staged.append(stream(pieces(first, 70_001)), u64::MAX).await;
        added.unwrap();
        drop(staged);
        let staged = Staged::open(&path).unwrap();
        assert_eq!(staged.received(), first.len() as u64);
        let (staged, added) = staged.append(stream(pieces(second, 4 * BATCH)), u64::MAX).await;
        added.unwrap();
        assert_eq!(staged.unwrap().digest(), Digest::of(&content));
        assert!(std::fs::read(&path).unwrap() == content);
    }

    #[tokio::test]
    async fn what_came_before_the_break_counts() {
        let folder = tempfile::tempdir().unwrap();
        let mut broken = pieces(&content(1000), 100);
        broken.insert(7, Err(io::Error::other("reset")));
        let staged = Staged::open(&folder.path().join("upload")).unwrap();
        let (staged, added) = staged.append(stream(broken), u64::MAX).await;
        assert!(matches!(added, Err(AppendError::BrokeOff(_))));
        let mut staged = staged.unwrap();
        assert_eq!(staged.digest(), Digest::of(&content(700)));
        let mark = staged.mark();
        staged.write(&[Bytes::from_static(b"more")]).unwrap();
        staged.back_to(mark).unwrap();
        assert_eq!((staged.digest(), staged.received()), (Digest::of(&content(700)), 700));
    }

    #[tokio::test]
    async fn a_limit_is_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let staged = Staged::open(&folder.path().join("upload")).unwrap();
        let (staged, added) = staged.append(stream(pieces(&content(1000), 100)), 250).await;
        assert!(matches!(added, Err(AppendError::TooLarge { limit: 250 })));
        assert_eq!(staged.unwrap().received(), 200);
    }
}
