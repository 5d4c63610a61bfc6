//! CreateTargetGroup: a group without targets yet, or the one that is there with the same name and settings.

use gantry_api_elbv2 as api;
use gantry_elb_core::attributes::Set;
use gantry_elb_core::limits;
use gantry_elb_core::name::check_target_group;
use gantry_service::{Cx, Failure};
use gantry_store::{Scan, key};

use super::health_check::{self, Given};
use super::{allow_making, health_check::check};
use crate::error::{ElbError, refused};
use crate::tables::target_group::target_group_key;
use crate::tables::{TARGET_GROUPS, TargetGroup};
use crate::{Elb, answer, find, given, network};

/// Makes a target group.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::CreateTargetGroupInput,
) -> Result<api::CreateTargetGroupOutput, Failure> {
    let pairs = given::pairs(input.tags.clone());
    let any = cx.arn("elasticloadbalancing", format_args!("targetgroup/{}/*", input.name));
    let permit = allow_making(&cx, "elasticloadbalancing:CreateTargetGroup", &any, None, &pairs)?;
    check_target_group(&input.name).map_err(refused)?;
    let tags = given::tags(pairs)?;
    let target_type = target_type(&input)?;
    let protocol =
        input.protocol.clone().ok_or_else(|| ElbError::validation("A protocol must be specified"))?;
    if !matches!(protocol.as_str(), "HTTP" | "HTTPS" | "TCP" | "TLS" | "UDP" | "TCP_UDP") {
        return Err(
            ElbError::not_served(format_args!("A target group with the protocol '{protocol}'")).into()
        );
    }
    let port = input.port.and_then(|port| u16::try_from(port).ok());
    let port = port.ok_or_else(|| ElbError::validation("A port must be specified"))?;
    let vpc_id = input.vpc_id.clone().ok_or_else(|| ElbError::validation("A VPC ID must be specified"))?;
    network::check_vpc(elb, &cx, &vpc_id).await?;
    let protocol_version = version(&protocol, input.protocol_version.as_deref())?;
    let check = check(&protocol, protocol_version.as_deref(), &target_type, of_health(&input), None)?;
    let row = TargetGroup {
        name: input.name,
        id: elb.ids.hex(16),
        account: cx.account,
        region: cx.region.clone(),
        protocol,
        protocol_version,
        port,
        vpc_id,
        target_type,
        check,
        attributes: Set::new(),
        tags,
        created_at: cx.now,
    };

    let mut tx = elb.db.begin();
    if let Some(made) = tx.get(&TARGET_GROUPS, &target_group_key(cx.account, &cx.region, &row.name)).await? {
        let as_wanted = TargetGroup {
            id: made.id.clone(),
            created_at: made.created_at,
            attributes: made.attributes.clone(),
            tags: if row.tags.is_empty() { made.tags.clone() } else { row.tags.clone() },
            ..row
        };
        if made != as_wanted {
            let message = format!(
                "A target group with the same name '{}' exists, but with different settings",
                made.name
            );
            return Err(ElbError::new("DuplicateTargetGroupName", message).into());
        }
        let uses = find::uses(&mut tx, &cx).await?;
        let users = Some(uses.get(made.arn().as_str()).cloned().unwrap_or_default());
        return Ok(api::CreateTargetGroupOutput {
            target_groups: Some(vec![answer::target_group(&made, users.as_ref())]),
        });
    }
    let place = key!(cx.account, cx.region);
    let count = tx.peek_scan(&TARGET_GROUPS, &place, Scan::first(limits::TARGET_GROUPS)).await?.len();
    if count >= limits::TARGET_GROUPS {
        let message = format!("The quota of '{}' target groups has been reached", limits::TARGET_GROUPS);
        return Err(ElbError::new("TooManyTargetGroups", message).into());
    }
    tx.put(&TARGET_GROUPS, &row.key(), &row);
    tx.commit(&permit).await?;
    Ok(api::CreateTargetGroupOutput { target_groups: Some(vec![answer::target_group(&row, None)]) })
}

fn target_type(input: &api::CreateTargetGroupInput) -> Result<String, ElbError> {
    let given = input.target_type.as_deref().unwrap_or("instance");
    if input.ip_address_type.as_deref().is_some_and(|kind| kind != "ipv4") {
        return Err(ElbError::not_served("A target group of IPv6 targets"));
    }
    match given {
        "ip" | "instance" => Ok(given.to_owned()),
        "lambda" => {
            for (asked, what) in [
                (input.port.is_some(), "Port"),
                (input.vpc_id.is_some(), "VPC ID"),
                (input.protocol.is_some(), "Protocol"),
            ] {
                if asked {
                    let message =
                        format!("{what} cannot be specified for target groups with target type 'lambda'");
                    return Err(ElbError::validation(message));
                }
            }
            Err(ElbError::not_served("A target group with target type 'lambda'"))
        }
        other => Err(ElbError::not_served(format_args!("A target group with target type '{other}'"))),
    }
}

fn version(protocol: &str, given: Option<&str>) -> Result<Option<String>, ElbError> {
    // Terraform says an empty one where it means none.
    match (matches!(protocol, "HTTP" | "HTTPS"), given.filter(|given| !given.is_empty())) {
        (true, None) => Ok(Some("HTTP1".to_owned())),
        (true, Some(version @ ("HTTP1" | "HTTP2" | "GRPC"))) => Ok(Some(version.to_owned())),
        (true, Some(other)) => Err(ElbError::validation(format!(
            "Target group protocol version '{other}' must be one of '[HTTP2, HTTP1, GRPC]'"
        ))),
        (false, None) => Ok(None),
        (false, Some(_)) => Err(ElbError::validation(format!(
            "You cannot specify the protocol version for a target group with the '{protocol}' protocol"
        ))),
    }
}

fn of_health(input: &api::CreateTargetGroupInput) -> health_check::Given {
    Given {
        enabled: input.health_check_enabled,
        protocol: input.health_check_protocol.clone(),
        port: input.health_check_port.clone(),
        path: input.health_check_path.clone(),
        interval_seconds: input.health_check_interval_seconds,
        timeout_seconds: input.health_check_timeout_seconds,
        healthy_threshold: input.healthy_threshold_count,
        unhealthy_threshold: input.unhealthy_threshold_count,
        matcher: input.matcher.clone(),
    }
}
