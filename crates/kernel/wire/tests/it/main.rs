//! The wire from outside: what it makes of requests, good and hostile.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod answers;
mod fixture;
mod hostile;
mod patterns;
mod routing;
mod shown;
mod validation;
