//! ECS on the in-memory store, with the loops running and a simulated node that speaks the real session protocol.
//! The siblings are stand-ins that remember what they were asked.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod aging;
mod capacity_providers;
mod clusters;
mod connect;
mod exec;
mod instances;
mod logs;
mod looking;
mod moving;
mod node;
mod nodes;
mod nodes_words;
mod registries;
mod rolling;
mod run_task;
mod secrets;
mod service_fields;
mod services;
mod session;
mod settings;
mod shifts;
mod siblings;
mod site;
mod sleeping;
mod task_definitions;
mod task_sets;
mod world;
