//! ListServices: the account's services in the region.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::get_service::{custom_health, kind};
use crate::page::page;
use crate::tables::{SERVICES, Service, services_key};
use crate::{CloudMap, dns, filter, find};

/// Lists services.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::ListServicesRequest,
) -> Result<api::ListServicesResponse, Failure> {
    cx.authorize(Permission::of("servicediscovery:ListServices"))?;
    let filters = input.filters.unwrap_or_default();
    for filter in &filters {
        let conditions: &[&str] = if filter.name == "RESOURCE_OWNER" { &["EQ"] } else { &["EQ", "IN"] };
        filter::check(&filter.name, filter.condition.as_deref(), &filter.values, conditions)?;
    }
    let all =
        service.db.begin().peek_scan(&SERVICES, &services_key(cx.account, &cx.region), Scan::all()).await?;
    let found =
        all.into_iter().map(|(_, row)| row).filter(|row| filters.iter().all(|filter| fits(filter, row)));
    let scope = format!("ListServices/{}/{}/{}", cx.account, cx.region, filter::scope(&filters));
    let token = input.next_token.as_deref();
    let (found, next_token) =
        page(&scope, found.collect(), |row: &Service| row.id.as_str(), input.max_results, token)?;
    let summary = |row: Service| api::ServiceSummary {
        arn: Some(find::service_arn(&cx, &row.id).to_string()),
        resource_owner: Some(cx.account.to_string()),
        r#type: Some(kind(&row).to_owned()),
        instance_count: Some(i32::try_from(row.instances).unwrap_or(i32::MAX)),
        dns_config: dns::answer(&row, false),
        health_check_config: None,
        health_check_custom_config: custom_health(&row),
        id: Some(row.id),
        name: Some(row.name),
        description: row.description,
        create_date: Some(row.created_at),
        created_by_account: Some(cx.account.to_string()),
    };
    let services = found.into_iter().map(summary).collect();
    Ok(api::ListServicesResponse { services: Some(services), next_token })
}

fn fits(filter: &api::ServiceFilter, row: &Service) -> bool {
    match filter.name.as_str() {
        // Nobody shares namespaces with other accounts here.
        "RESOURCE_OWNER" => filter::fits(None, &filter.values, "SELF"),
        _ => filter.values.iter().any(|value| {
            let id = if value.starts_with("arn:") { value.rsplit('/').next() } else { Some(value.as_str()) };
            id == Some(row.namespace_id.as_str())
        }),
    }
}
