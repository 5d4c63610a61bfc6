//! The simulated engine's steps.

use async_trait::async_trait;
use futures::StreamExt;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio_stream::wrappers::BroadcastStream;

use super::{Container, Simulated};
use crate::engine::attached::{Attach, Attached};
use crate::engine::container::{ContainerId, ContainerSpec, Exec, ExecOutput, Signal, TaskId, TaskSpec};
use crate::engine::error::{EngineError, PullError};
use crate::engine::image::{Image, Pull, When};
use crate::engine::observed::{Event, Exit, Observed, Started, State, Stats};
use crate::engine::{Engine, Events};

fn digest_of(text: &str) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(text.as_bytes())))
}

#[async_trait]
impl Engine for Simulated {
    async fn pull(&self, pull: &Pull) -> Result<Image, PullError> {
        let script = {
            let inner = self.enter("pull", &pull.reference)?;
            if let (When::Absent, Some(image)) = (pull.when, inner.images.get(&pull.reference)) {
                return Ok(image.clone());
            }
            inner.script_of(&pull.reference)
        };
        tokio::time::sleep(script.pull_takes).await;
        if let Some(error) = script.pull_fails {
            return Err(error);
        }
        let digest = match pull.reference.split_once('@') {
            Some((_, digest)) => digest.to_owned(),
            None => digest_of(&pull.reference),
        };
        let image = Image {
            reference: pull.reference.clone(),
            manifest_digest: digest.clone(),
            config_digest: digest_of(&digest),
            digest,
            size_bytes: 1 << 20,
            config: script.config,
        };
        self.world.lock().images.insert(pull.reference.clone(), image.clone());
        Ok(image)
    }

    async fn image(&self, reference: &str) -> Result<Option<Image>, EngineError> {
        Ok(self.enter("image", reference)?.images.get(reference).cloned())
    }

