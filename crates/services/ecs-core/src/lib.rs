//! ECS's decisions, pure: what a task definition means, what a task may become, why it stopped in AWS's words,
//! and on which node it runs.
//!
//! This crate never knows an executor, the store, AWS's generated shapes, the clock or the disk: time and
//! snapshots are arguments, and what is returned is a value or a list of actions.
//!
//! Invariants:
//! - A [`TaskSpec`] is valid: the names in it are unique, what it refers to exists, dependencies have no cycle and,
//!   where it is for Fargate, its size stands in AWS's table. Nothing else makes one than [`definition::parse`] and
//!   [`overrides::apply`].
//! - A task's status goes forward only, by [`TaskStatus::advance`].
//! - [`placement::plan`] never gives a node more than it has, and says for each node why a task did not fit.
//! - [`service::plan`] never leaves fewer healthy tasks or more live ones than a service's bounds, by its own doing.
//!
//! Read in this order: [`definition`] (a document becomes a [`TaskSpec`]), [`overrides`], [`status`], [`stop`],
//! [`lifecycle`] (reports of a node change what is known of a task), [`placement`], [`service`] (which tasks a service
//! starts and stops); then the small grammars
//! [`query`], [`image`], [`secret`], [`reference`] and [`logs`], and the account's [`settings`].

pub mod definition;
pub mod environment_file;
pub mod image;
pub mod lifecycle;
pub mod logs;
pub mod overrides;
pub mod placement;
pub mod query;
pub mod reference;
pub mod secret;
pub mod service;
pub mod settings;
pub mod spec;
pub mod status;
pub mod stop;

pub use definition::{Document, Invalid};
pub use spec::TaskSpec;
pub use status::{ContainerStatus, DesiredStatus, HealthStatus, TaskStatus};
pub use stop::StopCode;
