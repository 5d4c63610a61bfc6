//! DeleteAttributes: takes attributes of a user's own from container instances.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::attribute::{Targets, answer};
use super::put_attributes::attribute_permits;
use super::shared;
use crate::Ecs;
use crate::loops::PLACEMENT_LOOP;

/// Takes those away that are there, and answers them. A value that is given must be the attribute's.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DeleteAttributesRequest,
) -> Result<api::DeleteAttributesResponse, Failure> {
    let place = shared::place(&cx);
    let asked = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let mut tx = ecs.db.begin();
    let permit = attribute_permits(&mut tx, &cx, &asked, "ecs:DeleteAttributes", &input.attributes).await?;
    let cluster = shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    let targets = Targets::of(&mut tx, &place, &cluster, &input.attributes).await?;
    let mut deleted = Vec::new();
    for (mut instance, given) in targets.instances {
        for one in &given {
            let Some(value) = instance.attributes.get(&one.name).cloned() else { continue };
            if one.value.as_ref().is_none_or(|given| *given == value) {
                instance.attributes.remove(&one.name);
                deleted.push(answer(&place, &instance, &one.name, &value));
            }
        }
        instance.put(&mut tx, &place);
    }
    tx.wake(PLACEMENT_LOOP);
    if let Some(permit) = permit {
        tx.commit(&permit).await?;
    }
    Ok(api::DeleteAttributesResponse { attributes: Some(deleted) })
}
