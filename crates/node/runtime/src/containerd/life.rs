//! A container's life: made, run, killed, removed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, SystemTime};

use gantry_containerd_api::services::snapshots::{
    ListSnapshotsRequest, PrepareSnapshotRequest, RemoveSnapshotRequest, UsageRequest,
};
use gantry_containerd_api::services::tasks::{
    CreateTaskRequest, DeleteResponse, DeleteTaskRequest, GetRequest, KillRequest, StartRequest,
};
use gantry_containerd_api::types;
use tokio::sync::OwnedMutexGuard;
use tonic::{Code, Status};

use super::Inner;
use super::client;
use super::look::time;
use super::marks::Mark;
use super::output::{input, open_output};
use super::records::Record;
use super::words::{
    Waiting, is_bundle_lost, is_half_made, is_left_in_runtime, is_missing_parent, is_over, is_running,
    refused, waiting,
};
use crate::engine::container::{ContainerId, ContainerSpec, Mount, Signal};
use crate::engine::error::EngineError;
use crate::engine::observed::{Exit, Started, State};
use crate::image::Present;
use crate::spec::{self, Given, user::Accounts};

/// On our snapshots, so that a sweep knows them.
const OURS: &str = "gantry/container";
/// Keeps a snapshot that nothing refers to yet.
const ROOT: &str = "containerd.io/gc.root";
/// SIGKILL is answered at once unless the process is stuck in the kernel.
const KILL_LIMIT: Duration = Duration::from_secs(30);

/// Containerd may be about to remove by itself what it began for a caller who went away.
const HALF_MADE_TRIES: u32 = 4;
const HALF_MADE_PAUSE: Duration = Duration::from_millis(100);

/// One step at a time for each container.
#[derive(Default)]
pub(super) struct Gates {
    by_id: Mutex<HashMap<ContainerId, Weak<tokio::sync::Mutex<()>>>>,
}

impl Gates {
    pub(super) async fn enter(&self, id: &ContainerId) -> OwnedMutexGuard<()> {
        let gate = {
            let mut by_id = self.by_id.lock().expect("no holder of the lock panics");
            if by_id.len() > 1024 {
                by_id.retain(|_, gate| gate.strong_count() > 0);
            }
            match by_id.get(id).and_then(Weak::upgrade) {
                Some(gate) => gate,
                None => {
                    let gate = Arc::new(tokio::sync::Mutex::new(()));
                    by_id.insert(id.clone(), Arc::downgrade(&gate));
                    gate
                }
            }
        };
        gate.lock_owned().await
    }
}

impl Inner {
    pub(super) async fn make(&self, container: &ContainerSpec) -> Result<(), EngineError> {
        let id = &container.id;
        if let Some(record) = self.records.get(id) {
            match self.state(id, &record).await? {
                State::Incomplete => self.erase(id).await?,
                State::Created | State::Running(_) | State::Stopped(_) | State::Lost => return Ok(()),
            }
        }
        if !self.cgroups.has_task(&container.task) {
            return Err(EngineError::NotFound { what: "task", id: container.task.to_string() });
        }
        let Some(image) = self.images.get(&container.image).await? else {
            return Err(EngineError::NotFound { what: "image", id: container.image.clone() });
        };
        open_output(container)?;
        let mut container = Cow::Borrowed(container);
        let kept = self.keep_owners(&mut container);
        let container = &*container;
        let mut rootfs = self.furnish(container, &image).await?;
        let accounts = image.accounts.get_or_init(|| async { Accounts::read(&rootfs) }).await;
        let own = accounts.find(container.user.as_deref().unwrap_or(&image.image.config.user))?;
        let kept = self.show_kept(container, &kept, &own)?;
        if container.mounts.iter().any(|it| matches!(it, Mount::Volume { .. })) {
            let (id, mounts, run_dir) = (id.clone(), container.mounts.clone(), self.scratch.clone());
            let (of, first) = (rootfs.clone(), container.users);
            tokio::task::spawn_blocking(move || super::volumes::fill(&id, &mounts, &of, &run_dir, first))
                .await
                .map_err(|error| EngineError::internal("fill a volume", error))??;
        }
        let shifted = self.shift_owners(container, &mut rootfs)?;
        let made = self.create_process(container, rootfs).await;
        drop((kept, shifted));
        match made {
            Ok(()) => self.marks.set(id, Mark::Created),
            // Containerd may still be making it. While there is a record it can be found again and removed.
            Err(error @ EngineError::Unavailable(_)) => Err(error),
            Err(error) => {
                // What cannot be removed now is seen as incomplete, and removed by the next attempt.
                if let Err(left) = self.erase(id).await {
                    tracing::warn!(%id, error = %left, "a container that failed leaves something behind");
                }
                Err(error)
            }
        }
    }

