//! AWS's protocols, driven by AWS's models.
//!
//! A request is bytes; a [`Router`] finds the service and the operation, a codec turns the body into a
//! [`Value`] guided by the operation's shape, [`validate`] holds it against the model's constraints, and
//! [`Take`] turns it into the generated struct. An answer goes the other way without a stop: the struct's
//! [`Put`] writes straight into the protocol's [`Sink`].
//!
//! Invariants:
//! - This crate never performs an operation, looks anything up or reads a clock: bytes in, values out.
//! - It never panics on what a client sent, and its memory is bounded by [`Limits`].
//! - A service is data. Nothing here knows an operation by name; what differs between services is in their
//!   models and overlays, or in one table that says so.
//!
//! Read in this order: [`value`], [`typed`], [`sink`], [`model`], then one codec, then `route`.

mod body;
pub mod cbor;
pub mod error;
pub mod json;
pub mod limits;
pub mod model;
pub mod query;
pub mod rest;
pub mod route;
pub mod shown;
pub mod sink;
mod text;
mod time;
pub mod typed;
pub mod validate;
pub mod value;
pub mod xml;

pub use error::ApiError;
pub use json::{from_json, to_json};
pub use limits::Limits;
pub use model::{LazyModel, Model};
pub use route::{AuthFailure, Rejection, Route, Router, Speak};
pub use shown::Show;
pub use sink::{Sink, ValueSink};
pub use typed::{Bad, Operation, Put, Shape, Take, Unit};
pub use value::Value;

/// What generated code names; not for hand-written code.
#[doc(hidden)]
pub mod generated {
    pub use bytes::Bytes;
    pub use gantry_base::Timestamp;
    pub use serde_json::Value as Document;
    pub use std::collections::BTreeMap;
}
