//! Both ends of data channels, over pipes in memory and with made-up processes.

mod plugin;
mod sessions;
mod world;