    /// The container's file system and record. Neither waits for the other if the image's users are known.
    #[tracing::instrument(level = "debug", skip_all)]
    async fn furnish(
        &self,
        container: &ContainerSpec,
        image: &Present,
    ) -> Result<Vec<types::Mount>, EngineError> {
        let id = &container.id;
        if let Some(accounts) = image.accounts.get() {
            let (rootfs, recorded) =
                tokio::join!(self.prepare(id, &image.chain), self.record(container, image, accounts));
            recorded?;
            return match rootfs {
                Err(error) if is_missing_parent(&error) => {
                    self.images.forget(&container.image);
                    Err(error)
                }
                rootfs => rootfs,
            };
        }
        let rootfs = self.prepare(id, &image.chain).await?;
        let accounts = image.accounts.get_or_init(|| async { Accounts::read(&rootfs) }).await;
        self.record(container, image, accounts).await?;
        Ok(rootfs)
    }

    async fn prepare(&self, id: &ContainerId, chain: &str) -> Result<Vec<types::Mount>, EngineError> {
        let request = PrepareSnapshotRequest {
            snapshotter: self.runner.snapshotter.clone(),
            key: id.to_string(),
            parent: chain.to_owned(),
            labels: HashMap::from([(OURS.to_owned(), id.to_string()), (ROOT.to_owned(), "true".to_owned())]),
        };
        let mut snapshots = self.client.snapshots();
        let doing = "prepare a file system";
        let made = client::created(doing, snapshots.prepare(request.clone()).await)?;
        let made = match made {
            Some(made) => made,
            None => {
                // Left by an attempt that was cut off before its record was written.
                self.remove_snapshot(id).await?;
                let answer = snapshots.prepare(request).await;
                answer.map_err(|status| client::failure(doing, &status))?.into_inner()
            }
        };
        Ok(made.mounts)
    }

