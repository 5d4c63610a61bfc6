//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "logs";
    CreateLogGroup(shapes::CreateLogGroupRequest) -> gantry_wire::Unit;
    CreateLogStream(shapes::CreateLogStreamRequest) -> gantry_wire::Unit;
    DeleteLogGroup(shapes::DeleteLogGroupRequest) -> gantry_wire::Unit;
    DeleteLogStream(shapes::DeleteLogStreamRequest) -> gantry_wire::Unit;
    DeleteRetentionPolicy(shapes::DeleteRetentionPolicyRequest) -> gantry_wire::Unit;
    DescribeLogGroups(shapes::DescribeLogGroupsRequest) -> shapes::DescribeLogGroupsResponse;
    DescribeLogStreams(shapes::DescribeLogStreamsRequest) -> shapes::DescribeLogStreamsResponse;
    FilterLogEvents(shapes::FilterLogEventsRequest) -> shapes::FilterLogEventsResponse;
    GetLogEvents(shapes::GetLogEventsRequest) -> shapes::GetLogEventsResponse;
    PutLogEvents(shapes::PutLogEventsRequest) -> shapes::PutLogEventsResponse;
    PutRetentionPolicy(shapes::PutRetentionPolicyRequest) -> gantry_wire::Unit;
}
