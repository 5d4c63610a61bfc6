//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct CancelExportTaskRequest = "CancelExportTaskRequest" {
        0 task_id: String,
    }
    pub struct CreateLogGroupRequest = "CreateLogGroupRequest" {
        0 log_group_name: String,
        1 kms_key_id: Option<String>,
        2 tags: Option<BTreeMap<String, String>>,
        3 log_group_class: Option<String>,
        4 deletion_protection_enabled: Option<bool>,
    }
    pub struct CreateLogStreamRequest = "CreateLogStreamRequest" {
        0 log_group_name: String,
        1 log_stream_name: String,
    }
    pub struct DataSourceFilter = "DataSourceFilter" {
        0 name: String,
        1 r#type: Option<String>,
    }
    pub struct DeleteLogGroupRequest = "DeleteLogGroupRequest" {
        0 log_group_name: String,
    }
    pub struct DeleteLogStreamRequest = "DeleteLogStreamRequest" {
        0 log_group_name: String,
        1 log_stream_name: String,
    }
    pub struct DeleteMetricFilterRequest = "DeleteMetricFilterRequest" {
        0 log_group_name: String,
        1 filter_name: String,
    }
    pub struct DeleteQueryDefinitionRequest = "DeleteQueryDefinitionRequest" {
        0 query_definition_id: String,
    }
    pub struct DeleteQueryDefinitionResponse = "DeleteQueryDefinitionResponse" {
        0 success: Option<bool>,
    }
    pub struct DeleteResourcePolicyRequest = "DeleteResourcePolicyRequest" {
        0 policy_name: Option<String>,
        1 resource_arn: Option<String>,
        2 expected_revision_id: Option<String>,
    }
    pub struct DeleteRetentionPolicyRequest = "DeleteRetentionPolicyRequest" {
        0 log_group_name: String,
    }
    pub struct DescribeDestinationsRequest = "DescribeDestinationsRequest" {
        0 destination_name_prefix: Option<String>,
        1 next_token: Option<String>,
        2 limit: Option<i32>,
    }
    pub struct DescribeDestinationsResponse = "DescribeDestinationsResponse" {
        0 destinations: Option<Vec<Destination>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeExportTasksRequest = "DescribeExportTasksRequest" {
        0 task_id: Option<String>,
        1 status_code: Option<String>,
        2 next_token: Option<String>,
        3 limit: Option<i32>,
    }
    pub struct DescribeExportTasksResponse = "DescribeExportTasksResponse" {
        0 export_tasks: Option<Vec<ExportTask>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeLogGroupsRequest = "DescribeLogGroupsRequest" {
        0 account_identifiers: Option<Vec<String>>,
        1 log_group_name_prefix: Option<String>,
        2 log_group_name_pattern: Option<String>,
        3 next_token: Option<String>,
        4 limit: Option<i32>,
        5 include_linked_accounts: Option<bool>,
        6 log_group_class: Option<String>,
        7 log_group_identifiers: Option<Vec<String>>,
    }
    pub struct DescribeLogGroupsResponse = "DescribeLogGroupsResponse" {
        0 log_groups: Option<Vec<LogGroup>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeLogStreamsRequest = "DescribeLogStreamsRequest" {
        0 log_group_name: Option<String>,
        1 log_group_identifier: Option<String>,
        2 log_stream_name_prefix: Option<String>,
        3 order_by: Option<String>,
        4 descending: Option<bool>,
        5 next_token: Option<String>,
        6 limit: Option<i32>,
    }
    pub struct DescribeLogStreamsResponse = "DescribeLogStreamsResponse" {
        0 log_streams: Option<Vec<LogStream>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeMetricFiltersRequest = "DescribeMetricFiltersRequest" {
        0 log_group_name: Option<String>,
        1 filter_name_prefix: Option<String>,
        2 next_token: Option<String>,
        3 limit: Option<i32>,
        4 metric_name: Option<String>,
        5 metric_namespace: Option<String>,
    }
    pub struct DescribeMetricFiltersResponse = "DescribeMetricFiltersResponse" {
        0 metric_filters: Option<Vec<MetricFilter>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeQueriesRequest = "DescribeQueriesRequest" {
        0 log_group_name: Option<String>,
        1 status: Option<String>,
        2 max_results: Option<i32>,
        3 next_token: Option<String>,
        4 query_language: Option<String>,
    }
    pub struct DescribeQueriesResponse = "DescribeQueriesResponse" {
        0 queries: Option<Vec<QueryInfo>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeQueryDefinitionsRequest = "DescribeQueryDefinitionsRequest" {
        0 query_language: Option<String>,
        1 query_definition_name_prefix: Option<String>,
        2 max_results: Option<i32>,
        3 next_token: Option<String>,
    }
    pub struct DescribeQueryDefinitionsResponse = "DescribeQueryDefinitionsResponse" {
        0 query_definitions: Option<Vec<QueryDefinition>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeResourcePoliciesRequest = "DescribeResourcePoliciesRequest" {
        0 next_token: Option<String>,
        1 limit: Option<i32>,
        2 resource_arn: Option<String>,
        3 policy_scope: Option<String>,
    }
    pub struct DescribeResourcePoliciesResponse = "DescribeResourcePoliciesResponse" {
        0 resource_policies: Option<Vec<ResourcePolicy>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeSubscriptionFiltersRequest = "DescribeSubscriptionFiltersRequest" {
        0 log_group_name: String,
        1 filter_name_prefix: Option<String>,
        2 next_token: Option<String>,
        3 limit: Option<i32>,
    }
    pub struct DescribeSubscriptionFiltersResponse = "DescribeSubscriptionFiltersResponse" {
        0 subscription_filters: Option<Vec<SubscriptionFilter>>,
        1 next_token: Option<String>,
    }
    pub struct Destination = "Destination" {
        0 destination_name: Option<String>,
        1 target_arn: Option<String>,
        2 role_arn: Option<String>,
        3 access_policy: Option<String>,
        4 arn: Option<String>,
        5 creation_time: Option<i64>,
    }
    pub struct Entity = "Entity" {
        0 key_attributes: Option<BTreeMap<String, String>>,
        1 attributes: Option<BTreeMap<String, String>>,
    }
    pub struct ExportTask = "ExportTask" {
        0 task_id: Option<String>,
        1 task_name: Option<String>,
        2 log_group_name: Option<String>,
        3 from: Option<i64>,
        4 to: Option<i64>,
        5 destination: Option<String>,
        6 destination_prefix: Option<String>,
        7 status: Option<ExportTaskStatus>,
        8 execution_info: Option<ExportTaskExecutionInfo>,
    }
    pub struct ExportTaskExecutionInfo = "ExportTaskExecutionInfo" {
        0 creation_time: Option<i64>,
        1 completion_time: Option<i64>,
    }
    pub struct ExportTaskStatus = "ExportTaskStatus" {
        0 code: Option<String>,
        1 message: Option<String>,
    }
    pub struct FilterLogEventsRequest = "FilterLogEventsRequest" {
        0 log_group_name: Option<String>,
        1 log_group_identifier: Option<String>,
        2 log_stream_names: Option<Vec<String>>,
        3 log_stream_name_prefix: Option<String>,
        4 start_time: Option<i64>,
        5 end_time: Option<i64>,
        6 filter_pattern: Option<String>,
        7 next_token: Option<String>,
        8 limit: Option<i32>,
        9 start_from_head: Option<bool>,
        10 interleaved: Option<bool>,
        11 unmask: Option<bool>,
    }
    pub struct FilterLogEventsResponse = "FilterLogEventsResponse" {
        0 events: Option<Vec<FilteredLogEvent>>,
        1 searched_log_streams: Option<Vec<SearchedLogStream>>,
        2 next_token: Option<String>,
    }
    pub struct FilteredLogEvent = "FilteredLogEvent" {
        0 log_stream_name: Option<String>,
        1 timestamp: Option<i64>,
        2 message: Option<String>,
        3 ingestion_time: Option<i64>,
        4 event_id: Option<String>,
    }
    pub struct GetLogEventsRequest = "GetLogEventsRequest" {
        0 log_group_name: Option<String>,
        1 log_group_identifier: Option<String>,
        2 log_stream_name: String,
        3 start_time: Option<i64>,
        4 end_time: Option<i64>,
        5 next_token: Option<String>,
        6 limit: Option<i32>,
        7 start_from_head: Option<bool>,
        8 unmask: Option<bool>,
    }
    pub struct GetLogEventsResponse = "GetLogEventsResponse" {
        0 events: Option<Vec<OutputLogEvent>>,
        1 next_forward_token: Option<String>,
        2 next_backward_token: Option<String>,
    }
    pub struct GetLogGroupFieldsRequest = "GetLogGroupFieldsRequest" {
        0 log_group_name: Option<String>,
        1 time: Option<i64>,
        2 log_group_identifier: Option<String>,
    }
    pub struct GetLogGroupFieldsResponse = "GetLogGroupFieldsResponse" {
        0 log_group_fields: Option<Vec<LogGroupField>>,
    }
    pub struct GetLogRecordRequest = "GetLogRecordRequest" {
        0 log_record_pointer: String,
        1 unmask: Option<bool>,
    }
    pub struct GetLogRecordResponse = "GetLogRecordResponse" {
        0 log_record: Option<BTreeMap<String, String>>,
    }
    pub struct GetQueryResultsRequest = "GetQueryResultsRequest" {
        0 query_id: String,
        1 next_token: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct GetQueryResultsResponse = "GetQueryResultsResponse" {
        0 query_language: Option<String>,
        1 results: Option<Vec<Vec<ResultField>>>,
        2 statistics: Option<QueryStatistics>,
        3 status: Option<String>,
        4 encryption_key: Option<String>,
        5 next_token: Option<String>,
    }
    pub struct InputLogEvent = "InputLogEvent" {
        0 timestamp: i64,
        1 message: String,
    }
    pub struct ListLogGroupsForQueryRequest = "ListLogGroupsForQueryRequest" {
        0 query_id: String,
        1 next_token: Option<String>,
        2 max_results: Option<i32>,
    }
    pub struct ListLogGroupsForQueryResponse = "ListLogGroupsForQueryResponse" {
        0 log_group_identifiers: Option<Vec<String>>,
        1 next_token: Option<String>,
    }
    pub struct ListLogGroupsRequest = "ListLogGroupsRequest" {
        0 log_group_name_pattern: Option<String>,
        1 log_group_class: Option<String>,
        2 include_linked_accounts: Option<bool>,
        3 account_identifiers: Option<Vec<String>>,
        4 next_token: Option<String>,
        5 limit: Option<i32>,
        6 data_sources: Option<Vec<DataSourceFilter>>,
        7 field_index_names: Option<Vec<String>>,
        8 log_group_tags: Option<Vec<TagFilter>>,
    }
    pub struct ListLogGroupsResponse = "ListLogGroupsResponse" {
        0 log_groups: Option<Vec<LogGroupSummary>>,
        1 next_token: Option<String>,
    }
    pub struct ListTagsForResourceRequest = "ListTagsForResourceRequest" {
        0 resource_arn: String,
    }
    pub struct ListTagsForResourceResponse = "ListTagsForResourceResponse" {
        0 tags: Option<BTreeMap<String, String>>,
    }
    pub struct ListTagsLogGroupRequest = "ListTagsLogGroupRequest" {
        0 log_group_name: String,
    }
    pub struct ListTagsLogGroupResponse = "ListTagsLogGroupResponse" {
        0 tags: Option<BTreeMap<String, String>>,
    }
    pub struct LiveTailSessionLogEvent = "LiveTailSessionLogEvent" {
        0 log_stream_name: Option<String>,
        1 log_group_identifier: Option<String>,
        2 message: Option<String>,
        3 timestamp: Option<i64>,
        4 ingestion_time: Option<i64>,
    }
    pub struct LiveTailSessionMetadata = "LiveTailSessionMetadata" {
        0 sampled: Option<bool>,
    }
    pub struct LiveTailSessionStart = "LiveTailSessionStart" {
        0 request_id: Option<String>,
        1 session_id: Option<String>,
        2 log_group_identifiers: Option<Vec<String>>,
        3 log_stream_names: Option<Vec<String>>,
        4 log_stream_name_prefixes: Option<Vec<String>>,
        5 log_event_filter_pattern: Option<String>,
    }
    pub struct LiveTailSessionUpdate = "LiveTailSessionUpdate" {
        0 session_metadata: Option<LiveTailSessionMetadata>,
        1 session_results: Option<Vec<LiveTailSessionLogEvent>>,
    }
    pub struct LogGroup = "LogGroup" {
        0 log_group_name: Option<String>,
        1 creation_time: Option<i64>,
        2 retention_in_days: Option<i32>,
        3 metric_filter_count: Option<i32>,
        4 arn: Option<String>,
        5 stored_bytes: Option<i64>,
        6 kms_key_id: Option<String>,
        7 data_protection_status: Option<String>,
        8 inherited_properties: Option<Vec<String>>,
        9 log_group_class: Option<String>,
        10 log_group_arn: Option<String>,
        11 deletion_protection_enabled: Option<bool>,
        12 bearer_token_authentication_enabled: Option<bool>,
        13 retention_policy_name: Option<String>,
    }
    pub struct LogGroupField = "LogGroupField" {
        0 name: Option<String>,
        1 percent: Option<i32>,
    }
    pub struct LogGroupSummary = "LogGroupSummary" {
        0 log_group_name: Option<String>,
        1 log_group_arn: Option<String>,
        2 log_group_class: Option<String>,
    }
    pub struct LogStream = "LogStream" {
        0 log_stream_name: Option<String>,
        1 creation_time: Option<i64>,
        2 first_event_timestamp: Option<i64>,
        3 last_event_timestamp: Option<i64>,
        4 last_ingestion_time: Option<i64>,
        5 upload_sequence_token: Option<String>,
        6 arn: Option<String>,
        7 stored_bytes: Option<i64>,
    }
    pub struct MetricFilter = "MetricFilter" {
        0 filter_name: Option<String>,
        1 filter_pattern: Option<String>,
        2 metric_transformations: Option<Vec<MetricTransformation>>,
        3 creation_time: Option<i64>,
        4 log_group_name: Option<String>,
        5 apply_on_transformed_logs: Option<bool>,
        6 field_selection_criteria: Option<String>,
        7 emit_system_field_dimensions: Option<Vec<String>>,
    }
    pub struct MetricFilterMatchRecord = "MetricFilterMatchRecord" {
        0 event_number: Option<i64>,
        1 event_message: Option<String>,
        2 extracted_values: Option<BTreeMap<String, String>>,
    }
    pub struct MetricTransformation = "MetricTransformation" {
        0 metric_name: String,
        1 metric_namespace: String,
        2 metric_value: String,
        3 default_value: Option<f64>,
        4 dimensions: Option<BTreeMap<String, String>>,
        5 unit: Option<String>,
    }
    pub struct OutputLogEvent = "OutputLogEvent" {
        0 timestamp: Option<i64>,
        1 message: Option<String>,
        2 ingestion_time: Option<i64>,
    }
    pub struct PutLogEventsRequest = "PutLogEventsRequest" {
        0 log_group_name: String,
        1 log_stream_name: String,
        2 log_events: Vec<InputLogEvent>,
        3 sequence_token: Option<String>,
        4 entity: Option<Entity>,
    }
    pub struct PutLogEventsResponse = "PutLogEventsResponse" {
        0 next_sequence_token: Option<String>,
        1 rejected_log_events_info: Option<RejectedLogEventsInfo>,
        2 rejected_entity_info: Option<RejectedEntityInfo>,
    }
    pub struct PutLogGroupDeletionProtectionRequest = "PutLogGroupDeletionProtectionRequest" {
        0 log_group_identifier: String,
        1 deletion_protection_enabled: bool,
    }
    pub struct PutMetricFilterRequest = "PutMetricFilterRequest" {
        0 log_group_name: String,
        1 filter_name: String,
        2 filter_pattern: String,
        3 metric_transformations: Vec<MetricTransformation>,
        4 apply_on_transformed_logs: Option<bool>,
        5 field_selection_criteria: Option<String>,
        6 emit_system_field_dimensions: Option<Vec<String>>,
    }
    pub struct PutQueryDefinitionRequest = "PutQueryDefinitionRequest" {
        0 query_language: Option<String>,
        1 name: String,
        2 query_definition_id: Option<String>,
        3 log_group_names: Option<Vec<String>>,
        4 query_string: String,
        5 client_token: Option<String>,
        6 parameters: Option<Vec<QueryParameter>>,
    }
    pub struct PutQueryDefinitionResponse = "PutQueryDefinitionResponse" {
        0 query_definition_id: Option<String>,
    }
    pub struct PutResourcePolicyRequest = "PutResourcePolicyRequest" {
        0 policy_name: Option<String>,
        1 policy_document: Option<String>,
        2 resource_arn: Option<String>,
        3 expected_revision_id: Option<String>,
    }
    pub struct PutResourcePolicyResponse = "PutResourcePolicyResponse" {
        0 resource_policy: Option<ResourcePolicy>,
        1 revision_id: Option<String>,
    }
    pub struct PutRetentionPolicyRequest = "PutRetentionPolicyRequest" {
        0 log_group_name: String,
        1 retention_in_days: i32,
    }
    pub struct QueryDefinition = "QueryDefinition" {
        0 query_language: Option<String>,
        1 query_definition_id: Option<String>,
        2 name: Option<String>,
        3 query_string: Option<String>,
        4 last_modified: Option<i64>,
        5 log_group_names: Option<Vec<String>>,
        6 parameters: Option<Vec<QueryParameter>>,
    }
    pub struct QueryInfo = "QueryInfo" {
        0 query_language: Option<String>,
        1 query_id: Option<String>,
        2 query_string: Option<String>,
        3 status: Option<String>,
        4 create_time: Option<i64>,
        5 log_group_name: Option<String>,
        6 query_duration: Option<i64>,
        7 bytes_scanned: Option<f64>,
        8 user_identity: Option<String>,
    }
    pub struct QueryParameter = "QueryParameter" {
        0 name: String,
        1 default_value: Option<String>,
        2 description: Option<String>,
    }
    pub struct QueryStatistics = "QueryStatistics" {
        0 records_matched: Option<f64>,
        1 records_scanned: Option<f64>,
        2 estimated_records_skipped: Option<f64>,
        3 bytes_scanned: Option<f64>,
        4 estimated_bytes_skipped: Option<f64>,
        5 log_groups_scanned: Option<f64>,
        6 result_count: Option<f64>,
    }
    pub struct RejectedEntityInfo = "RejectedEntityInfo" {
        0 error_type: String,
    }
    pub struct RejectedLogEventsInfo = "RejectedLogEventsInfo" {
        0 too_new_log_event_start_index: Option<i32>,
        1 too_old_log_event_end_index: Option<i32>,
        2 expired_log_event_end_index: Option<i32>,
    }
    pub struct ResourcePolicy = "ResourcePolicy" {
        0 policy_name: Option<String>,
        1 policy_document: Option<String>,
        2 last_updated_time: Option<i64>,
        3 policy_scope: Option<String>,
        4 resource_arn: Option<String>,
        5 revision_id: Option<String>,
    }
    pub struct ResultField = "ResultField" {
        0 field: Option<String>,
        1 value: Option<String>,
    }
    pub struct SearchedLogStream = "SearchedLogStream" {
        0 log_stream_name: Option<String>,
        1 searched_completely: Option<bool>,
    }
    pub struct SessionStreamingException = "SessionStreamingException" {
        0 message: Option<String>,
    }
    pub struct SessionTimeoutException = "SessionTimeoutException" {
        0 message: Option<String>,
    }
    pub struct StartLiveTailRequest = "StartLiveTailRequest" {
        0 log_group_identifiers: Vec<String>,
        1 log_stream_names: Option<Vec<String>>,
        2 log_stream_name_prefixes: Option<Vec<String>>,
        3 log_event_filter_pattern: Option<String>,
    }
    pub struct StartLiveTailResponse = "StartLiveTailResponse" {
        0 response_stream: Option<StartLiveTailResponseStream>,
    }
    pub struct StartLiveTailResponseStream = "StartLiveTailResponseStream" {
        0 session_start: Option<LiveTailSessionStart>,
        1 session_update: Option<LiveTailSessionUpdate>,
        2 session_timeout_exception: Option<SessionTimeoutException>,
        3 session_streaming_exception: Option<SessionStreamingException>,
    }
    pub struct StartQueryRequest = "StartQueryRequest" {
        0 query_language: Option<String>,
        1 log_group_name: Option<String>,
        2 log_group_names: Option<Vec<String>>,
        3 log_group_identifiers: Option<Vec<String>>,
        4 start_time: i64,
        5 end_time: i64,
        6 query_string: String,
        7 limit: Option<i32>,
    }
    pub struct StartQueryResponse = "StartQueryResponse" {
        0 query_id: Option<String>,
    }
    pub struct StopQueryRequest = "StopQueryRequest" {
        0 query_id: String,
    }
    pub struct StopQueryResponse = "StopQueryResponse" {
        0 success: Option<bool>,
    }
    pub struct SubscriptionFilter = "SubscriptionFilter" {
        0 filter_name: Option<String>,
        1 log_group_name: Option<String>,
        2 filter_pattern: Option<String>,
        3 destination_arn: Option<String>,
        4 role_arn: Option<String>,
        5 distribution: Option<String>,
        6 apply_on_transformed_logs: Option<bool>,
        7 creation_time: Option<i64>,
        8 field_selection_criteria: Option<String>,
        9 emit_system_fields: Option<Vec<String>>,
    }
    pub struct TagFilter = "TagFilter" {
        0 key: String,
        1 values: Option<Vec<String>>,
    }
    pub struct TagLogGroupRequest = "TagLogGroupRequest" {
        0 log_group_name: String,
        1 tags: BTreeMap<String, String>,
    }
    pub struct TagResourceRequest = "TagResourceRequest" {
        0 resource_arn: String,
        1 tags: BTreeMap<String, String>,
    }
    pub struct TestMetricFilterRequest = "TestMetricFilterRequest" {
        0 filter_pattern: String,
        1 log_event_messages: Vec<String>,
    }
    pub struct TestMetricFilterResponse = "TestMetricFilterResponse" {
        0 matches: Option<Vec<MetricFilterMatchRecord>>,
    }
    pub struct UntagLogGroupRequest = "UntagLogGroupRequest" {
        0 log_group_name: String,
        1 tags: Vec<String>,
    }
    pub struct UntagResourceRequest = "UntagResourceRequest" {
        0 resource_arn: String,
        1 tag_keys: Vec<String>,
    }
}