    async fn record(
        &self,
        container: &ContainerSpec,
        image: &Present,
        accounts: &Accounts,
    ) -> Result<(), EngineError> {
        let user = container.user.as_deref().unwrap_or(&image.image.config.user);
        let given = Given {
            image: &image.image.config,
            identity: accounts.find(user)?,
            cgroup: self.cgroups.of_container(&container.task, &container.id),
            machine: &self.machine,
            users: container.users.map(|first| (self.users.path(&container.task), first)),
            shared: self.shared.places(&container.task),
        };
        let spec = spec::build(container, &given)?;
        let spec = serde_json::to_vec(&spec)
            .map_err(|error| EngineError::internal("write a specification", error))?;
        let record = Record {
            task: container.task.clone(),
            image: container.image.clone(),
            digest: image.image.digest.clone(),
            boot: self.boot.clone(),
            labels: container.labels.clone(),
        };
        let id = &container.id;
        if self.records.create(id, record.clone(), spec.clone(), &self.runner).await? {
            return Ok(());
        }
        // Containerd made the record for an attempt that never heard so.
        self.delete_process(id).await.map_err(|status| client::failure("delete a task", &status))?;
        self.records.delete(id).await?;
        match self.records.create(id, record, spec, &self.runner).await? {
            true => Ok(()),
            false => Err(EngineError::Internal(format!("container {id} is not ours"))),
        }
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub(super) async fn create_process(
        &self,
        container: &ContainerSpec,
        rootfs: Vec<types::Mount>,
    ) -> Result<(), EngineError> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let writer = self.writer(container)?;
        let stdout = writer.clone().unwrap_or_else(|| text(&container.output.stdout));
        let stderr = writer.unwrap_or_else(|| text(&container.output.stderr));
        let request = CreateTaskRequest {
            container_id: container.id.to_string(),
            rootfs,
            stdin: if container.interactive { text(&input(&container.output)) } else { String::new() },
            stdout,
            // A terminal has one output.
            stderr: if container.terminal { String::new() } else { stderr },
            terminal: container.terminal,
            ..CreateTaskRequest::default()
        };
        for attempt in 1.. {
            match self.client.tasks().create(request.clone()).await {
                Ok(_) => return Ok(()),
                Err(status) if is_half_made(&status) && attempt <= HALF_MADE_TRIES => {
                    tokio::time::sleep(HALF_MADE_PAUSE * attempt).await;
                    if attempt == HALF_MADE_TRIES {
                        self.clear_bundle(&container.id)?;
                    }
                }
                Err(status) if is_left_in_runtime(&status) && attempt <= HALF_MADE_TRIES => {
                    self.delete_in_runtime(&container.id).await?;
                }
                Err(status) if status.code() == Code::AlreadyExists => return Ok(()),
                Err(status) => return Err(refused("create", &status)),
            }
        }
        unreachable!("the last attempt returns")
    }

