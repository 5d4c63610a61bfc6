//! The store from outside.

#![allow(clippy::unwrap_used)]

mod concurrent;
mod crash;
mod etcd;
mod files;
mod members;
mod model;
mod tables;
mod tls;

/// The right to write, for tests.
pub struct Test;

impl gantry_base::Authority for Test {
    fn describe(&self) -> String {
        "a test".into()
    }
}
