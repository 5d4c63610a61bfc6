//! Both ends of data channels, over pipes in memory and with made-up processes.

#![allow(clippy::unwrap_used)]

mod plugin;
mod sessions;
mod world;
