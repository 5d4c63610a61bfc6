//! Service Connect as users configure it: the names under which a service's tasks are found, and the namespace in which
//! they find others.

use gantry_api_ecs as api;
use gantry_api_servicediscovery as cloudmap;
use gantry_base::Arn;
use gantry_ecs_core::TaskSpec;
use gantry_ecs_core::spec::NetworkMode;
use gantry_service::{Cx, Failure};
use gantry_wire::{ApiError, to_json};
use sha2::{Digest, Sha256};

use super::shared;
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::cluster::Cluster;
use crate::tables::service::{Connect, Offered};

/// AWS's bound of an alias's name.
const LONGEST_NAME: usize = 127;

/// Reads and checks a configuration, and makes the services of Cloud Map that are not there. None where it is off.
pub(super) async fn check(
    ecs: &Ecs,
    cx: &Cx,
    spec: &TaskSpec,
    cluster: &Cluster,
    service_arn: &str,
    given: Option<&api::ServiceConnectConfiguration>,
) -> Result<Option<Connect>, Failure> {
    let Some(given) = given.filter(|given| given.enabled) else { return Ok(None) };
    unsupported(spec, given)?;
    let named = given.namespace.clone().filter(|name| !name.is_empty());
    let named = named
        .or_else(|| cluster.service_connect_namespace.clone())
        .ok_or_else(|| EcsError::invalid("Namespace is missing"))?;
    let namespace = find(ecs, cx, &named).await?;
    let (Some(id), Some(arn), Some(name)) = (namespace.id, namespace.arn, namespace.name) else {
        return Err(Failure::internal("Cloud Map has a namespace without a name"));
    };
    let mut services: Vec<Offered> = Vec::new();
    for one in given.services.iter().flatten() {
        let offered = read(spec, one, &name)?;
        if services.iter().any(|known| known.discovery_name == offered.discovery_name) {
            let why = format!("The discoveryName {} is used more than once.", offered.discovery_name);
            return Err(EcsError::invalid(why).into());
        }
        services.push(offered);
    }
    // What is refused as a whole leaves none behind.
    for offered in &mut services {
        offered.registry = make(ecs, cx, &id, service_arn, &offered.discovery_name).await?;
    }
    let document = api::ServiceConnectConfiguration { namespace: Some(arn.clone()), ..given.clone() };
    Ok(Some(Connect { document: to_json(&document), namespace_arn: arn, namespace_name: name, services }))
}

/// What Gantry's Service Connect does not do, by the names of the fields that ask for it.
fn unsupported(spec: &TaskSpec, given: &api::ServiceConnectConfiguration) -> Result<(), EcsError> {
    let services = || given.services.iter().flatten();
    let aliases = || services().flat_map(|one| one.client_aliases.iter().flatten());
    let wanted = [
        (
            spec.network_mode != NetworkMode::Awsvpc,
            "serviceConnectConfiguration without the network mode awsvpc",
        ),
        (services().any(|one| one.tls.is_some()), "serviceConnectConfiguration.services.tls"),
        (
            services().any(|one| one.ingress_port_override.is_some()),
            "serviceConnectConfiguration.services.ingressPortOverride",
        ),
        (
            aliases().any(|alias| alias.test_traffic_rules.is_some()),
            "serviceConnectConfiguration.services.clientAliases.testTrafficRules",
        ),
        (given.access_log_configuration.is_some(), "serviceConnectConfiguration.accessLogConfiguration"),
    ];
    let named: Vec<String> =
        wanted.into_iter().filter(|(wanted, _)| *wanted).map(|(_, field)| field.to_owned()).collect();
    if named.is_empty() { Ok(()) } else { Err(EcsError::unsupported(&named)) }
}

/// The namespace of that name or ARN.
pub(super) async fn find(ecs: &Ecs, cx: &Cx, named: &str) -> Result<cloudmap::Namespace, Failure> {
    let by = ecs.as_service(&shared::place(cx), cx.now);
    let missing = || {
        let message = format!("The specified namespace {named} was not found.");
        Failure::from(ApiError::new("NamespaceNotFoundException", message))
    };
    let id = match named.parse::<Arn>() {
        Ok(_) => named.to_owned(),
        Err(_) => {
            let filter = cloudmap::NamespaceFilter {
                name: "NAME".to_owned(),
                values: vec![named.to_owned()],
                condition: Some("EQ".to_owned()),
            };
            let input = cloudmap::ListNamespacesRequest { filters: Some(vec![filter]), ..Default::default() };
            let found = ecs.siblings.call::<cloudmap::ListNamespaces>(&by, input).await?;
            let first = found.namespaces.unwrap_or_default().into_iter().next();
            first.and_then(|one| one.id).ok_or_else(missing)?
        }
    };
    match ecs.siblings.call::<cloudmap::GetNamespace>(&by, cloudmap::GetNamespaceRequest { id }).await {
        Ok(found) => found.namespace.ok_or_else(missing),
        Err(Failure::Answer(_)) => Err(missing()),
        Err(failure) => Err(failure),
    }
}

