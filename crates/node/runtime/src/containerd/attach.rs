//! One more process in a container, whose input and output are pipes that we hold the other ends of.
//!
//! Each has a folder with its pipes in the run directory, named by container and process and made before the process is.
//! A start of the engine ends the processes whose folders it finds: whoever was at their other end has gone.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use gantry_containerd_api::services::containers::GetContainerRequest;
use gantry_containerd_api::services::tasks::{
    CloseIoRequest, DeleteProcessRequest, ExecProcessRequest, KillRequest, ResizePtyRequest, StartRequest,
    WaitRequest,
};
use nix::sys::signal::{Signal as UnixSignal, kill};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};
use prost_types::Any;
use serde_json::{Value, json};
use tokio::net::unix::pipe;
use tonic::Code;

use super::Inner;
use super::client;
use super::exec::{PROCESS, refused};
use crate::engine::attached::{Attach, Attached, AttachedProcess, TerminalSize};
use crate::engine::container::{ContainerId, Signal};
use crate::engine::error::EngineError;

/// Between a terminal's hangup and SIGKILL.
const HANGUP: Duration = Duration::from_secs(1);
/// How long a killed process may take to be gone.
const GONE: Duration = Duration::from_secs(5);
/// How long a call may take that takes no time unless its shim hangs.
const PATIENCE: Duration = Duration::from_secs(10);
/// Before containerd, which may be restarting, is asked again.
const PAUSE: Duration = Duration::from_millis(200);
const SIGHUP: Signal = Signal(1);
/// What programs are told of the terminal, where the container says nothing.
const TERM: &str = "TERM=xterm-256color";

/// One such process.
struct Held {
    inner: Arc<Inner>,
    container: ContainerId,
    exec: String,
    folder: PathBuf,
    terminal: bool,
    /// As this host counts; its session has the same number.
    pid: u32,
    ended: AtomicBool,
}

impl Inner {
    pub(super) async fn attach(
        self: Arc<Self>,
        container: ContainerId,
        attach: Attach,
    ) -> Result<Attached, EngineError> {
        // Its name follows containerd's rules for names.
        ContainerId::new(attach.id.clone())?;
        let spec = self.process_of(&container, &attach).await?;
        let folder = self.sessions().join(format!("{container}@{}", attach.id));
        let pipes = Pipes::make(&folder, attach.terminal.is_some());
        let pipes = match pipes {
            Ok(pipes) => pipes,
            Err(error) => {
                discard(&folder);
                return Err(EngineError::internal("make the pipes of a process", error));
            }
        };
        let started = self.start_attached(&container, &attach, spec, &folder).await;
        let pid = match started {
            Ok(pid) => pid,
            Err(error) => {
                self.delete_exec(&container, &attach.id).await;
                discard(&folder);
                return Err(error);
            }
        };
        let held = Held {
            inner: self,
            container,
            exec: attach.id,
            folder,
            terminal: attach.terminal.is_some(),
            pid,
            ended: AtomicBool::new(false),
        };
        if let Some(size) = attach.terminal
            && let Err(error) = held.resize(size).await
        {
            tracing::debug!(%error, "a terminal has another size than it shall have");
        }
        let Pipes { input, output, error, kept } = pipes;
        // From here on the pipes end when the shim closes them.
        drop(kept);
        Ok(Attached {
            input: Box::new(input),
            output: Box::new(output),
            error: error.map(|pipe| Box::new(pipe) as Box<dyn tokio::io::AsyncRead + Send + Unpin>),
            process: Arc::new(held),
        })
    }

    fn sessions(&self) -> PathBuf {
        self.scratch.join("sessions")
    }

    async fn start_attached(
        &self,
        container: &ContainerId,
        attach: &Attach,
        spec: Vec<u8>,
        folder: &Path,
    ) -> Result<u32, EngineError> {
        let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let terminal = attach.terminal.is_some();
        let request = ExecProcessRequest {
            container_id: container.to_string(),
            exec_id: attach.id.clone(),
            stdin: path("in"),
            stdout: path("out"),
            stderr: if terminal { String::new() } else { path("err") },
            terminal,
            spec: Some(Any { type_url: PROCESS.to_owned(), value: spec }),
        };
        let mut tasks = self.client.tasks();
        tasks.exec(request).await.map_err(|status| refused(container, &status))?;
        let request = StartRequest { container_id: container.to_string(), exec_id: attach.id.clone() };
        let started = tasks.start(request).await.map_err(|status| refused(container, &status))?;
        Ok(started.into_inner().pid)
    }

