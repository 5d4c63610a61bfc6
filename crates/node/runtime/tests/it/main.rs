//! The containerd engine with a real containerd and runc, in directories of each test's own. Needs root.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod attach;
mod images;
mod life;
mod registry;
mod survival;
mod world;
