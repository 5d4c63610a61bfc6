//! Elastic Load Balancing's decisions, pure: which rule a request meets, what is done with it, which target gets
//! it, and when a target is healthy.
//!
//! The service validates what users ask for with this crate, and the data plane follows the same types, so that
//! what was accepted and what happens can't drift apart. [`configuration::Configuration`] is what the one hands to
//! the other: a whole, with a generation.
//!
//! This crate never knows an executor, the store, AWS's generated shapes, the clock or the disk: time, randomness
//! and snapshots are arguments.
//!
//! Invariants:
//! - A request meets the rule with the lowest priority whose conditions all hold, or the default rule.
//! - A target is healthy by its first passed check after registration, and otherwise changes sides only by as
//!   many equal results in a row as its threshold says.
//! - [`choose::choose`] takes an unhealthy target only where no healthy one is left (fail open).
//!
//! Read in this order: [`pattern`], [`condition`], [`action`], [`transform`], [`rule`], [`health`], [`choose`],
//! [`attributes`], [`configuration`]; then [`name`], [`matcher`], [`limits`], [`ssl_policy`] and [`access_log`].

pub mod access_log;
pub mod action;
pub mod attributes;
pub mod choose;
pub mod condition;
pub mod configuration;
pub mod counts;
pub mod health;
pub mod limits;
pub mod matcher;
pub mod name;
pub mod pattern;
pub mod rule;
pub mod ssl_policy;
pub mod transform;

/// What a user asked for can't be; the code and the text are AWS's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// `ValidationError`, `InvalidLoadBalancerAction`, ...
    pub code: &'static str,
    pub message: String,
}

impl Invalid {
    /// AWS's most common refusal.
    pub fn validation(message: impl Into<String>) -> Self {
        Invalid { code: "ValidationError", message: message.into() }
    }

    /// A combination that the load balancer can't have.
    pub fn configuration(message: impl Into<String>) -> Self {
        Invalid { code: "InvalidConfigurationRequest", message: message.into() }
    }

    /// An action that the load balancer can't take.
    pub fn action(message: impl Into<String>) -> Self {
        Invalid { code: "InvalidLoadBalancerAction", message: message.into() }
    }
}
