//! The registry before ECR: requests in, answers out, on the in-memory store and a temporary directory; and
//! over sockets with a process that is killed.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod access;
mod child;
mod conformance;
mod discovery;
mod durability;
mod links;
mod management;
mod pull;
mod push;
mod s3;
mod trail;
mod world;
