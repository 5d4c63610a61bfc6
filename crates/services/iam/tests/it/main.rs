//! IAM and STS on the in-memory store, with a clock that stands still until it is moved.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod access_keys;
mod assume_role;
mod enforcement;
mod groups;
mod identities;
mod last_use;
mod partitions;
mod policies;
mod roles;
mod temporary;
mod users;
mod web_identity;
mod web_identity_issuer;
mod whole;
mod world;
