//! On what the tasks of a run are launched.

use gantry_api_ecs as api;

use crate::error::EcsError;
use crate::ops::cluster_fields::{self, StrategyOf};
use crate::ops::shapes::cluster::is_fargate;
use crate::tables::cluster::{Cluster, StrategyItem};
use crate::tables::task::LaunchType;

/// The Fargate platform that Gantry's nodes are held to.
const PLATFORM: &str = "1.4.0";

/// The launch type and capacity provider of each task: the request's, else by the cluster's default strategy, else
/// EC2.
pub(super) fn of(
    input: &api::RunTaskRequest,
    cluster: &Cluster,
    count: usize,
) -> Result<Vec<(LaunchType, Option<String>)>, EcsError> {
    let (launch, strategy) = chosen(input, cluster)?;
    if strategy.is_empty() {
        return Ok(vec![(launch, None); count]);
    }
    let names = shares(&strategy, count);
    Ok(names.into_iter().map(|name| (launch, Some(name))).collect())
}

/// The launch type of all tasks, and the strategy by which providers share them, if there is one.
pub(crate) fn chosen(
    input: &api::RunTaskRequest,
    cluster: &Cluster,
) -> Result<(LaunchType, Vec<StrategyItem>), EcsError> {
    let asked = input.capacity_provider_strategy.clone().unwrap_or_default();
    match input.launch_type.as_deref() {
        Some(_) if !asked.is_empty() => Err(EcsError::invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
        )),
        Some("FARGATE") => Ok((LaunchType::Fargate, Vec::new())),
        Some("EC2") => Ok((LaunchType::Ec2, Vec::new())),
        Some("EXTERNAL") => Ok((LaunchType::External, Vec::new())),
        Some(other) => Err(EcsError::unsupported(&[format!("launchType {other}")])),
        None => {
            let strategy = if asked.is_empty() {
                default_strategy(cluster)?
            } else {
                cluster_fields::strategy(asked, &cluster.capacity_providers, StrategyOf::Tasks)?
            };
            // All of a strategy's are Fargate's or none is. Spot is the same pool, which takes nothing back.
            let of_fargate = strategy.first().is_some_and(|item| is_fargate(&item.provider));
            Ok((if of_fargate { LaunchType::Fargate } else { LaunchType::Ec2 }, strategy))
        }
    }
}

/// The cluster's default strategy. It may be kept without weights, and nothing is launched by it then.
fn default_strategy(cluster: &Cluster) -> Result<Vec<StrategyItem>, EcsError> {
    if !cluster.default_strategy.is_empty() && cluster_fields::is_weightless(&cluster.default_strategy) {
        return Err(EcsError::invalid(
            "There are no capacity providers with a weight value greater than zero defined in the default capacity \
             provider strategy. At least one capacity provider must have a weight value greater than zero specified. \
             Update the cluster's default capacity provider strategy or specify a valid capacity provider strategy and \
             try again.",
        ));
    }
    Ok(cluster.default_strategy.clone())
}

/// The provider of each task: first the base, then whoever is furthest behind its weight.
pub(crate) fn shares(strategy: &[StrategyItem], count: usize) -> Vec<String> {
    let mut given = vec![0u64; strategy.len()];
    let mut names = Vec::with_capacity(count);
    for (at, item) in strategy.iter().enumerate() {
        while u64::from(item.base) > given[at] && names.len() < count {
            given[at] += 1;
            names.push(item.provider.clone());
        }
    }
    given.fill(0);
    while names.len() < count {
        let behind = |&at: &usize| (given[at] + 1) * 1_000_000 / u64::from(strategy[at].weight.max(1));
        let weighed = (0..strategy.len()).filter(|&at| strategy[at].weight > 0);
        // A strategy of a base alone gives the rest to it, as there is nobody else.
        let next = weighed.min_by_key(behind).unwrap_or(0);
        given[next] += 1;
        names.push(strategy[next].provider.clone());
    }
    names
}

/// The platform version that tasks show; for EC2 there is none.
pub(crate) fn platform_version(given: Option<&str>, launch: LaunchType) -> Result<Option<String>, EcsError> {
    match (launch, given) {
        (LaunchType::Ec2 | LaunchType::External, None) => Ok(None),
        (LaunchType::Ec2 | LaunchType::External, Some(_)) => Err(EcsError::invalid(format!(
            "The platform version must be null when specifying an {} launch type.",
            launch.as_str()
        ))),
        (LaunchType::Fargate, None | Some("" | "LATEST" | PLATFORM)) => Ok(Some(PLATFORM.to_owned())),
        (LaunchType::Fargate, Some("1.0.0" | "1.1.0" | "1.2.0" | "1.3.0")) => {
            Err(EcsError::PlatformTaskDefinitionIncompatible(format!(
                "Gantry runs the platform version {PLATFORM} only."
            )))
        }
        (LaunchType::Fargate, Some(other)) => {
            Err(EcsError::PlatformUnknown(format!("The specified platform version does not exist: {other}.")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(provider: &str, base: u32, weight: u32) -> StrategyItem {
        StrategyItem { provider: provider.into(), base, weight }
    }

    #[test]
    fn a_base_comes_first_and_weights_share_the_rest() {
        let names = shares(&[item("FARGATE", 1, 1), item("FARGATE_SPOT", 0, 3)], 5);
        let spot = names.iter().filter(|name| *name == "FARGATE_SPOT").count();
        assert_eq!((names[0].as_str(), spot), ("FARGATE", 3));
        assert_eq!(shares(&[item("FARGATE", 1, 0)], 3).len(), 3);
        assert_eq!(shares(&[item("FARGATE", 0, 0)], 2), ["FARGATE", "FARGATE"]);
    }
}
