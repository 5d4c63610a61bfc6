//! What is stored of namespaces, and of what is found in them.

mod instance;
mod namespace;
mod operation;
mod service;

pub use instance::{INSTANCES, Instance, instance_key, instances_key};
pub use namespace::{
    NAMESPACES, Namespace, NamespaceKind, namespace_key, namespaces_key, namespaces_of_account,
};
pub use operation::{
    OPERATIONS, OPERATIONS_BY_TIME, Operation, Outcome, Target, operation_key, operation_time_key,
    operations_key,
};
pub use service::{Dns, RecordType, Routing, SERVICES, Service, service_key, services_key};
