//! HTTP: from a client's connection to a target's and back.
//!
//! Read in this order: [`serve`] (a connection), [`route`] (a request meets a rule), [`forward`] (it goes to a target),
//! [`pool`] (connections to targets); then [`headers`], [`cookie`], [`answer`] and [`record`].

pub mod answer;
pub mod cookie;
pub mod forward;
pub mod headers;
pub mod pool;
pub mod record;
pub mod route;
pub mod serve;
pub mod tracked;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;

/// Why a body ended early.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body, whatever it comes from.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;
