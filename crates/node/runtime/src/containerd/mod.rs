//! The engine that is containerd.
//!
//! `options` says where everything is, `daemon` keeps containerd running, `client` talks to it. A container's
//! life is in `life`, how it is in `look`; `records`, `marks` and `cgroup` are what they read and write.

mod cgroup;
pub(crate) mod client;
mod daemon;
mod events;
mod exec;
mod life;
mod look;
mod marks;
mod options;
mod records;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use gantry_containerd_api::{runc, to_any};
use tokio::sync::{broadcast, watch};
use tokio_stream::wrappers::BroadcastStream;
use tokio_util::task::AbortOnDropHandle;

use crate::engine::container::{ContainerId, ContainerSpec, Exec, ExecOutput, Signal, TaskId, TaskSpec};
use crate::engine::error::{EngineError, PullError};
use crate::engine::image::{Image, Pull};
use crate::engine::observed::{Event, Exit, Observed, Started, Stats};
use crate::engine::{Engine, Events};
use crate::image::{Images, Puller};
use crate::spec::Machine;
use cgroup::Cgroups;
use client::Client;
use daemon::Daemon;
use life::Gates;
use marks::Marks;
use records::{Records, Runner};

pub use daemon::Health;
pub use options::{OciRuntime, Options};

/// The engine. Dropping it leaves containerd and all containers running.
pub struct Containerd {
    client: Client,
    daemon: Daemon,
    machine: Machine,
    cgroups: Cgroups,
    images: Arc<Images>,
    puller: Puller,
    records: Records,
    marks: Marks,
    runner: Runner,
    boot: String,
    /// For the output of further processes.
    scratch: PathBuf,
    gates: Gates,
    events: broadcast::Sender<Event>,
    _listener: AbortOnDropHandle<()>,
}

impl Containerd {
    /// Starts containerd, or adopts ours if it runs, and reads what is there.
    ///
    /// A TLS provider must have been installed: images may come from elsewhere.
    pub async fn start(options: Options) -> Result<Self, EngineError> {
        options.check()?;
        let options = Arc::new(options);
        let machine = Machine::look();
        let cgroups = Cgroups::find(&options.instance, machine.cgroup_v2)?;
        let client = Client::new(&options.socket());
        let images = Arc::new(Images::new(client.clone(), options.snapshotter.clone()));
        let puller = Puller::new(
            client.clone(),
            options.snapshotter.clone(),
            images.clone(),
            options.concurrent_downloads,
        )?;
        let daemon = Daemon::start(options.clone(), client.clone()).await?;
        let records = Records::load(client.clone()).await?;
        let (events, _) = broadcast::channel(events::BACKLOG);
        let listener = tokio::spawn(events::listen(client.clone(), events.clone()));
        let engine = Self {
            client,
            daemon,
            machine,
            cgroups,
            images,
            puller,
            records,
            marks: Marks::new(options.marks()),
            runner: runner(&options),
            boot: look::boot()?,
            scratch: options.run_dir.clone(),
            gates: Gates::default(),
            events,
            _listener: AbortOnDropHandle::new(listener),
        };
        engine.sweep().await?;
        Ok(engine)
    }

    /// How containerd is, from now on.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.daemon.health()
    }

    /// Ends containerd and leaves it so. Containers keep running, and a later start finds them.
    pub async fn stop(&self) -> Result<(), EngineError> {
        self.daemon.stop().await?;
        self.cgroups.remove_instance();
        Ok(())
    }
}

fn runner(options: &Options) -> Runner {
    let binary = options.runtime.binary.as_ref().map(|it| it.to_string_lossy().into_owned());
    let runc = runc::Options {
        binary_name: binary.unwrap_or_default(),
        root: options.runtime_root().to_string_lossy().into_owned(),
        systemd_cgroup: false,
        ..runc::Options::default()
    };
    Runner {
        shim: options.runtime.shim.clone(),
        // Other shims have options of their own, and do with none.
        options: (options.runtime.shim == "io.containerd.runc.v2")
            .then(|| to_any("containerd.runc.v1.Options", &runc)),
        snapshotter: options.snapshotter.clone(),
    }
}

#[async_trait]
impl Engine for Containerd {
    async fn pull(&self, pull: &Pull) -> Result<Image, PullError> {
        Ok(self.puller.pull(pull).await?.image.clone())
    }

    async fn image(&self, reference: &str) -> Result<Option<Image>, EngineError> {
        Ok(self.images.get(reference).await?.map(|present| present.image.clone()))
    }

    async fn images(&self) -> Result<Vec<Image>, EngineError> {
        self.images.list().await
    }

    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.images.remove(reference).await
    }

    async fn prepare_task(&self, task: &TaskSpec) -> Result<(), EngineError> {
        self.cgroups.prepare_task(&task.id, &task.limits)
    }

    async fn remove_task(&self, task: &TaskId) -> Result<(), EngineError> {
        if self.records.all().iter().any(|(_, record)| &record.task == task) {
            return Err(EngineError::State { id: task.to_string(), state: "not empty", step: "remove_task" });
        }
        let (cgroups, task) = (self.cgroups.clone(), task.clone());
        tokio::task::spawn_blocking(move || cgroups.remove_task(&task))
            .await
            .map_err(|error| EngineError::internal("remove a task", error))?
    }

    async fn create(&self, container: &ContainerSpec) -> Result<(), EngineError> {
        let _turn = self.gates.enter(&container.id).await;
        self.make(container).await
    }

    async fn start(&self, id: &ContainerId) -> Result<Started, EngineError> {
        let _turn = self.gates.enter(id).await;
        self.run(id).await
    }

    async fn signal(&self, id: &ContainerId, signal: Signal) -> Result<(), EngineError> {
        self.kill(id, signal, false).await
    }

    async fn wait(&self, id: &ContainerId) -> Result<Exit, EngineError> {
        self.exit(id).await
    }

    async fn exec(&self, id: &ContainerId, exec: &Exec) -> Result<ExecOutput, EngineError> {
        self.run_in(id, exec).await
    }

    async fn delete(&self, id: &ContainerId) -> Result<Option<Exit>, EngineError> {
        let _turn = self.gates.enter(id).await;
        self.remove(id).await
    }

    async fn inspect(&self, id: &ContainerId) -> Result<Option<Observed>, EngineError> {
        self.look_at(id).await
    }

    async fn observe(&self) -> Result<Vec<Observed>, EngineError> {
        self.look_at_all().await
    }

    fn events(&self) -> Events {
        BroadcastStream::new(self.events.subscribe()).map(|event| event.unwrap_or(Event::Resync)).boxed()
    }

    async fn stats(&self, id: &ContainerId) -> Result<Option<Stats>, EngineError> {
        let Some(record) = self.records.get(id) else {
            return Err(EngineError::NotFound { what: "container", id: id.to_string() });
        };
        Ok(self.cgroups.stats(&record.task, id).filter(|stats| stats.pids > 0))
    }
}
