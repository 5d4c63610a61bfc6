//! Cloud Map: namespaces, their services, and the instances that are found under the services' names.
//!
//! Everything is rows; an operation is over when it is answered. What is registered under a name of DNS is answered by
//! the resolvers inside VPCs: ECS asks for the zones of the VPCs that it has tasks in, and tells its nodes.
//!
//! Invariants:
//! - A private namespace is seen in its VPC alone, a public one in the VPCs of its account alone.
//! - Whoever is said to be unhealthy is in no answer of DNS from then on.
//! - This crate never looks itself how an instance is.
//!
//! Read in this order: [`tables`], [`error`], `find`, `dns` and `attributes` (the rules), [`ops`], `zones` (what is
//! answered by DNS), [`loops`].

mod attributes;
mod dns;
pub mod error;
mod filter;
mod find;
pub mod loops;
mod network;
mod operations;
pub mod ops;
mod page;
pub mod tables;
mod taggable;
mod tagged;
mod zones;

use std::sync::Arc;

use gantry_api_servicediscovery as api;
use gantry_base::Ids;
use gantry_service::Registry;
use gantry_service::names::ZonesOf;
use gantry_store::Db;

/// What the operations work with. Cheap to clone.
#[derive(Clone)]
pub struct CloudMap {
    pub(crate) db: Db,
    pub(crate) ids: Arc<dyn Ids>,
}

impl CloudMap {
    /// The service over the store.
    pub fn new(db: Db, ids: Arc<dyn Ids>) -> CloudMap {
        CloudMap { db, ids }
    }

    /// Serves the operations.
    pub fn register(&self, registry: &mut Registry) {
        let service = self.clone();
        registry.on_within::<ZonesOf, _, _>(move |cx, vpc_ids| {
            let service = service.clone();
            async move { zones::of_vpcs(&service, cx, vpc_ids).await }
        });
        macro_rules! serve {
            ($($operation:ident: $module:ident),* $(,)?) => {$(
                let service = self.clone();
                registry.on::<api::$operation, _, _, _>(move |cx, input| {
                    let service = service.clone();
                    async move { ops::$module::run(&service, cx, input).await }
                });
            )*};
        }
        serve! {
            CreateHttpNamespace: create_http_namespace,
            CreatePrivateDnsNamespace: create_private_dns_namespace,
            CreatePublicDnsNamespace: create_public_dns_namespace,
            CreateService: create_service,
            DeleteNamespace: delete_namespace,
            DeleteService: delete_service,
            DeleteServiceAttributes: delete_service_attributes,
            DeregisterInstance: deregister_instance,
            DiscoverInstances: discover_instances,
            DiscoverInstancesRevision: discover_instances_revision,
            GetInstance: get_instance,
            GetInstancesHealthStatus: get_instances_health_status,
            GetNamespace: get_namespace,
            GetOperation: get_operation,
            GetService: get_service,
            GetServiceAttributes: get_service_attributes,
            ListInstances: list_instances,
            ListNamespaces: list_namespaces,
            ListOperations: list_operations,
            ListServices: list_services,
            ListTagsForResource: list_tags_for_resource,
            RegisterInstance: register_instance,
            TagResource: tag_resource,
            UntagResource: untag_resource,
            UpdateHttpNamespace: update_http_namespace,
            UpdateInstanceCustomHealthStatus: update_instance_custom_health_status,
            UpdatePrivateDnsNamespace: update_private_dns_namespace,
            UpdatePublicDnsNamespace: update_public_dns_namespace,
            UpdateService: update_service,
            UpdateServiceAttributes: update_service_attributes,
        }
    }
}
