//! An engine in memory: nothing runs, and everything can be scripted.
//!
//! Time is tokio's, so that a test with a paused clock is deterministic and takes no time.

mod echo;
mod engine;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::{Duration, SystemTime};

use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

use crate::engine::container::{ContainerId, ContainerSpec, ExecOutput, TaskId, TaskSpec};
use crate::engine::error::{EngineError, PullError};
use crate::engine::image::{Image, ImageConfig};
use crate::engine::observed::{Event, Exit, Observed, State};

/// How an image and the containers of it behave. The default pulls at once, runs until it is told to stop
/// and then ends with 143 at once.
#[derive(Debug, Clone)]
pub struct Script {
    pub pull_takes: Duration,
    pub pull_fails: Option<PullError>,
    pub create_takes: Duration,
    pub start_fails: Option<EngineError>,
    /// How long after its start a container ends by itself, and with which code.
    pub exits: Option<(Duration, i32)>,
    /// How long after SIGTERM it ends, and with which code; `None` takes no notice.
    pub on_term: Option<(Duration, i32)>,
    pub exec: ExecOutput,
    pub config: ImageConfig,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            pull_takes: Duration::ZERO,
            pull_fails: None,
            create_takes: Duration::ZERO,
            start_fails: None,
            exits: None,
            on_term: Some((Duration::ZERO, 143)),
            exec: ExecOutput { code: 0, output: Vec::new() },
            config: ImageConfig::default(),
        }
    }
}

/// The engine; clones are the same engine.
#[derive(Clone)]
pub struct Simulated {
    world: Arc<World>,
}

struct World {
    epoch: Instant,
    state: Mutex<Inner>,
    events: broadcast::Sender<Event>,
    /// Counts changes, so that waiters look again.
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct Inner {
    scripts: BTreeMap<String, Script>,
    images: BTreeMap<String, Image>,
    tasks: BTreeMap<TaskId, TaskSpec>,
    containers: BTreeMap<ContainerId, Container>,
    failures: BTreeMap<&'static str, VecDeque<EngineError>>,
    calls: Vec<String>,
    used: BTreeSet<ContainerId>,
    next_pid: u32,
}

struct Container {
    spec: ContainerSpec,
    digest: String,
    state: State,
    attempt: u32,
}

impl Default for Simulated {
    fn default() -> Self {
        Self::new()
    }
}

impl Simulated {
    /// Must be called inside a tokio runtime: time begins now, at the Unix epoch.
    pub fn new() -> Self {
        let world = World {
            epoch: Instant::now(),
            state: Mutex::new(Inner { next_pid: 1000, ..Inner::default() }),
            events: broadcast::channel(1024).0,
            changes: watch::channel(0).0,
        };
        Self { world: Arc::new(world) }
    }

    /// Sets how the image of this reference behaves from now on.
    pub fn script(&self, reference: &str, script: Script) {
        self.world.lock().scripts.insert(reference.to_owned(), script);
    }

    /// The next call of this method fails so, before it does anything. Named several times, they queue.
    pub fn fail_next(&self, method: &'static str, error: EngineError) {
        self.world.lock().failures.entry(method).or_default().push_back(error);
    }

    /// A running container's process ends by itself.
    pub fn exit(&self, id: &ContainerId, code: i32) {
        self.world.end(id, code, false);
    }

    /// The kernel kills a running container's process for want of memory.
    pub fn run_out_of_memory(&self, id: &ContainerId) {
        self.world.end(id, 137, true);
    }

    /// The machine restarts: every process is gone and nobody knows how it ended.
    pub fn reboot(&self) {
        let mut inner = self.world.lock();
        for container in inner.containers.values_mut() {
            if container.state != State::Incomplete {
                container.state = State::Lost;
            }
        }
        drop(inner);
        self.world.tell(Event::Resync);
    }

    /// What was called, in order, as `create 1-main`.
    pub fn calls(&self) -> Vec<String> {
        self.world.lock().calls.clone()
    }

    /// The containers as they were asked for.
    pub fn specs(&self) -> Vec<ContainerSpec> {
        self.world.lock().containers.values().map(|container| container.spec.clone()).collect()
    }

    /// The tasks as they were asked for.
    pub fn tasks(&self) -> Vec<TaskSpec> {
        self.world.lock().tasks.values().cloned().collect()
    }

    fn enter(&self, method: &'static str, subject: &str) -> Result<MutexGuard<'_, Inner>, EngineError> {
        let mut inner = self.world.lock();
        inner.calls.push(format!("{method} {subject}").trim_end().to_owned());
        match inner.failures.get_mut(method).and_then(VecDeque::pop_front) {
            Some(error) => Err(error),
            None => Ok(inner),
        }
    }
}

impl World {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().expect("no holder of the lock panics")
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.epoch.elapsed()
    }

