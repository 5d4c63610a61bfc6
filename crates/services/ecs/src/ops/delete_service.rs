//! DeleteService: the service's tasks are stopped, and then it is INACTIVE.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::service::{self, show};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::service::{Scheduling, Status};

/// Begins the end of the service. One that is on its way out is answered as it is.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DeleteServiceRequest,
) -> Result<api::DeleteServiceResponse, Failure> {
    let mut tx = ecs.db.begin();
    let found =
        service::find(&mut tx, &cx, "ecs:DeleteService", input.cluster.as_deref(), &input.service).await?;
    let mut row = found.row;
    match row.status {
        Status::Inactive => return Err(EcsError::ServiceNotFound.into()),
        Status::Draining => {}
        Status::Active => {
            let force = input.force.unwrap_or(false);
            if !force && row.scheduling == Scheduling::Replica && row.desired_count > 0 {
                return Err(
                    EcsError::invalid("The service cannot be stopped while it is scaled above 0.").into()
                );
            }
            if !force && row.task_sets.iter().any(|set| !set.draining) {
                return Err(EcsError::invalid(
                    "The service cannot be stopped while it has active task sets.",
                )
                .into());
            }
            row.status = Status::Draining;
            row.desired_count = 0;
            row.name.look(&mut tx);
            row.put(&mut tx);
        }
    }
    let service = show(&mut tx, &row, true).await?;
    tx.commit(&found.permit).await?;
    Ok(api::DeleteServiceResponse { service: Some(service) })
}
