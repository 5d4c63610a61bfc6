//! DescribeCapacityProviders: Fargate's two, which every account has, and the account's own.

use gantry_api_ecs as api;
use gantry_base::PageToken;
use gantry_ecs_core::reference;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, Tx};

use super::capacity_provider::name_of;
use super::shapes::capacity_provider::{answer, fargate};
use super::shapes::cluster::is_fargate;
use super::shared::{self, Having};
use crate::Ecs;
use crate::error::EcsError;
use crate::names::Place;
use crate::tables::capacity_provider::{self, CAPACITY_PROVIDERS};
use crate::tables::cluster::{self, CLUSTERS};

/// Those that are in no table.
const FARGATE: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];
/// Most providers in one request.
const MOST: usize = 100;

/// Describes those that are named, or all that there are, by pages.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DescribeCapacityProvidersRequest,
) -> Result<api::DescribeCapacityProvidersResponse, Failure> {
    let place = shared::place(&cx);
    let asked = input.capacity_providers.unwrap_or_default();
    if asked.len() > MOST {
        return Err(EcsError::invalid(format!("capacityProviders can have at most {MOST} items.")).into());
    }
    let with_tags = input.include.unwrap_or_default().iter().any(|one| one == "TAGS");
    let mut tx = ecs.db.begin();
    let all = asked.is_empty();
    let mut names = match all {
        true => known(&mut tx, &place).await?,
        false => asked.iter().map(|text| name_of(&place, text)).collect::<Result<_, _>>()?,
    };
    if let Some(text) = &input.cluster {
        let name = reference::cluster(Some(text), place.as_reference()).map_err(EcsError::from)?;
        let cluster = tx.peek(&CLUSTERS, &cluster::key(&place, &name)).await?;
        let cluster = cluster.ok_or(EcsError::ClusterNotFound)?;
        names.retain(|name| cluster.capacity_providers.contains(name));
    }
    let scope = format!("DescribeCapacityProviders/{}", place.key());
    let next_token = page(&mut names, &scope, input.max_results, input.next_token.as_deref())?;
    let (mut providers, mut failures) = (Vec::new(), Vec::new());
    for name in &names {
        let arn = capacity_provider::arn(&place, name);
        let found = tx.peek(&CAPACITY_PROVIDERS, &capacity_provider::key(&place, name)).await?;
        let tags = found.as_ref().map(|row| row.tags.clone()).unwrap_or_default();
        cx.authorize(Permission::on("ecs:DescribeCapacityProviders", &arn).having(tags.iter()))?;
        match found {
            Some(row) => providers.push(answer(&place, &row, with_tags)),
            None if is_fargate(name) => providers.push(fargate(&place, name)),
            None => failures.push(shared::missing(&arn)),
        }
    }
    Ok(api::DescribeCapacityProvidersResponse {
        capacity_providers: Some(providers),
        failures: Some(failures),
        next_token,
    })
}

/// The names of all that are not deleted.
async fn known(tx: &mut Tx, place: &Place) -> Result<Vec<String>, Failure> {
    let own = tx.peek_scan(&CAPACITY_PROVIDERS, &place.key(), Scan::all()).await?;
    let own = own.into_iter().map(|(_, row)| row).filter(|row| row.active).map(|row| row.name);
    Ok(FARGATE.map(str::to_owned).into_iter().chain(own).collect())
}

/// Leaves a page of the names, and answers the token of the next.
fn page(
    names: &mut Vec<String>,
    scope: &str,
    max_results: Option<i32>,
    next_token: Option<&str>,
) -> Result<Option<String>, EcsError> {
    let size = shared::page_size(max_results)?;
    if let Some(token) = next_token.filter(|token| !token.is_empty()) {
        let after = PageToken::decode(scope, token);
        let after = after.map_err(|_| EcsError::invalid("Invalid token in request."))?;
        // What was deleted meanwhile is nowhere; the listing goes on behind where it would be.
        let begins = match names.iter().position(|name| *name == after) {
            Some(at) => at + 1,
            None => names.iter().position(|name| !is_fargate(name) && *name > after).unwrap_or(names.len()),
        };
        names.drain(..begins);
    }
    if names.len() <= size {
        return Ok(None);
    }
    names.truncate(size);
    Ok(names.last().map(|last| PageToken::encode(scope, last)))
}