    fn tell(&self, event: Event) {
        self.changes.send_modify(|count| *count += 1);
        // Without a listener nobody wants to know.
        let _ = self.events.send(event);
    }

    fn end(&self, id: &ContainerId, code: i32, out_of_memory: bool) {
        let at = self.now();
        let mut inner = self.lock();
        let Some(container) = inner.containers.get_mut(id) else {
            return;
        };
        if !matches!(container.state, State::Running(_)) {
            return;
        }
        container.state = State::Stopped(Exit { code, at, out_of_memory });
        drop(inner);
        if out_of_memory {
            self.tell(Event::OutOfMemory(id.clone()));
        }
        self.tell(Event::Exited(id.clone()));
    }

    fn end_later(self: &Arc<Self>, id: &ContainerId, after: Duration, code: i32) {
        if after.is_zero() {
            return self.end(id, code, false);
        }
        let world: Weak<Self> = Arc::downgrade(self);
        let id = id.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            if let Some(world) = world.upgrade() {
                world.end(&id, code, false);
            }
        });
    }
}

impl Inner {
    fn script_of(&self, reference: &str) -> Script {
        self.scripts.get(reference).cloned().unwrap_or_default()
    }

    fn container(&mut self, id: &ContainerId) -> Result<&mut Container, EngineError> {
        self.containers
            .get_mut(id)
            .ok_or_else(|| EngineError::NotFound { what: "container", id: id.to_string() })
    }
}

impl Container {
    fn observed(&self) -> Observed {
        Observed {
            id: self.spec.id.clone(),
            task: self.spec.task.clone(),
            labels: self.spec.labels.clone(),
            image: self.spec.image.clone(),
            image_digest: self.digest.clone(),
            state: self.state.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;
    use crate::engine::Engine;
    use crate::engine::container::Signal;
    use crate::engine::container::{Limits, Output};
    use crate::engine::image::Pull;

    async fn created(engine: &Simulated, script: Script) -> ContainerId {
        engine.script("app:1", script);
        engine.pull(&Pull::new("app:1")).await.unwrap();
        let task = TaskId::new("t1").unwrap();
        engine
            .prepare_task(&TaskSpec {
                id: task.clone(),
                limits: Limits::default(),
                users: None,
                shares: Default::default(),
            })
            .await
            .unwrap();
        let id = ContainerId::new("t1-main").unwrap();
        let output = Output { stdout: "/dev/null".into(), stderr: "/dev/null".into() };
        engine.create(&ContainerSpec::new(id.clone(), task, "app:1", output)).await.unwrap();
        id
    }

    #[tokio::test(start_paused = true)]
    async fn a_scripted_life() {
        let engine = Simulated::new();
        let id =
            created(&engine, Script { exits: Some((Duration::from_secs(3600), 7)), ..Script::default() })
                .await;
        let mut events = engine.events();
        let started = engine.start(&id).await.unwrap();
        assert_eq!(engine.start(&id).await.unwrap(), started, "a repeated start changes nothing");
        let exit = engine.wait(&id).await.unwrap();
        assert_eq!(exit.code, 7);
        assert_eq!(exit.at.duration_since(started.at).unwrap(), Duration::from_secs(3600));
        assert_eq!(events.next().await, Some(Event::Started(id.clone())));
        assert_eq!(events.next().await, Some(Event::Exited(id.clone())));
        assert_eq!(engine.delete(&id).await.unwrap(), Some(exit));
        assert_eq!(engine.delete(&id).await.unwrap(), None);
        engine.remove_task(&TaskId::new("t1").unwrap()).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn term_is_ignored_and_kill_is_not() {
        let engine = Simulated::new();
        let id = created(&engine, Script { on_term: None, ..Script::default() }).await;
        engine.start(&id).await.unwrap();
        engine.signal(&id, Signal::TERM).await.unwrap();
        assert!(matches!(engine.inspect(&id).await.unwrap().unwrap().state, State::Running(_)));
        engine.signal(&id, Signal::KILL).await.unwrap();
        assert_eq!(engine.wait(&id).await.unwrap().code, 137);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_come_once_and_a_reboot_loses_processes() {
        let engine = Simulated::new();
        let id = created(&engine, Script::default()).await;
        engine.fail_next("start", EngineError::Unavailable("restarting".into()));
        assert!(matches!(engine.start(&id).await, Err(EngineError::Unavailable(_))));
        engine.start(&id).await.unwrap();
        engine.reboot();
        assert_eq!(engine.observe().await.unwrap()[0].state, State::Lost);
        assert!(engine.wait(&id).await.is_err());
    }
}
