//! From what is stored to AWS's shapes.

pub(crate) mod capacity_provider;
pub(crate) mod cluster;
pub(crate) mod container_instance;
pub(crate) mod service;
pub(crate) mod service_deployment;
pub(crate) mod task;
pub(crate) mod task_definition;
