//! CloudWatch Logs through its registered operations, on the store in memory.

#![allow(clippy::unwrap_used)]

mod chunks;
mod events;
mod groups;
mod lifetime;
mod metrics;
mod permissions;
mod queries;
mod settings;
mod world;
