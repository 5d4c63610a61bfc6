//! PutAttributes: attributes of a user's own on container instances.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::attribute::{MOST, Targets, answer, checked};
use super::shared::{self, Having};
use crate::error::EcsError;
use crate::loops::PLACEMENT_LOOP;
use crate::{Ecs, members};

/// Puts them; one of that name is replaced.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::PutAttributesRequest,
) -> Result<api::PutAttributesResponse, Failure> {
    let place = shared::place(&cx);
    let asked = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let mut tx = ecs.db.begin();
    let permits = attribute_permits(&mut tx, &cx, &asked, "ecs:PutAttributes", &input.attributes).await?;
    let cluster = shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    let targets = Targets::of(&mut tx, &place, &cluster, &input.attributes).await?;
    let mut put = Vec::new();
    for (mut instance, given) in targets.instances {
        for one in &given {
            let (name, value) = checked(one)?;
            if is_agents(&name) {
                return Err(EcsError::invalid(format!("The attribute {name} is the agent's to set.")).into());
            }
            put.push(answer(&place, &instance, &name, &value));
            instance.attributes.insert(name, value);
        }
        if instance.attributes.keys().filter(|name| !is_agents(name)).count() > MOST {
            return Err(EcsError::AttributeLimitExceeded(format!(
                "A container instance can have at most {MOST} attributes of your own."
            ))
            .into());
        }
        instance.put(&mut tx, &place);
    }
    tx.wake(PLACEMENT_LOOP);
    if let Some(permit) = permits {
        tx.commit(&permit).await?;
    }
    Ok(api::PutAttributesResponse { attributes: Some(put) })
}

/// Whether an attribute is one that only an agent sets.
fn is_agents(name: &str) -> bool {
    name.starts_with("ecs.") || name.starts_with("com.amazonaws.ecs.")
}

/// The right to change the attributes of each target.
pub(super) async fn attribute_permits(
    tx: &mut gantry_store::Tx,
    cx: &Cx,
    cluster: &str,
    action: &'static str,
    attributes: &[api::Attribute],
) -> Result<Option<gantry_service::Permit>, Failure> {
    let place = shared::place(cx);
    let mut permit = None;
    for attribute in attributes {
        let target = attribute.target_id.as_deref().unwrap_or("*");
        let named = shared::named_instance(&place, cluster, target);
        let found = members::find(tx, &place, cluster, &named.id).await?;
        let tags = found.map(|row| row.tags).unwrap_or_default();
        let permission = Permission::on(action, &named.arn).having(tags.iter());
        permit = Some(cx.authorize(shared::in_cluster(permission, &place, cluster))?);
    }
    Ok(permit)
}
