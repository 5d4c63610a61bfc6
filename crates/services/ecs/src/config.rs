//! What the binary tells ECS.

/// Where nodes and tasks find Gantry.
#[derive(Debug, Clone)]
pub struct Config {
    /// Scheme, host and port of Gantry's registry as nodes reach it: `http://127.0.0.1:4566`.
    pub registry_url: String,
    /// Ports of `localhost` that mean Gantry's own registry in an image reference.
    pub registry_ports: Vec<u16>,
    /// The domain of repository names that are Gantry's own, beside AWS's.
    pub domain: String,
    /// Put into containers as `AWS_ENDPOINT_URL`, unless the user gave one: `http://169.254.170.2:4566`.
    pub task_endpoint_url: String,
    /// How long stopped tasks can be described; at least [`crate::loops::FORGET_AFTER`], which is AWS's hour.
    pub keep_stopped: std::time::Duration,
    /// After so long a silence of its node a task is lost: [`crate::loops::loss::LOST_AFTER`] by default, and longer than
    /// [`gantry_ecs_core::placement::SILENCE`].
    pub lost_after: std::time::Duration,
    /// After so long without a word a node's session ends, by the machine's clock: [`gantry_node_proto::SILENCE`] by
    /// default.
    pub session_silence: std::time::Duration,
}
