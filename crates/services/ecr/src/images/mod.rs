//! Images: how one is found, comes and goes.

pub mod delete;
pub mod find;
pub mod put;