    async fn process_of(&self, id: &ContainerId, attach: &Attach) -> Result<Vec<u8>, EngineError> {
        let request = GetContainerRequest { id: id.to_string() };
        let answer = client::found("look at a container", self.client.containers().get(request).await)?;
        let spec = answer.and_then(|it| it.container).and_then(|it| it.spec);
        let Some(spec) = spec else {
            return Err(EngineError::NotFound { what: "container", id: id.to_string() });
        };
        let internal = |error| EngineError::internal("read a specification", error);
        let spec: Value = serde_json::from_slice(&spec.value).map_err(internal)?;
        serde_json::to_vec(&process(&spec["process"], attach)).map_err(internal)
    }

    /// Ends what an earlier engine left: nobody is at the other end of it any more.
    pub(super) async fn sweep_sessions(&self) -> Result<(), EngineError> {
        let entries = match fs::read_dir(self.sessions()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(EngineError::internal("look for processes that were left", error)),
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some((container, exec)) = name.split_once('@')
                && let Ok(container) = ContainerId::new(container.to_owned())
            {
                tracing::info!(%container, exec, "a process in a container is ended, as nobody is at its other end");
                self.kill_exec(&container, exec, Signal::KILL).await;
                let _ = tokio::time::timeout(GONE, self.wait_exec(&container, exec)).await;
                self.delete_exec(&container, exec).await;
            }
            discard(&entry.path());
        }
        Ok(())
    }

    async fn wait_exec(&self, container: &ContainerId, exec: &str) -> Result<i32, EngineError> {
        loop {
            let request = WaitRequest { container_id: container.to_string(), exec_id: exec.to_owned() };
            match self.client.tasks().wait(request).await {
                Ok(exit) => return Ok(i32::try_from(exit.into_inner().exit_status).unwrap_or(-1)),
                Err(status) => match client::failure("wait for a process in a container", &status) {
                    EngineError::Unavailable(_) => tokio::time::sleep(PAUSE).await,
                    error => return Err(error),
                },
            }
        }
    }

    async fn kill_exec(&self, container: &ContainerId, exec: &str, signal: Signal) {
        let request = KillRequest {
            container_id: container.to_string(),
            exec_id: exec.to_owned(),
            signal: signal.0,
            all: false,
        };
        if let Ok(Err(status)) = tokio::time::timeout(PATIENCE, self.client.tasks().kill(request)).await
            && status.code() != Code::NotFound
        {
            tracing::debug!(%container, exec, %status, "a process in a container took no signal");
        }
    }

    async fn delete_exec(&self, container: &ContainerId, exec: &str) {
        let request = DeleteProcessRequest { container_id: container.to_string(), exec_id: exec.to_owned() };
        match tokio::time::timeout(PATIENCE, self.client.tasks().delete_process(request)).await {
            Ok(Err(status)) if status.code() != Code::NotFound => {
                tracing::debug!(%container, exec, %status, "a process in a container stays for now");
            }
            Ok(_) => {}
            Err(_) => tracing::debug!(%container, exec, "a process in a container stays for now"),
        }
    }
}

/// The container's own process with other arguments, at a terminal or not.
fn process(like: &Value, attach: &Attach) -> Value {
    let mut process = like.clone();
    process["args"] = json!(attach.args);
    process["terminal"] = json!(attach.terminal.is_some());
    if let Some(fields) = process.as_object_mut() {
        fields.remove("consoleSize");
    }
    if let Some(size) = attach.terminal {
        process["consoleSize"] = json!({ "height": size.rows, "width": size.columns });
        let told = |value: &Value| value.as_str().is_some_and(|text| text.starts_with("TERM="));
        match process["env"].as_array_mut() {
            Some(variables) if !variables.iter().any(told) => variables.push(json!(TERM)),
            Some(_) => {}
            None => process["env"] = json!([TERM]),
        }
    }
    process
}

/// Our ends of the pipes.
struct Pipes {
    input: pipe::Sender,
    output: pipe::Receiver,
    error: Option<pipe::Receiver>,
    /// Writers that keep the pipes from ending before the shim has opened them.
    kept: Vec<pipe::Sender>,
}

