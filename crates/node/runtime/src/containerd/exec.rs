//! One more process in a container.

use std::fs;
use std::path::Path;

use gantry_containerd_api::services::containers::GetContainerRequest;
use gantry_containerd_api::services::tasks::{
    DeleteProcessRequest, ExecProcessRequest, KillRequest, StartRequest, WaitRequest,
};
use oci_spec::runtime::{Process, Spec};
use prost_types::Any;
use tokio::io::AsyncReadExt;
use tonic::{Code, Status};

use super::Inner;
use super::client;
use crate::engine::container::{ContainerId, Exec, ExecOutput, Signal};
use crate::engine::error::EngineError;

pub(super) const PROCESS: &str = "types.containerd.io/opencontainers/runtime-spec/1/Process";
const OUTPUT_BYTES: u64 = 64 << 10;

impl Inner {
    pub(super) async fn run_in(&self, id: &ContainerId, exec: &Exec) -> Result<ExecOutput, EngineError> {
        // Its name follows containerd's rules for names.
        ContainerId::new(exec.id.clone())?;
        let process = self.process_like(id, exec).await?;
        let file = self.scratch.join(format!("exec-{id}-{}", exec.id));
        fs::write(&file, "").map_err(|error| EngineError::internal("make an output file", error))?;
        let result = self.exec_into(id, exec, process, &file).await;
        let gone = DeleteProcessRequest { container_id: id.to_string(), exec_id: exec.id.clone() };
        if let Err(status) = self.client.tasks().delete_process(gone).await
            && status.code() != Code::NotFound
        {
            tracing::debug!(%id, exec = exec.id, %status, "a further process stays for now");
        }
        let output = read_output(&file).await;
        if let Err(error) = fs::remove_file(&file) {
            tracing::debug!(%error, "an output file stays");
        }
        Ok(ExecOutput { code: result?, output: output? })
    }

    async fn exec_into(
        &self,
        id: &ContainerId,
        exec: &Exec,
        process: Vec<u8>,
        file: &Path,
    ) -> Result<i32, EngineError> {
        let container_id = id.to_string();
        let exec_id = exec.id.clone();
        let stdout = file.to_string_lossy().into_owned();
        // The same file by another name: a shim that sees one name twice shares one descriptor, and closes it
        // when the first stream ends, which here may be before the second one's copying has begun.
        let stderr = stdout.replacen('/', "/./", 1);
        let mut tasks = self.client.tasks();
        let request = ExecProcessRequest {
            container_id: container_id.clone(),
            exec_id: exec_id.clone(),
            stdout,
            stderr,
            spec: Some(Any { type_url: PROCESS.to_owned(), value: process }),
            ..ExecProcessRequest::default()
        };
        tasks.exec(request).await.map_err(|status| refused(id, &status))?;
        let request = StartRequest { container_id: container_id.clone(), exec_id: exec_id.clone() };
        tasks.start(request).await.map_err(|status| refused(id, &status))?;
        let request = WaitRequest { container_id: container_id.clone(), exec_id: exec_id.clone() };
        match tokio::time::timeout(exec.timeout, tasks.wait(request)).await {
            Ok(Ok(response)) => Ok(i32::try_from(response.into_inner().exit_status).unwrap_or(-1)),
            Ok(Err(status)) => Err(client::failure("wait for a further process", &status)),
            Err(_) => {
                let kill = KillRequest { container_id, exec_id, signal: Signal::KILL.0, all: false };
                if let Err(status) = tasks.kill(kill.clone()).await
                    && status.code() != Code::NotFound
                {
                    return Err(client::failure("kill a further process", &status));
                }
                let last = WaitRequest { container_id: kill.container_id, exec_id: kill.exec_id };
                // It was killed; its end is awaited only so that it can be deleted.
                let _ = tokio::time::timeout(std::time::Duration::from_secs(5), tasks.wait(last)).await;
                Err(EngineError::Timeout { what: "a process in a container", limit: exec.timeout })
            }
        }
    }

    /// The container's own process with other arguments.
    async fn process_like(&self, id: &ContainerId, exec: &Exec) -> Result<Vec<u8>, EngineError> {
        let request = GetContainerRequest { id: id.to_string() };
        let answer = client::found("look at a container", self.client.containers().get(request).await)?;
        let spec = answer.and_then(|it| it.container).and_then(|it| it.spec);
        let Some(spec) = spec else {
            return Err(EngineError::NotFound { what: "container", id: id.to_string() });
        };
        let internal = |error| EngineError::internal("read a specification", error);
        let spec: Spec = serde_json::from_slice(&spec.value).map_err(internal)?;
        let mut process: Process = spec.process().clone().unwrap_or_default();
        process.set_args(Some(exec.args.clone()));
        serde_json::to_vec(&process).map_err(internal)
    }
}

async fn read_output(file: &Path) -> Result<Vec<u8>, EngineError> {
    let internal = |error| EngineError::internal("read a process's output", error);
    let file = tokio::fs::File::open(file).await.map_err(internal)?;
    let mut output = Vec::new();
    file.take(OUTPUT_BYTES).read_to_end(&mut output).await.map_err(internal)?;
    Ok(output)
}

pub(super) fn refused(id: &ContainerId, status: &Status) -> EngineError {
    let words = status.message();
    match status.code() {
        Code::NotFound | Code::FailedPrecondition => {
            EngineError::State { id: id.to_string(), state: "not running", step: "exec" }
        }
        _ if words.contains("OCI runtime exec failed") => {
            let after = words.split_once("OCI runtime exec failed: ").map_or(words, |it| it.1);
            EngineError::Runtime(after.trim_end_matches(": unknown").to_owned())
        }
        _ => client::failure("run a process in a container", status),
    }
}
