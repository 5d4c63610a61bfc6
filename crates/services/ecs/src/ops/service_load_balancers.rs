//! Load balancers of a service, read from AWS's shapes and checked.

use gantry_api_ecs as api;
use gantry_api_elbv2 as elbv2;
use gantry_base::Arn;
use gantry_ecs_core::TaskSpec;
use gantry_ecs_core::service::shift::Way;
use gantry_ecs_core::spec::NetworkMode;
use gantry_service::{Cx, Failure, Permission};

use super::deployment_fields::called;
use super::service_fields::Asked;
use super::shared;
use crate::error::EcsError;
use crate::rules;
use crate::tables::service::{Advanced, LoadBalancer};
use crate::{Ecs, SERVICES_PRINCIPAL, for_services};

/// Most target groups of a service, as in AWS.
const MOST_LOAD_BALANCERS: usize = 5;

/// Target groups that are there, in use, and of addresses; and ports that the containers have.
pub(super) async fn load_balancers(
    ecs: &Ecs,
    cx: &Cx,
    spec: &TaskSpec,
    asked: &Asked,
) -> Result<Vec<LoadBalancer>, Failure> {
    let given = &asked.load_balancers;
    if given.len() > MOST_LOAD_BALANCERS {
        return Err(EcsError::invalid("load balancers can have at most 5 items.").into());
    }
    let mut all = Vec::with_capacity(given.len());
    for one in given {
        if one.load_balancer_name.as_ref().is_some_and(|name| !name.is_empty()) {
            if one.target_group_arn.as_ref().is_some_and(|arn| !arn.is_empty()) {
                return Err(EcsError::invalid(
                    "loadBalancerName and targetGroupArn cannot both be specified. You must specify either a \
                     loadBalancerName or a targetGroupArn in all loadBalancer entries",
                )
                .into());
            }
            if asked.launch_type.as_deref() == Some("FARGATE") {
                return Err(
                    EcsError::invalid("Classic Load Balancers are not supported with Fargate.").into()
                );
            }
            return Err(EcsError::unsupported(&[
                "loadBalancers.loadBalancerName (classic load balancers)".to_owned()
            ])
            .into());
        }
        let target_group = one.target_group_arn.clone().filter(|arn| !arn.is_empty());
        let target_group = target_group.ok_or_else(|| {
            EcsError::invalid("Either targetGroupArn or loadBalancerName must be specified.")
        })?;
        let container = one.container_name.clone().unwrap_or_default();
        if container.is_empty() {
            return Err(EcsError::invalid("Container name can not be blank.").into());
        }
        let known = spec.containers.iter().find(|known| known.name == container);
        let known = known.ok_or_else(|| {
            EcsError::invalid(format!("The container {container} does not exist in the task definition."))
        })?;
        let port = one.container_port.and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
        let port = port.ok_or_else(|| EcsError::invalid("Container port must be between 1 and 65535."))?;
        let mapped = known.port_mappings.iter().find(|mapped| {
            (mapped.container_port..=mapped.range_end.unwrap_or(mapped.container_port)).contains(&port)
        });
        let mapped = mapped.ok_or_else(|| {
            EcsError::invalid(format!(
                "The container {container} did not have a container port {port} defined."
            ))
        })?;
        let group = check_target_group(ecs, cx, spec, &target_group).await?;
        if group.load_balancer_arns.as_ref().is_none_or(|all| all.is_empty()) {
            return Err(EcsError::invalid(format!(
                "The target group with targetGroupArn {target_group} does not have an associated load balancer."
            ))
            .into());
        }
        let is_dynamic = spec.network_mode == NetworkMode::Bridge && mapped.host_port == 0;
        if is_dynamic && group.health_check_port.as_deref().is_some_and(|port| port != "traffic-port") {
            return Err(EcsError::invalid(format!(
                "The task definition is configured to use a dynamic host port, but the target group with targetGroupArn \
                 {target_group} has a health check port specified."
            ))
            .into());
        }
        let advanced = match &one.advanced_configuration {
            Some(given) => Some(advanced(ecs, cx, spec, &group, given).await?),
            None => None,
        };
        all.push(LoadBalancer { target_group, container, port, advanced });
    }
    check_way(asked.way, &all)?;
    Ok(all)
}

/// Deployments that move traffic need to know how.
pub(super) fn check_way(way: Option<Way>, load_balancers: &[LoadBalancer]) -> Result<(), EcsError> {
    let Some(way) = way else { return Ok(()) };
    if load_balancers.iter().any(|one| one.advanced.is_none()) {
        return Err(EcsError::client(format!(
            "advancedConfiguration field is required for all loadBalancers when using the {} deployment strategy",
            called(way)
        )));
    }
    if load_balancers.is_empty() && way != Way::BlueGreen {
        return Err(EcsError::invalid(format!(
            "loadBalancers must be specified when using the {} deployment strategy.",
            called(way)
        )));
    }
    Ok(())
}

