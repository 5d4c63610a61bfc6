//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "logs";
    CancelExportTask(shapes::CancelExportTaskRequest) -> gantry_wire::Unit;
    CreateLogGroup(shapes::CreateLogGroupRequest) -> gantry_wire::Unit;
    CreateLogStream(shapes::CreateLogStreamRequest) -> gantry_wire::Unit;
    DeleteLogGroup(shapes::DeleteLogGroupRequest) -> gantry_wire::Unit;
    DeleteLogStream(shapes::DeleteLogStreamRequest) -> gantry_wire::Unit;
    DeleteMetricFilter(shapes::DeleteMetricFilterRequest) -> gantry_wire::Unit;
    DeleteQueryDefinition(shapes::DeleteQueryDefinitionRequest) -> shapes::DeleteQueryDefinitionResponse;
    DeleteResourcePolicy(shapes::DeleteResourcePolicyRequest) -> gantry_wire::Unit;
    DeleteRetentionPolicy(shapes::DeleteRetentionPolicyRequest) -> gantry_wire::Unit;
    DescribeDestinations(shapes::DescribeDestinationsRequest) -> shapes::DescribeDestinationsResponse;
    DescribeExportTasks(shapes::DescribeExportTasksRequest) -> shapes::DescribeExportTasksResponse;
    DescribeLogGroups(shapes::DescribeLogGroupsRequest) -> shapes::DescribeLogGroupsResponse;
    DescribeLogStreams(shapes::DescribeLogStreamsRequest) -> shapes::DescribeLogStreamsResponse;
    DescribeMetricFilters(shapes::DescribeMetricFiltersRequest) -> shapes::DescribeMetricFiltersResponse;
    DescribeQueries(shapes::DescribeQueriesRequest) -> shapes::DescribeQueriesResponse;
    DescribeQueryDefinitions(shapes::DescribeQueryDefinitionsRequest) -> shapes::DescribeQueryDefinitionsResponse;
    DescribeResourcePolicies(shapes::DescribeResourcePoliciesRequest) -> shapes::DescribeResourcePoliciesResponse;
    DescribeSubscriptionFilters(shapes::DescribeSubscriptionFiltersRequest) -> shapes::DescribeSubscriptionFiltersResponse;
    FilterLogEvents(shapes::FilterLogEventsRequest) -> shapes::FilterLogEventsResponse;
    GetLogEvents(shapes::GetLogEventsRequest) -> shapes::GetLogEventsResponse;
    GetLogGroupFields(shapes::GetLogGroupFieldsRequest) -> shapes::GetLogGroupFieldsResponse;
    GetLogRecord(shapes::GetLogRecordRequest) -> shapes::GetLogRecordResponse;
    GetQueryResults(shapes::GetQueryResultsRequest) -> shapes::GetQueryResultsResponse;
    ListLogGroups(shapes::ListLogGroupsRequest) -> shapes::ListLogGroupsResponse;
    ListLogGroupsForQuery(shapes::ListLogGroupsForQueryRequest) -> shapes::ListLogGroupsForQueryResponse;
    ListTagsForResource(shapes::ListTagsForResourceRequest) -> shapes::ListTagsForResourceResponse;
    ListTagsLogGroup(shapes::ListTagsLogGroupRequest) -> shapes::ListTagsLogGroupResponse;
    PutLogEvents(shapes::PutLogEventsRequest) -> shapes::PutLogEventsResponse;
    PutLogGroupDeletionProtection(shapes::PutLogGroupDeletionProtectionRequest) -> gantry_wire::Unit;
    PutMetricFilter(shapes::PutMetricFilterRequest) -> gantry_wire::Unit;
    PutQueryDefinition(shapes::PutQueryDefinitionRequest) -> shapes::PutQueryDefinitionResponse;
    PutResourcePolicy(shapes::PutResourcePolicyRequest) -> shapes::PutResourcePolicyResponse;
    PutRetentionPolicy(shapes::PutRetentionPolicyRequest) -> gantry_wire::Unit;
    StartLiveTail(shapes::StartLiveTailRequest) -> shapes::StartLiveTailResponse;
    StartQuery(shapes::StartQueryRequest) -> shapes::StartQueryResponse;
    StopQuery(shapes::StopQueryRequest) -> shapes::StopQueryResponse;
    TagLogGroup(shapes::TagLogGroupRequest) -> gantry_wire::Unit;
    TagResource(shapes::TagResourceRequest) -> gantry_wire::Unit;
    TestMetricFilter(shapes::TestMetricFilterRequest) -> shapes::TestMetricFilterResponse;
    UntagLogGroup(shapes::UntagLogGroupRequest) -> gantry_wire::Unit;
    UntagResource(shapes::UntagResourceRequest) -> gantry_wire::Unit;
}
