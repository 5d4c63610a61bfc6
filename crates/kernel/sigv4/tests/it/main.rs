//! Signatures against AWS's own implementation, and against damage.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod claims;
mod damage;
mod oracle;
mod request;
