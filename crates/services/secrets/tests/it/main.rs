//! Secrets Manager and Parameter Store through their registered operations, on the store in memory.

#![allow(clippy::unwrap_used)]

mod activations;
mod kms;
mod parameter_labels;
mod parameter_policies;
mod parameters;
mod permissions;
mod replicas;
mod secret_policies;
mod secrets;
mod versions;
mod world;
