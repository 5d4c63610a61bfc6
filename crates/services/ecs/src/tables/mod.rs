//! What ECS keeps. Each table says its key.
//!
//! Read in this order: [`cluster`], [`task_definition`], [`task`], [`queues`] (what loops have still to do),
//! [`node`] (nodes, and what they hold), [`container_instance`] (what nodes are in clusters),
//! [`service`], [`sleeper`] (services that sleep while nobody asks them), [`capacity_provider`], [`setting`].

pub mod capacity_provider;
pub mod cluster;
pub mod container_instance;
pub mod enrolment;
pub mod node;
pub mod queues;
pub mod service;
pub mod service_deployment;
pub mod setting;
pub mod sleeper;
pub mod task;
pub mod task_definition;
