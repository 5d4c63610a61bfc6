//! DescribeCapacityProviders: Fargate's two, which every account has.

use gantry_api_ecs as api;
use gantry_base::Arn;
use gantry_service::{Cx, Failure, Permission};

use super::shared;
use crate::Ecs;
use crate::error::EcsError;

/// Every provider that there is.
const ALL: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];
/// Most providers in one request.
const MOST: usize = 100;

/// Describes those that are named, or all.
pub async fn run(
    _: &Ecs,
    cx: Cx,
    input: api::DescribeCapacityProvidersRequest,
) -> Result<api::DescribeCapacityProvidersResponse, Failure> {
    let place = shared::place(&cx);
    let asked = input.capacity_providers.unwrap_or_default();
    if asked.len() > MOST {
        return Err(EcsError::invalid(format!("capacityProviders can have at most {MOST} items.")).into());
    }
    let names = match asked.is_empty() {
        true => ALL.iter().map(|name| (*name).to_owned()).collect(),
        false => asked,
    };
    let (mut providers, mut failures) = (Vec::new(), Vec::new());
    for text in &names {
        let name = text.rsplit('/').next().unwrap_or(text);
        let arn = place.arn(format_args!("capacity-provider/{name}"));
        cx.authorize(Permission::on("ecs:DescribeCapacityProviders", &arn))?;
        match ALL.contains(&name) {
            true => providers.push(answer(name, &arn)),
            false => failures.push(shared::missing(&arn)),
        }
    }
    Ok(api::DescribeCapacityProvidersResponse {
        capacity_providers: Some(providers),
        failures: Some(failures),
        next_token: None,
    })
}

fn answer(name: &str, arn: &Arn) -> api::CapacityProvider {
    api::CapacityProvider {
        capacity_provider_arn: Some(arn.to_string()),
        name: Some(name.to_owned()),
        status: Some("ACTIVE".to_owned()),
        r#type: Some(name.to_owned()),
        tags: Some(Vec::new()),
        ..api::CapacityProvider::default()
    }
}
