//! Where the names of Service Connect lead: to the healthy instances of services in Cloud Map. They change without the
//! tasks.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use gantry_api_servicediscovery as cloudmap;
use gantry_node_proto::v1;
use gantry_service::Failure;

use super::rules::place_of;
use crate::Ecs;
use crate::names::Place;

/// Most instances of a service, as Cloud Map has it.
const MOST: i32 = 1000;

/// Fills in where the tasks' names lead.
pub(super) async fn fill(ecs: &Ecs, tasks: &mut [v1::DesiredTask]) -> Result<(), Failure> {
    let mut known: BTreeMap<(Place, String, String), Vec<String>> = BTreeMap::new();
    for task in tasks.iter().filter(|task| !task.upstreams.is_empty()) {
        let Some(place) = place_of(task) else { continue };
        for upstream in &task.upstreams {
            let key = (place.clone(), upstream.namespace.clone(), upstream.service.clone());
            if let Entry::Vacant(unknown) = known.entry(key) {
                let targets = targets(ecs, unknown.key()).await?;
                unknown.insert(targets);
            }
        }
    }
    for task in tasks {
        let Some(place) = place_of(task) else { continue };
        for upstream in &mut task.upstreams {
            let key = (place.clone(), upstream.namespace.clone(), upstream.service.clone());
            upstream.targets = known.get(&key).cloned().unwrap_or_default();
        }
    }
    Ok(())
}

/// Addresses and ports of a service's healthy instances, sorted.
async fn targets(ecs: &Ecs, key: &(Place, String, String)) -> Result<Vec<String>, Failure> {
    let (place, namespace, service) = key;
    let cx = ecs.as_service(place, ecs.clock.now());
    let input = cloudmap::DiscoverInstancesRequest {
        namespace_name: namespace.clone(),
        service_name: service.clone(),
        max_results: Some(MOST),
        health_status: Some("HEALTHY".to_owned()),
        ..Default::default()
    };
    let found = match ecs.siblings.call::<cloudmap::DiscoverInstances>(&cx, input).await {
        Ok(found) => found.instances.unwrap_or_default(),
        // It is gone, and nothing is behind its name.
        Err(Failure::Answer(_)) => Vec::new(),
        Err(failure) => return Err(failure),
    };
    let target = |one: cloudmap::HttpInstanceSummary| {
        let attributes = one.attributes?;
        Some(format!("{}:{}", attributes.get("AWS_INSTANCE_IPV4")?, attributes.get("AWS_INSTANCE_PORT")?))
    };
    let mut targets: Vec<String> = found.into_iter().filter_map(target).collect();
    targets.sort();
    targets.dedup();
    Ok(targets)
}
