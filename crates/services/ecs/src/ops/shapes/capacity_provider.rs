//! A capacity provider as AWS shows it.

use gantry_api_ecs as api;

use crate::names::Place;
use crate::ops::shared;
use crate::tables::capacity_provider::{CapacityProvider, arn};

/// A user's provider; tags only where they were asked for.
pub(crate) fn answer(place: &Place, row: &CapacityProvider, with_tags: bool) -> api::CapacityProvider {
    let scaling = row.managed_scaling;
    let switch = |on: bool| Some(if on { "ENABLED" } else { "DISABLED" }.to_owned());
    let (update_status, update_status_reason) = row.update.clone().unzip();
    api::CapacityProvider {
        capacity_provider_arn: Some(arn(place, &row.name).to_string()),
        name: Some(row.name.clone()),
        status: Some(if row.active { "ACTIVE" } else { "INACTIVE" }.to_owned()),
        auto_scaling_group_provider: Some(api::AutoScalingGroupProvider {
            auto_scaling_group_arn: row.auto_scaling_group.clone(),
            managed_scaling: Some(api::ManagedScaling {
                status: switch(false),
                target_capacity: Some(scaling.target_capacity),
                minimum_scaling_step_size: Some(scaling.minimum_step),
                maximum_scaling_step_size: Some(scaling.maximum_step),
                instance_warmup_period: Some(scaling.warmup_seconds),
            }),
            managed_termination_protection: switch(false),
            managed_draining: switch(row.managed_draining),
        }),
        update_status,
        update_status_reason: update_status_reason.flatten(),
        tags: Some(if with_tags { shared::api_tags(&row.tags) } else { Vec::new() }),
        r#type: Some("EC2_AUTOSCALING".to_owned()),
        ..api::CapacityProvider::default()
    }
}

/// One of Fargate's, which every account has.
pub(crate) fn fargate(place: &Place, name: &str) -> api::CapacityProvider {
    api::CapacityProvider {
        capacity_provider_arn: Some(arn(place, name).to_string()),
        name: Some(name.to_owned()),
        status: Some("ACTIVE".to_owned()),
        r#type: Some(name.to_owned()),
        tags: Some(Vec::new()),
        ..api::CapacityProvider::default()
    }
}
