//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct CreateHttpNamespaceRequest = "CreateHttpNamespaceRequest" {
        0 name: String,
        1 creator_request_id: Option<String>,
        2 description: Option<String>,
        3 tags: Option<Vec<Tag>>,
    }
    pub struct CreateHttpNamespaceResponse = "CreateHttpNamespaceResponse" {
        0 operation_id: Option<String>,
    }
    pub struct CreatePrivateDnsNamespaceRequest = "CreatePrivateDnsNamespaceRequest" {
        0 name: String,
        1 creator_request_id: Option<String>,
        2 description: Option<String>,
        3 vpc: String,
        4 tags: Option<Vec<Tag>>,
        5 properties: Option<PrivateDnsNamespaceProperties>,
    }
    pub struct CreatePrivateDnsNamespaceResponse = "CreatePrivateDnsNamespaceResponse" {
        0 operation_id: Option<String>,
    }
    pub struct CreatePublicDnsNamespaceRequest = "CreatePublicDnsNamespaceRequest" {
        0 name: String,
        1 creator_request_id: Option<String>,
        2 description: Option<String>,
        3 tags: Option<Vec<Tag>>,
        4 properties: Option<PublicDnsNamespaceProperties>,
    }
    pub struct CreatePublicDnsNamespaceResponse = "CreatePublicDnsNamespaceResponse" {
        0 operation_id: Option<String>,
    }
    pub struct CreateServiceRequest = "CreateServiceRequest" {
        0 name: String,
        1 namespace_id: Option<String>,
        2 creator_request_id: Option<String>,
        3 description: Option<String>,
        4 dns_config: Option<DnsConfig>,
        5 health_check_config: Option<HealthCheckConfig>,
        6 health_check_custom_config: Option<HealthCheckCustomConfig>,
        7 tags: Option<Vec<Tag>>,
        8 r#type: Option<String>,
    }
    pub struct CreateServiceResponse = "CreateServiceResponse" {
        0 service: Option<Service>,
    }
    pub struct DeleteNamespaceRequest = "DeleteNamespaceRequest" {
        0 id: String,
    }
    pub struct DeleteNamespaceResponse = "DeleteNamespaceResponse" {
        0 operation_id: Option<String>,
    }
    pub struct DeleteServiceAttributesRequest = "DeleteServiceAttributesRequest" {
        0 service_id: String,
        1 attributes: Vec<String>,
    }
    pub struct DeleteServiceAttributesResponse = "DeleteServiceAttributesResponse" {
    }
    pub struct DeleteServiceRequest = "DeleteServiceRequest" {
        0 id: String,
    }
    pub struct DeleteServiceResponse = "DeleteServiceResponse" {
    }
    pub struct DeregisterInstanceRequest = "DeregisterInstanceRequest" {
        0 service_id: String,
        1 instance_id: String,
    }
    pub struct DeregisterInstanceResponse = "DeregisterInstanceResponse" {
        0 operation_id: Option<String>,
    }
    pub struct DiscoverInstancesRequest = "DiscoverInstancesRequest" {
        0 namespace_name: String,
        1 service_name: String,
        2 max_results: Option<i32>,
        3 query_parameters: Option<BTreeMap<String, String>>,
        4 optional_parameters: Option<BTreeMap<String, String>>,
        5 health_status: Option<String>,
        6 owner_account: Option<String>,
    }
    pub struct DiscoverInstancesResponse = "DiscoverInstancesResponse" {
        0 instances: Option<Vec<HttpInstanceSummary>>,
        1 instances_revision: Option<i64>,
    }
    pub struct DiscoverInstancesRevisionRequest = "DiscoverInstancesRevisionRequest" {
        0 namespace_name: String,
        1 service_name: String,
        2 owner_account: Option<String>,
    }
    pub struct DiscoverInstancesRevisionResponse = "DiscoverInstancesRevisionResponse" {
        0 instances_revision: Option<i64>,
    }
    pub struct DnsConfig = "DnsConfig" {
        0 namespace_id: Option<String>,
        1 routing_policy: Option<String>,
        2 dns_records: Vec<DnsRecord>,
    }
    pub struct DnsConfigChange = "DnsConfigChange" {
        0 dns_records: Vec<DnsRecord>,
    }
    pub struct DnsProperties = "DnsProperties" {
        0 hosted_zone_id: Option<String>,
        1 soa: Option<SOA>,
    }
    pub struct DnsRecord = "DnsRecord" {
        0 r#type: String,
        1 ttl: i64,
    }
    pub struct GetInstanceRequest = "GetInstanceRequest" {
        0 service_id: String,
        1 instance_id: String,
    }
    pub struct GetInstanceResponse = "GetInstanceResponse" {
        0 resource_owner: Option<String>,
        1 instance: Option<Instance>,
    }
    pub struct GetInstancesHealthStatusRequest = "GetInstancesHealthStatusRequest" {
        0 service_id: String,
        1 instances: Option<Vec<String>>,
        2 max_results: Option<i32>,
        3 next_token: Option<String>,
    }
    pub struct GetInstancesHealthStatusResponse = "GetInstancesHealthStatusResponse" {
        0 status: Option<BTreeMap<String, String>>,
        1 next_token: Option<String>,
    }
    pub struct GetNamespaceRequest = "GetNamespaceRequest" {
        0 id: String,
    }
    pub struct GetNamespaceResponse = "GetNamespaceResponse" {
        0 namespace: Option<Namespace>,
    }
    pub struct GetOperationRequest = "GetOperationRequest" {
        0 operation_id: String,
        1 owner_account: Option<String>,
    }
    pub struct GetOperationResponse = "GetOperationResponse" {
        0 operation: Option<Operation>,
    }
    pub struct GetServiceAttributesRequest = "GetServiceAttributesRequest" {
        0 service_id: String,
    }
    pub struct GetServiceAttributesResponse = "GetServiceAttributesResponse" {
        0 service_attributes: Option<ServiceAttributes>,
    }
    pub struct GetServiceRequest = "GetServiceRequest" {
        0 id: String,
    }
    pub struct GetServiceResponse = "GetServiceResponse" {
        0 service: Option<Service>,
    }
    pub struct HealthCheckConfig = "HealthCheckConfig" {
        0 r#type: String,
        1 resource_path: Option<String>,
        2 failure_threshold: Option<i32>,
    }
    pub struct HealthCheckCustomConfig = "HealthCheckCustomConfig" {
        0 failure_threshold: Option<i32>,
    }
    pub struct HttpInstanceSummary = "HttpInstanceSummary" {
        0 instance_id: Option<String>,
        1 namespace_name: Option<String>,
        2 service_name: Option<String>,
        3 health_status: Option<String>,
        4 attributes: Option<BTreeMap<String, String>>,
    }
    pub struct HttpNamespaceChange = "HttpNamespaceChange" {
        0 description: String,
    }
    pub struct HttpProperties = "HttpProperties" {
        0 http_name: Option<String>,
    }
    pub struct Instance = "Instance" {
        0 id: String,
        1 creator_request_id: Option<String>,
        2 attributes: Option<BTreeMap<String, String>>,
        3 created_by_account: Option<String>,
    }
    pub struct InstanceSummary = "InstanceSummary" {
        0 id: Option<String>,
        1 attributes: Option<BTreeMap<String, String>>,
        2 created_by_account: Option<String>,
    }
    pub struct ListInstancesRequest = "ListInstancesRequest" {
        0 service_id: String,
        1 next_token: Option<String>,
        2 max_results: Option<i32>,
    }
    pub struct ListInstancesResponse = "ListInstancesResponse" {
        0 resource_owner: Option<String>,
        1 instances: Option<Vec<InstanceSummary>>,
        2 next_token: Option<String>,
    }
    pub struct ListNamespacesRequest = "ListNamespacesRequest" {
        0 next_token: Option<String>,
        1 max_results: Option<i32>,
        2 filters: Option<Vec<NamespaceFilter>>,
    }
    pub struct ListNamespacesResponse = "ListNamespacesResponse" {
        0 namespaces: Option<Vec<NamespaceSummary>>,
        1 next_token: Option<String>,
    }
    pub struct ListOperationsRequest = "ListOperationsRequest" {
        0 next_token: Option<String>,
        1 max_results: Option<i32>,
        2 filters: Option<Vec<OperationFilter>>,
    }
    pub struct ListOperationsResponse = "ListOperationsResponse" {
        0 operations: Option<Vec<OperationSummary>>,
        1 next_token: Option<String>,
    }
    pub struct ListServicesRequest = "ListServicesRequest" {
        0 next_token: Option<String>,
        1 max_results: Option<i32>,
        2 filters: Option<Vec<ServiceFilter>>,
    }
    pub struct ListServicesResponse = "ListServicesResponse" {
        0 services: Option<Vec<ServiceSummary>>,
        1 next_token: Option<String>,
    }
    pub struct ListTagsForResourceRequest = "ListTagsForResourceRequest" {
        0 resource_arn: String,
    }
    pub struct ListTagsForResourceResponse = "ListTagsForResourceResponse" {
        0 tags: Option<Vec<Tag>>,
    }
    pub struct Namespace = "Namespace" {
        0 id: Option<String>,
        1 arn: Option<String>,
        2 resource_owner: Option<String>,
        3 name: Option<String>,
        4 r#type: Option<String>,
        5 description: Option<String>,
        6 service_count: Option<i32>,
        7 properties: Option<NamespaceProperties>,
        8 create_date: Option<Timestamp>,
        9 creator_request_id: Option<String>,
    }
    pub struct NamespaceFilter = "NamespaceFilter" {
        0 name: String,
        1 values: Vec<String>,
        2 condition: Option<String>,
    }
    pub struct NamespaceProperties = "NamespaceProperties" {
        0 dns_properties: Option<DnsProperties>,
        1 http_properties: Option<HttpProperties>,
    }
    pub struct NamespaceSummary = "NamespaceSummary" {
        0 id: Option<String>,
        1 arn: Option<String>,
        2 resource_owner: Option<String>,
        3 name: Option<String>,
        4 r#type: Option<String>,
        5 description: Option<String>,
        6 service_count: Option<i32>,
        7 properties: Option<NamespaceProperties>,
        8 create_date: Option<Timestamp>,
    }
    pub struct Operation = "Operation" {
        0 id: Option<String>,
        1 owner_account: Option<String>,
        2 r#type: Option<String>,
        3 status: Option<String>,
        4 error_message: Option<String>,
        5 error_code: Option<String>,
        6 create_date: Option<Timestamp>,
        7 update_date: Option<Timestamp>,
        8 targets: Option<BTreeMap<String, String>>,
    }
    pub struct OperationFilter = "OperationFilter" {
        0 name: String,
        1 values: Vec<String>,
        2 condition: Option<String>,
    }
    pub struct OperationSummary = "OperationSummary" {
        0 id: Option<String>,
        1 status: Option<String>,
    }
    pub struct PrivateDnsNamespaceChange = "PrivateDnsNamespaceChange" {
        0 description: Option<String>,
        1 properties: Option<PrivateDnsNamespacePropertiesChange>,
    }
    pub struct PrivateDnsNamespaceProperties = "PrivateDnsNamespaceProperties" {
        0 dns_properties: PrivateDnsPropertiesMutable,
    }
    pub struct PrivateDnsNamespacePropertiesChange = "PrivateDnsNamespacePropertiesChange" {
        0 dns_properties: PrivateDnsPropertiesMutableChange,
    }
    pub struct PrivateDnsPropertiesMutable = "PrivateDnsPropertiesMutable" {
        0 soa: SOA,
    }
    pub struct PrivateDnsPropertiesMutableChange = "PrivateDnsPropertiesMutableChange" {
        0 soa: SOAChange,
    }
    pub struct PublicDnsNamespaceChange = "PublicDnsNamespaceChange" {
        0 description: Option<String>,
        1 properties: Option<PublicDnsNamespacePropertiesChange>,
    }
    pub struct PublicDnsNamespaceProperties = "PublicDnsNamespaceProperties" {
        0 dns_properties: PublicDnsPropertiesMutable,
    }
    pub struct PublicDnsNamespacePropertiesChange = "PublicDnsNamespacePropertiesChange" {
        0 dns_properties: PublicDnsPropertiesMutableChange,
    }
    pub struct PublicDnsPropertiesMutable = "PublicDnsPropertiesMutable" {
        0 soa: SOA,
    }
    pub struct PublicDnsPropertiesMutableChange = "PublicDnsPropertiesMutableChange" {
        0 soa: SOAChange,
    }
    pub struct RegisterInstanceRequest = "RegisterInstanceRequest" {
        0 service_id: String,
        1 instance_id: String,
        2 creator_request_id: Option<String>,
        3 attributes: BTreeMap<String, String>,
    }
    pub struct RegisterInstanceResponse = "RegisterInstanceResponse" {
        0 operation_id: Option<String>,
    }
    pub struct SOA = "SOA" {
        0 ttl: Option<i64>,
    }
    pub struct SOAChange = "SOAChange" {
        0 ttl: i64,
    }
    pub struct Service = "Service" {
        0 id: Option<String>,
        1 arn: Option<String>,
        2 resource_owner: Option<String>,
        3 name: Option<String>,
        4 namespace_id: Option<String>,
        5 description: Option<String>,
        6 instance_count: Option<i32>,
        7 dns_config: Option<DnsConfig>,
        8 r#type: Option<String>,
        9 health_check_config: Option<HealthCheckConfig>,
        10 health_check_custom_config: Option<HealthCheckCustomConfig>,
        11 create_date: Option<Timestamp>,
        12 creator_request_id: Option<String>,
        13 created_by_account: Option<String>,
    }
    pub struct ServiceAttributes = "ServiceAttributes" {
        0 service_arn: Option<String>,
        1 resource_owner: Option<String>,
        2 attributes: Option<BTreeMap<String, String>>,
    }
    pub struct ServiceChange = "ServiceChange" {
        0 description: Option<String>,
        1 dns_config: Option<DnsConfigChange>,
        2 health_check_config: Option<HealthCheckConfig>,
    }
    pub struct ServiceFilter = "ServiceFilter" {
        0 name: String,
        1 values: Vec<String>,
        2 condition: Option<String>,
    }
    pub struct ServiceSummary = "ServiceSummary" {
        0 id: Option<String>,
        1 arn: Option<String>,
        2 resource_owner: Option<String>,
        3 name: Option<String>,
        4 r#type: Option<String>,
        5 description: Option<String>,
        6 instance_count: Option<i32>,
        7 dns_config: Option<DnsConfig>,
        8 health_check_config: Option<HealthCheckConfig>,
        9 health_check_custom_config: Option<HealthCheckCustomConfig>,
        10 create_date: Option<Timestamp>,
        11 created_by_account: Option<String>,
    }
    pub struct Tag = "Tag" {
        0 key: String,
        1 value: String,
    }
    pub struct TagResourceRequest = "TagResourceRequest" {
        0 resource_arn: String,
        1 tags: Vec<Tag>,
    }
    pub struct TagResourceResponse = "TagResourceResponse" {
    }
    pub struct UntagResourceRequest = "UntagResourceRequest" {
        0 resource_arn: String,
        1 tag_keys: Vec<String>,
    }
    pub struct UntagResourceResponse = "UntagResourceResponse" {
    }
    pub struct UpdateHttpNamespaceRequest = "UpdateHttpNamespaceRequest" {
        0 id: String,
        1 updater_request_id: Option<String>,
        2 namespace: HttpNamespaceChange,
    }
    pub struct UpdateHttpNamespaceResponse = "UpdateHttpNamespaceResponse" {
        0 operation_id: Option<String>,
    }
    pub struct UpdateInstanceCustomHealthStatusRequest = "UpdateInstanceCustomHealthStatusRequest" {
        0 service_id: String,
        1 instance_id: String,
        2 status: String,
    }
    pub struct UpdatePrivateDnsNamespaceRequest = "UpdatePrivateDnsNamespaceRequest" {
        0 id: String,
        1 updater_request_id: Option<String>,
        2 namespace: PrivateDnsNamespaceChange,
    }
    pub struct UpdatePrivateDnsNamespaceResponse = "UpdatePrivateDnsNamespaceResponse" {
        0 operation_id: Option<String>,
    }
    pub struct UpdatePublicDnsNamespaceRequest = "UpdatePublicDnsNamespaceRequest" {
        0 id: String,
        1 updater_request_id: Option<String>,
        2 namespace: PublicDnsNamespaceChange,
    }
    pub struct UpdatePublicDnsNamespaceResponse = "UpdatePublicDnsNamespaceResponse" {
        0 operation_id: Option<String>,
    }
    pub struct UpdateServiceAttributesRequest = "UpdateServiceAttributesRequest" {
        0 service_id: String,
        1 attributes: BTreeMap<String, String>,
    }
    pub struct UpdateServiceAttributesResponse = "UpdateServiceAttributesResponse" {
    }
    pub struct UpdateServiceRequest = "UpdateServiceRequest" {
        0 id: String,
        1 service: ServiceChange,
    }
    pub struct UpdateServiceResponse = "UpdateServiceResponse" {
        0 operation_id: Option<String>,
    }
}
