//! Container output: from the files that the shim writes to the control plane.
//!
//! Each stream of each container has a tailer, which reads lines, waits until they are accepted, notes how far it came
//! in the ledger and gives the disk space back. One shipper sends what the tailers have in common requests. A stream is
//! known by its offset in bytes, so that nothing is lost over restarts and what is sent twice can be told.

mod drivers;
mod group;
mod lines;
mod read;
mod ship;
mod tail;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gantry_base::Clock;
use gantry_node_proto::v1;
use gantry_runtime::{ContainerId, Output};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use crate::container;
use crate::files::Files;
use crate::ledger::{Ledger, LedgerError};
use crate::wish::Task;

pub use drivers::DRIVERS;
use drivers::{Driver, Source};
pub use group::beginning;
pub use ship::Shipper;

/// One stream of one container, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    pub path: PathBuf,
    pub task_arn: String,
    pub container: String,
    pub stderr: bool,
    /// Where it goes; `None` = it is not shipped, and only its end is kept while the container is there.
    pub to: Option<Destination>,
    /// Everything before it was accepted.
    pub offset: u64,
    /// The container is gone: nothing more is written.
    pub ended: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Destination {
    /// Empty: awslogs, which the control plane takes.
    #[serde(default)]
    pub driver: String,
    /// For drivers that tell whose output it is.
    #[serde(default)]
    pub source: Option<Source>,
    pub region: String,
    pub group: String,
    pub stream: String,
    /// The driver's options that are left for the node.
    #[serde(default)]
    pub options: HashMap<String, String>,
}

pub struct Logs {
    shared: Arc<Shared>,
    files: Files,
    following: Mutex<HashMap<String, Following>>,
}

/// What all tailers use.
struct Shared {
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    shipper: Shipper,
    backlog_bytes: u64,
}

struct Following {
    ended: watch::Sender<bool>,
    _tail: AbortOnDropHandle<()>,
}

impl Logs {
    pub fn new(
        ledger: Ledger,
        clock: Arc<dyn Clock>,
        shipper: Shipper,
        files: Files,
        backlog_bytes: u64,
    ) -> Self {
        Self {
            shared: Arc::new(Shared { ledger, clock, shipper, backlog_bytes }),
            files,
            following: Mutex::default(),
        }
    }

    /// Goes on with what an earlier run of the agent left. Streams of tasks that are not in `tasks` have ended.
    pub fn resume(&self, found: HashMap<String, Vec<u8>>, tasks: &dyn Fn(&str) -> bool) {
        for (key, bytes) in found {
            match serde_json::from_slice::<Stream>(&bytes) {
                Ok(mut stream) => {
                    stream.ended |= !tasks(&stream.task_arn);
                    self.tail(key, stream);
                }
                Err(error) => tracing::error!(%key, %error, "a stream in the ledger is unreadable"),
            }
        }
    }

    /// Follows both streams of a container; those that are followed already go on.
    pub fn follow(&self, task: &Task, index: usize, output: &Output) -> Result<(), LedgerError> {
        let id = &task.containers[index].id;
        for (path, stderr) in [(&output.stdout, false), (&output.stderr, true)] {
            let key = key(id, stderr);
            if self.following().contains_key(&key) {
                continue;
            }
            let stream = stream(task, index, path, stderr, false);
            note(&self.shared.ledger, &key, &stream)?;
            self.tail(key, stream);
        }
        Ok(())
    }

    /// The container is gone: what it left is shipped, then its files are removed.
    pub fn finish(&self, task: &Task, index: usize) -> Result<(), LedgerError> {
        let output = container::output(&self.files, task, index);
        for (stderr, path) in [(false, output.stdout), (true, output.stderr)] {
            let key = key(&task.containers[index].id, stderr);
            if let Some(following) = self.following().get(&key) {
                following.ended.send_replace(true);
                continue;
            }
            // A file goes only when all of it was accepted. One that is there and not followed is of a container that was
            // made when the agent died, before its row was on disk; what was accepted of it all the same is told by its
            // offset.
            if path.exists() {
                let stream = stream(task, index, &path, stderr, true);
                note(&self.shared.ledger, &key, &stream)?;
                self.tail(key, stream);
            }
        }
        Ok(())
    }

    /// Follows nothing any more; the next agent goes on from what is in the ledger.
    pub fn stop(&self) {
        self.following().clear();
    }

    fn tail(&self, key: String, stream: Stream) {
        let (ended, wait) = watch::channel(stream.ended);
        let tail = tail::tail(Arc::clone(&self.shared), key.clone(), stream, wait);
        let mut following = self.following();
        following.retain(|_, it| !it._tail.is_finished());
        following.insert(key, Following { ended, _tail: AbortOnDropHandle::new(tokio::spawn(tail)) });
    }

    fn following(&self) -> MutexGuard<'_, HashMap<String, Following>> {
        self.following.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(id: &ContainerId, stderr: bool) -> String {
    format!("{id}/{}", if stderr { "stderr" } else { "stdout" })
}

/// A stream of which nothing was shipped yet.
fn stream(task: &Task, index: usize, path: &Path, stderr: bool, ended: bool) -> Stream {
    let sent = task.container_as_sent(index);
    let log = sent.log_configuration.as_ref().filter(|log| !log.driver.is_empty());
    let to = log.map(|log| Destination {
        driver: if log.driver == "awslogs" { String::new() } else { log.driver.clone() },
        source: (log.driver != "awslogs").then(|| source(task, index)),
        region: log.region.clone(),
        group: log.group.clone(),
        stream: log.stream.clone(),
        options: log.options.clone(),
    });
    Stream {
        path: path.to_owned(),
        task_arn: task.arn.clone(),
        container: sent.name.clone(),
        stderr,
        to,
        offset: 0,
        ended,
    }
}

fn source(task: &Task, index: usize) -> Source {
    let sent = task.container_as_sent(index);
    Source {
        container_id: task.containers[index].id.to_string(),
        container_name: sent.name.clone(),
        image: sent.image.as_ref().map(|image| image.reference.clone()).unwrap_or_default(),
        labels: container::labels(task, sent).into_iter().collect(),
    }
}

/// Why a container's log driver can't be begun, if it can't. The words are those of Docker's daemon.
pub async fn try_driver(task: &Task, index: usize, output: &Output) -> Result<(), String> {
    let Some(log) = &task.container_as_sent(index).log_configuration else { return Ok(()) };
    if matches!(log.driver.as_str(), "" | "awslogs") {
        return Ok(());
    }
    let failed = |why: String| {
        format!("failed to create task for container: failed to initialize logging driver: {why}")
    };
    let driver = Driver::new(&log.driver, &log.options, &source(task, index), &output.stdout);
    driver.map_err(failed)?.open().await.map_err(|error| failed(error.to_string()))
}

fn note(ledger: &Ledger, key: &str, stream: &Stream) -> Result<(), LedgerError> {
    let bytes = serde_json::to_vec(stream).map_err(LedgerError::new)?;
    ledger.put_output(key, Some(bytes))
}

impl Stream {
    fn output(&self) -> v1::Output {
        match self.stderr {
            false => v1::Output::Stdout,
            true => v1::Output::Stderr,
        }
    }
}
