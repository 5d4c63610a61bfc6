//! What is stored.

pub mod address;
pub mod network_interface;
