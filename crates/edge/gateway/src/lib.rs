//! The HTTP endpoint: it takes connections, tells AWS's APIs from the registry, authenticates, decodes,
//! dispatches and encodes.
//!
//! This crate never decides what an operation does or whether it is allowed; it never lets a request in that
//! is not signed; and it bounds what one connection or all of them can take: bytes, time and number.
//!
//! Read in this order: [`listen`] and `idle` (connections), [`gateway`] (which way a request goes), [`body`] and `large`
//! (reading within limits), [`authenticate`] (who calls), `temporary` (what some keys are not for), [`throttle`] (how often), [`api`] (one call of an operation), `recorded` (what the
//! trail is told), [`metrics`].

pub mod api;
pub mod authenticate;
pub mod body;
pub mod gateway;
mod idle;
mod large;
pub mod listen;
pub mod metrics;
mod recorded;
mod temporary;
pub mod throttle;

pub use authenticate::{Identities, Identity, Unknown};
pub use gateway::{Answer, Gateway, Health, Local, Part, REPLICAS, whole};
pub use large::Large;
pub use listen::{Listener, serve};
pub use throttle::Throttle;
