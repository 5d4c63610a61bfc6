//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "ecs";
    CreateCluster(shapes::CreateClusterRequest) -> shapes::CreateClusterResponse;
    DeleteAccountSetting(shapes::DeleteAccountSettingRequest) -> shapes::DeleteAccountSettingResponse;
    DeleteAttributes(shapes::DeleteAttributesRequest) -> shapes::DeleteAttributesResponse;
    DeleteCluster(shapes::DeleteClusterRequest) -> shapes::DeleteClusterResponse;
    DeleteTaskDefinitions(shapes::DeleteTaskDefinitionsRequest) -> shapes::DeleteTaskDefinitionsResponse;
    DeregisterContainerInstance(shapes::DeregisterContainerInstanceRequest) -> shapes::DeregisterContainerInstanceResponse;
    DeregisterTaskDefinition(shapes::DeregisterTaskDefinitionRequest) -> shapes::DeregisterTaskDefinitionResponse;
    DescribeCapacityProviders(shapes::DescribeCapacityProvidersRequest) -> shapes::DescribeCapacityProvidersResponse;
    DescribeClusters(shapes::DescribeClustersRequest) -> shapes::DescribeClustersResponse;
    DescribeContainerInstances(shapes::DescribeContainerInstancesRequest) -> shapes::DescribeContainerInstancesResponse;
    DescribeTaskDefinition(shapes::DescribeTaskDefinitionRequest) -> shapes::DescribeTaskDefinitionResponse;
    DescribeTasks(shapes::DescribeTasksRequest) -> shapes::DescribeTasksResponse;
    DiscoverPollEndpoint(shapes::DiscoverPollEndpointRequest) -> shapes::DiscoverPollEndpointResponse;
    GetTaskProtection(shapes::GetTaskProtectionRequest) -> shapes::GetTaskProtectionResponse;
    ListAccountSettings(shapes::ListAccountSettingsRequest) -> shapes::ListAccountSettingsResponse;
    ListAttributes(shapes::ListAttributesRequest) -> shapes::ListAttributesResponse;
    ListClusters(shapes::ListClustersRequest) -> shapes::ListClustersResponse;
    ListContainerInstances(shapes::ListContainerInstancesRequest) -> shapes::ListContainerInstancesResponse;
    ListTagsForResource(shapes::ListTagsForResourceRequest) -> shapes::ListTagsForResourceResponse;
    ListTaskDefinitionFamilies(shapes::ListTaskDefinitionFamiliesRequest) -> shapes::ListTaskDefinitionFamiliesResponse;
    ListTaskDefinitions(shapes::ListTaskDefinitionsRequest) -> shapes::ListTaskDefinitionsResponse;
    ListTasks(shapes::ListTasksRequest) -> shapes::ListTasksResponse;
    PutAccountSetting(shapes::PutAccountSettingRequest) -> shapes::PutAccountSettingResponse;
    PutAccountSettingDefault(shapes::PutAccountSettingDefaultRequest) -> shapes::PutAccountSettingDefaultResponse;
    PutAttributes(shapes::PutAttributesRequest) -> shapes::PutAttributesResponse;
    PutClusterCapacityProviders(shapes::PutClusterCapacityProvidersRequest) -> shapes::PutClusterCapacityProvidersResponse;
    RegisterContainerInstance(shapes::RegisterContainerInstanceRequest) -> shapes::RegisterContainerInstanceResponse;
    RegisterTaskDefinition(shapes::RegisterTaskDefinitionRequest) -> shapes::RegisterTaskDefinitionResponse;
    RunTask(shapes::RunTaskRequest) -> shapes::RunTaskResponse;
    StartTask(shapes::StartTaskRequest) -> shapes::StartTaskResponse;
    StopTask(shapes::StopTaskRequest) -> shapes::StopTaskResponse;
    SubmitAttachmentStateChanges(shapes::SubmitAttachmentStateChangesRequest) -> shapes::SubmitAttachmentStateChangesResponse;
    SubmitContainerStateChange(shapes::SubmitContainerStateChangeRequest) -> shapes::SubmitContainerStateChangeResponse;
    SubmitTaskStateChange(shapes::SubmitTaskStateChangeRequest) -> shapes::SubmitTaskStateChangeResponse;
    TagResource(shapes::TagResourceRequest) -> shapes::TagResourceResponse;
    UntagResource(shapes::UntagResourceRequest) -> shapes::UntagResourceResponse;
    UpdateCluster(shapes::UpdateClusterRequest) -> shapes::UpdateClusterResponse;
    UpdateClusterSettings(shapes::UpdateClusterSettingsRequest) -> shapes::UpdateClusterSettingsResponse;
    UpdateContainerAgent(shapes::UpdateContainerAgentRequest) -> shapes::UpdateContainerAgentResponse;
    UpdateContainerInstancesState(shapes::UpdateContainerInstancesStateRequest) -> shapes::UpdateContainerInstancesStateResponse;
    UpdateTaskProtection(shapes::UpdateTaskProtectionRequest) -> shapes::UpdateTaskProtectionResponse;
}