impl Pipes {
    fn make(folder: &Path, terminal: bool) -> std::io::Result<Pipes> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let make = |name: &str| {
            let path = folder.join(name);
            mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR)?;
            std::io::Result::Ok(path)
        };
        // Also opened for reading: it opens before the shim does, and a process that is gone is no error.
        let input = pipe::OpenOptions::new().read_write(true).open_sender(make("in")?)?;
        let mut kept = Vec::new();
        let mut read = |name: &str| {
            let path = make(name)?;
            let reader = pipe::OpenOptions::new().open_receiver(&path)?;
            kept.push(pipe::OpenOptions::new().open_sender(&path)?);
            std::io::Result::Ok(reader)
        };
        let output = read("out")?;
        let error = if terminal { None } else { Some(read("err")?) };
        Ok(Pipes { input, output, error, kept })
    }
}

fn discard(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::debug!(%error, folder = %folder.display(), "pipes of a process stay");
    }
}

/// Sends a signal to every process of a session, as this host counts.
async fn signal_session(session: u32, signal: UnixSignal) {
    // Of 0 and 1 there is nothing that a container started.
    if session > 1
        && let Err(error) = tokio::task::spawn_blocking(move || signal_all(session, signal)).await
    {
        tracing::debug!(%error, "processes of a session were not looked for");
    }
}

fn signal_all(session: u32, signal: UnixSignal) {
    let Ok(entries) = fs::read_dir("/proc") else { return };
    for entry in entries.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        // The name may have spaces and parentheses; after it come state, parent, group and session.
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        if fields.split_whitespace().nth(3).and_then(|field| field.parse().ok()) == Some(session) {
            // One that has just ended needs no signal.
            let _ = kill(Pid::from_raw(pid), signal);
        }
    }
}

#[async_trait]
impl AttachedProcess for Held {
    async fn resize(&self, size: TerminalSize) -> Result<(), EngineError> {
        if !self.terminal {
            return Ok(());
        }
        let request = ResizePtyRequest {
            container_id: self.container.to_string(),
            exec_id: self.exec.clone(),
            width: size.columns.into(),
            height: size.rows.into(),
        };
        let resized = self.inner.client.tasks().resize_pty(request).await;
        client::found("resize a terminal", resized).map(|_| ())
    }

    async fn end_input(&self) -> Result<(), EngineError> {
        if self.terminal {
            return Ok(());
        }
        let request = CloseIoRequest {
            container_id: self.container.to_string(),
            exec_id: self.exec.clone(),
            stdin: true,
        };
        client::found("end a process's input", self.inner.client.tasks().close_io(request).await).map(|_| ())
    }

    async fn wait(&self) -> Result<i32, EngineError> {
        let code = self.inner.wait_exec(&self.container, &self.exec).await?;
        self.ended.store(true, Ordering::Release);
        Ok(code)
    }

    async fn end(&self) {
        if !self.ended.load(Ordering::Acquire) {
            self.inner.kill_exec(&self.container, &self.exec, SIGHUP).await;
            signal_session(self.pid, UnixSignal::SIGHUP).await;
            if tokio::time::timeout(HANGUP, self.wait()).await.is_err() {
                self.inner.kill_exec(&self.container, &self.exec, Signal::KILL).await;
            }
            // What it started stays in its session, whose number nobody else gets while one of them lives.
            signal_session(self.pid, UnixSignal::SIGKILL).await;
            let _ = tokio::time::timeout(GONE, self.wait()).await;
        }
        self.inner.delete_exec(&self.container, &self.exec).await;
        discard(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_further_process_is_like_the_first_but_for_its_arguments_and_terminal() {
        let like = json!({
            "args": ["app"], "cwd": "/srv", "user": { "uid": 7 }, "env": ["A=1"], "terminal": true,
            "consoleSize": { "height": 1, "width": 1 },
        });
        let attach = |terminal| Attach { id: "x".into(), args: vec!["sh".into()], terminal };
        let plain = process(&like, &attach(None));
        assert_eq!(
            plain,
            json!({ "args": ["sh"], "cwd": "/srv", "user": { "uid": 7 }, "env": ["A=1"], "terminal": false })
        );
        let size = Some(TerminalSize { columns: 132, rows: 43 });
        let shown = process(&like, &attach(size));
        assert_eq!(shown["env"], json!(["A=1", TERM]));
        assert_eq!(shown["consoleSize"], json!({ "height": 43, "width": 132 }));
        let own = json!({ "env": ["TERM=dumb"] });
        assert_eq!(process(&own, &attach(size))["env"], json!(["TERM=dumb"]));
        assert_eq!(process(&json!({}), &attach(size))["env"], json!([TERM]));
    }
}
