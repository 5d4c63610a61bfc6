//! The data plane with real sockets on loopback.

#![allow(clippy::unwrap_used)]

mod asleep;
mod cookies;
mod doors;
mod downgrades;
mod http;
mod records;
mod smuggling;
mod streams;
mod target;
mod trailers;
mod two;
mod wire;
mod world;
