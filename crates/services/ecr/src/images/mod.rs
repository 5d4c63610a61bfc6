//! Images: how one is found, comes and goes.

pub mod copy;
pub mod delete;
pub mod expire;
pub mod find;
pub mod put;
