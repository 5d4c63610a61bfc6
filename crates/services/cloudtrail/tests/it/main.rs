//! The trail on a real disk, and what LookupEvents finds in it.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod lookup;
mod trail;
