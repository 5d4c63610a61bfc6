//! What is said in a session, kept in CloudWatch Logs where the cluster's configuration asks for it: in a stream that
//! has the session's name.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html#ecs-exec-logging>

use std::time::Duration;

use gantry_api_logs as logs;
use gantry_base::{Arn, Timestamp};
use gantry_service::processes::{FromProcess, RemoteProcess};
use gantry_service::{Cx, Failure};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::Wanted;
use crate::Ecs;
use crate::error::EcsError;
use crate::launch::{create_stream, credentials};
use crate::names::TaskName;
use crate::session::log_writer;
use crate::tables::task::TASKS;

/// How long what was said may wait until it is kept.
const SOON: Duration = Duration::from_secs(2);
/// How much of it may wait, in bytes and in events: PutLogEvents takes more.
const MOST_BYTES: usize = 256 * 1024;
const MOST_EVENTS: usize = 5000;
/// A longer line becomes several events.
const LONGEST_LINE: usize = 32 * 1024;
/// What PutLogEvents counts of each event beside its message.
const EVENT_BYTES: usize = 26;
/// How often what could not be kept is tried again.
const ATTEMPTS: u32 = 5;
const PIECES: usize = 8;

/// Where a session's words go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptIn {
    pub group: String,
    pub region: String,
    /// Whoever writes there, as on AWS; where it may not, or is not, whoever writes the container's own output.
    pub task_role: Option<Arn>,
}

/// Where a cluster's configuration has a session's words go. `own` is where the container's output goes, if that is
/// CloudWatch Logs: the group, and its region.
pub(crate) fn destination(
    configuration: &Value,
    own: Option<(String, String)>,
    region: &str,
) -> Result<Option<(String, String)>, EcsError> {
    let exec = &configuration["executeCommandConfiguration"];
    let to = &exec["logConfiguration"];
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let unsupported = [
        (text(&exec["kmsKeyId"]).is_some(), "kmsKeyId"),
        (to["cloudWatchEncryptionEnabled"] == true, "logConfiguration.cloudWatchEncryptionEnabled"),
        (to["s3EncryptionEnabled"] == true, "logConfiguration.s3EncryptionEnabled"),
    ];
    let asked: Vec<String> = unsupported
        .iter()
        .filter(|(asked, _)| *asked)
        .map(|(_, field)| format!("executeCommandConfiguration.{field} of the cluster"))
        .collect();
    if !asked.is_empty() {
        return Err(EcsError::client(format!("Gantry does not support: {}", asked.join(", "))));
    }
    Ok(match exec["logging"].as_str() {
        Some("NONE") => None,
        Some("OVERRIDE") => text(&to["cloudWatchLogGroupName"]).map(|group| (group, region.to_owned())),
        _ => own,
    })
}

/// Whoever writes for a task: its role, or without one whoever writes what its containers say.
pub(super) async fn writer(
    ecs: &Ecs,
    name: &TaskName,
    role: Option<&Arn>,
    region: &str,
    now: Timestamp,
) -> Result<Cx, Failure> {
    let Some(role) = role else {
        let task = ecs.db.begin().peek(&TASKS, &name.key()).await?;
        let task = task.ok_or_else(|| Failure::internal("the session's task is not there any more"))?;
        return log_writer(ecs, &task, region, now).await;
    };
    let (_, session) = credentials(ecs, role, name, None, now).await?;
    let region = region.parse().map_err(Failure::internal)?;
    Ok(Cx { region, ..ecs.as_role(&session, &name.place, now) })
}

/// A stream that was made for a session.
pub(super) struct Transcript {
    ecs: Ecs,
    wanted: Wanted,
    to: KeptIn,
    stream: String,
    line: Vec<u8>,
    events: Vec<logs::InputLogEvent>,
    bytes: usize,
}

impl Transcript {
    /// Makes the stream, before anything is said. An error is one sentence for the user.
    pub(super) async fn open(
        ecs: &Ecs,
        wanted: &Wanted,
        session: &str,
    ) -> Result<Option<Transcript>, String> {
        let Some(to) = wanted.kept_in.clone() else { return Ok(None) };
        let mut made = Transcript {
            ecs: ecs.clone(),
            wanted: wanted.clone(),
            to,
            stream: session.to_owned(),
            line: Vec::new(),
            events: Vec::new(),
            bytes: 0,
        };
        let mut created = made.create().await;
        if matches!(created, Err(Failure::Denied(_))) && made.to.task_role.take().is_some() {
            created = made.create().await;
        }
        let why = match created {
            Ok(()) => return Ok(Some(made)),
            Err(Failure::Answer(error)) => format!("{}: {}", error.code, error.message),
            Err(Failure::Denied(denial)) => denial.to_string(),
            Err(Failure::Conflict | Failure::Internal(_)) => "try again later".to_owned(),
        };
        Err(format!("The session's log can't be written to the log group {}: {why}", made.to.group))
    }

    async fn create(&self) -> Result<(), Failure> {
        let cx = self.cx(self.ecs.clock.now()).await?;
        create_stream(&self.ecs, &cx, &self.to.group, &self.stream).await
    }

