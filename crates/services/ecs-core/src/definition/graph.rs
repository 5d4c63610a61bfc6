//! What the containers of a task want of each other: dependencies, links and shared mounts.

use std::collections::{HashMap, HashSet};

use super::Invalid;
use crate::spec::{Condition, ContainerSpec, NetworkMode};

pub(super) fn check(containers: &[ContainerSpec], network_mode: NetworkMode) -> Result<(), Invalid> {
    let mut index = HashMap::with_capacity(containers.len());
    for (at, one) in containers.iter().enumerate() {
        if index.insert(one.name.as_str(), at).is_some() {
            return Err(Invalid::new("Container names must be unique within a task definition"));
        }
    }
    if !containers.iter().any(|one| one.essential) {
        return Err(Invalid::new("Task definition doesn't have any essential container."));
    }
    let mut port_names = HashSet::new();
    for name in containers.iter().flat_map(|one| &one.port_mappings).filter_map(|one| one.name.as_deref()) {
        if !port_names.insert(name) {
            return Err(super::ports::name_taken(network_mode));
        }
    }
    for one in containers {
        for dependency in &one.depends_on {
            let Some(&at) = index.get(dependency.container.as_str()) else {
                return Err(Invalid::new(format!(
                    "Cannot depend on container + '{}' because it does not exist",
                    dependency.container
                )));
            };
            let on = &containers[at];
            match dependency.condition {
                Condition::Complete | Condition::Success if on.essential => {
                    return Err(Invalid::new(
                        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
                    ));
                }
                Condition::Healthy if on.health_check.is_none() => {
                    return Err(Invalid::new(
                        "A dependency container with HEALTHY condition must have health check configured",
                    ));
                }
                _ => {}
            }
        }
        for source in &one.volumes_from {
            if !index.contains_key(source.container.as_str()) {
                return Err(Invalid::new(format!(
                    "Invalid 'volumesFrom' setting. Unknown container: '{}'.",
                    source.container
                )));
            }
        }
        for link in &one.links {
            let name = link.split(':').next().unwrap_or_default();
            if !index.contains_key(name) {
                return Err(Invalid::new(format!("Unknown container '{name}' in links.")));
            }
        }
    }
    let edges = |of: fn(&ContainerSpec) -> Vec<&str>| -> Vec<Vec<usize>> {
        containers.iter().map(|one| of(one).into_iter().map(|name| index[name]).collect()).collect()
    };
    let depends = edges(|one| one.depends_on.iter().map(|it| it.container.as_str()).collect());
    if has_cycle(&depends) {
        return Err(Invalid::new("Container dependencies should not have a cycle"));
    }
    let links = edges(|one| one.links.iter().filter_map(|it| it.split(':').next()).collect());
    if has_cycle(&links) {
        return Err(Invalid::new("Container links should not have a cycle"));
    }
    let sources = edges(|one| one.volumes_from.iter().map(|it| it.container.as_str()).collect());
    if has_cycle(&sources) {
        return Err(Invalid::new("Container volumesFrom should not have a cycle"));
    }
    Ok(())
}

/// Takes away nodes without edges until none is left; what stays is a cycle.
fn has_cycle(edges: &[Vec<usize>]) -> bool {
    let mut done = vec![false; edges.len()];
    loop {
        let next = (0..edges.len()).find(|&at| !done[at] && edges[at].iter().all(|&to| done[to]));
        match next {
            Some(at) => done[at] = true,
            None => return done.contains(&false),
        }
    }
}
