//! HTTP: from a client's connection to a target's and back.
//!
//! Read in this order: [`serve`] (a connection), [`route`] (a request meets a rule), [`forward`] (it goes to a target),
//! [`pool`] (connections to targets); then [`headers`], [`cookie`], [`Body`], [`answer`] and
//! [`record`].

pub mod answer;
mod body;
pub mod cookie;
pub mod forward;
pub mod headers;
pub mod pool;
pub mod record;
pub mod route;
pub mod serve;
pub mod tracked;

pub use body::Body;

/// Why a body ended early.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
