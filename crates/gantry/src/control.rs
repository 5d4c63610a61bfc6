//! The local socket by which the other commands talk to the Gantry of their data directory.
//!
//! One line of JSON each way and the connection ends. Only root can open it; there is nothing on it that
//! root could not do to the process anyway.

use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use gantry_base::AccountId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::cli::NodeToken;

/// The longest line in bytes, in both directions.
const LINE: u64 = 1024 * 1024;
/// How long a client may take over its one line.
const PATIENCE: Duration = Duration::from_secs(5);

/// What can be asked of a running Gantry.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Request {
    /// How it is and what runs on it.
    Status,
    /// The key of an account's administrator, which is made if there is none.
    Key { account: AccountId },
    /// Write a backup to a file, which must not hold anything yet.
    Backup { file: PathBuf },
    /// A token by which machines may join.
    NodeToken(NodeToken),
    /// The nodes.
    Nodes,
    /// Remove a node.
    RemoveNode { node: String },
    /// Where tasks are, by their ARNs.
    Locate { tasks: Vec<String> },
    /// What nodes say to a task that waits, or to one more task of a service: its ARN.
    Verdicts { of: String },
    /// What the running tasks use whose ARNs begin so.
    Usage { prefix: String },
    /// Asked of a machine that joined: be no node any more, and end.
    Leave,
    /// Stop all tasks and wait until they have stopped, at most so many seconds. Whether they have or not, containerd and
    /// whatever is left of tasks end with Gantry from now on.
    StopTasks { seconds: u64 },
}

/// Asks the Gantry behind `socket`.
pub async fn ask(socket: &Path, request: &Request) -> Result<Value> {
    let stream = UnixStream::connect(socket)
        .await
        .with_context(|| format!("Gantry does not answer at {}", socket.display()))?;
    let (read, mut write) = stream.into_split();
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    write.write_all(&line).await?;
    let mut answer = String::new();
    BufReader::new(read).take(LINE).read_line(&mut answer).await.context("Gantry hung up")?;
    let answer: Value = serde_json::from_str(&answer).context("Gantry ended while it was asked")?;
    match answer["error"].as_str() {
        Some(error) => Err(anyhow!("{error}")),
        None => Ok(answer["answer"].clone()),
    }
}

/// Answers on `socket` until the returned task is aborted.
pub fn listen<F, Fut>(socket: &Path, answer: F) -> Result<tokio::task::JoinHandle<()>>
where
    F: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Value>> + Send + 'static,
{
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => bail!("{}: {error}", socket.display()),
        _ => {}
    }
    let listener =
        UnixListener::bind(socket).with_context(|| format!("{} can't be listened on", socket.display()))?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600))?;
    let answer = Arc::new(answer);
    Ok(tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let answer = answer.clone();
                    tokio::spawn(async move {
                        if let Err(error) = converse(stream, &*answer).await {
                            tracing::debug!(%error, "a local command hung up");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the control socket does not accept");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }))
}

async fn converse<F, Fut>(stream: UnixStream, answer: &F) -> Result<()>
where
    F: Fn(Request) -> Fut,
    Fut: Future<Output = Result<Value>>,
{
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut reader = BufReader::new(read).take(LINE);
    tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await.context("too slow")??;
    let answered = match serde_json::from_str::<Request>(&line) {
        Ok(request) => answer(request).await,
        Err(error) => Err(anyhow!("this Gantry does not know what it was asked: {error}")),
    };
    let reply = match answered {
        Ok(answer) => json!({ "answer": answer }),
        Err(error) => json!({ "error": format!("{error:#}") }),
    };
    write.write_all(format!("{reply}\n").as_bytes()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_question_is_answered_or_refused() {
        let folder = std::env::temp_dir().join(format!("gantry-control-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let socket = folder.join("control.sock");
        let serving = listen(&socket, |request| async move {
            match request {
                Request::Status => Ok(json!({ "ready": true })),
                Request::Backup { file } => bail!("{} is full", file.display()),
                _ => Ok(Value::Null),
            }
        })
        .unwrap();
        assert_eq!(ask(&socket, &Request::Status).await.unwrap()["ready"], true);
        let refused = ask(&socket, &Request::Backup { file: "/disk".into() }).await.unwrap_err();
        assert_eq!(refused.to_string(), "/disk is full");
        serving.abort();
        std::fs::remove_dir_all(folder).unwrap();
    }
}
