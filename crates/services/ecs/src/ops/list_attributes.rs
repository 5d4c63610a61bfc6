//! ListAttributes: the attributes of a cluster's container instances, by name and value.

use gantry_api_ecs as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};

use super::attribute::answer;
use super::shared;
use crate::Ecs;
use crate::error::EcsError;
use crate::members::Seen;
use crate::tables::container_instance;

/// One page, by instance and then by name.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::ListAttributesRequest,
) -> Result<api::ListAttributesResponse, Failure> {
    let place = shared::place(&cx);
    let asked = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let any_instance = place.arn(format_args!("container-instance/{asked}/*"));
    let permission = Permission::on("ecs:ListAttributes", &any_instance);
    cx.authorize(shared::in_cluster(permission, &place, &asked))?;
    let mut tx = ecs.db.begin();
    let cluster = shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    if input.attribute_value.is_some() && input.attribute_name.is_none() {
        return Err(EcsError::invalid("attributeName is required where attributeValue is given.").into());
    }
    let size = shared::page_size(input.max_results)?;
    let (name, value) = (&input.attribute_name, &input.attribute_value);
    let scope = format!("ListAttributes/{}{cluster}/{name:?}/{value:?}", place.key());
    let after = match input.next_token.as_deref().filter(|token| !token.is_empty()) {
        None => None,
        Some(token) => {
            let after = PageToken::decode(&scope, token)
                .map_err(|_| EcsError::invalid("Invalid token in request."))?;
            Some(after)
        }
    };
    let mut found = Vec::new();
    for row in container_instance::of_cluster(&mut tx, &place, &cluster).await? {
        let seen = Seen::of(ecs, &mut tx, &place, row, cx.now).await?;
        for (key, has) in &seen.attributes {
            let place_in_list = format!("{}/{key}", seen.instance.id);
            let fits = name.as_ref().is_none_or(|name| name == key)
                && value.as_ref().is_none_or(|value| value == has)
                && after.as_ref().is_none_or(|after| place_in_list > *after);
            if fits {
                found.push((place_in_list, answer(&place, &seen.instance, key, has)));
            }
        }
        if found.len() > size {
            break;
        }
    }
    let next_token = (found.len() > size).then(|| PageToken::encode(&scope, &found[size - 1].0));
    found.truncate(size);
    let attributes = found.into_iter().map(|(_, attribute)| attribute).collect();
    Ok(api::ListAttributesResponse { attributes: Some(attributes), next_token })
}
