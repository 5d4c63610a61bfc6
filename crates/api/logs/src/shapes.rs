//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
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
    pub struct DeleteLogGroupRequest = "DeleteLogGroupRequest" {
        0 log_group_name: String,
    }
    pub struct DeleteLogStreamRequest = "DeleteLogStreamRequest" {
        0 log_group_name: String,
        1 log_stream_name: String,
    }
    pub struct DeleteRetentionPolicyRequest = "DeleteRetentionPolicyRequest" {
        0 log_group_name: String,
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
    pub struct Entity = "Entity" {
        0 key_attributes: Option<BTreeMap<String, String>>,
        1 attributes: Option<BTreeMap<String, String>>,
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
    pub struct InputLogEvent = "InputLogEvent" {
        0 timestamp: i64,
        1 message: String,
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
    pub struct PutRetentionPolicyRequest = "PutRetentionPolicyRequest" {
        0 log_group_name: String,
        1 retention_in_days: i32,
    }
    pub struct RejectedEntityInfo = "RejectedEntityInfo" {
        0 error_type: String,
    }
    pub struct RejectedLogEventsInfo = "RejectedLogEventsInfo" {
        0 too_new_log_event_start_index: Option<i32>,
        1 too_old_log_event_end_index: Option<i32>,
        2 expired_log_event_end_index: Option<i32>,
    }
    pub struct SearchedLogStream = "SearchedLogStream" {
        0 log_stream_name: Option<String>,
        1 searched_completely: Option<bool>,
    }
}
