//! Runs containers: the [`Engine`] that a node's agent steps its tasks with, and two engines.
//!
//! [`Containerd`] starts and supervises a containerd of its own, pulls images into it and runs each task under
//! one shim. [`Simulated`] does the same in memory, deterministically, for tests that need no privileges.
//!
//! Invariants:
//! - Every call may be repeated after a crash at any point: what is already done answers as if done now.
//! - This crate never decides what should run. It never stops, restarts or removes a container by itself.
//! - This crate never kills containerd or a container because its own process ends.
//! - What an engine knows about a container is in containerd, its shim and the container's directory;
//!   nothing that matters is remembered only in memory.
//!
//! Read in this order: `engine` (the trait and what is said through it), `simulated` (the trait in its
//! smallest form), `spec` (from an image and a container's settings to an OCI specification), `image` (from a
//! registry to snapshots), `containerd` (supervision, containers, events).

mod containerd;
mod engine;
mod image;
mod output_writer;
mod simulated;
mod spec;

pub use containerd::{Containerd, Health, OciRuntime, Options, left, try_own_users};
pub use engine::attached::*;
pub use engine::container::*;
pub use engine::error::*;
pub use engine::image::*;
pub use engine::observed::*;
pub use engine::{Engine, Events};
pub use output_writer::{WrittenOutput, write_output};
pub use simulated::{Script, Simulated};
