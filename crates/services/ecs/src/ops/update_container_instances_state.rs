//! UpdateContainerInstancesState: instances take new tasks, or no more.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::service;
use super::shapes::container_instance::show;
use super::shared::{self, Having};
use crate::error::EcsError;
use crate::loops::PLACEMENT_LOOP;
use crate::tables::container_instance::{ContainerInstance, Status};
use crate::{Ecs, members};

/// Most instances in one request.
const MOST: usize = 10;

/// Sets the status. What runs on a draining instance goes on, but that services move their tasks elsewhere.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::UpdateContainerInstancesStateRequest,
) -> Result<api::UpdateContainerInstancesStateResponse, Failure> {
    let place = shared::place(&cx);
    let asked = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let action = "ecs:UpdateContainerInstancesState";
    let texts = &input.container_instances;
    let names: Vec<_> = texts.iter().map(|text| shared::named_instance(&place, &asked, text)).collect();
    let mut tx = ecs.db.begin();
    let mut found: Vec<Option<ContainerInstance>> = Vec::with_capacity(names.len());
    let mut permit = None;
    for named in &names {
        let row = members::find(&mut tx, &place, &asked, &named.id).await?;
        let tags = row.as_ref().map(|row| row.tags.clone()).unwrap_or_default();
        let permission = Permission::on(action, &named.arn).having(tags.iter());
        permit = Some(cx.authorize(shared::in_cluster(permission, &place, &asked))?);
        found.push(row);
    }
    shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    let permit = permit.ok_or_else(|| EcsError::invalid("Container Instances cannot be empty."))?;
    if names.len() > MOST {
        return Err(EcsError::invalid(format!("instanceIds can have at most {MOST} items.")).into());
    }
    for text in texts {
        shared::instance(&place, &asked, text)?;
    }
    let status = match input.status.as_str() {
        "ACTIVE" => Status::Active,
        "DRAINING" => Status::Draining,
        _ => {
            return Err(
                EcsError::invalid("Container instances status should be one of [ACTIVE,DRAINING]").into()
            );
        }
    };
    let (mut instances, mut failures, mut changed) = (Vec::new(), Vec::new(), false);
    for (named, row) in names.iter().zip(found) {
        match row {
            Some(mut row) if row.is_registered() => {
                if row.status != status {
                    row.status = status;
                    row.put(&mut tx, &place);
                    tx.wake(PLACEMENT_LOOP);
                    changed = true;
                }
                instances.push(show(ecs, &mut tx, &place, row, cx.now).await?);
            }
            Some(_) => failures
                .push(api::Failure { reason: Some("INACTIVE".to_owned()), ..shared::missing(&named.arn) }),
            None => failures.push(shared::missing(&named.arn)),
        }
    }
    if changed {
        service::look_at_all(&mut tx, &place, &asked).await?;
    }
    tx.commit(&permit).await?;
    Ok(api::UpdateContainerInstancesStateResponse {
        container_instances: Some(instances),
        failures: Some(failures),
    })
}
