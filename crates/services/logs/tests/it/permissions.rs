//! Policies hold for every operation: what is not allowed on the very resource is denied.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Operation;

use crate::world::{World, batch, filter, get};

const GROUP: &str = "arn:aws:logs:us-east-1:000000000000:log-group:g:*";
const STREAM: &str = "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:s";

async fn check<O: Operation>(world: &World, action: &str, resource: &str, input: O::Input)
where
    O::Input: Clone,
{
    let denied = |cx: Cx| {
        let input = input.clone();
        async move {
            let answer = world.call::<O>(&cx, input).await.map(|_| ());
            assert!(!matches!(answer, Err(Failure::Internal(_) | Failure::Conflict)), "{answer:?}");
            matches!(answer, Err(Failure::Denied(_)))
        }
    };
    assert!(denied(world.limited("x:Nothing", "*")).await, "{action} is needed");
    let other = resource.replace(":g:", ":h:").replace("group::", "group:x:");
    assert!(denied(world.limited(action, &other)).await, "{action} is needed on {resource}");
    assert!(!denied(world.limited(action, resource)).await, "{action} on {resource} is enough");
}

#[tokio::test]
async fn each_operation_needs_its_own_action() {
    let world = World::with_stream().await;
    let group_name = "g".to_string();
    let event = api::InputLogEvent { timestamp: world.now(), message: "x".into() };
    check::<api::CreateLogGroup>(&world, "logs:CreateLogGroup", GROUP, crate::world::group("g")).await;
    let stream =
        api::CreateLogStreamRequest { log_group_name: group_name.clone(), log_stream_name: "s".into() };
    check::<api::CreateLogStream>(&world, "logs:CreateLogStream", STREAM, stream).await;
    check::<api::PutLogEvents>(&world, "logs:PutLogEvents", STREAM, batch("s", vec![event])).await;
    check::<api::GetLogEvents>(&world, "logs:GetLogEvents", STREAM, get("s")).await;
    check::<api::FilterLogEvents>(&world, "logs:FilterLogEvents", GROUP, filter("")).await;
    let streams =
        api::DescribeLogStreamsRequest { log_group_name: Some(group_name.clone()), ..Default::default() };
    check::<api::DescribeLogStreams>(&world, "logs:DescribeLogStreams", GROUP, streams).await;
    let all = "arn:aws:logs:us-east-1:000000000000:log-group::log-stream:";
    check::<api::DescribeLogGroups>(&world, "logs:DescribeLogGroups", all, Default::default()).await;
    let filters =
        api::DescribeSubscriptionFiltersRequest { log_group_name: group_name.clone(), ..Default::default() };
    check::<api::DescribeSubscriptionFilters>(&world, "logs:DescribeSubscriptionFilters", GROUP, filters)
        .await;
    let put = api::PutRetentionPolicyRequest { log_group_name: group_name.clone(), retention_in_days: 1 };
    check::<api::PutRetentionPolicy>(&world, "logs:PutRetentionPolicy", GROUP, put).await;
    let delete = api::DeleteRetentionPolicyRequest { log_group_name: group_name.clone() };
    check::<api::DeleteRetentionPolicy>(&world, "logs:DeleteRetentionPolicy", GROUP, delete).await;
    let stream =
        api::DeleteLogStreamRequest { log_group_name: group_name.clone(), log_stream_name: "s".into() };
    check::<api::DeleteLogStream>(&world, "logs:DeleteLogStream", STREAM, stream).await;
    let delete = api::DeleteLogGroupRequest { log_group_name: group_name };
    check::<api::DeleteLogGroup>(&world, "logs:DeleteLogGroup", GROUP, delete).await;
}
