//! Cloud Map through its registered operations, on the store in memory.

#![allow(clippy::unwrap_used)]

mod instances;
mod namespaces;
mod services;
mod world;
