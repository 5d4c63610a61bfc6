//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "servicediscovery";
    CreateHttpNamespace(shapes::CreateHttpNamespaceRequest) -> shapes::CreateHttpNamespaceResponse;
    CreatePrivateDnsNamespace(shapes::CreatePrivateDnsNamespaceRequest) -> shapes::CreatePrivateDnsNamespaceResponse;
    CreatePublicDnsNamespace(shapes::CreatePublicDnsNamespaceRequest) -> shapes::CreatePublicDnsNamespaceResponse;
    CreateService(shapes::CreateServiceRequest) -> shapes::CreateServiceResponse;
    DeleteNamespace(shapes::DeleteNamespaceRequest) -> shapes::DeleteNamespaceResponse;
    DeleteService(shapes::DeleteServiceRequest) -> shapes::DeleteServiceResponse;
    DeleteServiceAttributes(shapes::DeleteServiceAttributesRequest) -> shapes::DeleteServiceAttributesResponse;
    DeregisterInstance(shapes::DeregisterInstanceRequest) -> shapes::DeregisterInstanceResponse;
    DiscoverInstances(shapes::DiscoverInstancesRequest) -> shapes::DiscoverInstancesResponse;
    DiscoverInstancesRevision(shapes::DiscoverInstancesRevisionRequest) -> shapes::DiscoverInstancesRevisionResponse;
    GetInstance(shapes::GetInstanceRequest) -> shapes::GetInstanceResponse;
    GetInstancesHealthStatus(shapes::GetInstancesHealthStatusRequest) -> shapes::GetInstancesHealthStatusResponse;
    GetNamespace(shapes::GetNamespaceRequest) -> shapes::GetNamespaceResponse;
    GetOperation(shapes::GetOperationRequest) -> shapes::GetOperationResponse;
    GetService(shapes::GetServiceRequest) -> shapes::GetServiceResponse;
    GetServiceAttributes(shapes::GetServiceAttributesRequest) -> shapes::GetServiceAttributesResponse;
    ListInstances(shapes::ListInstancesRequest) -> shapes::ListInstancesResponse;
    ListNamespaces(shapes::ListNamespacesRequest) -> shapes::ListNamespacesResponse;
    ListOperations(shapes::ListOperationsRequest) -> shapes::ListOperationsResponse;
    ListServices(shapes::ListServicesRequest) -> shapes::ListServicesResponse;
    ListTagsForResource(shapes::ListTagsForResourceRequest) -> shapes::ListTagsForResourceResponse;
    RegisterInstance(shapes::RegisterInstanceRequest) -> shapes::RegisterInstanceResponse;
    TagResource(shapes::TagResourceRequest) -> shapes::TagResourceResponse;
    UntagResource(shapes::UntagResourceRequest) -> shapes::UntagResourceResponse;
    UpdateHttpNamespace(shapes::UpdateHttpNamespaceRequest) -> shapes::UpdateHttpNamespaceResponse;
    UpdateInstanceCustomHealthStatus(shapes::UpdateInstanceCustomHealthStatusRequest) -> gantry_wire::Unit;
    UpdatePrivateDnsNamespace(shapes::UpdatePrivateDnsNamespaceRequest) -> shapes::UpdatePrivateDnsNamespaceResponse;
    UpdatePublicDnsNamespace(shapes::UpdatePublicDnsNamespaceRequest) -> shapes::UpdatePublicDnsNamespaceResponse;
    UpdateService(shapes::UpdateServiceRequest) -> shapes::UpdateServiceResponse;
    UpdateServiceAttributes(shapes::UpdateServiceAttributesRequest) -> shapes::UpdateServiceAttributesResponse;
}
