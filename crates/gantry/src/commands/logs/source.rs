//! Where the output of one container is: in a stream of CloudWatch Logs, in files of this machine, or somewhere that
//! can't be looked at from here.

use anyhow::Result;
use gantry_base::Region;
use serde_json::{Value, json};

use super::files::Files;
use crate::commands::api::{Api, is_refused};
use crate::commands::find::id_of;
use crate::commands::table::{all, short, text};
use crate::layout::Layout;

/// Most events that CloudWatch Logs gives at once.
const MOST_EVENTS: usize = 10_000;

/// One line of a container's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// None: when it was said is not known.
    pub at_ms: Option<i64>,
    pub stderr: bool,
    pub message: String,
}

/// The output of one container.
pub struct Source {
    pub task_arn: String,
    pub container: String,
    /// Its task is over.
    stopped: bool,
    lies: Lies,
}

enum Lies {
    Stream {
        region: Region,
        group: String,
        stream: String,
        token: Option<String>,
        begun: bool,
    },
    Files(Files),
    /// A sentence for people.
    Elsewhere(String),
}

impl Source {
    /// What the task's container of the definition says.
    pub fn of(layout: &Layout, api: &Api, task: &Value, defined: &Value) -> Source {
        let container = text(&defined["name"]);
        let task_arn = text(&task["taskArn"]);
        let known = all(&task["containers"]).find(|one| one["name"] == defined["name"]);
        let runtime_id = known.map(|known| text(&known["runtimeId"])).unwrap_or_default();
        let log = &defined["logConfiguration"];
        let option = |name: &str| log["options"][name].as_str().filter(|value| !value.is_empty());
        let lies = match log["logDriver"].as_str() {
            Some("awslogs") => Lies::Stream {
                region: option("awslogs-region")
                    .and_then(|name| name.parse().ok())
                    .unwrap_or_else(|| api.region().clone()),
                group: option("awslogs-group").unwrap_or_default().to_owned(),
                stream: match (option("awslogs-stream"), option("awslogs-stream-prefix")) {
                    (Some(stream), _) => stream.to_owned(),
                    (None, Some(prefix)) => format!("{prefix}/{container}/{}", id_of(&task_arn)),
                    (None, None) => runtime_id,
                },
                token: None,
                begun: false,
            },
            None | Some("json-file") => {
                let folder = layout.node().join("output").join(id_of(&task_arn));
                Lies::Files(Files::of(&folder, &runtime_id, log["logDriver"] == "json-file"))
            }
            Some(driver) => Lies::Elsewhere(format!("is sent away by the log driver {driver}")),
        };
        Source { task_arn, container, stopped: task["lastStatus"] == "STOPPED", lies }
    }

    /// Why nothing of it can be shown, if that is so.
    pub fn unseen(&self) -> Option<String> {
        let why = match &self.lies {
            Lies::Stream { .. } => return None,
            Lies::Files(files) if files.are_here() => return None,
            Lies::Files(_) if self.stopped => {
                "is not kept: its definition has no log driver awslogs, so it went with the container"
                    .to_owned()
            }
            Lies::Files(_) => {
                "is not here: its definition has no log driver awslogs, so it is on the task's own \
                               machine alone, and only while the container is there"
                    .to_owned()
            }
            Lies::Elsewhere(why) => why.clone(),
        };
        Some(format!("what {} says {why}", self.label()))
    }

    /// Whose it is, in front of each line.
    pub fn label(&self) -> String {
        format!("{}/{}", short(id_of(&self.task_arn)), self.container)
    }

    /// What was added since the last time; the first time the last lines, at most so many. With none wanted of before,
    /// everything is new.
    pub async fn read(&mut self, api: &Api, last: Option<usize>) -> Result<Vec<Line>> {
        match &mut self.lies {
            Lies::Elsewhere(_) => Ok(Vec::new()),
            Lies::Files(files) => files.read(last.unwrap_or(usize::MAX)),
            Lies::Stream { region, group, stream, token, begun } => {
                let mut input = json!({ "logGroupName": group, "logStreamName": stream });
                match (token.as_deref(), last) {
                    (Some(token), _) => {
                        input["nextToken"] = token.into();
                        input["startFromHead"] = true.into();
                    }
                    (None, Some(last)) if !*begun => input["limit"] = last.clamp(1, MOST_EVENTS).into(),
                    (None, _) => input["startFromHead"] = true.into(),
                }
                *begun = true;
                let api = api.in_region(region.clone());
                let answer = match api.json("logs", "GetLogEvents", &input).await {
                    Ok(answer) => answer,
                    // The stream is made when the task starts.
                    Err(error) if is_refused(&error, "ResourceNotFoundException") => return Ok(Vec::new()),
                    Err(error) => return Err(error),
                };
                *token = answer["nextForwardToken"].as_str().map(str::to_owned);
                let line = |event: &Value| Line {
                    at_ms: event["timestamp"].as_i64(),
                    stderr: false,
                    message: text(&event["message"]),
                };
                let lines: Vec<Line> = all(&answer["events"]).map(line).collect();
                let skipped = if last == Some(0) { lines.len() } else { 0 };
                Ok(lines.into_iter().skip(skipped).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_without_a_driver_is_on_its_own_machine() {
        let layout = Layout::of(Some(std::path::Path::new("/nowhere/gantry"))).unwrap();
        let task = json!({ "taskArn": "arn:aws:ecs:us-east-1:1:task/c/0a0b",
            "containers": [{ "name": "web", "runtimeId": "0a0b-1" }] });
        let source = Source {
            task_arn: text(&task["taskArn"]),
            container: "web".to_owned(),
            stopped: false,
            lies: Lies::Files(Files::of(&layout.node(), "0a0b-1", false)),
        };
        assert_eq!(source.label(), "0a0b/web");
        assert!(source.unseen().is_some_and(|why| why.starts_with("what 0a0b/web says is not here")));
        let source = Source { stopped: true, ..source };
        assert!(source.unseen().is_some_and(|why| why.starts_with("what 0a0b/web says is not kept")));
    }
}
