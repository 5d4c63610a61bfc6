//! Secrets Manager and Parameter Store through their registered operations, on the store in memory.

#![allow(clippy::unwrap_used)]

mod parameters;
mod permissions;
mod secrets;
mod world;
