//! What is meant: a task, a service, a family, in which cluster.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::api::Api;

/// How many tasks or services are described at once.
const TASKS_AT_ONCE: usize = 100;
const SERVICES_AT_ONCE: usize = 10;

/// A running task.
pub struct Found {
    pub arn: String,
    pub cluster: String,
    pub containers: Vec<String>,
}

/// What somebody looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One task, which may have stopped.
    Task {
        cluster: String,
        arn: String,
    },
    Service {
        cluster: String,
        name: String,
    },
    /// Tasks of a family that belong to no service, or to several.
    Family {
        cluster: String,
        family: String,
    },
}

impl Target {
    fn named(&self) -> String {
        match self {
            Target::Task { arn, .. } => arn.clone(),
            Target::Service { cluster, name } => format!("the service {name} in {cluster}"),
            Target::Family { cluster, family } => format!("the family {family} in {cluster}"),
        }
    }
}

/// The task with that id or ARN or that beginning of an id, running or stopped; or the service; or the family.
pub async fn target(api: &Api, what: &str, cluster: Option<&str>) -> Result<Target> {
    let mut found = Vec::new();
    let mut families = Vec::new();
    for cluster in of_cluster(api, what, cluster).await? {
        let with = tasks_with(api, &cluster, what, true).await?;
        let cluster = || cluster.clone();
        if !with.is_empty() {
            found.extend(with.into_iter().map(|arn| Target::Task { cluster: cluster(), arn }));
        } else if let Some(name) = service(api, &cluster(), what).await? {
            found.push(Target::Service { cluster: cluster(), name });
        } else if is_name(what) && !of_family(api, &cluster(), what).await?.is_empty() {
            families.push(Target::Family { cluster: cluster(), family: what.to_owned() });
        }
    }
    if found.is_empty() {
        found = families;
    }
    let place = place(cluster);
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => bail!("no task, service or family {what} in {place}"),
        _ => ambiguous(what, &found.iter().map(Target::named).collect::<Vec<_>>()),
    }
}

/// The task with that id or ARN or that beginning of an id; or a running task of the service or family.
pub async fn task(api: &Api, what: &str, cluster: Option<&str>) -> Result<Found> {
    let (mut found, mut stopped) = (Vec::new(), false);
    for cluster in of_cluster(api, what, cluster).await? {
        let mut arns = tasks_with(api, &cluster, what, false).await?;
        if arns.is_empty() {
            stopped |= !tasks_with(api, &cluster, what, true).await?.is_empty();
        }
        if arns.is_empty() && service(api, &cluster, what).await?.is_some() {
            arns = list(api, &cluster, json!({ "serviceName": what })).await?;
            arns = prefer(api, &cluster, arns).await?.into_iter().take(1).collect();
        } else if arns.is_empty() && is_name(what) {
            arns = list(api, &cluster, json!({ "family": what })).await?;
            arns = prefer(api, &cluster, arns).await?.into_iter().take(1).collect();
        }
        found.extend(arns.into_iter().map(|arn| (cluster.clone(), arn)));
    }
    match found.as_slice() {
        [(cluster, arn)] => describe(api, cluster, arn).await,
        [] if stopped => bail!("task {what} has stopped"),
        [] => bail!("no running task, service or family {what} in {}", place(cluster)),
        several => ambiguous(what, &several.iter().map(|(_, arn)| arn.clone()).collect::<Vec<_>>()),
    }
}

fn ambiguous<T>(what: &str, several: &[String]) -> Result<T> {
    bail!("{what} may be any of these; say more, or name its cluster with --cluster: {}", several.join(", "))
}

fn place(cluster: Option<&str>) -> String {
    cluster.map_or_else(|| "any cluster".to_owned(), |name| format!("cluster {name}"))
}

/// Whether it may be the name of a family: no ARN and nothing within something.
fn is_name(what: &str) -> bool {
    !what.contains('/') && !what.starts_with("arn:")
}

/// The clusters where it may be.
async fn of_cluster(api: &Api, what: &str, cluster: Option<&str>) -> Result<Vec<String>> {
    match (cluster, arn_cluster(what)) {
        (Some(name), _) => Ok(vec![name.to_owned()]),
        (None, Some(name)) => Ok(vec![name]),
        (None, None) => clusters(api).await,
    }
}

/// The cluster that a task's or a service's ARN names.
fn arn_cluster(what: &str) -> Option<String> {
    let parts: Vec<&str> = what.strip_prefix("arn:")?.rsplit(':').next()?.split('/').collect();
    match parts.as_slice() {
        ["task" | "service", cluster, _] => Some((*cluster).to_owned()),
        _ => None,
    }
}

