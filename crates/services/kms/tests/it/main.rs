//! KMS on the store in memory.

#![allow(clippy::unwrap_used)]

mod access;
mod ciphers;
mod grants;
mod imports;
mod keys;
mod pairs;
mod permissions;
mod world;
