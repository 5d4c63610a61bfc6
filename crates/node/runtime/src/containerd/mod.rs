//! The engine that is containerd.
//!
//! `options` says where everything is, `daemon` keeps containerd running, `client` talks to it. A container's
//! life is in `life`, how it is in `look`; `records`, `marks` and `cgroup` are what they read and write.

mod anew;
mod attach;
mod cgroup;
mod clear;
pub(crate) mod client;
mod daemon;
mod events;
mod exec;
mod life;
mod log;
mod look;
mod marks;
mod options;
mod output;
mod owners;
mod process;
mod records;
mod shared;
mod stats;
mod users;
mod volumes;
mod words;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use gantry_containerd_api::{runc, to_any};
use tokio::sync::{broadcast, watch};
use tokio_stream::wrappers::BroadcastStream;
use tokio_util::task::AbortOnDropHandle;

use crate::engine::attached::{Attach, Attached};
use crate::engine::container::{ContainerId, ContainerSpec, Exec, ExecOutput, Signal, TaskId, TaskSpec};
use crate::engine::error::{EngineError, PullError};
use crate::engine::image::{Image, Pull, PullProgress};
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
pub(crate) use shared::Places;
use shared::SharedNamespaces;
use users::Users;
pub use users::try_own_users;

pub use clear::left;
pub use daemon::Health;
pub use options::{OciRuntime, Options};

/// The engine. Dropping it leaves containerd and all containers running.
///
/// A step that has begun goes on when its caller goes away, so that nothing is left half done.
pub struct Containerd {
    inner: Arc<Inner>,
    _listener: AbortOnDropHandle<()>,
}

struct Inner {
    options: Arc<Options>,
    client: Client,
    daemon: Daemon,
    machine: Machine,
    cgroups: Cgroups,
    users: Users,
    shared: SharedNamespaces,
    /// Why tasks can't have users of their own here, if they can't.
    no_users: Option<String>,
    /// Where the snapshotter has all layers.
    layers: PathBuf,
    images: Arc<Images>,
    puller: Puller,
    records: Records,
    marks: Marks,
    runner: Runner,
    boot: String,
    /// For the output of further processes.
    scratch: PathBuf,
    /// Where containerd has the folder of each process.
    bundles: PathBuf,
    gates: Gates,
    events: broadcast::Sender<Event>,
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
        let snapshotter = options.snapshotter.clone();
        let images = Arc::new(Images::new(client.clone(), snapshotter.clone()));
        let downloads = options.concurrent_downloads;
        let puller = Puller::new(client.clone(), snapshotter, images.clone(), downloads)?;
        let daemon = Daemon::start(options.clone(), client.clone()).await?;
        let records = Records::load(client.clone()).await?;
        let (users, layers) = (Users::new(&options.run_dir), options.layers());
        users.sweep().map_err(|error| EngineError::internal("remove mounts that were left", error))?;
        let no_users = users.try_out(&layers).err().map(|error| error.to_string());
        if let Some(why) = &no_users {
            tracing::warn!(%why, "tasks run without user namespaces of their own");
        }
        let (events, _) = broadcast::channel(events::BACKLOG);
        let listener = tokio::spawn(events::listen(client.clone(), events.clone()));
        let inner = Inner {
            options: options.clone(),
            client,
            daemon,
            machine,
            cgroups,
            users,
            shared: SharedNamespaces::new(&options.run_dir),
            no_users,
            layers,
            images,
            puller,
            records,
            marks: Marks::new(options.marks()),
            runner: runner(&options),
            boot: look::boot()?,
            scratch: options.run_dir.clone(),
            bundles: options.bundles(),
            gates: Gates::default(),
            events,
        };
        inner.sweep_sessions().await?;
        inner.sweep().await?;
        Ok(Self { inner: Arc::new(inner), _listener: AbortOnDropHandle::new(listener) })
    }

    /// How containerd is, from now on.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.inner.daemon.health()
    }

    /// What is being pulled now, and how far that has come.
    pub fn pulls(&self) -> Vec<PullProgress> {
        self.inner.puller.progress()
    }

    /// Ends containerd and leaves it so. Containers keep running, and a later start finds them.
    pub async fn stop(&self) -> Result<(), EngineError> {
        self.inner.daemon.stop().await?;
        self.inner.cgroups.remove_instance();
        Ok(())
    }

    /// Takes a step on a container, after those that were begun before, to its end.
    async fn step<T, F>(
        &self,
        id: &ContainerId,
        take: impl FnOnce(Arc<Inner>, ContainerId) -> F + Send + 'static,
    ) -> Result<T, EngineError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, EngineError>> + Send,
    {
        let (inner, id) = (self.inner.clone(), id.clone());
        let step = tokio::spawn(async move {
            let _turn = inner.gates.enter(&id).await;
            take(inner.clone(), id).await
        });
        step.await.map_err(|error| EngineError::internal("take a step", error))?
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
        // Of other shims it is not known whether they can start it.
        output_writer: options
            .output_writer
            .clone()
            .filter(|_| options.runtime.shim == "io.containerd.runc.v2"),
        // Other shims have options of their own, and do with none.
        options: (options.runtime.shim == "io.containerd.runc.v2")
            .then(|| to_any("containerd.runc.v1.Options", &runc)),
        snapshotter: options.snapshotter.clone(),
    }
}

