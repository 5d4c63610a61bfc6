//! UpdateCapacityProvider: other settings of a provider, whose group stays.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::capacity_provider as fields;
use super::shapes::capacity_provider::answer;
use super::shapes::cluster::is_fargate;
use super::shared::{self, Having};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::capacity_provider::{self, CAPACITY_PROVIDERS};

/// Changes what is given, and leaves the rest.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::UpdateCapacityProviderRequest,
) -> Result<api::UpdateCapacityProviderResponse, Failure> {
    let place = shared::place(&cx);
    let name = fields::name_of(&place, &input.name)?;
    let arn = capacity_provider::arn(&place, &name);
    let mut tx = ecs.db.begin();
    let found = capacity_provider::active(&mut tx, &place, &name).await?;
    let tags = found.as_ref().map(|row| row.tags.clone()).unwrap_or_default();
    let permit = cx.authorize(Permission::on("ecs:UpdateCapacityProvider", &arn).having(tags.iter()))?;
    if is_fargate(&name) {
        return Err(EcsError::client(
            "The FARGATE and FARGATE_SPOT capacity providers are reserved and cannot be updated.",
        )
        .into());
    }
    let Some(mut row) = found else {
        let was = tx.get(&CAPACITY_PROVIDERS, &capacity_provider::key(&place, &name)).await?.is_some();
        return Err(if was { deleted() } else { fields::not_there() }.into());
    };
    if input.managed_instances_provider.is_some() {
        return Err(EcsError::unsupported(&["managedInstancesProvider".to_owned()]).into());
    }
    if let Some(given) = input.auto_scaling_group_provider {
        let scaling = given.managed_scaling.as_ref();
        fields::check_served(scaling, given.managed_termination_protection.as_deref())?;
        row.managed_scaling = fields::managed_scaling(row.managed_scaling, scaling)?;
        if let Some(draining) = given.managed_draining {
            row.managed_draining = draining == "ENABLED";
        }
    }
    row.update = Some(("UPDATE_COMPLETE".to_owned(), None));
    tx.put(&CAPACITY_PROVIDERS, &capacity_provider::key(&place, &name), &row);
    tx.commit(&permit).await?;
    Ok(api::UpdateCapacityProviderResponse { capacity_provider: Some(answer(&place, &row, true)) })
}

fn deleted() -> EcsError {
    EcsError::client("The capacity provider could not be updated because it has been deleted.")
}
