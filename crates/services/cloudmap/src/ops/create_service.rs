//! CreateService: a name in a namespace, under which instances are found.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use super::get_service::answer;
use crate::error::CloudMapError;
use crate::find::{self, NamedNamespace};
use crate::tables::{Dns, Namespace, NamespaceKind, SERVICES, Service, service_key, services_key};
use crate::{CloudMap, dns, tagged};

/// How many services an account may have in a region.
const LIMIT: usize = 5000;

/// Makes the service. The same request makes none twice.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::CreateServiceRequest,
) -> Result<api::CreateServiceResponse, Failure> {
    let mut tx = service.db.begin();
    let in_dns = input.dns_config.as_ref().and_then(|of| of.namespace_id.clone());
    let given = input.namespace_id.clone().or(in_dns.clone());
    let named = NamedNamespace::look_up(&mut tx, &cx, given.as_deref().unwrap_or("*")).await?;
    let arn = named.arn.clone();
    let permission = named
        .permission("servicediscovery:CreateService")
        .key("servicediscovery:NamespaceArn", [arn.as_str()])
        .request_tags(tagged::pairs(input.tags.as_deref()));
    let permit = cx.authorize(permission)?;

    if given.is_none() {
        return Err(CloudMapError::invalid("Service namespace id cannot be null").into());
    }
    let namespace = named.there()?;
    if in_dns.is_some_and(|other| {
        find::namespace_arn(&cx, &namespace.id).as_str() != other && other != namespace.id
    }) {
        let message = "The namespace IDs of the service and of its DNS configuration must be the same.";
        return Err(CloudMapError::invalid(message).into());
    }
    let (dns, http) = configured(&namespace, &input)?;
    let custom_health = input.health_check_custom_config.as_ref().map(|of| of.failure_threshold.unwrap_or(1));
    let tags = tagged::parse(input.tags.unwrap_or_default())?;
    let creator_request_id = input.creator_request_id.unwrap_or_else(|| service.ids.uuid());

    let all = tx.scan(&SERVICES, &services_key(cx.account, &cx.region), Scan::all()).await?;
    let is_same = |known: &&Service| {
        known.namespace_id == namespace.id
            && (known.name == input.name || (!http && known.name.eq_ignore_ascii_case(&input.name)))
    };
    if let Some(known) = all.iter().map(|(_, known)| known).find(is_same) {
        let again = known.creator_request_id == creator_request_id
            && (&known.name, &known.description, &known.dns, known.custom_health)
                == (&input.name, &input.description, &dns, custom_health);
        return match again {
            true => Ok(api::CreateServiceResponse { service: Some(answer(&cx, known.clone())) }),
            false => Err(CloudMapError::ServiceAlreadyExists {
                id: known.id.clone(),
                arn: find::service_arn(&cx, &known.id).to_string(),
                creator_request_id: known.creator_request_id.clone(),
            }
            .into()),
        };
    }
    if all.len() >= LIMIT {
        let message = format!("The maximum number of services of an account is {LIMIT}.");
        return Err(CloudMapError::ResourceLimitExceeded(message).into());
    }
    let row = Service {
        id: format!("srv-{}", service.ids.text(16, b"abcdefghijklmnopqrstuvwxyz234567")),
        name: input.name,
        namespace_id: namespace.id,
        description: input.description,
        dns,
        http,
        custom_health,
        creator_request_id,
        created_at: cx.now,
        tags,
        attributes: Default::default(),
        instances: 0,
        revision: 0,
    };
    tx.put(&SERVICES, &service_key(cx.account, &cx.region, &row.id), &row);
    tx.commit(&permit).await?;
    Ok(api::CreateServiceResponse { service: Some(answer(&cx, row)) })
}

/// What is answered by DNS, by what the namespace is and what is asked for; and whether it is not answered at all.
fn configured(
    namespace: &Namespace,
    input: &api::CreateServiceRequest,
) -> Result<(Option<Dns>, bool), CloudMapError> {
    if let Some(check) = &input.health_check_config {
        if input.health_check_custom_config.is_some() {
            return Err(CloudMapError::invalid(
                "HealthCheckConfig and HealthCheckCustomConfig can't both be specified.",
            ));
        }
        if matches!(namespace.kind, NamespaceKind::DnsPrivate { .. }) {
            return Err(CloudMapError::invalid(
                "Health check config cannot be applied to a service with private namespace",
            ));
        }
        let mut records = input.dns_config.iter().flat_map(|of| &of.dns_records);
        if records.any(|record| record.r#type == "CNAME") {
            return Err(CloudMapError::invalid(
                "Health check config must not be used. Health checks are not supported for CNAME",
            ));
        }
        if check.r#type == "TCP" && check.resource_path.as_deref().is_some_and(|path| !path.is_empty()) {
            return Err(CloudMapError::invalid("TCP health checks must not have a resource path specified."));
        }
        return Err(no_checks());
    }
    let by_api = input.r#type.as_deref() == Some("HTTP");
    let http = namespace.kind == NamespaceKind::Http || by_api || input.dns_config.is_none();
    check_name(&input.name, !http)?;
    match &input.dns_config {
        Some(_) if by_api => Err(CloudMapError::invalid(
            "When you create a service with a type of HTTP, you can't include a DnsConfig element.",
        )),
        given => Ok((given.as_ref().map(dns::parse).transpose()?, http)),
    }
}

/// Route 53's checks are not there.
pub(super) fn no_checks() -> CloudMapError {
    CloudMapError::invalid(
        "Gantry has no Route 53 health checks: HealthCheckConfig is not supported. Use HealthCheckCustomConfig.",
    )
}

fn check_name(name: &str, in_dns: bool) -> Result<(), CloudMapError> {
    let fits = match in_dns {
        true => dns::is_name(name),
        false => (1..=127).contains(&name.len()) && name.bytes().all(|byte| (32..127).contains(&byte)),
    };
    match fits {
        true => Ok(()),
        false => Err(CloudMapError::invalid(format!("{name} is not a valid name of a service."))),
    }
}
