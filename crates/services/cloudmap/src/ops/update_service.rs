//! UpdateService: what is said of a service, and how long its records may be kept.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure, NAMES_WAKE};

use super::create_service::no_checks;
use crate::error::CloudMapError;
use crate::find::NamedService;
use crate::tables::{RecordType, SERVICES, Target, service_key};
use crate::{CloudMap, dns, operations};

/// Changes the service. Records of types that it has not can't be added.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::UpdateServiceRequest,
) -> Result<api::UpdateServiceResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedService::look_up(&mut tx, &cx, &input.id).await?;
    let permit = cx.authorize(named.permission("servicediscovery:UpdateService"))?;

    let mut row = named.there()?;
    let change = input.service;
    if change.health_check_config.is_some() {
        return Err(no_checks().into());
    }
    if let Some(description) = change.description {
        row.description = Some(description).filter(|text| !text.is_empty());
    }
    match (change.dns_config, &mut row.dns) {
        // What is left out is deleted, as in AWS; then nothing leads to it but API calls.
        (None, known) => {
            *known = None;
            row.http = true;
            tx.wake(NAMES_WAKE);
        }
        (Some(_), None) => {
            let message =
                "DnsConfig can't be specified for a service that is only discoverable by API calls.";
            return Err(CloudMapError::invalid(message).into());
        }
        (Some(given), Some(known)) => {
            let records = dns::records(&given.dns_records)?;
            let types = |records: &[(RecordType, u32)]| {
                let mut types: Vec<&str> = records.iter().map(|(kind, _)| kind.as_str()).collect();
                types.sort_unstable();
                types
            };
            if types(&records) != types(&known.records) {
                let message = "The types of a service's DNS records can't be changed; only their TTLs can.";
                return Err(CloudMapError::invalid(message).into());
            }
            known.records = records;
            tx.wake(NAMES_WAKE);
        }
    }
    tx.put(&SERVICES, &service_key(cx.account, &cx.region, &row.id), &row);
    let operation = operations::done(service, &mut tx, &cx, "UPDATE_SERVICE", Target::Service(row.id));
    tx.commit(&permit).await?;
    Ok(api::UpdateServiceResponse { operation_id: Some(operation) })
}
