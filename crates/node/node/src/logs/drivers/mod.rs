//! Log drivers other than awslogs: what a container says goes to a file or over the network, from here.
//!
//! A driver takes a batch of events whole or fails; a batch that failed comes again. What was taken is noted by the
//! tailer, so that a line goes twice only when the agent dies between the two.

mod fluentd;
mod json_file;
mod syslog;

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::Duration;

use gantry_node_proto::v1;
use serde::{Deserialize, Serialize};

use super::lines::Event;

pub use json_file::size;

/// The drivers that are served here.
pub const DRIVERS: [&str; 4] = ["json-file", "none", "syslog", "fluentd"];

/// How long a receiver may take to be reached, and to take a batch.
const CONNECT: Duration = Duration::from_secs(5);
const WRITE: Duration = Duration::from_secs(30);

/// Whose output it is, in the words of Docker's templates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub container_id: String,
    pub container_name: String,
    pub image: String,
    pub labels: HashMap<String, String>,
}

/// A driver that is at work for one stream.
pub enum Driver {
    JsonFile(json_file::JsonFile),
    None,
    Syslog(syslog::Syslog),
    Fluentd(fluentd::Fluentd),
}

impl Driver {
    /// `beside` is the file that the shim writes. The error is a sentence for the user.
    pub fn new(
        driver: &str,
        options: &HashMap<String, String>,
        source: &Source,
        beside: &Path,
    ) -> Result<Driver, String> {
        Ok(match driver {
            "json-file" => Driver::JsonFile(json_file::JsonFile::new(options, beside)?),
            "none" => Driver::None,
            "syslog" => Driver::Syslog(syslog::Syslog::new(options, source)?),
            "fluentd" => Driver::Fluentd(fluentd::Fluentd::new(options, source)?),
            other => return Err(format!("the log driver {other} is not served")),
        })
    }

    /// Reaches the receiver, if there is one, as Docker does before it starts a container.
    pub async fn open(&mut self) -> io::Result<()> {
        match self {
            Driver::JsonFile(_) | Driver::None => Ok(()),
            Driver::Syslog(it) => it.open().await,
            Driver::Fluentd(it) => it.open().await,
        }
    }

    pub async fn take(&mut self, output: v1::Output, events: &[Event]) -> io::Result<()> {
        match self {
            Driver::JsonFile(it) => it.take(output, events),
            Driver::None => Ok(()),
            Driver::Syslog(it) => it.take(output, events).await,
            Driver::Fluentd(it) => it.take(output, events).await,
        }
    }
}

/// The `tag` option: Docker's templates of a container.
fn tag(options: &HashMap<String, String>, source: &Source) -> Result<String, String> {
    let short = |id: &str| id.chars().take(12).collect::<String>();
    let template = options.get("tag").map_or("{{.ID}}", String::as_str);
    let mut tag = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        tag.push_str(before);
        let (field, after) =
            after.split_once("}}").ok_or_else(|| format!("the log tag {template:?} is not closed"))?;
        match field.trim() {
            ".ID" => tag.push_str(&short(&source.container_id)),
            ".FullID" => tag.push_str(&source.container_id),
            ".Name" => tag.push_str(&source.container_name),
            ".ImageName" | ".ImageFullName" => tag.push_str(&source.image),
            ".DaemonName" => tag.push_str("docker"),
            other => return Err(format!("the log tag {template:?} has the unknown field {other}")),
        }
        rest = after;
    }
    tag.push_str(rest);
    Ok(tag)
}

/// The labels that the options `labels` and `labels-regex` name, for drivers that send them along.
fn extras(options: &HashMap<String, String>, source: &Source) -> Result<Vec<(String, String)>, String> {
    let named: Vec<&str> = options.get("labels").into_iter().flat_map(|it| it.split(',')).collect();
    let pattern = match options.get("labels-regex") {
        Some(text) => Some(regex::Regex::new(text).map_err(|error| format!("labels-regex: {error}"))?),
        None => None,
    };
    let wanted = |name: &str| named.contains(&name) || pattern.as_ref().is_some_and(|it| it.is_match(name));
    let mut extras: Vec<(String, String)> = source
        .labels
        .iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    extras.sort();
    Ok(extras)
}

/// Waits for a step of a receiver, for so long.
async fn within<T>(limit: Duration, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match tokio::time::timeout(limit, step).await {
        Ok(done) => done,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "i/o timeout")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn source() -> Source {
        Source {
            container_id: "0123456789abcdef-1".to_owned(),
            container_name: "web".to_owned(),
            image: "nginx".to_owned(),
            labels: HashMap::from([("team".to_owned(), "a".to_owned()), ("x".to_owned(), "y".to_owned())]),
        }
    }

    #[test]
    fn tags_are_templates() {
        let tag = |text: &str| tag(&HashMap::from([("tag".to_owned(), text.to_owned())]), &source());
        assert_eq!(super::tag(&HashMap::new(), &source()).unwrap(), "0123456789ab");
        assert_eq!(tag("app.{{.Name}}/{{ .ImageName }}").unwrap(), "app.web/nginx");
        assert!(tag("{{.Nope}}").is_err());
        assert!(tag("{{.Name").is_err());
    }

    #[test]
    fn labels_are_sent_along_when_named() {
        let options = HashMap::from([("labels".to_owned(), "team,other".to_owned())]);
        assert_eq!(extras(&options, &source()).unwrap(), [("team".to_owned(), "a".to_owned())]);
    }
}