    /// Removes the folder of a process that containerd began to make for a caller who went away, and forgot.
    fn clear_bundle(&self, id: &ContainerId) -> Result<(), EngineError> {
        let bundle = self.bundles.join(id.as_str());
        tracing::info!(%id, "removing what a cut off attempt left");
        let rootfs = bundle.join("rootfs");
        if let Err(error) = nix::mount::umount2(&rootfs, nix::mount::MntFlags::MNT_DETACH) {
            tracing::debug!(%id, %error, "nothing is mounted there");
        }
        match std::fs::remove_dir_all(&bundle) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(EngineError::internal("remove a half-made bundle", error))
            }
            _ => Ok(()),
        }
    }

    /// Removes what the OCI runtime itself remembers of a container that was cut off while it was made: nobody else does,
    /// once containerd has forgotten it. It was never started, or it would not be made.
    async fn delete_in_runtime(&self, id: &ContainerId) -> Result<(), EngineError> {
        tracing::info!(%id, "the runtime still has a container of a cut off attempt; removing it");
        let binary = self.options.runtime.binary.clone().unwrap_or_else(|| "runc".into());
        let mut command = tokio::process::Command::new(&binary);
        command.arg("--root").arg(self.options.runtime_root().join(client::NAMESPACE));
        command.args(["delete", "--force", id.as_str()]).stdin(Stdio::null()).kill_on_drop(true);
        let failed = |why: &dyn std::fmt::Display| {
            EngineError::internal("remove a half-made container", format!("{}: {why}", binary.display()))
        };
        let output = tokio::time::timeout(KILL_LIMIT, command.output()).await;
        let output =
            output.map_err(|_| EngineError::Timeout { what: "the OCI runtime", limit: KILL_LIMIT })?;
        let output = output.map_err(|error| failed(&error))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(failed(&String::from_utf8_lossy(&output.stderr).trim())),
        }
    }

    pub(super) async fn run(&self, id: &ContainerId) -> Result<Started, EngineError> {
        let Some(record) = self.records.get(id) else {
            return Err(EngineError::NotFound { what: "container", id: id.to_string() });
        };
        if !matches!(self.marks.get(id), Some(Mark::Started(_))) {
            self.marks.set(id, Mark::Starting)?;
        }
        let request = StartRequest { container_id: id.to_string(), exec_id: String::new() };
        let status = match self.client.tasks().start(request).await {
            Ok(response) => {
                let started = Started { pid: response.into_inner().pid, at: SystemTime::now() };
                self.marks.set(id, Mark::Started(started.at))?;
                return Ok(started);
            }
            Err(status) => status,
        };
        let state = |state| EngineError::State { id: id.to_string(), state, step: "start" };
        match self.state(id, &record).await? {
            State::Running(started) => Ok(started),
            // It ended before this call, or between an earlier one and its mark.
            State::Stopped(exit) => Ok(Started { pid: 0, at: self.marked(id).unwrap_or(exit.at) }),
            State::Incomplete => Err(state("not finished")),
            State::Lost => Err(state("lost")),
            State::Created => match self.waiting(id).await? {
                // An earlier call was cut off after it had let the process go, and its shim never heard so.
                Waiting::No(pid) => {
                    let at = SystemTime::now();
                    self.marks.set(id, Mark::Started(at))?;
                    Ok(Started { pid, at })
                }
                // It never ran, so it may be made anew.
                Waiting::Yes if is_bundle_lost(status.message()) => {
                    tracing::warn!(%id, "containerd lost the folder of a container that had not started; making it anew");
                    self.erase(id).await?;
                    Err(EngineError::Unavailable("it lost what it had made of a container".to_owned()))
                }
                Waiting::Yes => {
                    self.marks.set(id, Mark::Created)?;
                    Err(refused("start", &status))
                }
                Waiting::Unknown => Err(refused("start", &status)),
            },
        }
    }

    /// Whether the first process of a container that is said to be created still waits to become the user's program.
    async fn waiting(&self, id: &ContainerId) -> Result<Waiting, EngineError> {
        let request = GetRequest { container_id: id.to_string(), exec_id: String::new() };
        let answer = client::found("look at a task", self.client.tasks().get(request).await)?;
        let Some(pid) = answer.and_then(|it| it.process).map(|it| it.pid).filter(|pid| *pid > 0) else {
            return Ok(Waiting::Unknown);
        };
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        Ok(waiting(pid, &line))
    }

    pub(super) async fn kill(&self, id: &ContainerId, signal: Signal, all: bool) -> Result<(), EngineError> {
        let Some(record) = self.records.get(id) else {
            return Err(EngineError::NotFound { what: "container", id: id.to_string() });
        };
        if signal == Signal::KILL {
            self.cgroups.unthrottle(&record.task, id);
        }
        let request =
            KillRequest { container_id: id.to_string(), exec_id: String::new(), signal: signal.0, all };
        match self.client.tasks().kill(request).await {
            Ok(_) => Ok(()),
            // There is no process, or no process any more.
            Err(status) if status.code() == Code::NotFound => Ok(()),
            Err(status) if is_over(status.message()) => Ok(()),
            Err(status) => Err(client::failure("signal a container", &status)),
        }
    }

    pub(super) async fn remove(&self, id: &ContainerId) -> Result<Option<Exit>, EngineError> {
        let record = match self.records.get(id) {
            Some(record) => record,
            // A call that was cut off may have made it all the same.
            None => match self.records.find(id).await? {
                Some(record) => record,
                None => {
                    self.remove_snapshot(id).await?;
                    return Ok(None);
                }
            },
        };
        // The group, with what it counted, goes with the task.
        let out_of_memory = self.cgroups.ran_out_of_memory(&record.task, id);
        let ended = match self.delete_process(id).await {
            Ok(ended) => ended,
            Err(status) if is_running(&status) => {
                self.kill(id, Signal::KILL, true).await?;
                tokio::time::timeout(KILL_LIMIT, self.exit(id))
                    .await
                    .map_err(|_| EngineError::Timeout { what: "a killed container", limit: KILL_LIMIT })??;
                let answer = self.delete_process(id).await;
                answer.map_err(|status| client::failure("delete a task", &status))?
            }
            Err(status) => return Err(client::failure("delete a task", &status)),
        };
        let ran = self.marks.get(id).is_some_and(|it| it != Mark::Created);
        self.forget(id).await?;
        Ok(ended.filter(|_| ran).map(|it| Exit {
            code: i32::try_from(it.exit_status).unwrap_or(-1),
            at: it.exited_at.and_then(time).unwrap_or_else(SystemTime::now),
            out_of_memory,
        }))
    }

    pub(super) async fn delete_process(&self, id: &ContainerId) -> Result<Option<DeleteResponse>, Status> {
        let request = DeleteTaskRequest { container_id: id.to_string() };
        let mut answer = self.client.tasks().delete(request.clone()).await;
        if let Err(status) = &answer
            && is_bundle_lost(status.message())
        {
            // The runtime writes its log there, and does nothing where it can't.
            let bundle = self.bundles.join(id.as_str());
            std::fs::create_dir_all(&bundle)
                .map_err(|error| Status::internal(format!("make {}: {error}", bundle.display())))?;
            answer = self.client.tasks().delete(request).await;
        }
        match answer {
            Ok(response) => Ok(Some(response.into_inner())),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(status),
        }
    }

    /// Removes whatever there is of a container that was never finished.
    async fn erase(&self, id: &ContainerId) -> Result<(), EngineError> {
        match self.delete_process(id).await {
            Ok(_) => self.forget(id).await,
            Err(status) => Err(client::failure("delete a task", &status)),
        }
    }

    /// Removes the file system, then the record: while there is a record, `delete` comes back here.
    async fn forget(&self, id: &ContainerId) -> Result<(), EngineError> {
        self.remove_snapshot(id).await?;
        self.marks.remove(id)?;
        self.records.delete(id).await
    }

    pub(super) async fn disk_usage(&self, id: &ContainerId) -> Result<u64, EngineError> {
        let request = UsageRequest { snapshotter: self.runner.snapshotter.clone(), key: id.to_string() };
        let answer = self.client.snapshots().usage(request).await;
        let usage = answer.map_err(|status| client::failure("measure a file system", &status))?.into_inner();
        Ok(u64::try_from(usage.size).unwrap_or(0))
    }

    async fn remove_snapshot(&self, id: &ContainerId) -> Result<(), EngineError> {
        let request =
            RemoveSnapshotRequest { snapshotter: self.runner.snapshotter.clone(), key: id.to_string() };
        let answer = self.client.snapshots().remove(request).await;
        client::found("remove a file system", answer).map(|_| ())
    }

    /// Removes what belongs to containers that have no record: attempts that a crash cut off.
    pub(super) async fn sweep(&self) -> Result<(), EngineError> {
        let request = ListSnapshotsRequest {
            snapshotter: self.runner.snapshotter.clone(),
            filters: vec!["kind==active".to_owned()],
        };
        let failure = |status| client::failure("list file systems", &status);
        let mut stream = self.client.snapshots().list(request).await.map_err(failure)?.into_inner();
        let mut stray = Vec::new();
        while let Some(part) = stream.message().await.map_err(failure)? {
            let ours = part.info.iter().filter_map(|it| it.labels.get(OURS));
            stray.extend(ours.filter_map(|id| ContainerId::new(id.clone()).ok()));
        }
        stray.retain(|id| self.records.get(id).is_none());
        for id in stray {
            tracing::info!(%id, "removing the file system of a container that was never made");
            self.remove_snapshot(&id).await?;
        }
        for id in self.marks.all() {
            if self.records.get(&id).is_none() {
                self.marks.remove(&id)?;
            }
        }
        Ok(())
    }
}