    async fn cx(&self, now: Timestamp) -> Result<Cx, Failure> {
        writer(&self.ecs, &self.wanted.task, self.to.task_role.as_ref(), &self.to.region, now).await
    }

    /// The process, with what it says kept on the way.
    pub(super) fn along(mut self, process: RemoteProcess) -> RemoteProcess {
        let RemoteProcess { input, output: mut said } = process;
        let (to, output) = mpsc::channel(PIECES);
        tokio::spawn(async move {
            let mut due: Option<Instant> = None;
            loop {
                let pause = async {
                    match due {
                        Some(at) => sleep_until(at).await,
                        None => std::future::pending().await,
                    }
                };
                let one = tokio::select! {
                    // What is due goes first, or a talkative process would put it off.
                    biased;
                    () = pause => {
                        due = None;
                        self.break_line();
                        if !self.flush().await {
                            // What can't be kept is not said either.
                            let words = "The session's log can't be written any more.".to_owned();
                            let _ = to.send(FromProcess::Failed(words)).await;
                            return;
                        }
                        continue;
                    }
                    one = said.recv() => one,
                    () = to.closed() => None,
                };
                if let Some(FromProcess::Output(piece) | FromProcess::Error(piece)) = &one {
                    self.add(piece);
                    due = due.or(Some(Instant::now() + SOON));
                    if self.bytes >= MOST_BYTES || self.events.len() >= MOST_EVENTS {
                        due = Some(Instant::now());
                    }
                }
                let last = matches!(one, Some(FromProcess::Exited(_) | FromProcess::Failed(_)) | None);
                if last {
                    self.break_line();
                    self.flush().await;
                }
                if let Some(one) = one {
                    // Whoever has gone needs no more; what was said before is kept.
                    let _ = to.send(one).await;
                }
                if last {
                    return;
                }
            }
        });
        RemoteProcess { input, output }
    }

    fn add(&mut self, piece: &[u8]) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") || self.line.len() >= LONGEST_LINE {
                self.break_line();
            }
        }
    }

    fn break_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        let message = text.trim_end_matches(['\r', '\n']);
        // An empty line is no event: CloudWatch Logs has none.
        if !message.is_empty() {
            self.bytes += message.len() + EVENT_BYTES;
            let timestamp = self.ecs.clock.now().as_millis();
            self.events.push(logs::InputLogEvent { timestamp, message: message.to_owned() });
        }
    }

    /// Keeps what has been said; false if that is not possible.
    async fn flush(&mut self) -> bool {
        self.bytes = 0;
        let mut events = std::mem::take(&mut self.events).into_iter().peekable();
        while events.peek().is_some() {
            let (mut batch, mut bytes) = (Vec::new(), 0);
            while let Some(event) = events.next_if(|event| {
                bytes += event.message.len() + EVENT_BYTES;
                batch.is_empty() || (bytes <= MOST_BYTES && batch.len() < MOST_EVENTS)
            }) {
                batch.push(event);
            }
            if !self.put(batch).await {
                return false;
            }
        }
        true
    }

    async fn put(&self, log_events: Vec<logs::InputLogEvent>) -> bool {
        let input = logs::PutLogEventsRequest {
            log_group_name: self.to.group.clone(),
            log_stream_name: self.stream.clone(),
            log_events,
            ..logs::PutLogEventsRequest::default()
        };
        for attempt in 1..=ATTEMPTS {
            let put = async {
                let cx = self.cx(self.ecs.clock.now()).await?;
                self.ecs.siblings.call::<logs::PutLogEvents>(&cx, input.clone()).await
            };
            match put.await {
                Ok(_) => return true,
                Err(failure) => {
                    tracing::warn!(
                        session = self.stream,
                        ?failure,
                        attempt,
                        "a session's log can't be written"
                    );
                }
            }
            tokio::time::sleep(Duration::from_millis(200) * attempt).await;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cluster_says_where_words_go() {
        let own = || Some(("/ecs/web".to_owned(), "eu-west-1".to_owned()));
        let to =
            |exec: Value| destination(&json!({ "executeCommandConfiguration": exec }), own(), "us-east-1");
        assert_eq!(destination(&Value::Null, own(), "us-east-1").unwrap(), own());
        assert_eq!(to(json!({ "logging": "DEFAULT" })).unwrap(), own());
        assert_eq!(to(json!({ "logging": "NONE" })).unwrap(), None);
        let group =
            json!({ "logging": "OVERRIDE", "logConfiguration": { "cloudWatchLogGroupName": "/exec" } });
        assert_eq!(to(group).unwrap(), Some(("/exec".to_owned(), "us-east-1".to_owned())));
        for (exec, field) in [
            (json!({ "kmsKeyId": "k" }), "kmsKeyId"),
            (
                json!({ "logging": "OVERRIDE", "logConfiguration": { "s3BucketName": "b", "s3EncryptionEnabled": true } }),
                "s3EncryptionEnabled",
            ),
        ] {
            assert!(to(exec).unwrap_err().to_string().contains(field), "{field}");
        }
    }
}
