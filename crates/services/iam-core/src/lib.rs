//! The policy engine: whether a caller may do an action on a resource, and why not.
//!
//! It reads policy documents with AWS's grammar, evaluates them with AWS's logic, and is the only place in
//! the project that makes a [`Permit`], the proof without which nothing that belongs to a user is changed.
//!
//! This crate never reads a clock, a store, a file or the network, and never logs: what decides is in its
//! arguments. It never allows by default, an explicit deny always wins, and what it cannot make sense of (a
//! malformed document, a variable without a value) never widens what is allowed.
//!
//! Read in this order: [`principal`] (who calls), [`policy`] (what a document says), [`context`] (what is
//! known of a request), [`authorize`] (how they decide), [`denial`] (how a refusal reads). Then the small
//! parts: `pattern` (wildcards and variables), `condition` (operators), `principals` (the `Principal`
//! element).

pub mod actions;
pub mod authorize;
mod condition;
pub mod context;
pub mod denial;
mod pattern;
pub mod policy;
pub mod principal;
mod principals;
pub mod services;
pub mod simulate;
mod statement;

pub use authorize::{Permit, Request, authorize};
pub use context::Context;
pub use denial::{Denial, DenyReason, PolicyType};
pub use policy::{Kind, MalformedPolicy, Policy};
pub use principal::{Caller, Policies, Principal};
