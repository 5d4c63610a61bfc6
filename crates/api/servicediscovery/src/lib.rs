//! The API of servicediscovery: the shapes and operations that are served, and AWS's model of the service as data.
//!
//! This crate never decides anything: it is data and the types that carry it. Written by `cargo xtask codegen` from `models/`; not to be edited.
//!
//! Read in this order: [`ops`], [`shapes`].

pub mod ops;
pub mod shapes;

pub use ops::*;
pub use shapes::*;

use gantry_wire::LazyModel;

/// The service's model: all its operations, and the shapes of those that are served.
pub static MODEL: LazyModel = LazyModel::new("servicediscovery", include_str!("service.model"));
