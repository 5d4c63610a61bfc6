//! ELB through its registered operations, on the store in memory.

#![allow(clippy::unwrap_used)]

mod access_logs;
mod balancers;
mod groups;
mod interfaces;
mod listeners;
mod rules;
mod world;
