//! The data plane with real sockets on loopback.

#![allow(clippy::unwrap_used)]

mod http;
mod smuggling;
mod streams;
mod world;
