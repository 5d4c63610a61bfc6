//! A further process that is simulated: it says what its image's script has it say, and then what it hears, until its
//! input ends or it hears the end of a terminal's transmission.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::watch;

use super::Simulated;
use crate::engine::attached::{Attached, AttachedProcess, TerminalSize};
use crate::engine::container::{ContainerId, ExecOutput};
use crate::engine::error::EngineError;

const BUFFER_BYTES: usize = 4096;
/// What Ctrl-D sends.
const END_OF_TRANSMISSION: u8 = 4;

struct Echo {
    engine: Simulated,
    id: ContainerId,
    exit: watch::Receiver<Option<i32>>,
    ended: watch::Sender<bool>,
}

pub(super) fn begin(engine: Simulated, id: &ContainerId, said: ExecOutput, terminal: bool) -> Attached {
    let (input, heard) = tokio::io::duplex(BUFFER_BYTES);
    let (saying, output) = tokio::io::duplex(BUFFER_BYTES);
    let (exited, exit) = watch::channel(None);
    let (ended, mut told) = watch::channel(false);
    tokio::spawn(async move {
        let code = tokio::select! {
            code = echo(heard, saying, said) => code,
            _ = told.wait_for(|ended| *ended) => 129,
        };
        // Nobody may wait for it any more.
        let _ = exited.send(Some(code));
    });
    Attached {
        input: Box::new(input),
        output: Box::new(output),
        error: (!terminal)
            .then(|| Box::new(tokio::io::empty()) as Box<dyn tokio::io::AsyncRead + Send + Unpin>),
        process: Arc::new(Echo { engine, id: id.clone(), exit, ended }),
    }
}

async fn echo(mut heard: DuplexStream, mut saying: DuplexStream, said: ExecOutput) -> i32 {
    let mut buffer = [0; BUFFER_BYTES];
    let mut words = said.output;
    loop {
        if saying.write_all(&words).await.is_err() {
            return said.code;
        }
        match heard.read(&mut buffer).await {
            Ok(0) | Err(_) => return said.code,
            Ok(_) if buffer[0] == END_OF_TRANSMISSION => return said.code,
            Ok(length) => words = buffer[..length].to_vec(),
        }
    }
}

#[async_trait]
impl AttachedProcess for Echo {
    async fn resize(&self, size: TerminalSize) -> Result<(), EngineError> {
        let subject = format!("{} {}x{}", self.id, size.columns, size.rows);
        self.engine.enter("resize", &subject).map(drop)
    }

    async fn end_input(&self) -> Result<(), EngineError> {
        self.engine.enter("end_input", self.id.as_str()).map(drop)
    }

    async fn wait(&self) -> Result<i32, EngineError> {
        let mut exit = self.exit.clone();
        let code = exit.wait_for(Option::is_some).await;
        code.map(|code| code.unwrap_or(-1))
            .map_err(|error| EngineError::internal("wait for a process", error))
    }

    async fn end(&self) {
        // It may have ended by itself.
        let _ = self.ended.send(true);
        drop(self.engine.enter("end", self.id.as_str()));
    }
}
