//! DescribeServices: up to ten services of a cluster; what is not there is a failure in the answer.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::service::{named, show};
use super::shared;
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::service::SERVICES;

/// Most services in one request.
const MOST: usize = 10;

/// Reads the services in the order of the request.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DescribeServicesRequest,
) -> Result<api::DescribeServicesResponse, Failure> {
    let place = shared::place(&cx);
    let mut tx = ecs.db.begin();
    let cluster = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let with_tags = input.include.unwrap_or_default().iter().any(|one| one == "TAGS");
    let (mut services, mut failures) = (Vec::new(), Vec::new());
    let mut seen = std::collections::HashSet::new();
    for text in input.services.iter().take(MOST) {
        let name = named(&place, &cluster, text)?;
        let row = tx.peek(&SERVICES, &name.key()).await?;
        let arn = name.arn();
        let tags = row.as_ref().map(|row| row.tags.clone()).unwrap_or_default();
        let permission = Permission::on("ecs:DescribeServices", &arn).resource_tags(tags.iter());
        cx.authorize(shared::in_cluster(permission, &place, &cluster))?;
        if !seen.insert(name.clone()) {
            continue;
        }
        match row {
            Some(row) => services.push(show(&mut tx, &row, with_tags).await?),
            None => failures.push(shared::missing(&arn)),
        }
    }
    shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    if input.services.is_empty() {
        return Err(EcsError::invalid("Services cannot be empty.").into());
    }
    if input.services.len() > MOST {
        return Err(EcsError::invalid(format!("service names can have at most {MOST} items.")).into());
    }
    Ok(api::DescribeServicesResponse { services: Some(services), failures: Some(failures) })
}
