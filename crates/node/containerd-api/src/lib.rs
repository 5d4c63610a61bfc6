//! Client of containerd's API, generated from containerd's own definitions.
//!
//! `proto/` holds the definitions of the services that Gantry calls (Apache-2.0, The containerd Authors);
//! `src/generated/` is what `cargo xtask codegen` makes of them, committed so that a build needs no `protoc`.
//!
//! This crate never opens a connection and never decides anything: it is shapes and calls. The engine that
//! uses it is `gantry-runtime`.
//!
//! Read in this order: the re-exports below name every service; [`to_any`] wraps what containerd keeps as an
//! opaque message.

#[allow(clippy::all, missing_docs, rustdoc::all)]
mod generated {
    include!("generated/mod.rs");
}

pub use generated::containerd::{events, types};
pub use generated::google::rpc;

/// The process and status shapes of the tasks service.
pub use generated::containerd::v1::types as task;

/// Options of the `io.containerd.runc.v2` runtime.
pub use generated::containerd::runc::v1 as runc;

/// One module per service, by the service's name.
pub mod services {
    pub use crate::generated::containerd::services::containers::v1 as containers;
    pub use crate::generated::containerd::services::content::v1 as content;
    pub use crate::generated::containerd::services::diff::v1 as diff;
    pub use crate::generated::containerd::services::events::v1 as events;
    pub use crate::generated::containerd::services::images::v1 as images;
    pub use crate::generated::containerd::services::leases::v1 as leases;
    pub use crate::generated::containerd::services::namespaces::v1 as namespaces;
    pub use crate::generated::containerd::services::snapshots::v1 as snapshots;
    pub use crate::generated::containerd::services::tasks::v1 as tasks;
    pub use crate::generated::containerd::services::version::v1 as version;
}

/// Wraps `message` under containerd's type URL `name`, which is the full name without a host.
pub fn to_any(name: &str, message: &impl prost::Message) -> prost_types::Any {
    prost_types::Any { type_url: name.to_owned(), value: message.encode_to_vec() }
}
