//! ListTaskDefinitionFamilies: names of families, by prefix and status.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::shared::{self, Listing};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::task_definition::FAMILIES;

/// One page.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::ListTaskDefinitionFamiliesRequest,
) -> Result<api::ListTaskDefinitionFamiliesResponse, Failure> {
    cx.authorize(Permission::of("ecs:ListTaskDefinitionFamilies"))?;
    let place = shared::place(&cx);
    let wanted = match input.status.as_deref() {
        None | Some("ALL") => None,
        Some("ACTIVE") => Some(true),
        Some("INACTIVE") => Some(false),
        Some(other) => return Err(EcsError::invalid(format!("Invalid status '{other}'.")).into()),
    };
    let prefix = input.family_prefix.as_deref().unwrap_or_default();
    let listing = Listing {
        scope: format!("ListTaskDefinitionFamilies/{}{prefix}/{wanted:?}", place.key()),
        prefix: place.key().partial(prefix),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
        reverse: false,
    };
    let (families, next_token) = listing
        .page(&mut ecs.db.begin(), &FAMILIES, |key, family| {
            let fits = !family.empty && wanted.is_none_or(|active| active == family.latest_active.is_some());
            key.parts().pop().filter(|_| fits)
        })
        .await?;
    Ok(api::ListTaskDefinitionFamiliesResponse { families: Some(families), next_token })
}
