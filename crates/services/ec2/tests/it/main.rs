//! EC2 through its registered operations, on the store in memory.

#![allow(clippy::unwrap_used)]

mod interfaces;
mod listings;
mod permissions;
mod world;
