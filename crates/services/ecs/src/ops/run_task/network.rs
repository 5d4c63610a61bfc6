//! The network configuration of a run, held against what EC2 has.

use gantry_api_ec2 as ec2;
use gantry_api_ecs as api;
use gantry_ecs_core::TaskSpec;
use gantry_ecs_core::spec::NetworkMode;
use gantry_service::{Cx, Failure};

use crate::Ecs;
use crate::error::EcsError;
use crate::ops::shared;
use crate::tables::task::{LaunchType, NetworkRequest};

/// AWS's bounds.
const MOST_SUBNETS: usize = 16;
const MOST_GROUPS: usize = 5;

/// Checks the configuration: awsvpc needs one whose subnets and groups are there and in one VPC; other modes take
/// none.
pub(super) async fn request(
    ecs: &Ecs,
    cx: &Cx,
    spec: &TaskSpec,
    launch: LaunchType,
    given: Option<&api::NetworkConfiguration>,
) -> Result<Option<NetworkRequest>, EcsError> {
    let given = given.and_then(|one| one.awsvpc_configuration.as_ref());
    let given = match (spec.network_mode, given) {
        (NetworkMode::Awsvpc, Some(given)) => given,
        (NetworkMode::Awsvpc, None) => {
            return Err(EcsError::invalid(
                "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
            ));
        }
        (_, Some(_)) => {
            return Err(EcsError::invalid(
                "Network Configuration is not valid for the given networkMode of this task definition.",
            ));
        }
        (_, None) => return Ok(None),
    };
    let groups = given.security_groups.clone().unwrap_or_default();
    if given.subnets.is_empty() {
        return Err(EcsError::invalid("subnets can not be empty."));
    }
    if given.subnets.len() > MOST_SUBNETS {
        return Err(EcsError::invalid(format!("subnets can have at most {MOST_SUBNETS} items.")));
    }
    if groups.len() > MOST_GROUPS {
        return Err(EcsError::invalid(format!("securityGroups can have at most {MOST_GROUPS} items.")));
    }
    let public_ip = match given.assign_public_ip.as_deref() {
        None | Some("DISABLED") => false,
        Some("ENABLED") if launch != LaunchType::Fargate => {
            return Err(EcsError::invalid("Assign public IP is not supported for this launch type."));
        }
        Some("ENABLED") => true,
        Some(other) => return Err(EcsError::invalid(format!("assignPublicIp can't be '{other}'."))),
    };
    let vpc = vpc_of_subnets(ecs, cx, &given.subnets).await?;
    let security_groups = groups_in_vpc(ecs, cx, &groups, &vpc).await?;
    Ok(Some(NetworkRequest { subnets: given.subnets.clone(), security_groups, public_ip }))
}

async fn vpc_of_subnets(ecs: &Ecs, cx: &Cx, subnets: &[String]) -> Result<String, EcsError> {
    let service = ecs.as_service(&shared::place(cx), cx.now);
    let input = ec2::DescribeSubnetsRequest { subnet_ids: Some(subnets.to_vec()), ..Default::default() };
    let found = ecs
        .siblings
        .call::<ec2::DescribeSubnets>(&service, input)
        .await
        .map_err(|failure| refused("subnet", subnets, failure))?;
    let mut vpcs: Vec<String> =
        found.subnets.unwrap_or_default().into_iter().filter_map(|one| one.vpc_id).collect();
    vpcs.sort_unstable();
    vpcs.dedup();
    match <[String; 1]>::try_from(vpcs) {
        Ok([vpc]) => Ok(vpc),
        Err(_) => Err(EcsError::invalid("The subnets must all be in the same VPC.")),
    }
}

/// The groups, or the VPC's default group where none is named.
async fn groups_in_vpc(ecs: &Ecs, cx: &Cx, groups: &[String], vpc: &str) -> Result<Vec<String>, EcsError> {
    let service = ecs.as_service(&shared::place(cx), cx.now);
    let filter = |name: &str, value: &str| ec2::Filter {
        name: Some(name.to_owned()),
        values: Some(vec![value.to_owned()]),
    };
    let input = if groups.is_empty() {
        let filters = vec![filter("vpc-id", vpc), filter("group-name", "default")];
        ec2::DescribeSecurityGroupsRequest { filters: Some(filters), ..Default::default() }
    } else {
        ec2::DescribeSecurityGroupsRequest { group_ids: Some(groups.to_vec()), ..Default::default() }
    };
    let found = ecs
        .siblings
        .call::<ec2::DescribeSecurityGroups>(&service, input)
        .await
        .map_err(|failure| refused("security group", groups, failure))?;
    let found = found.security_groups.unwrap_or_default();
    if let Some(group) = found.iter().find(|group| group.vpc_id.as_deref() != Some(vpc)) {
        let id = group.group_id.as_deref().unwrap_or_default();
        return Err(EcsError::invalid(format!(
            "Security group {id} does not appear to belong to the same VPC as the input subnets."
        )));
    }
    Ok(found.into_iter().filter_map(|group| group.group_id).collect())
}

/// EC2's refusal in ECS's words.
fn refused(what: &str, ids: &[String], failure: Failure) -> EcsError {
    match failure {
        Failure::Answer(error) => EcsError::invalid(format!(
            "Error retrieving {what} information for [{}]: {} (ErrorCode: {})",
            ids.join(", "),
            error.message,
            error.code
        )),
        other => EcsError::Other(other),
    }
}
