//! IAM and STS on the in-memory store, with a clock that stands still until it is moved.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod access_keys;
mod assume_role;
mod enforcement;
mod groups;
mod identities;
mod partitions;
mod policies;
mod roles;
mod temporary;
mod users;
mod whole;
mod world;
