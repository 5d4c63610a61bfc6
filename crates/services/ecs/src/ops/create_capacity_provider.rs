//! CreateCapacityProvider: a provider of an Auto Scaling group's machines. Here they join with the provider's name.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::shapes::capacity_provider::answer;
use super::{capacity_provider as fields, shared};
use crate::error::EcsError;
use crate::tables::capacity_provider::{
    self, CAPACITY_PROVIDERS, CapacityProvider, ManagedScaling, all_active,
};
use crate::{Ecs, settings};

/// Most providers of an account in a region.
const MOST: usize = 1000;

/// Makes the provider.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::CreateCapacityProviderRequest,
) -> Result<api::CreateCapacityProviderResponse, Failure> {
    let place = shared::place(&cx);
    let tags = shared::tags(input.tags)?;
    let arn = capacity_provider::arn(&place, &input.name);
    let permit = cx.authorize(Permission::of("ecs:CreateCapacityProvider").request_tags(tags.iter()))?;
    let mut tx = ecs.db.begin();
    settings::authorize_tags(&mut tx, &cx, &arn, &tags, "CreateCapacityProvider").await?;
    fields::check_name(&input.name)?;
    if input.managed_instances_provider.is_some() {
        return Err(EcsError::unsupported(&["managedInstancesProvider".to_owned()]).into());
    }
    let given = input.auto_scaling_group_provider.ok_or_else(|| {
        EcsError::invalid("An autoScalingGroupProvider or a managedInstancesProvider must be specified.")
    })?;
    if input.cluster.is_some_and(|cluster| !cluster.is_empty()) {
        return Err(EcsError::invalid(
            "The cluster can only be specified for a capacity provider with a managedInstancesProvider.",
        )
        .into());
    }
    fields::check_group(&place, &given.auto_scaling_group_arn)?;
    let scaling = given.managed_scaling.as_ref();
    fields::check_served(scaling, given.managed_termination_protection.as_deref())?;
    let known = all_active(&mut tx, &place).await?;
    if known.iter().any(|one| one.name == input.name) {
        return Err(EcsError::client(
            "The specified capacity provider already exists. To change the configuration of an existing capacity provider, \
             update the capacity provider.",
        )
        .into());
    }
    if known.iter().any(|one| one.auto_scaling_group == given.auto_scaling_group_arn) {
        return Err(EcsError::client(
            "The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a unique Auto \
             Scaling group ARN and try again.",
        )
        .into());
    }
    if known.len() >= MOST {
        return Err(EcsError::LimitExceeded(format!(
            "An account can have at most {MOST} capacity providers in a region."
        ))
        .into());
    }
    let row = CapacityProvider {
        name: input.name,
        active: true,
        created_at: cx.now,
        managed_scaling: fields::managed_scaling(ManagedScaling::default(), scaling)?,
        managed_draining: given.managed_draining.as_deref() != Some("DISABLED"),
        auto_scaling_group: given.auto_scaling_group_arn,
        tags,
        update: None,
    };
    tx.put(&CAPACITY_PROVIDERS, &capacity_provider::key(&place, &row.name), &row);
    tx.commit(&permit).await?;
    Ok(api::CreateCapacityProviderResponse { capacity_provider: Some(answer(&place, &row, true)) })
}
