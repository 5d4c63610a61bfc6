//! ECR's operations and sweepers, on the in-memory store and a temporary directory.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod archive;
mod images;
mod layers;
mod lifecycle;
mod policies;
mod remote;
mod replicas;
mod replication;
mod repositories;
mod settings;
mod sweeping;
mod tags;
mod templates;
mod tokens;
mod upstream;
mod world;
