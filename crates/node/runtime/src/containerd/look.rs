//! How containers are.

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, SystemTime};

use gantry_containerd_api::services::tasks::{GetRequest, ListTasksRequest};
use gantry_containerd_api::task::{Process, Status};
use tokio::sync::broadcast::error::RecvError;

use super::Inner;
use super::client;
use super::marks::Mark;
use super::records::Record;
use crate::engine::container::ContainerId;
use crate::engine::error::EngineError;
use crate::engine::observed::{Event, Exit, Observed, Started, State};

/// Events are only wakes: whoever waits looks by itself from time to time.
const LOOK_EVERY: Duration = Duration::from_secs(15);

impl Inner {
    pub(super) async fn look_at(&self, id: &ContainerId) -> Result<Option<Observed>, EngineError> {
        let Some(record) = self.records.get(id) else { return Ok(None) };
        let state = self.state(id, &record).await?;
        Ok(Some(observed(id.clone(), &record, state)))
    }

    pub(super) async fn look_at_all(&self) -> Result<Vec<Observed>, EngineError> {
        let records = self.records.all();
        let answer = self.client.tasks().list(ListTasksRequest::default()).await;
        let list = answer.map_err(|status| client::failure("list tasks", &status))?.into_inner();
        let mut processes: HashMap<String, Process> =
            list.tasks.into_iter().map(|it| (it.id.clone(), it)).collect();
        let mut all = Vec::with_capacity(records.len());
        for (id, record) in records {
            let state = match processes.remove(id.as_str()) {
                Some(process) => self.state_of(&id, &record, &process)?,
                // The list passes over a shim that does not answer in time; ask for it by name.
                None => self.state(&id, &record).await?,
            };
            all.push(observed(id, &record, state));
        }
        Ok(all)
    }

    pub(super) async fn state(&self, id: &ContainerId, record: &Record) -> Result<State, EngineError> {
        let request = GetRequest { container_id: id.to_string(), exec_id: String::new() };
        let answer = client::found("look at a task", self.client.tasks().get(request).await)?;
        match answer.and_then(|it| it.process) {
            Some(process) => self.state_of(id, record, &process),
            None if record.boot != self.boot => Ok(State::Lost),
            None => Ok(match self.marks.get(id) {
                None | Some(Mark::Created | Mark::Renewing) => State::Incomplete,
                Some(Mark::Starting | Mark::Started(_)) => State::Lost,
            }),
        }
    }

    fn state_of(&self, id: &ContainerId, record: &Record, process: &Process) -> Result<State, EngineError> {
        Ok(match process.status() {
            Status::Created => State::Created,
            Status::Running | Status::Pausing | Status::Paused => {
                State::Running(Started { pid: process.pid, at: self.began(id, process.pid) })
            }
            Status::Stopped => State::Stopped(Exit {
                code: i32::try_from(process.exit_status).unwrap_or(-1),
                at: process.exited_at.and_then(time).unwrap_or_else(SystemTime::now),
                out_of_memory: self.cgroups.ran_out_of_memory(&record.task, id),
            }),
            Status::Unknown => {
                return Err(EngineError::Unavailable(format!("the shim of {id} does not answer")));
            }
        })
    }

    /// When the process began: by our mark, else by its own age.
    fn began(&self, id: &ContainerId, pid: u32) -> SystemTime {
        self.marked(id).or_else(|| process_began(pid)).unwrap_or_else(SystemTime::now)
    }

    /// When it began, if that was marked.
    pub(super) fn marked(&self, id: &ContainerId) -> Option<SystemTime> {
        match self.marks.get(id)? {
            Mark::Started(at) => Some(at),
            Mark::Renewing | Mark::Created | Mark::Starting => None,
        }
    }

    pub(super) async fn exit(&self, id: &ContainerId) -> Result<Exit, EngineError> {
        let mut events = self.events.subscribe();
        loop {
            let Some(record) = self.records.get(id) else {
                return Err(EngineError::NotFound { what: "container", id: id.to_string() });
            };
            match self.state(id, &record).await {
                Ok(State::Stopped(exit)) => return Ok(exit),
                Ok(State::Lost) => {
                    return Err(EngineError::State { id: id.to_string(), state: "lost", step: "wait" });
                }
                Ok(State::Incomplete | State::Created | State::Running(_)) => {}
                // Containerd comes back, and then there is a word of it.
                Err(EngineError::Unavailable(_)) => {}
                Err(error) => return Err(error),
            }
            let word = async {
                loop {
                    match events.recv().await {
                        Ok(Event::Exited(it) | Event::Removed(it)) if &it == id => return,
                        Ok(Event::Resync) | Err(RecvError::Lagged(_)) => return,
                        Ok(_) => {}
                        // The engine holds a sender: only its end closes them all.
                        Err(RecvError::Closed) => std::future::pending().await,
                    }
                }
            };
            // Nothing heard in this time is no error: it is time to look.
            let _ = tokio::time::timeout(LOOK_EVERY, word).await;
        }
    }
}

fn observed(id: ContainerId, record: &Record, state: State) -> Observed {
    Observed {
        id,
        task: record.task.clone(),
        labels: record.labels.clone(),
        image: record.image.clone(),
        image_digest: record.digest.clone(),
        state,
    }
}

pub(super) fn time(it: prost_types::Timestamp) -> Option<SystemTime> {
    // A time that was never set comes as the year 1.
    (it.seconds > 0).then(|| SystemTime::try_from(it).ok())?
}

/// The name of this boot of the machine.
pub(super) fn boot() -> Result<String, EngineError> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|it| it.trim().to_owned())
        .map_err(|error| EngineError::internal("read the boot's id", error))
}

fn process_began(pid: u32) -> Option<SystemTime> {
    fs::metadata(format!("/proc/{pid}")).ok()?.modified().ok()
}
