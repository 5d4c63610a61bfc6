//! What control plane and node say to each other.
//!
//! `proto/node.proto` is the contract; [`v1`] is generated from it and committed (`cargo xtask codegen`). Beside it
//! stand the limits that both ends hold, [`packed`]: how the events of a batch of output lie, and [`tls`]: the settings
//! of both ends for mutual TLS with the local CA.
//!
//! Invariants:
//! - The control plane alone writes what is desired, a node alone writes what is known: no message carries both.
//! - `Desired` is the whole set, never a difference, so that losing one is mended by the next.
//! - This crate never opens a connection and never decides anything.
//!
//! Read `proto/node.proto` first.

mod generated;
pub mod packed;
pub mod tls;

pub use generated::gantry::node::v1;

/// Largest message of a session: a whole desired set of a large node.
pub const MAX_SESSION_MESSAGE_BYTES: usize = 64 * 1024 * 1024;

/// Most bytes of one batch's events as they are packed. It fits one transaction of the store, whatever is in it.
pub const MAX_LOG_BATCH_BYTES: usize = 4 * 1024 * 1024;

/// How much of a connection's output may be on its way before it is taken in: a request is not held up by the size of
/// a window.
pub const WINDOW_BYTES: u32 = 8 * 1024 * 1024;

/// Largest message of one log event, in bytes: CloudWatch Logs' 256 KiB less the 26 bytes that it counts for each.
pub const MAX_LOG_EVENT_BYTES: usize = 256 * 1024 - 26;

/// How often a node says that it is alive when it has nothing else to say.
pub const HEARTBEAT: std::time::Duration = std::time::Duration::from_secs(5);

/// What stands for Gantry's endpoint in what a node is told that joined: the node puts its own way there in its place.
pub const ENDPOINT_MARK: &str = "gantry://endpoint";

/// The UDP port of VXLAN between nodes.
pub const VXLAN_PORT: u16 = 4569;

/// Most bytes of one chunk of a connection to the endpoint.
pub const CHUNK_BYTES: usize = 128 * 1024;

/// After this much silence the control plane holds the node for cut off.
pub const SILENCE: std::time::Duration = std::time::Duration::from_secs(20);
