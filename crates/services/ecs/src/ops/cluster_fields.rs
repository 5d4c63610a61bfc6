//! What a cluster carries, read from AWS's shapes and checked.

use gantry_api_ecs as api;
use gantry_ecs_core::settings::CONTAINER_INSIGHTS;
use gantry_store::Tx;
use gantry_wire::to_json;
use serde_json::{Value, json};

use super::capacity_provider;
use super::shapes::cluster::is_fargate;
use crate::error::EcsError;
use crate::names::Place;
use crate::tables::capacity_provider::active;
use crate::tables::cluster::StrategyItem;

/// AWS's bounds of a strategy.
const MOST_PROVIDERS: usize = 20;
const MAX_WEIGHT: i32 = 1000;
const MAX_BASE: i32 = 100_000;

/// The cluster's settings, as they are kept. There is one that AWS has.
pub(super) fn settings(given: &[api::ClusterSetting]) -> Result<Value, EcsError> {
    for setting in given {
        let name = setting.name.as_deref().unwrap_or_default();
        if name != CONTAINER_INSIGHTS.name {
            return Err(EcsError::invalid("Invalid setting 'name'"));
        }
        if CONTAINER_INSIGHTS.check(setting.value.as_deref().unwrap_or_default()).is_err() {
            return Err(EcsError::invalid("Invalid setting 'value'"));
        }
    }
    Ok(Value::Array(given.iter().map(to_json).collect()))
}

/// Container Insights as a cluster's setting.
pub(super) fn container_insights(value: &str) -> Value {
    json!([{ "name": CONTAINER_INSIGHTS.name, "value": value }])
}

/// The cluster's configuration, as it is kept.
pub(super) fn configuration(given: &api::ClusterConfiguration) -> Result<Value, EcsError> {
    if let Some(exec) = &given.execute_command_configuration {
        let logs = exec.log_configuration.as_ref();
        let has_target =
            logs.is_some_and(|one| one.cloud_watch_log_group_name.is_some() || one.s3_bucket_name.is_some());
        match exec.logging.as_deref() {
            Some("OVERRIDE") if !has_target => {
                return Err(EcsError::invalid(
                    "A CloudWatch log group name or S3 bucket name must be specified when overriding the default log \
                     configuration.",
                ));
            }
            Some("NONE" | "DEFAULT") | None if logs.is_some() => {
                return Err(EcsError::invalid(
                    "You must set logging to 'OVERRIDE' when you supply a log configuration.",
                ));
            }
            _ => {}
        }
    }
    Ok(to_json(given))
}

/// The names of the providers that a cluster is associated with: Fargate's, and those of the account. They are guarded,
/// so that none is deleted meanwhile.
pub(super) async fn providers(
    tx: &mut Tx,
    place: &Place,
    given: Vec<String>,
) -> Result<Vec<String>, EcsError> {
    let mut names: Vec<String> = Vec::with_capacity(given.len());
    for text in given {
        let unknown = || {
            EcsError::invalid(format!(
                "The specified capacity provider '{text}' was not found. Specify a valid name or ARN and try again."
            ))
        };
        let name = capacity_provider::name_of(place, &text).map_err(|_| unknown())?;
        if !is_fargate(&name) && active(tx, place, &name).await?.is_none() {
            return Err(unknown());
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.len() > MOST_PROVIDERS {
        return Err(EcsError::invalid(
            "The maximum number of capacity providers per cluster has been exceeded.",
        ));
    }
    Ok(names)
}

/// Whose strategy it is: AWS words some refusals differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StrategyOf {
    /// The cluster's default one.
    Cluster,
    /// That of a run or a service.
    Tasks,
}

/// A capacity provider strategy over the providers of a cluster.
pub(crate) fn strategy(
    items: Vec<api::CapacityProviderStrategyItem>,
    providers: &[String],
    of: StrategyOf,
) -> Result<Vec<StrategyItem>, EcsError> {
    if items.len() > MOST_PROVIDERS {
        return Err(EcsError::invalid(format!(
            "A capacity provider strategy can contain a maximum of {MOST_PROVIDERS} capacity providers."
        )));
    }
    let number = |field: &str, value: Option<i32>, most: i32| match value.unwrap_or(0) {
        value if (0..=most).contains(&value) => Ok(value as u32),
        value => Err(EcsError::invalid(format!(
            "The {field} of a capacity provider strategy must be between 0 and {most}, and is {value}."
        ))),
    };
    let mut all: Vec<StrategyItem> = Vec::with_capacity(items.len());
    for item in items {
        if !providers.contains(&item.capacity_provider) {
            let or = match of {
                StrategyOf::Cluster => " or specify a valid capacity provider",
                StrategyOf::Tasks => "",
            };
            return Err(EcsError::invalid(format!(
                "The specified capacity provider strategy cannot contain a capacity provider that is not associated \
                 with the cluster. Associate the capacity provider with the cluster{or} and try again."
            )));
        }
        if all.iter().any(|one| one.provider == item.capacity_provider) {
            return Err(EcsError::invalid(
                "The specified capacity provider strategy cannot contain the same capacity provider twice.",
            ));
        }
        all.push(StrategyItem {
            provider: item.capacity_provider,
            base: number("base", item.base, MAX_BASE)?,
            weight: number("weight", item.weight, MAX_WEIGHT)?,
        });
    }
    let of_fargate = all.iter().filter(|item| is_fargate(&item.provider)).count();
    if of_fargate > 0 && of_fargate < all.len() {
        return Err(EcsError::invalid(
            "A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate. \
             Specify one or the other and try again.",
        ));
    }
    if all.iter().filter(|item| item.base > 0).count() > 1 {
        return Err(EcsError::invalid(match of {
            StrategyOf::Cluster => {
                "The specified capacity provider strategy contains multiple capacity providers with a base value \
                 defined. Only one capacity provider per strategy can have a base value defined."
            }
            StrategyOf::Tasks => {
                "There are multiple capacity providers in the specified capacity provider strategy with a base value \
                 greater than zero. Only one capacity provider can have a base value greater than zero. Specify a \
                 valid capacity provider strategy and try again."
            }
        }));
    }
    // A single provider of a run takes its tasks whatever its weight. A cluster may keep a strategy without weights, and
    // what would be placed by it is refused.
    if of == StrategyOf::Tasks && all.len() > 1 && all.iter().all(|item| item.weight == 0) {
        return Err(EcsError::invalid(
            "There are no capacity providers in the capacity provider strategy with a weight value greater than zero. \
             Specify a weight value greater than zero for at least one capacity provider and try again.",
        ));
    }
    Ok(all)
}

/// Whether no provider of a strategy would get a task: none has a weight or a base.
pub(crate) fn is_weightless(strategy: &[StrategyItem]) -> bool {
    strategy.iter().all(|item| item.weight == 0 && item.base == 0)
}
