//! Processes in containers for those who look inside: the service that knows the sessions, and whoever carries them to
//! a terminal, know each other by this.

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

/// A session that was given its token: it is entered once.
#[derive(Debug, Clone)]
pub struct EnteredSession {
    /// `ecs-execute-command-...`
    pub id: String,
    /// `ecs:CLUSTER_TASK_CONTAINER`, as Session Manager names its targets.
    pub target: String,
    /// As the caller gave it.
    pub command: String,
}

/// In characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    pub columns: u32,
    pub rows: u32,
}

/// A process of a node. Dropping it ends the process.
#[derive(Debug)]
pub struct RemoteProcess {
    pub input: mpsc::Sender<ToProcess>,
    /// Ends with its process; the last is [`FromProcess::Exited`] or [`FromProcess::Failed`].
    pub output: mpsc::Receiver<FromProcess>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToProcess {
    Input(Bytes),
    /// Without a terminal the process reads the end of its input.
    EndOfInput,
    Size(TerminalSize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FromProcess {
    Output(Bytes),
    /// What it wrote to its standard error; at a terminal that is output.
    Error(Bytes),
    Exited(i32),
    /// One sentence for the user: it could not be started, or is not known any more.
    Failed(String),
}

/// The sessions that were opened for somebody and wait for them.
#[async_trait]
pub trait Sessions: Send + Sync + 'static {
    /// Takes a session, if the token is its own. Nobody can take it again.
    fn enter(&self, session: &str, token: &str) -> Option<EnteredSession>;

    /// Starts the session's process; `None` is without a terminal. An error is one sentence for the user.
    async fn start(
        &self,
        session: &EnteredSession,
        terminal: Option<TerminalSize>,
    ) -> Result<RemoteProcess, String>;
}
