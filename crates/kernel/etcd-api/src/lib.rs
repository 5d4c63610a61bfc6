//! Client of the part of etcd's API v3 that the store speaks.
//!
//! `proto/` holds the definitions, written down from etcd's documented API; `src/generated/` is what
//! `cargo xtask codegen` makes of them, committed so that a build needs no `protoc`.
//!
//! This crate never opens a connection and never decides anything: it is shapes and calls. The engine that
//! uses it is in `gantry-store`.
//!
//! Read in this order: the re-export below names every service and shape.

#[allow(clippy::all, missing_docs, rustdoc::all)]
mod generated {
    include!("generated/mod.rs");
}

pub use generated::etcdserverpb::*;
