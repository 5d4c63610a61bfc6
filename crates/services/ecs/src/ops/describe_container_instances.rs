//! DescribeContainerInstances: up to 100 instances of a cluster; what is not there is a failure in the answer.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::shapes::container_instance::{Include, TaskCounts, answer};
use super::shared::{self, Having};
use crate::Ecs;
use crate::error::EcsError;
use crate::members::{self, Seen};

/// Most instances in one request.
const MOST: usize = 100;

/// Reads the instances in the order of the request.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DescribeContainerInstancesRequest,
) -> Result<api::DescribeContainerInstancesResponse, Failure> {
    let place = shared::place(&cx);
    let mut tx = ecs.db.begin();
    let asked = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let texts = &input.container_instances;
    let names: Vec<_> = texts.iter().map(|text| shared::named_instance(&place, &asked, text)).collect();
    let mut found = Vec::with_capacity(names.len());
    for named in &names {
        let row = members::find(&mut tx, &place, &asked, &named.id).await?;
        let tags = row.as_ref().map(|row| row.tags.clone()).unwrap_or_default();
        let permission = Permission::on("ecs:DescribeContainerInstances", &named.arn);
        cx.authorize(shared::in_cluster(permission.having(tags.iter()), &place, &asked))?;
        found.push(row);
    }
    shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    if names.is_empty() {
        return Err(EcsError::invalid("Container Instances cannot be empty.").into());
    }
    if names.len() > MOST {
        return Err(EcsError::invalid(format!("instanceIds can have at most {MOST} items.")).into());
    }
    for text in texts {
        shared::instance(&place, &asked, text)?;
    }
    let include = input.include.unwrap_or_default();
    let has = |name: &str| include.iter().any(|one| one == name);
    let include = Include { tags: has("TAGS"), health: has("CONTAINER_INSTANCE_HEALTH") };
    let counts = TaskCounts::of(&mut tx, &place, &asked).await?;
    let (mut instances, mut failures) = (Vec::new(), Vec::new());
    for (named, row) in names.iter().zip(found) {
        match row {
            Some(row) => {
                let seen = Seen::of(ecs, &mut tx, &place, row, cx.now).await?;
                instances.push(answer(&place, &seen, &counts, include));
            }
            None => failures.push(shared::missing(&named.arn)),
        }
    }
    Ok(api::DescribeContainerInstancesResponse {
        container_instances: Some(instances),
        failures: Some(failures),
    })
}
