//! What is said in a session, kept in a bucket where the cluster's configuration asks for it: in an object that has the
//! session's name, and in further ones where it becomes long.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html#ecs-exec-logging>

use std::time::Duration;

use gantry_base::Arn;
use gantry_service::processes::{FromProcess, RemoteProcess};
use gantry_service::{Failure, Permission};
use serde_json::Value;
use tokio::sync::mpsc;

use super::Wanted;
use super::transcript::writer;
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::task::TASKS;

/// How much of a session is in one object, at most.
const MOST_OF_ONE: usize = 4 * 1024 * 1024;
/// How often what could not be written is tried again.
const ATTEMPTS: u32 = 3;
const PIECES: usize = 8;

/// Where a session's words go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InBucket {
    pub bucket: String,
    /// May be empty.
    pub prefix: String,
    /// Whoever writes there, as on AWS; where it may not, or is not, whoever writes the container's own output.
    pub task_role: Option<Arn>,
}

/// The bucket and prefix that a cluster's configuration has for sessions.
pub(crate) fn destination(configuration: &Value) -> Option<(String, String)> {
    let exec = &configuration["executeCommandConfiguration"];
    let to = &exec["logConfiguration"];
    let text = |key: &str| to[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let bucket = text("s3BucketName").filter(|_| exec["logging"] == "OVERRIDE")?;
    Some((bucket, text("s3KeyPrefix").unwrap_or_default()))
}

/// Refuses a session whose bucket is not there.
pub(crate) async fn check(ecs: &Ecs, bucket: &str) -> Result<(), EcsError> {
    let why = match ecs.buckets.has(bucket).await {
        Ok(true) => return Ok(()),
        Ok(false) => gantry_objects::ObjectError::NoBucket,
        Err(error) => error,
    };
    Err(EcsError::client(format!(
        "executeCommandConfiguration.logConfiguration.s3BucketName of the cluster can't be used: {bucket}: {why}"
    )))
}

/// A session whose words go to a bucket.
pub(super) struct Object {
    ecs: Ecs,
    to: InBucket,
    session: String,
    /// How many objects it has.
    written: u32,
    said: Vec<u8>,
}

impl Object {
    /// Whether it may be written, before anything is said. An error is one sentence for the user.
    pub(super) async fn open(ecs: &Ecs, wanted: &Wanted, session: &str) -> Result<Option<Object>, String> {
        let Some(to) = wanted.in_bucket.clone() else { return Ok(None) };
        let (ecs, session) = (ecs.clone(), session.to_owned());
        let made = Object { ecs, to, session, written: 0, said: Vec::new() };
        let mut allowed = match &made.to.task_role {
            Some(role) => made.allowed(wanted, Some(role)).await,
            None => made.allowed_otherwise(wanted).await,
        };
        if matches!(allowed, Err(Failure::Denied(_))) && made.to.task_role.is_some() {
            allowed = made.allowed_otherwise(wanted).await;
        }
        let why = match allowed {
            Ok(()) => return Ok(Some(made)),
            Err(Failure::Answer(error)) => format!("{}: {}", error.code, error.message),
            Err(Failure::Denied(denial)) => denial.to_string(),
            Err(Failure::Conflict | Failure::Internal(_)) => "try again later".to_owned(),
        };
        Err(format!("The session's log can't be written to the bucket {}: {why}", made.to.bucket))
    }

    /// Whether the execution role may, or without one whoever writes what containers say. The role is asked anew: what
    /// it may do may have changed since the task began.
    async fn allowed_otherwise(&self, wanted: &Wanted) -> Result<(), Failure> {
        let task = self.ecs.db.begin().peek(&TASKS, &wanted.task.key()).await?;
        let role = task.and_then(|task| task.execution_role);
        let role: Option<Arn> = role.map(|role| role.parse().map_err(Failure::internal)).transpose()?;
        self.allowed(wanted, role.as_ref()).await
    }

    async fn allowed(&self, wanted: &Wanted, role: Option<&Arn>) -> Result<(), Failure> {
        let place = &wanted.task.place;
        let now = self.ecs.clock.now();
        let cx = writer(&self.ecs, &wanted.task, role, place.region.as_str(), now).await?;
        let arn = format!("arn:{}:s3:::{}/{}", place.region.partition().as_str(), self.to.bucket, self.key());
        let arn: Arn = arn.parse().map_err(Failure::internal)?;
        cx.authorize(Permission::on("s3:PutObject", &arn)).map(drop)
    }

    /// Of the object that is written next.
    fn key(&self) -> String {
        let number = if self.written == 0 { String::new() } else { format!("-{}", self.written + 1) };
        let name = format!("{}{number}.log", self.session);
        match self.to.prefix.trim_matches('/') {
            "" => name,
            prefix => format!("{prefix}/{name}"),
        }
    }

    /// The process, with what it says kept on the way.
    pub(super) fn along(mut self, process: RemoteProcess) -> RemoteProcess {
        let RemoteProcess { input, output: mut said } = process;
        let (to, output) = mpsc::channel(PIECES);
        tokio::spawn(async move {
            loop {
                let one = tokio::select! {
                    one = said.recv() => one,
                    () = to.closed() => None,
                };
                if let Some(FromProcess::Output(piece) | FromProcess::Error(piece)) = &one {
                    self.said.extend_from_slice(piece);
                }
                let last = matches!(one, Some(FromProcess::Exited(_) | FromProcess::Failed(_)) | None);
                let kept = !(last || self.said.len() >= MOST_OF_ONE) || self.write().await;
                if !kept && !last {
                    // What can't be kept is not said either.
                    let words = "The session's log can't be written any more.".to_owned();
                    let _ = to.send(FromProcess::Failed(words)).await;
                    return;
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

    /// Writes what was said; false if that is not possible.
    async fn write(&mut self) -> bool {
        let key = self.key();
        let content = std::mem::take(&mut self.said);
        for attempt in 1..=ATTEMPTS {
            match self.ecs.buckets.write(&self.to.bucket, &key, content.clone().into()).await {
                Ok(()) => {
                    self.written += 1;
                    return true;
                }
                Err(error) => {
                    tracing::warn!(key, bucket = self.to.bucket, %error, attempt, "a session's log can't be written");
                }
            }
            tokio::time::sleep(Duration::from_millis(500) * attempt).await;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cluster_says_which_bucket() {
        let of = |exec: Value| destination(&json!({ "executeCommandConfiguration": exec }));
        let to = json!({ "s3BucketName": "b", "s3KeyPrefix": "p/" });
        let whole = of(json!({ "logging": "OVERRIDE", "logConfiguration": to }));
        assert_eq!(whole, Some(("b".to_owned(), "p/".to_owned())));
        let bare = of(json!({ "logging": "OVERRIDE", "logConfiguration": { "s3BucketName": "b" } }));
        assert_eq!(bare, Some(("b".to_owned(), String::new())));
        assert_eq!(of(json!({ "logging": "DEFAULT" })), None);
        assert_eq!(destination(&Value::Null), None);
    }
}
