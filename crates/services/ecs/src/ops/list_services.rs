//! ListServices: the ARNs of a cluster's services that nobody has deleted, by pages of ten unless told otherwise. One that
//! drains [is not listed](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html).

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::shared::{self, Listing};
use crate::Ecs;
use crate::tables::cluster;
use crate::tables::service::{SERVICES, Service, Status};

/// The size of a page where nothing is said.
const PAGE: i32 = 10;

/// One page.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::ListServicesRequest,
) -> Result<api::ListServicesResponse, Failure> {
    let place = shared::place(&cx);
    let asked = shared::asked_cluster(&place, input.cluster.as_deref())?;
    cx.authorize(shared::in_cluster(Permission::of("ecs:ListServices"), &place, &asked))?;
    let mut tx = ecs.db.begin();
    let cluster = shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    let fits = |row: &Service| {
        let launch =
            row.revision.as_ref().filter(|one| one.providers.is_empty()).map(|one| one.launch.as_str());
        row.status == Status::Active
            && input.launch_type.as_deref().is_none_or(|wanted| launch == Some(wanted))
            && input.scheduling_strategy.as_deref().is_none_or(|wanted| wanted == row.scheduling.as_str())
            && input.resource_management_type.as_deref().is_none_or(|wanted| wanted == "CUSTOMER")
    };
    let listing = Listing {
        scope: format!(
            "ListServices/{}{cluster}/{:?}/{:?}",
            place.key(),
            input.launch_type,
            input.scheduling_strategy
        ),
        prefix: cluster::key(&place, &cluster),
        max_results: input.max_results.or(Some(PAGE)),
        next_token: input.next_token.as_deref(),
        reverse: false,
    };
    let (arns, next_token) =
        listing.page(&mut tx, &SERVICES, |_, row| fits(&row).then(|| row.name.arn().to_string())).await?;
    Ok(api::ListServicesResponse { service_arns: Some(arns), next_token })
}
