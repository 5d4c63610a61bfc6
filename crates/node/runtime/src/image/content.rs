//! Blobs into containerd's content store.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use gantry_containerd_api::services::content::{
    AbortRequest, ReadContentRequest, WriteAction, WriteContentRequest,
};
use http::StatusCode;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use super::manifest::Descriptor;
use super::registry::{Repository, network};
use crate::containerd::client::{self, Client};
use crate::engine::error::{EngineError, PullError};

/// Downloads break; what arrived is kept, so each attempt needs only the rest.
const ATTEMPTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Containerd takes messages of 16 MiB.
const CHUNK_BYTES: usize = 1 << 20;

/// A blob that is in the store; `None` if it is not. Meant for documents, not for layers.
pub(crate) async fn read(client: &Client, digest: &str) -> Result<Option<Vec<u8>>, EngineError> {
    let request = ReadContentRequest { digest: digest.to_owned(), offset: 0, size: 0 };
    let answer = client.content().read(request).await;
    let Some(mut stream) = client::found("read a blob", answer)? else { return Ok(None) };
    let mut bytes = Vec::new();
    loop {
        match stream.message().await {
            Ok(Some(part)) => bytes.extend_from_slice(&part.data),
            Ok(None) => return Ok(Some(bytes)),
            Err(status) if status.code() == Code::NotFound => return Ok(None),
            Err(status) => return Err(client::failure("read a blob", &status)),
        }
    }
}

/// Stores a blob that is at hand. The labels say what else the collector must keep for it.
pub(crate) async fn store(
    client: &Client,
    lease: &str,
    digest: &str,
    bytes: Vec<u8>,
    labels: HashMap<String, String>,
) -> Result<(), PullError> {
    let size = i64::try_from(bytes.len()).expect("a document is small");
    let commit = WriteContentRequest {
        action: WriteAction::Commit.into(),
        r#ref: format!("document-{digest}"),
        total: size,
        expected: digest.to_owned(),
        offset: 0,
        data: bytes.into(),
        labels,
    };
    let request = client::leased(lease, tokio_stream::once(commit))?;
    let answer = async { client.content().write(request).await?.into_inner().message().await };
    match answer.await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(unanswered()),
        Err(status) if status.code() == Code::AlreadyExists => Ok(()),
        Err(status) => Err(broken(digest, &status)),
    }
}

/// Downloads a blob into the store, going on where an earlier attempt broke off.
pub(crate) async fn download(
    client: &Client,
    repository: &Repository,
    lease: &str,
    blob: &Descriptor,
    come: &AtomicU64,
) -> Result<(), PullError> {
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        match attempt_download(client, repository, lease, blob, come).await {
            Err(error) if attempt < ATTEMPTS && error.is_transient() => {
                tracing::debug!(digest = %blob.digest, %error, attempt, "a download broke off");
                if matches!(error, PullError::Corrupt { .. }) {
                    discard(client, &blob.digest).await;
                }
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            answer => {
                if answer.is_ok() {
                    come.store(blob.size, Ordering::Relaxed);
                }
                return answer;
            }
        }
    }
    unreachable!("the last attempt returns")
}

