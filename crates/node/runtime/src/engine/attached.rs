//! One more process in a container, with somebody at its other end.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite};

use super::error::EngineError;

/// What is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attach {
    /// Unique in its container; the same id again while it runs is refused.
    pub id: String,
    pub args: Vec<String>,
    /// None = no terminal: output and errors are apart, and the input can end.
    pub terminal: Option<TerminalSize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    pub columns: u16,
    pub rows: u16,
}

/// Such a process, which runs until [`AttachedProcess::end`], also when this is dropped.
pub struct Attached {
    /// What is written waits until the process reads it.
    pub input: Box<dyn AsyncWrite + Send + Unpin>,
    /// Ends when nothing writes there any more. With a terminal it has the errors as well.
    pub output: Box<dyn AsyncRead + Send + Unpin>,
    /// None with a terminal.
    pub error: Option<Box<dyn AsyncRead + Send + Unpin>>,
    pub process: Arc<dyn AttachedProcess>,
}

#[async_trait]
pub trait AttachedProcess: Send + Sync {
    /// Without a terminal it does nothing.
    async fn resize(&self, size: TerminalSize) -> Result<(), EngineError>;

    /// The process reads the end of its input, once what was written before is read and `input` is dropped. A terminal
    /// has no such end.
    async fn end_input(&self) -> Result<(), EngineError>;

    /// Waits for its end, across restarts of the engine; answers its exit code, which is 128 and the signal's number
    /// where one ended it.
    async fn wait(&self) -> Result<i32, EngineError>;

    /// Removes what there is of it. If it still runs, its terminal hangs up, and soon after it is killed with whatever
    /// it started in its session.
    async fn end(&self);
}