    async fn images(&self) -> Result<Vec<Image>, EngineError> {
        Ok(self.enter("images", "")?.images.values().cloned().collect())
    }

    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.enter("remove_image", reference)?.images.remove(reference);
        Ok(())
    }

    fn gives_users(&self) -> bool {
        false
    }

    async fn prepare_task(&self, task: &TaskSpec) -> Result<(), EngineError> {
        self.enter("prepare_task", task.id.as_str())?.tasks.insert(task.id.clone(), task.clone());
        Ok(())
    }

    async fn remove_task(&self, task: &TaskId) -> Result<(), EngineError> {
        let mut inner = self.enter("remove_task", task.as_str())?;
        if inner.containers.values().any(|container| &container.spec.task == task) {
            return Err(EngineError::State { id: task.to_string(), state: "not empty", step: "remove_task" });
        }
        inner.tasks.remove(task);
        Ok(())
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<(), EngineError> {
        let script = {
            let inner = self.enter("create", spec.id.as_str())?;
            if inner.containers.contains_key(&spec.id) {
                return Ok(());
            }
            if inner.used.contains(&spec.id) {
                return Err(EngineError::Invalid(format!("container id {} was used before", spec.id)));
            }
            if !inner.tasks.contains_key(&spec.task) {
                return Err(EngineError::NotFound { what: "task", id: spec.task.to_string() });
            }
            if !inner.images.contains_key(&spec.image) {
                return Err(EngineError::NotFound { what: "image", id: spec.image.clone() });
            }
            inner.script_of(&spec.image)
        };
        tokio::time::sleep(script.create_takes).await;
        let mut inner = self.world.lock();
        let digest = inner.images.get(&spec.image).map(|image| image.digest.clone()).unwrap_or_default();
        inner.used.insert(spec.id.clone());
        inner.containers.entry(spec.id.clone()).or_insert(Container {
            spec: spec.clone(),
            digest,
            state: State::Created,
            attempt: 0,
        });
        Ok(())
    }

    async fn renew(&self, spec: &ContainerSpec, attempt: u32) -> Result<(), EngineError> {
        let mut inner = self.enter("renew", &format!("{} {attempt}", spec.id))?;
        let container = inner.container(&spec.id)?;
        if container.attempt >= attempt {
            return Ok(());
        }
        if matches!(container.state, State::Running(_)) {
            return Err(EngineError::State { id: spec.id.to_string(), state: "running", step: "renew" });
        }
        container.attempt = attempt;
        container.state = State::Created;
        Ok(())
    }

    async fn start(&self, id: &ContainerId) -> Result<Started, EngineError> {
        let at = self.world.now();
        let mut inner = self.enter("start", id.as_str())?;
        inner.next_pid += 1;
        let pid = inner.next_pid;
        let image = inner.container(id)?.spec.image.clone();
        let script = inner.script_of(&image);
        let container = inner.container(id)?;
        match container.state {
            State::Created => {}
            State::Running(started) => return Ok(started),
            State::Stopped(exit) => {
                return Ok(Started { pid: 0, at: exit.at });
            }
            State::Incomplete | State::Lost => {
                return Err(EngineError::State { id: id.to_string(), state: "lost", step: "start" });
            }
        }
        if let Some(error) = script.start_fails {
            return Err(error);
        }
        let started = Started { pid, at };
        container.state = State::Running(started);
        drop(inner);
        self.world.tell(Event::Started(id.clone()));
        if let Some((after, code)) = script.exits {
            self.world.end_later(id, after, code);
        }
        Ok(started)
    }

    async fn signal(&self, id: &ContainerId, signal: Signal) -> Result<(), EngineError> {
        let ending = {
            let mut inner = self.enter("signal", &format!("{id} {}", signal.0))?;
            let image = inner.container(id)?.spec.image.clone();
            match signal {
                Signal::KILL => Some((Duration::ZERO, 137)),
                Signal::TERM => inner.script_of(&image).on_term,
                Signal(_) => None,
            }
        };
        if let Some((after, code)) = ending {
            self.world.end_later(id, after, code);
        }
        Ok(())
    }

    async fn wait(&self, id: &ContainerId) -> Result<Exit, EngineError> {
        let mut changes = self.world.changes.subscribe();
        drop(self.enter("wait", id.as_str())?);
        loop {
            match self.world.lock().container(id)?.state {
                State::Stopped(exit) => return Ok(exit),
                State::Lost => {
                    return Err(EngineError::State { id: id.to_string(), state: "lost", step: "wait" });
                }
                State::Incomplete | State::Created | State::Running(_) => {}
            }
            changes.changed().await.map_err(|error| EngineError::internal("wait for a change", error))?;
        }
    }

    async fn exec(&self, id: &ContainerId, exec: &Exec) -> Result<ExecOutput, EngineError> {
        let mut inner = self.enter("exec", &format!("{id} {}", exec.args.join(" ")))?;
        let container = inner.container(id)?;
        if !matches!(container.state, State::Running(_)) {
            return Err(EngineError::State { id: id.to_string(), state: "not running", step: "exec" });
        }
        let image = container.spec.image.clone();
        Ok(inner.script_of(&image).exec)
    }

    async fn attach(&self, id: &ContainerId, attach: &Attach) -> Result<Attached, EngineError> {
        let mut inner = self.enter("attach", &format!("{id} {}", attach.args.join(" ")))?;
        let container = inner.container(id)?;
        if !matches!(container.state, State::Running(_)) {
            return Err(EngineError::State { id: id.to_string(), state: "not running", step: "attach" });
        }
        let image = container.spec.image.clone();
        let said = inner.script_of(&image).exec;
        Ok(super::echo::begin(self.clone(), id, said, attach.terminal.is_some()))
    }

    async fn delete(&self, id: &ContainerId) -> Result<Option<Exit>, EngineError> {
        let at = self.world.now();
        let removed = self.enter("delete", id.as_str())?.containers.remove(id);
        let Some(container) = removed else {
            return Ok(None);
        };
        self.world.tell(Event::Removed(id.clone()));
        Ok(match container.state {
            State::Stopped(exit) => Some(exit),
            State::Running(_) => Some(Exit { code: 137, at, out_of_memory: false }),
            State::Incomplete | State::Created | State::Lost => None,
        })
    }

    async fn inspect(&self, id: &ContainerId) -> Result<Option<Observed>, EngineError> {
        Ok(self.enter("inspect", id.as_str())?.containers.get(id).map(Container::observed))
    }

    async fn observe(&self) -> Result<Vec<Observed>, EngineError> {
        Ok(self.enter("observe", "")?.containers.values().map(Container::observed).collect())
    }

    fn events(&self) -> Events {
        BroadcastStream::new(self.world.events.subscribe())
            .map(|event| event.unwrap_or(Event::Resync))
            .boxed()
    }

    async fn disk_usage(&self, id: &ContainerId) -> Result<u64, EngineError> {
        self.enter("disk_usage", id.as_str())?.container(id).map(|_| 0)
    }

    async fn stats(&self, id: &ContainerId) -> Result<Option<Stats>, EngineError> {
        let mut inner = self.enter("stats", id.as_str())?;
        Ok(match inner.container(id)?.state {
            State::Running(started) => {
                let ran = self.world.now().duration_since(started.at).unwrap_or_default();
                Some(Stats {
                    cpu_usage_ns: u64::try_from(ran.as_nanos() / 100).unwrap_or(u64::MAX),
                    memory_usage_bytes: 1 << 20,
                    memory_peak_bytes: 1 << 20,
                    pids: 1,
                    ..Stats::default()
                })
            }
            _ => None,
        })
    }
}
