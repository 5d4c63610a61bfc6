//! ListNamespaces: the account's namespaces in the region.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::namespace;
use crate::CloudMap;
use crate::error::CloudMapError;
use crate::page::page;
use crate::tables::{NAMESPACES, Namespace, namespaces_key};
use crate::{filter, zones};

/// Lists namespaces.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::ListNamespacesRequest,
) -> Result<api::ListNamespacesResponse, Failure> {
    cx.authorize(Permission::of("servicediscovery:ListNamespaces"))?;
    let filters = input.filters.unwrap_or_default();
    for filter in &filters {
        check(filter)?;
    }
    let mut tx = service.db.begin();
    let all = tx.peek_scan(&NAMESPACES, &namespaces_key(cx.account, &cx.region), Scan::all()).await?;
    let found =
        all.into_iter().map(|(_, row)| row).filter(|row| filters.iter().all(|filter| fits(filter, row)));
    let scope = format!("ListNamespaces/{}/{}/{}", cx.account, cx.region, filter::scope(&filters));
    let token = input.next_token.as_deref();
    let (found, next_token) =
        page(&scope, found.collect(), |row: &Namespace| row.id.as_str(), input.max_results, token)?;
    let counts = zones::service_counts(&mut tx, &cx).await?;
    let summary = |row: Namespace| api::NamespaceSummary {
        arn: Some(namespace::arn(&cx, &row)),
        resource_owner: Some(cx.account.to_string()),
        r#type: Some(row.kind.as_str().to_owned()),
        service_count: Some(counts.get(&row.id).copied().unwrap_or(0)),
        properties: Some(namespace::properties(&row)),
        create_date: Some(row.created_at),
        id: Some(row.id),
        name: Some(row.name),
        description: row.description,
    };
    let namespaces = found.into_iter().map(summary).collect();
    Ok(api::ListNamespacesResponse { namespaces: Some(namespaces), next_token })
}

fn check(filter: &api::NamespaceFilter) -> Result<(), CloudMapError> {
    let conditions: &[&str] = match filter.name.as_str() {
        "RESOURCE_OWNER" => &["EQ"],
        "TYPE" => &["EQ", "IN", "BEGINS_WITH"],
        _ => &["EQ", "BEGINS_WITH"],
    };
    filter::check(&filter.name, filter.condition.as_deref(), &filter.values, conditions)?;
    let known = ["HTTP", "DNS_PRIVATE", "DNS_PUBLIC"];
    let whole = filter.condition.as_deref() != Some("BEGINS_WITH");
    match filter.values.iter().find(|value| !known.contains(&value.as_str())) {
        Some(other) if filter.name == "TYPE" && whole => {
            Err(CloudMapError::invalid(format!("Invalid value of the filter TYPE: {other}")))
        }
        _ => Ok(()),
    }
}

fn fits(filter: &api::NamespaceFilter, row: &Namespace) -> bool {
    let condition = filter.condition.as_deref();
    match filter.name.as_str() {
        "TYPE" => filter::fits(condition, &filter.values, row.kind.as_str()),
        // Nobody shares namespaces with other accounts here.
        "RESOURCE_OWNER" => filter::fits(condition, &filter.values, "SELF"),
        _ => filter::fits(condition, &filter.values, &row.name),
    }
}
