//! Services of Cloud Map that a service's tasks are registered with, as users name them.

use gantry_api_ecs as api;
use gantry_api_servicediscovery as cloudmap;
use gantry_base::Arn;
use gantry_ecs_core::TaskSpec;
use gantry_ecs_core::service::shift::Way;
use gantry_ecs_core::spec::NetworkMode;
use gantry_service::{Cx, Failure};

use super::shared;
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::service::Registry;

/// Reads and checks them: they are there, and a port is named where their records have one and nowhere else
/// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRegistry.html)).
pub(super) async fn check(
    ecs: &Ecs,
    cx: &Cx,
    spec: &TaskSpec,
    given: &[api::ServiceRegistry],
) -> Result<Vec<Registry>, Failure> {
    if given.len() > 1 {
        return Err(EcsError::invalid("service registries can have at most 1 items.").into());
    }
    let mut all = Vec::with_capacity(given.len());
    for one in given {
        let arn = one.registry_arn.clone().filter(|arn| !arn.is_empty());
        let arn = arn.ok_or_else(|| EcsError::invalid("Service registry ARN can not be blank."))?;
        let found = find(ecs, cx, &arn).await?;
        all.push(read(spec, one, arn, &found)?);
    }
    Ok(all)
}

/// Refuses registries of a service whose deployments move traffic, as AWS does.
pub(super) fn check_way(way: Option<Way>, registries: &[Registry]) -> Result<(), EcsError> {
    if way.is_some() && !registries.is_empty() {
        return Err(EcsError::invalid(
            "Service Registries are only supported for ROLLING deployment strategy.",
        ));
    }
    Ok(())
}

/// The service of that ARN, in the account and region of the call.
async fn find(ecs: &Ecs, cx: &Cx, text: &str) -> Result<cloudmap::Service, Failure> {
    let place = shared::place(cx);
    let is_one = |arn: &Arn| arn.service() == "servicediscovery" && arn.resource().starts_with("service/");
    if !text.parse::<Arn>().is_ok_and(|arn| is_one(&arn)) {
        return Err(EcsError::invalid(format!("Invalid service registry ARN: {text}")).into());
    }
    let by = ecs.as_service(&place, cx.now);
    let input = cloudmap::GetServiceRequest { id: text.to_owned() };
    let found = match ecs.siblings.call::<cloudmap::GetService>(&by, input).await {
        Ok(found) => found.service,
        Err(Failure::Answer(_)) => None,
        Err(failure) => return Err(failure),
    };
    found.ok_or_else(|| {
        EcsError::invalid(format!("The specified service registry was not found. Registry: {text}")).into()
    })
}

fn read(
    spec: &TaskSpec,
    given: &api::ServiceRegistry,
    arn: String,
    found: &cloudmap::Service,
) -> Result<Registry, EcsError> {
    let refuse = |why: &str| Err(EcsError::invalid(format!("{why} Registry: {arn}")));
    let records = found.dns_config.iter().flat_map(|dns| &dns.dns_records);
    let types: Vec<&str> = records.map(|record| record.r#type.as_str()).collect();
    let with_port = types.contains(&"SRV");
    let container = given.container_name.clone().filter(|name| !name.is_empty());
    let (port, container_port) = (number(given.port)?, number(given.container_port)?);
    if types.contains(&"CNAME") || types.contains(&"AAAA") {
        return refuse("Service registries with DNS records of the types A and SRV are supported only.");
    }
    if port.is_some() && (container.is_some() || container_port.is_some()) {
        return refuse(
            "Specify a value for either 'port' or the 'containerName' and 'containerPort' combination, but not both. \
             Remove one and retry.",
        );
    }
    let own = spec.network_mode == NetworkMode::Awsvpc;
    if own && !with_port && !types.is_empty() {
        let named = [
            (port.is_some(), "port"),
            (container.is_some(), "containerName"),
            (container_port.is_some(), "containerPort"),
        ];
        if let Some((_, name)) = named.iter().find(|(given, _)| *given) {
            return refuse(&format!(
                "The values specified for serviceRegistries do not require a value for '{name}'. Remove the value and \
                 retry."
            ));
        }
    }
    if !own {
        if spec.network_mode == NetworkMode::None {
            return refuse("Service registries are not supported with the networkMode 'none'.");
        }
        if container.is_none() || container_port.is_none() {
            return refuse(
                "When specifying 'host' or 'bridge' for networkMode, values for 'containerName' and 'containerPort' must be \
                 specified from the task definition.",
            );
        }
        if !with_port && !types.is_empty() {
            return refuse(
                "When specifying 'host' or 'bridge' for networkMode, the DNS record type must be SRV.",
            );
        }
    }
    if own && with_port && port.is_none() && (container.is_none() || container_port.is_none()) {
        return refuse(
            "When specifying 'awsvpc' for networkMode and a DNS record of the type SRV, a value for 'port' or for \
             'containerName' and 'containerPort' must be specified.",
        );
    }
    if let (Some(name), Some(port)) = (&container, container_port) {
        let Some(known) = spec.containers.iter().find(|known| known.name == *name) else {
            return refuse(&format!("The container {name} does not exist in the task definition."));
        };
        let mapped = known.port_mappings.iter().any(|mapped| {
            (mapped.container_port..=mapped.range_end.unwrap_or(mapped.container_port)).contains(&port)
        });
        if !mapped {
            return refuse(&format!("The container {name} did not have a container port {port} defined."));
        }
    }
    let with_health = found.health_check_custom_config.is_some();
    Ok(Registry { arn, port, container, container_port, with_health })
}

fn number(given: Option<i32>) -> Result<Option<u16>, EcsError> {
    match given {
        None | Some(0) => Ok(None),
        Some(port) => {
            let port = u16::try_from(port)
                .map_err(|_| EcsError::invalid("The port must be between 1 and 65535."))?;
            Ok(Some(port))
        }
    }
}