#[async_trait]
impl Engine for Containerd {
    async fn pull(&self, pull: &Pull) -> Result<Image, PullError> {
        Ok(self.inner.puller.pull(pull).await?.image.clone())
    }

    async fn image(&self, reference: &str) -> Result<Option<Image>, EngineError> {
        Ok(self.inner.images.get(reference).await?.map(|present| present.image.clone()))
    }

    async fn images(&self) -> Result<Vec<Image>, EngineError> {
        self.inner.images.list().await
    }

    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.inner.images.remove(reference).await
    }

    fn gives_users(&self) -> bool {
        self.inner.no_users.is_none()
    }

    async fn prepare_task(&self, task: &TaskSpec) -> Result<(), EngineError> {
        if let Some(own) = &task.users {
            let made = self.inner.users.ensure(&task.id, own.first, &own.network);
            made.map_err(|error| EngineError::internal("make a user namespace", error))?;
        }
        self.inner.cgroups.prepare_task(&task.id, &task.limits)?;
        if !task.shares.pid && !task.shares.ipc {
            return Ok(());
        }
        let (inner, task) = (self.inner.clone(), task.clone());
        tokio::task::spawn_blocking(move || {
            let users = inner.users.path(&task.id);
            let users = task.users.as_ref().map(|own| (users.as_path(), own.first));
            inner.shared.ensure(&task.id, task.shares, users, &inner.cgroups)
        })
        .await
        .map_err(|error| EngineError::internal("make shared namespaces", error))?
        .map_err(|error| EngineError::internal("make shared namespaces", error))
    }

    async fn remove_task(&self, task: &TaskId) -> Result<(), EngineError> {
        if self.inner.records.all().iter().any(|(_, record)| &record.task == task) {
            let id = task.to_string();
            return Err(EngineError::State { id, state: "not empty", step: "remove_task" });
        }
        let removed = self.inner.shared.remove(task, &self.inner.cgroups);
        removed.map_err(|error| EngineError::internal("remove shared namespaces", error))?;
        let removed = self.inner.users.remove(task);
        removed.map_err(|error| EngineError::internal("remove a user namespace", error))?;
        let (inner, task) = (self.inner.clone(), task.clone());
        tokio::task::spawn_blocking(move || inner.cgroups.remove_task(&task))
            .await
            .map_err(|error| EngineError::internal("remove a task", error))?
    }

    async fn create(&self, container: &ContainerSpec) -> Result<(), EngineError> {
        let container = container.clone();
        let id = container.id.clone();
        self.step(&id, |inner, _| async move { inner.make(&container).await }).await
    }

    async fn start(&self, id: &ContainerId) -> Result<Started, EngineError> {
        self.step(id, |inner, id| async move { inner.run(&id).await }).await
    }

    async fn renew(&self, container: &ContainerSpec, attempt: u32) -> Result<(), EngineError> {
        let container = container.clone();
        let id = container.id.clone();
        self.step(&id, move |inner, _| async move { inner.make_anew(&container, attempt).await }).await
    }

    async fn signal(&self, id: &ContainerId, signal: Signal) -> Result<(), EngineError> {
        self.inner.kill(id, signal, false).await
    }

    async fn wait(&self, id: &ContainerId) -> Result<Exit, EngineError> {
        self.inner.exit(id).await
    }

    async fn exec(&self, id: &ContainerId, exec: &Exec) -> Result<ExecOutput, EngineError> {
        let (inner, id, exec) = (self.inner.clone(), id.clone(), exec.clone());
        tokio::spawn(async move { inner.run_in(&id, &exec).await })
            .await
            .map_err(|error| EngineError::internal("run a process in a container", error))?
    }

    async fn attach(&self, id: &ContainerId, attach: &Attach) -> Result<Attached, EngineError> {
        let (inner, id, attach) = (self.inner.clone(), id.clone(), attach.clone());
        tokio::spawn(inner.attach(id, attach))
            .await
            .map_err(|error| EngineError::internal("start a process in a container", error))?
    }

    async fn delete(&self, id: &ContainerId) -> Result<Option<Exit>, EngineError> {
        self.step(id, |inner, id| async move { inner.remove(&id).await }).await
    }

    async fn inspect(&self, id: &ContainerId) -> Result<Option<Observed>, EngineError> {
        self.inner.look_at(id).await
    }

    async fn observe(&self) -> Result<Vec<Observed>, EngineError> {
        self.inner.look_at_all().await
    }

    fn events(&self) -> Events {
        BroadcastStream::new(self.inner.events.subscribe())
            .map(|event| event.unwrap_or(Event::Resync))
            .boxed()
    }

    async fn disk_usage(&self, id: &ContainerId) -> Result<u64, EngineError> {
        self.inner.disk_usage(id).await
    }

    async fn stats(&self, id: &ContainerId) -> Result<Option<Stats>, EngineError> {
        let Some(record) = self.inner.records.get(id) else {
            return Err(EngineError::NotFound { what: "container", id: id.to_string() });
        };
        Ok(self.inner.cgroups.stats(&record.task, id).filter(|stats| stats.pids > 0))
    }
}
