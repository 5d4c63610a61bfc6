//! The awslogs driver: where a container's lines go.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html>

use std::collections::BTreeMap;

use crate::spec::LogConfiguration;

/// Every option that the awslogs driver takes.
pub const OPTIONS: [&str; 9] = [
    "awslogs-create-group",
    "awslogs-datetime-format",
    "awslogs-group",
    "awslogs-multiline-pattern",
    "awslogs-region",
    "awslogs-stream",
    "awslogs-stream-prefix",
    "max-buffer-size",
    "mode",
];

/// Where lines go, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    pub group: String,
    pub stream: String,
    pub region: String,
    /// Make the group when it is not there.
    pub create_group: bool,
    /// What is left for the node: patterns, mode, buffer.
    pub options: BTreeMap<String, String>,
}

/// The destination of a container with the awslogs driver; none with another driver. The stream is
/// `prefix/container/task-id`, and without a prefix the container's runtime id, as AWS's instances have it.
pub fn destination(log: &LogConfiguration, container: &str, task_id: &str) -> Option<Destination> {
    if log.driver != "awslogs" {
        return None;
    }
    let option = |name: &str| log.options.get(name).filter(|value| !value.is_empty()).cloned();
    let stream = match (option("awslogs-stream"), option("awslogs-stream-prefix")) {
        (Some(stream), _) => stream,
        (None, Some(prefix)) => format!("{prefix}/{container}/{task_id}"),
        (None, None) => runtime_id(container, task_id),
    };
    let resolved = [
        "awslogs-create-group",
        "awslogs-group",
        "awslogs-region",
        "awslogs-stream",
        "awslogs-stream-prefix",
    ];
    Some(Destination {
        group: option("awslogs-group")?,
        stream,
        region: option("awslogs-region")?,
        create_group: option("awslogs-create-group").as_deref() == Some("true"),
        options: log
            .options
            .iter()
            .filter(|(key, _)| !resolved.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    })
}

/// The runtime id that a container will have: its node makes it of the task's id and of ten digits that follow from
/// the container's name (FNV-1a). It is needed here before the node is told of the task.
pub fn runtime_id(container: &str, task_id: &str) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in task_id.bytes().chain([0]).chain(container.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 29;
    format!("{task_id}-{:010}", hash % 10_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_named_by_prefix_container_and_task() {
        let options = [
            ("awslogs-group", "/ecs/web"),
            ("awslogs-region", "us-east-1"),
            ("awslogs-stream-prefix", "web"),
            ("awslogs-create-group", "true"),
            ("mode", "non-blocking"),
        ];
        let log = LogConfiguration {
            driver: "awslogs".into(),
            options: options.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
            secret_options: Vec::new(),
        };
        let to = destination(&log, "app", "0a").unwrap();
        assert_eq!(
            (to.group.as_str(), to.stream.as_str(), to.create_group),
            ("/ecs/web", "web/app/0a", true)
        );
        assert_eq!(to.options.keys().collect::<Vec<_>>(), ["mode"]);
        let mut bare = log.clone();
        bare.options.remove("awslogs-stream-prefix");
        assert_eq!(destination(&bare, "app", "0a").unwrap().stream, "0a-6468756288");
        assert!(destination(&LogConfiguration { driver: "json-file".into(), ..log }, "app", "0a").is_none());
    }
}
