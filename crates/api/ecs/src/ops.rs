//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "ecs";
    CreateCluster(shapes::CreateClusterRequest) -> shapes::CreateClusterResponse;
    DeleteCluster(shapes::DeleteClusterRequest) -> shapes::DeleteClusterResponse;
    DeregisterTaskDefinition(shapes::DeregisterTaskDefinitionRequest) -> shapes::DeregisterTaskDefinitionResponse;
    DescribeClusters(shapes::DescribeClustersRequest) -> shapes::DescribeClustersResponse;
    DescribeTaskDefinition(shapes::DescribeTaskDefinitionRequest) -> shapes::DescribeTaskDefinitionResponse;
    DescribeTasks(shapes::DescribeTasksRequest) -> shapes::DescribeTasksResponse;
    ListClusters(shapes::ListClustersRequest) -> shapes::ListClustersResponse;
    ListTagsForResource(shapes::ListTagsForResourceRequest) -> shapes::ListTagsForResourceResponse;
    ListTaskDefinitionFamilies(shapes::ListTaskDefinitionFamiliesRequest) -> shapes::ListTaskDefinitionFamiliesResponse;
    ListTaskDefinitions(shapes::ListTaskDefinitionsRequest) -> shapes::ListTaskDefinitionsResponse;
    ListTasks(shapes::ListTasksRequest) -> shapes::ListTasksResponse;
    RegisterTaskDefinition(shapes::RegisterTaskDefinitionRequest) -> shapes::RegisterTaskDefinitionResponse;
    RunTask(shapes::RunTaskRequest) -> shapes::RunTaskResponse;
    StopTask(shapes::StopTaskRequest) -> shapes::StopTaskResponse;
    TagResource(shapes::TagResourceRequest) -> shapes::TagResourceResponse;
    UntagResource(shapes::UntagResourceRequest) -> shapes::UntagResourceResponse;
}
