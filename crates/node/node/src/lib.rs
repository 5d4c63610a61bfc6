//! The agent of one node: makes what the control plane desires, and says what is.
//!
//! [`Agent::run`] dials the control plane, takes over the desired set, and runs one loop for each task. A loop asks
//! `step::next` for one step, carries it out through the engine and the network, records what came of it, and asks
//! again.
//!
//! Invariants:
//! - What is desired is on disk before anything is done about it, and how a container ended before it is removed.
//! - This crate never decides what should run. It knows neither the store nor any AWS service.
//! - A node that is cut off keeps its containers going; an agent that ends leaves them running, and the next one finds
//!   them by what the engine says, not by what it remembers.
//! - What is refused or fails says so to the control plane with a reason; nothing is passed over.
//! - Every queue is bounded, and no loop waits for the control plane but the session's and the logs' own.
//!
//! Read in this order: `wish` (what is desired, parsed), `known`, `step` (the decision; pure), `observe` and `report`
//! (pure), `task` (the loop), `execute` (the steps), `agent` (all loops), `session`, `processes` and `usage` (for those who look inside), `ledger`, `logs`, `endpoint`.

mod agent;
mod balancers;
mod board;
mod config;
mod container;
mod endpoint;
mod execute;
mod files;
mod health;
mod here;
mod images;
pub mod join;
mod known;
mod lead;
mod ledger;
mod logs;
mod names;
mod network;
mod observe;
mod overlays;
mod processes;
mod report;
mod session;
mod shared;
mod step;
mod task;
mod usage;
mod users;
mod wish;

pub use agent::{Agent, AgentError};
pub use config::{Capacity, Config, IMAGE_CACHE_BYTES, LOG_BACKLOG_BYTES, PullBehavior};
pub use lead::lead;
pub use ledger::LedgerError;
pub use network::{Network, NoNetwork};