/// The other target group, the rules, and the role as whom rules are changed.
async fn advanced(
    ecs: &Ecs,
    cx: &Cx,
    spec: &TaskSpec,
    group: &elbv2::TargetGroup,
    given: &api::AdvancedConfiguration,
) -> Result<Advanced, Failure> {
    let named = |name: &str, value: &Option<String>| {
        let value = value.clone().filter(|text| !text.is_empty());
        value.ok_or_else(|| EcsError::invalid(format!("{name} must be specified in advancedConfiguration.")))
    };
    let alternate = named("alternateTargetGroupArn", &given.alternate_target_group_arn)?;
    let production_rule = named("productionListenerRule", &given.production_listener_rule)?;
    let role = named("roleArn", &given.role_arn)?;
    let test_rule = given.test_listener_rule.clone().filter(|text| !text.is_empty());
    if group.target_group_arn.as_ref() == Some(&alternate) {
        return Err(EcsError::invalid("targetGroupArn and alternateTargetGroupArn must be different.").into());
    }
    if test_rule.as_ref() == Some(&production_rule) {
        return Err(
            EcsError::invalid("productionListenerRule and testListenerRule must be different.").into()
        );
    }
    let other = check_target_group(ecs, cx, spec, &alternate).await?;
    if other.vpc_id != group.vpc_id || other.protocol != group.protocol {
        return Err(EcsError::invalid(
            "targetGroupArn and alternateTargetGroupArn must have the same VPC and protocol.",
        )
        .into());
    }
    for rule in [Some(&production_rule), test_rule.as_ref()].into_iter().flatten() {
        check_rule(ecs, cx, rule).await?;
    }
    check_role(ecs, cx, &role).await?;
    Ok(Advanced { alternate, production_rule, test_rule, role })
}

/// A rule, or a listener, whose traffic goes to target groups.
async fn check_rule(ecs: &Ecs, cx: &Cx, arn: &str) -> Result<(), Failure> {
    let by = ecs.as_service(&shared::place(cx), cx.now);
    match rules::forwarding(ecs, &by, arn).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => {
            Err(EcsError::invalid(format!("The listener rule {arn} does not forward to target groups."))
                .into())
        }
        Err(Failure::Answer(error)) => {
            Err(EcsError::invalid(format!("The listener rule {arn} is not valid: {}", error.message)).into())
        }
        Err(failure) => Err(failure),
    }
}

/// The caller may pass the role, and it trusts ECS.
async fn check_role(ecs: &Ecs, cx: &Cx, text: &str) -> Result<(), Failure> {
    let role: Arn = text.parse().map_err(|_| EcsError::invalid(format!("Invalid role ARN: {text}")))?;
    cx.authorize(Permission::on("iam:PassRole", &role).key("iam:PassedToService", [SERVICES_PRINCIPAL]))?;
    match ecs.roles.may_assume(&for_services(&shared::place(cx)), &role, cx.now).await {
        Ok(()) => Ok(()),
        Err(Failure::Answer(_) | Failure::Denied(_)) => Err(EcsError::invalid(format!(
            "Unable to assume the role {role}. Please verify that the role being passed has the proper trust \
             relationship and permissions."
        ))
        .into()),
        Err(failure) => Err(failure),
    }
}

async fn check_target_group(
    ecs: &Ecs,
    cx: &Cx,
    spec: &TaskSpec,
    arn: &str,
) -> Result<elbv2::TargetGroup, Failure> {
    let by = ecs.as_service(&shared::place(cx), cx.now);
    let input = elbv2::DescribeTargetGroupsInput {
        target_group_arns: Some(vec![arn.to_owned()]),
        ..Default::default()
    };
    let found = match ecs.siblings.call::<elbv2::DescribeTargetGroups>(&by, input).await {
        Ok(found) => found.target_groups.unwrap_or_default().into_iter().next(),
        Err(Failure::Answer(_)) => None,
        Err(failure) => return Err(failure),
    };
    let group = found.ok_or_else(|| {
        EcsError::invalid(
            "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role \
             being passed has the proper permissions.",
        )
    })?;
    let kind = group.target_type.as_deref().unwrap_or_default();
    let mode = match spec.network_mode {
        NetworkMode::Awsvpc => "awsvpc",
        NetworkMode::Bridge => "bridge",
        NetworkMode::Host => "host",
        NetworkMode::None => "none",
    };
    if (spec.network_mode == NetworkMode::Awsvpc) != (kind == "ip") {
        return Err(EcsError::invalid(format!(
            "The provided target group {arn} has target type {kind}, which is incompatible with the {mode} network mode \
             specified in the task definition."
        ))
        .into());
    }
    Ok(group)
}
