//! Sessions in containers (ECS Exec): from the answer of ExecuteCommand to the process on the container's node.
//!
//! A session waits for a short while for whoever has its token, and is entered once. Then the node is asked over its
//! session to start the process, and opens a stream for it. Sessions live in memory: a restart ends them, as it ends
//! the streams they are made of.

pub(crate) mod object;
pub(crate) mod transcript;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use gantry_base::Timestamp;
use gantry_node_proto::v1::{self, control_message};
use gantry_service::processes::{EnteredSession, RemoteProcess, Sessions, TerminalSize};
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use self::object::{InBucket, Object};
use self::transcript::{KeptIn, Transcript};
use crate::Ecs;
use crate::names::TaskName;

/// How long a token holds.
const TOKEN_HOLDS: Duration = Duration::from_secs(60);
/// How long after its entrance a session's process may be asked for: a handshake lies between.
const ENTRANCE_HOLDS: Duration = Duration::from_secs(120);
/// Sessions that wait for somebody, over all accounts.
const MOST_WAITING: usize = 4096;
/// How long a node may take to open a process's stream.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a session is about.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub task: TaskName,
    pub container: String,
    /// The container, as its node names it.
    pub runtime_id: String,
    pub node: String,
    pub command: String,
    /// The command's words.
    pub args: Vec<String>,
    pub kept_in: Option<KeptIn>,
    pub in_bucket: Option<InBucket>,
}

/// All sessions that have no process yet.
#[derive(Default)]
pub(crate) struct Execs(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: HashMap<String, Waiting>,
    entered: HashMap<String, (Timestamp, Wanted)>,
    /// Asked for, and not opened by the node yet.
    asked: HashMap<String, Asked>,
}

struct Waiting {
    token: [u8; 32],
    until: Timestamp,
    wanted: Wanted,
}

struct Asked {
    node: String,
    opened: oneshot::Sender<RemoteProcess>,
}

impl Execs {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a session wait for whoever brings the token; false if too many wait.
    pub(crate) fn wait_for(&self, session: &str, token: &str, wanted: Wanted, now: Timestamp) -> bool {
        let mut state = self.state();
        if state.waiting.len() >= MOST_WAITING {
            state.waiting.retain(|_, one| now < one.until);
            if state.waiting.len() >= MOST_WAITING {
                return false;
            }
        }
        let waiting = Waiting { token: digest(token), until: now + TOKEN_HOLDS, wanted };
        state.waiting.insert(session.to_owned(), waiting);
        true
    }

    fn enter(&self, session: &str, token: &str, now: Timestamp) -> Option<Wanted> {
        let mut state = self.state();
        state.waiting.retain(|_, one| now < one.until);
        state.entered.retain(|_, (since, _)| now.since(*since) < ENTRANCE_HOLDS);
        // What is compared are digests, so that the time it takes tells nothing of the token.
        if state.waiting.get(session)?.token != digest(token) {
            return None;
        }
        let wanted = state.waiting.remove(session)?.wanted;
        state.entered.insert(session.to_owned(), (now, wanted.clone()));
        Some(wanted)
    }

    /// The node has opened the stream of a session's process; `None` if it was not asked to.
    pub(crate) fn opened(&self, session: &str, node: &str) -> Option<oneshot::Sender<RemoteProcess>> {
        let mut state = self.state();
        if state.asked.get(session)?.node != node {
            return None;
        }
        state.asked.remove(session).map(|asked| asked.opened)
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// As Session Manager names what a session leads to.
fn target(wanted: &Wanted) -> String {
    format!("ecs:{}_{}_{}", wanted.task.cluster, wanted.task.id, wanted.runtime_id)
}

#[async_trait]
impl Sessions for Ecs {
    fn enter(&self, session: &str, token: &str) -> Option<EnteredSession> {
        let wanted = self.execs().enter(session, token, self.clock.now())?;
        tracing::info!(session, task_arn = %wanted.task.arn(), container = wanted.container, "a session in a container begins");
        Some(EnteredSession { id: session.to_owned(), target: target(&wanted), command: wanted.command })
    }

    async fn start(
        &self,
        session: &EnteredSession,
        terminal: Option<TerminalSize>,
    ) -> Result<RemoteProcess, String> {
        let entered = self.execs().state().entered.remove(&session.id);
        let (_, wanted) = entered.ok_or("The session has expired.")?;
        let object = Object::open(self, &wanted, &session.id).await?;
        let transcript = Transcript::open(self, &wanted, &session.id).await?;
        let (opened, opens) = oneshot::channel();
        let asked = Asked { node: wanted.node.clone(), opened };
        self.execs().state().asked.insert(session.id.clone(), asked);
        let message = control_message::Message::StartProcess(v1::StartProcess {
            session_id: session.id.clone(),
            task_arn: wanted.task.arn().to_string(),
            runtime_id: wanted.runtime_id,
            args: wanted.args,
            terminal: terminal.map(|size| v1::TerminalSize { columns: size.columns, rows: size.rows }),
        });
        let process = async {
            self.connected().tell(&wanted.node, message).await.ok()?;
            opens.await.ok()
        };
        let process = tokio::time::timeout(PATIENCE, process).await;
        self.execs().state().asked.remove(&session.id);
        let process = process.ok().flatten();
        let process = process.ok_or_else(|| "The container's machine does not answer.".to_owned())?;
        let process = match transcript {
            Some(transcript) => transcript.along(process),
            None => process,
        };
        Ok(match object {
            Some(object) => object.along(process),
            None => process,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        let place = crate::Place { account: gantry_base::AccountId::DEFAULT, region: Default::default() };
        Wanted {
            task: TaskName { place, cluster: "c".into(), id: "0a".repeat(16) },
            container: "app".into(),
            runtime_id: "r".into(),
            node: "n".into(),
            command: "sh".into(),
            args: vec!["sh".into()],
            kept_in: None,
            in_bucket: None,
        }
    }

    #[test]
    fn a_session_is_entered_once_by_its_token_and_in_time() {
        let (execs, now) = (Execs::default(), Timestamp::from_secs(1000));
        assert!(execs.wait_for("s", "token", wanted(), now));
        assert!(execs.wait_for("late", "token", wanted(), now));
        assert!(execs.enter("s", "other", now).is_none());
        assert!(execs.enter("other", "token", now).is_none());
        assert!(execs.enter("s", "token", now).is_some());
        assert!(execs.enter("s", "token", now).is_none());
        assert!(execs.enter("late", "token", now + TOKEN_HOLDS).is_none());
    }

    #[test]
    fn only_so_many_wait() {
        let (execs, now) = (Execs::default(), Timestamp::from_secs(1000));
        for number in 0..MOST_WAITING {
            assert!(execs.wait_for(&number.to_string(), "token", wanted(), now));
        }
        assert!(!execs.wait_for("more", "token", wanted(), now));
        assert!(execs.wait_for("more", "token", wanted(), now + TOKEN_HOLDS));
    }
}
