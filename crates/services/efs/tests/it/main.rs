//! EFS through its registered operations, on the store in memory.

#![allow(clippy::unwrap_used)]

mod mounts;
mod resources;
mod world;
