//! End-to-end tests: the real binary with the real clients, each in a world of its own.
//!
//! Invariants: a [`World`] has its own data directory, ports and containerd, ends what it started by process
//! id, and leaves nothing behind; tests may run side by side and twice in a row. They need root.
//!
//! Read in this order: [`world`], [`image`] (images made from busybox), [`docker`], then `tests/it`.

pub mod docker;
pub mod image;
pub mod machine;
pub mod world;

pub use docker::Docker;
pub use image::Image;
pub use world::{Aws, World};