async fn discard(client: &Client, digest: &str) {
    let request = AbortRequest { r#ref: ingest_name(digest) };
    if let Err(status) = client.content().abort(request).await {
        tracing::debug!(%digest, %status, "nothing to discard");
    }
}

fn ingest_name(digest: &str) -> String {
    format!("layer-{digest}")
}

async fn attempt_download(
    client: &Client,
    repository: &Repository,
    lease: &str,
    blob: &Descriptor,
    come: &AtomicU64,
) -> Result<(), PullError> {
    let total = i64::try_from(blob.size).map_err(|_| PullError::NoSpace)?;
    let message = |action: WriteAction, offset: u64, data: Bytes| WriteContentRequest {
        action: action.into(),
        r#ref: ingest_name(&blob.digest),
        total,
        expected: String::new(),
        offset: i64::try_from(offset).expect("not beyond the total"),
        data,
        labels: HashMap::new(),
    };
    let (sender, receiver) = mpsc::channel(4);
    let mut ask = message(WriteAction::Stat, 0, Bytes::new());
    ask.expected.clone_from(&blob.digest);
    send(&sender, ask).await?;
    let request = client::leased(lease, ReceiverStream::new(receiver))?;
    let mut answers = match client.content().write(request).await {
        Ok(response) => response.into_inner(),
        Err(status) if status.code() == Code::AlreadyExists => return Ok(()),
        Err(status) => return Err(broken(&blob.digest, &status)),
    };
    let mut have = match answers.message().await {
        Ok(Some(status)) => u64::try_from(status.offset).unwrap_or(0),
        Ok(None) => return Err(unanswered()),
        Err(status) if status.code() == Code::AlreadyExists => return Ok(()),
        Err(status) => return Err(broken(&blob.digest, &status)),
    };
    // Answers are taken while data is sent, so that neither side waits for the other.
    let taker = {
        let digest = blob.digest.clone();
        tokio::spawn(async move {
            loop {
                match answers.message().await {
                    Ok(Some(answer)) if answer.action == i32::from(WriteAction::Commit) => {
                        return Ok(());
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => return Err(unanswered()),
                    Err(status) if status.code() == Code::AlreadyExists => return Ok(()),
                    Err(status) => return Err(broken(&digest, &status)),
                }
            }
        })
    };
    let fill = async {
        if have < blob.size {
            let response = repository.blob(&blob.digest, have).await?;
            if have > 0 && response.status() != StatusCode::PARTIAL_CONTENT {
                have = 0;
            }
            let mut stream = response.bytes_stream();
            while let Some(chunk) = stream.next().await {
                let mut chunk = chunk.map_err(network)?;
                while !chunk.is_empty() {
                    let part = chunk.split_to(chunk.len().min(CHUNK_BYTES));
                    let length = part.len() as u64;
                    if have + length > blob.size {
                        let detail = format!("it is longer than the {} bytes announced", blob.size);
                        return Err(PullError::Corrupt { digest: blob.digest.clone(), detail });
                    }
                    send(&sender, message(WriteAction::Write, have, part)).await?;
                    have += length;
                    come.store(have, Ordering::Relaxed);
                }
            }
        }
        if have < blob.size {
            let detail = format!("{}: {have} of {} bytes came", blob.digest, blob.size);
            return Err(PullError::Network { detail });
        }
        let mut commit = message(WriteAction::Commit, have, Bytes::new());
        commit.expected.clone_from(&blob.digest);
        send(&sender, commit).await
    };
    let filled = fill.await;
    drop(sender);
    let taken: Result<(), PullError> = match taker.await {
        Ok(taken) => taken,
        Err(error) => Err(EngineError::internal("write a blob", error).into()),
    };
    match (filled, taken) {
        (_, Ok(())) => Ok(()),
        // A refusal by containerd is why sending failed.
        (Err(PullError::Engine(_)) | Ok(()), Err(refused)) => Err(refused),
        (Err(error), Err(_)) => Err(error),
    }
}

fn unanswered() -> PullError {
    EngineError::Unavailable("a write was not answered".into()).into()
}

async fn send(
    sender: &mpsc::Sender<WriteContentRequest>,
    message: WriteContentRequest,
) -> Result<(), PullError> {
    let closed = |_| EngineError::Unavailable("a write was closed".into()).into();
    sender.send(message).await.map_err(closed)
}

/// What a failed write means.
fn broken(digest: &str, status: &Status) -> PullError {
    let words = status.message();
    if words.contains("no space left on device") {
        return PullError::NoSpace;
    }
    match status.code() {
        Code::FailedPrecondition if words.contains("digest") || words.contains("size") => {
            PullError::Corrupt { digest: digest.to_owned(), detail: words.to_owned() }
        }
        // Another writer of the same blob has it locked, or a writer that broke off has not let go yet.
        Code::Unavailable => EngineError::Unavailable(words.to_owned()).into(),
        _ => client::failure("write a blob", status).into(),
    }
}
