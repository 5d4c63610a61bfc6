//! What every AWS service is built from: the context of a call, its authorization, the register of
//! operations, calls from one service to another, and sealing of secrets.
//!
//! An operation is a function from a [`Cx`] and the operation's input to its output or a [`Failure`]. A
//! service registers its operations with [`Handlers::on`]; the gateway, the registry and the services
//! themselves run them through [`Handlers`], so that IAM applies to every caller in the same way.
//!
//! This crate never decides whether something is allowed (the policy engine does), never speaks HTTP, and
//! keeps no state of a request once it is answered.
//!
//! Read in this order: [`cx`], [`failure`], [`handlers`], [`roles`], [`certificates`],
//! [`file_systems`], [`activations`], [`names`], [`principals`], [`seal`], [`audit`], [`log_output`], [`processes`].

pub mod activations;
pub mod audit;
pub mod balancers;
pub mod certificates;
pub mod cx;
pub mod failure;
pub mod file_systems;
pub mod handlers;
pub mod log_output;
pub mod names;
pub mod principals;
pub mod processes;
pub mod roles;
pub mod seal;

pub use activations::{Activated, Activations};
pub use audit::{Audit, Finished};
pub use certificates::{Certificates, KeyedCertificate};
pub use cx::{AccessKey, Cx, Origin, Permission};
pub use failure::Failure;
pub use file_systems::{FileSystems, MountedDirectory, MountingFrom, WantedMount};
pub use gantry_iam_core::{Caller, Permit, Principal};
pub use handlers::{Events, Handlers, Registry, Siblings, Within};
pub use log_output::{LogPosition, OutputBatch, OutputEvent, OutputPut, PutOutput};
pub use names::NAMES_WAKE;
pub use roles::{OnBehalf, RoleCredentials, RoleSession};
pub use seal::Sealer;

/// Wakes whoever carries networks out: VPCs, their routes, security groups or interfaces have changed.
pub const NETWORK_WAKE: &str = "ec2.network";

/// Wakes whoever keeps the interfaces of load balancers: the blocks of a VPC have changed.
pub const BLOCKS_WAKE: &str = "load_balancer_interfaces";
