//! `GetServiceLastAccessedDetailsWithEntities`: who of a report used one service.

use gantry_api_iam::{
    self as api, GetServiceLastAccessedDetailsWithEntitiesRequest,
    GetServiceLastAccessedDetailsWithEntitiesResponse,
};
use gantry_service::{Cx, Failure, Permission};

use super::get_service_last_accessed_details::find;
use crate::iam::Iam;
use crate::page::Wanted;
use crate::tables::attachment::Entity;
use crate::tables::service_report::UsedBy;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetServiceLastAccessedDetailsWithEntitiesRequest,
) -> Result<GetServiceLastAccessedDetailsWithEntitiesResponse, Failure> {
    cx.authorize(Permission::of("iam:GetServiceLastAccessedDetailsWithEntities"))?;
    let report = find(&mut iam.db.begin(), &cx, &input.job_id).await?;
    let meant = report.services.into_iter().find(|service| service.namespace == input.service_namespace);
    let mut by = meant.map(|service| service.by).unwrap_or_default();
    by.sort_by(|one, other| one.arn.cmp(&other.arn));
    let filters = [input.job_id.as_str(), input.service_namespace.as_str()];
    let listing = "GetServiceLastAccessedDetailsWithEntities";
    let wanted = Wanted::new(&cx, listing, &filters, input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(by, |used| &used.arn)?;
    Ok(GetServiceLastAccessedDetailsWithEntitiesResponse {
        job_status: "COMPLETED".to_owned(),
        job_creation_date: report.created,
        job_completion_date: report.created,
        is_truncated: page.is_truncated(),
        marker: page.marker,
        entity_details_list: page.items.into_iter().map(shown).collect(),
        error: None,
    })
}

fn shown(used: UsedBy) -> api::EntityDetails {
    api::EntityDetails {
        last_authenticated: Some(used.last.at),
        entity_info: api::EntityInfo {
            r#type: match used.kind {
                Entity::User => "USER",
                Entity::Role => "ROLE",
                Entity::Group => "GROUP",
            }
            .to_owned(),
            arn: used.arn,
            name: used.name,
            id: used.id,
            path: Some(used.path),
        },
    }
}
