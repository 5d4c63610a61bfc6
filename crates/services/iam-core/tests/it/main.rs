//! Tests of the engine through its public interface.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod conditions;
mod decisions;
mod grammar;
mod naive;
mod world;