/// Makes the namespace that a cluster names as its default, if it is a name and not there: one for API calls, as in AWS.
pub(super) async fn default_namespace(ecs: &Ecs, cx: &Cx, named: &str) -> Result<(), Failure> {
    let missing = |failure: &Failure| matches!(failure, Failure::Answer(error) if error.code == "NamespaceNotFoundException");
    match find(ecs, cx, named).await {
        Err(failure) if missing(&failure) && !named.starts_with("arn:") => {}
        found => return found.map(drop),
    }
    let by = ecs.as_service(&shared::place(cx), cx.now);
    let input = cloudmap::CreateHttpNamespaceRequest {
        name: named.to_owned(),
        tags: Some(vec![managed()]),
        ..Default::default()
    };
    match ecs.siblings.call::<cloudmap::CreateHttpNamespace>(&by, input).await {
        Ok(_) => Ok(()),
        // Somebody else made it meanwhile.
        Err(Failure::Answer(error)) if error.code == "NamespaceAlreadyExists" => Ok(()),
        Err(Failure::Answer(error)) => Err(EcsError::invalid(error.message).into()),
        Err(failure) => Err(failure),
    }
}

/// The tag of what ECS has made.
fn managed() -> cloudmap::Tag {
    cloudmap::Tag { key: "AmazonECSManaged".to_owned(), value: "true".to_owned() }
}

fn read(spec: &TaskSpec, one: &api::ServiceConnectService, namespace: &str) -> Result<Offered, EcsError> {
    let given = one.client_aliases.clone().unwrap_or_default();
    if given.len() > 1 {
        return Err(EcsError::invalid(format!("{} clientAliases exceeds the max limit of 1", given.len())));
    }
    if given.is_empty() {
        return Err(EcsError::invalid("clientAliases must have 1 element."));
    }
    let mut mappings = spec.containers.iter().flat_map(|container| &container.port_mappings);
    let mapped = mappings.find(|mapped| mapped.name.as_deref() == Some(one.port_name.as_str()));
    let mapped = mapped.ok_or_else(|| {
        EcsError::invalid(format!(
            "portName({}) does not refer to any named PortMapping in the container definitions.",
            one.port_name
        ))
    })?;
    let discovery_name =
        one.discovery_name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| one.port_name.clone());
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    if discovery_name.len() > 64 || !discovery_name.bytes().all(fits) {
        return Err(EcsError::invalid(format!(
            "The discoveryName {discovery_name} must have at most 64 lowercase letters, numbers, underscores and hyphens."
        )));
    }
    let mut aliases = Vec::new();
    for alias in given {
        let port = u16::try_from(alias.port).ok().filter(|port| *port > 0);
        let port =
            port.ok_or_else(|| EcsError::invalid("The port of a client alias must be between 1 and 65535."))?;
        let name = alias.dns_name.filter(|name| !name.is_empty());
        if name.as_ref().is_some_and(|name| !is_dns_name(name)) {
            return Err(EcsError::invalid(
                "The DNS name that you provided is invalid. The name must be a valid DNS name but doesn\u{2019}t need to \
                 be fully-qualified. Up to 127 characters are allowed. The characters can include lowercase letters, \
                 numbers, underscores (_), hyphens (-), and periods (.). A hyphen can\u{2019}t be the first character.",
            ));
        }
        aliases.push((name.unwrap_or_else(|| format!("{discovery_name}.{namespace}")), port));
    }
    let seconds = |name: &str, given: Option<i32>| {
        let read = given.map(|seconds| {
            u32::try_from(seconds).map_err(|_| EcsError::invalid(format!("{name} must not be negative.")))
        });
        read.transpose()
    };
    let timeout = one.timeout.clone().unwrap_or_default();
    let request_seconds = seconds("perRequestTimeoutSeconds", timeout.per_request_timeout_seconds)?;
    if request_seconds.is_some_and(|seconds| seconds > 0) && mapped.app_protocol.is_none() {
        return Err(EcsError::invalid(
            "A perRequestTimeoutSeconds can only be set if the appProtocol of the port is not TCP.",
        ));
    }
    Ok(Offered {
        discovery_name,
        registry: String::new(),
        port: mapped.container_port,
        aliases,
        idle_seconds: seconds("idleTimeoutSeconds", timeout.idle_timeout_seconds)?,
        app_protocol: mapped.app_protocol.clone(),
        request_seconds,
    })
}

/// Whether clients may ask for a service by that name.
fn is_dns_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte);
    (1..=LONGEST_NAME).contains(&name.len()) && !name.starts_with('-') && name.bytes().all(fits)
}

/// The service of Cloud Map under which the tasks are found; its ARN. The same ECS service finds the same one again.
async fn make(ecs: &Ecs, cx: &Cx, namespace: &str, service_arn: &str, name: &str) -> Result<String, Failure> {
    let by = ecs.as_service(&shared::place(cx), cx.now);
    let mark = hex::encode(&Sha256::digest(format!("{service_arn}/{name}"))[..16]);
    let input = cloudmap::CreateServiceRequest {
        name: name.to_owned(),
        namespace_id: Some(namespace.to_owned()),
        creator_request_id: Some(mark.clone()),
        description: Some(format!("Managed by {service_arn}")),
        health_check_custom_config: Some(Default::default()),
        r#type: Some("HTTP".to_owned()),
        tags: Some(vec![managed()]),
        ..Default::default()
    };
    match ecs.siblings.call::<cloudmap::CreateService>(&by, input).await {
        Ok(made) => {
            let arn = made.service.and_then(|service| service.arn);
            arn.ok_or_else(|| Failure::internal("Cloud Map made a service without a name"))
        }
        Err(Failure::Answer(error)) => {
            let why = format!(
                "Service Connect can't make the service {name} in the namespace {namespace}: {}",
                error.message
            );
            Err(EcsError::invalid(why).into())
        }
        Err(failure) => Err(failure),
    }
}
