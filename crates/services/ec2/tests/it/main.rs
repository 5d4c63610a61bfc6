//! EC2 through its registered operations, on the store in memory.

#![allow(clippy::unwrap_used)]

mod gateways;
mod groups;
mod interfaces;
mod listings;
mod permissions;
mod tagging;
mod vpcs;
mod world;