/// The tasks with that id, ARN or beginning of an id; those that have stopped only where they are wanted.
async fn tasks_with(api: &Api, cluster: &str, what: &str, stopped: bool) -> Result<Vec<String>> {
    if what.starts_with("arn:") && !what.contains(":task/") {
        return Ok(Vec::new());
    }
    let id = what.rsplit('/').next().unwrap_or(what);
    if id.len() < 4 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Vec::new());
    }
    let mut arns = list(api, cluster, json!({})).await?;
    if stopped {
        arns.extend(list(api, cluster, json!({ "desiredStatus": "STOPPED" })).await?);
    }
    arns.retain(|arn| id_of(arn).starts_with(id));
    arns.sort();
    arns.dedup();
    Ok(arns)
}

/// The last part of an ARN.
pub fn id_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The names of all clusters.
pub async fn clusters(api: &Api) -> Result<Vec<String>> {
    let arns = api.pages("ListClusters", json!({}), "clusterArns").await?;
    Ok(arns.iter().map(|arn| id_of(arn).to_owned()).collect())
}

/// The ARNs of a cluster's tasks that the filter lets through.
pub async fn list(api: &Api, cluster: &str, mut filter: Value) -> Result<Vec<String>> {
    filter["cluster"] = cluster.into();
    api.pages("ListTasks", filter, "taskArns").await
}

/// The tasks of a family: those that are to run, or those that have stopped where there are none.
pub async fn of_family(api: &Api, cluster: &str, family: &str) -> Result<Vec<String>> {
    let running = list(api, cluster, json!({ "family": family })).await?;
    match running.is_empty() {
        false => Ok(running),
        true => list(api, cluster, json!({ "family": family, "desiredStatus": "STOPPED" })).await,
    }
}

/// Tasks as DescribeTasks has them; those that are forgotten meanwhile are left out.
pub async fn described(api: &Api, cluster: &str, arns: &[String]) -> Result<Vec<Value>> {
    let mut tasks = Vec::with_capacity(arns.len());
    for some in arns.chunks(TASKS_AT_ONCE) {
        let mut answer = api
            .call("DescribeTasks", &json!({ "cluster": cluster, "tasks": some, "include": ["TAGS"] }))
            .await?;
        if let Value::Array(all) = answer["tasks"].take() {
            tasks.extend(all);
        }
    }
    Ok(tasks)
}

/// Services as DescribeServices has them.
pub async fn services(api: &Api, cluster: &str, names: &[String]) -> Result<Vec<Value>> {
    let mut services = Vec::with_capacity(names.len());
    for some in names.chunks(SERVICES_AT_ONCE) {
        let mut answer =
            api.call("DescribeServices", &json!({ "cluster": cluster, "services": some })).await?;
        if let Value::Array(all) = answer["services"].take() {
            services.extend(all);
        }
    }
    Ok(services)
}

/// The name of the service that is meant, if there is one.
async fn service(api: &Api, cluster: &str, name: &str) -> Result<Option<String>> {
    if name.starts_with("arn:") && !name.contains(":service/") {
        return Ok(None);
    }
    // What is no name of a service is none.
    let described = api.call("DescribeServices", &json!({ "cluster": cluster, "services": [name] })).await;
    let found = described.ok().and_then(|all| all["services"][0]["serviceName"].as_str().map(str::to_owned));
    Ok(found)
}

/// Those that run and can be looked into before those that can't.
async fn prefer(api: &Api, cluster: &str, arns: Vec<String>) -> Result<Vec<String>> {
    let some: Vec<String> = arns.into_iter().take(TASKS_AT_ONCE).collect();
    let mut tasks = described(api, cluster, &some).await?;
    tasks.sort_by_key(|task| (task["lastStatus"] != "RUNNING", task["enableExecuteCommand"] != true));
    Ok(tasks.iter().filter_map(|task| task["taskArn"].as_str()).map(str::to_owned).collect())
}

async fn describe(api: &Api, cluster: &str, arn: &str) -> Result<Found> {
    let described = described(api, cluster, &[arn.to_owned()]).await?;
    let containers = described.iter().flat_map(|task| task["containers"].as_array().into_iter().flatten());
    let names = containers.filter_map(|one| one["name"].as_str()).map(str::to_owned).collect();
    Ok(Found { arn: arn.to_owned(), cluster: cluster.to_owned(), containers: names })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_its_cluster() {
        assert_eq!(arn_cluster("arn:aws:ecs:us-east-1:1:task/prod/0a0b"), Some("prod".to_owned()));
        assert_eq!(arn_cluster("arn:aws:ecs:us-east-1:1:service/prod/web"), Some("prod".to_owned()));
        assert_eq!(arn_cluster("arn:aws:ecs:us-east-1:1:task/0a0b"), None);
        assert_eq!(arn_cluster("web"), None);
        assert!(is_name("web") && !is_name("prod/0a0b"));
    }
}
