//! UpdateContainerAgent: an agent is part of Gantry, so there is never a newer one for it.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::shared::{self, Having};
use crate::error::EcsError;
use crate::tables::container_instance::ContainerInstance;
use crate::{Ecs, members};

/// Says that there is no update.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::UpdateContainerAgentRequest,
) -> Result<api::UpdateContainerAgentResponse, Failure> {
    let place = shared::place(&cx);
    let asked = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let mut tx = ecs.db.begin();
    let named = shared::named_instance(&place, &asked, &input.container_instance);
    let found = members::find(&mut tx, &place, &asked, &named.id).await?;
    let tags = found.as_ref().map(|row| row.tags.clone()).unwrap_or_default();
    let permission = Permission::on("ecs:UpdateContainerAgent", &named.arn).having(tags.iter());
    cx.authorize(shared::in_cluster(permission, &place, &asked))?;
    shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    shared::instance(&place, &asked, &input.container_instance)?;
    match found.filter(ContainerInstance::is_registered) {
        Some(_) => Err(EcsError::NoUpdateAvailable.into()),
        None => Err(shared::no_instance(&named.id).into()),
    }
}
