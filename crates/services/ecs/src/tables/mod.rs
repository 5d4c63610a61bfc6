//! What ECS keeps. Each table says its key.
//!
//! Read in this order: [`cluster`], [`task_definition`], [`task`], [`queues`] (what loops have still to do),
//! [`node`] (nodes, and what they hold).

pub mod cluster;
pub mod node;
pub mod queues;
pub mod task;
pub mod task_definition;
