//! The agent with a simulated engine and a control plane of the test's own.

#![allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]

mod control;
mod lifecycle;
mod logs;
mod restart;
mod world;
