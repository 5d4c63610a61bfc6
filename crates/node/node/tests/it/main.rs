//! The agent with a control plane of the test's own: with a simulated engine, and (`real`, which needs root) with
//! containerd, namespaces and rules.

#![allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]

mod control;
#[allow(dead_code, reason = "the engine's own tests use all of it")]
#[path = "../../../runtime/tests/it/world.rs"]
mod engine_world;
mod fields;
mod lifecycle;
mod logs;
mod real;
#[allow(dead_code, reason = "the engine's own tests use all of it")]
#[path = "../../../runtime/tests/it/registry.rs"]
mod registry;
mod restart;
mod world;
