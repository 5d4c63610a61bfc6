//! Which task is meant.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::api::Api;

/// The most tasks of a cluster that are looked through.
const MOST: usize = 10_000;
/// How many tasks are described at once.
const AT_ONCE: usize = 100;

/// A running task.
pub struct Found {
    pub arn: String,
    pub cluster: String,
    pub containers: Vec<String>,
}

/// The task with that id or ARN or that beginning of an id; or a running task of the service or family.
pub async fn task(api: &Api, what: &str, cluster: Option<&str>) -> Result<Found> {
    let clusters = match (cluster, arn_cluster(what)) {
        (Some(name), _) => vec![name.to_owned()],
        (None, Some(name)) => vec![name],
        (None, None) => clusters(api).await?,
    };
    let id = what.rsplit('/').next().unwrap_or(what);
    let (mut found, mut stopped) = (Vec::new(), false);
    for cluster in &clusters {
        let mut arns = Vec::new();
        if id.len() >= 4 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            arns = list(api, cluster, json!({})).await?;
            arns.retain(|arn| arn.rsplit('/').next().is_some_and(|own| own.starts_with(id)));
            if arns.is_empty() && id.len() == 32 {
                let gone = list(api, cluster, json!({ "desiredStatus": "STOPPED" })).await?;
                stopped |= gone.iter().any(|arn| arn.ends_with(id));
            }
        }
        if arns.is_empty() && is_service(api, cluster, what).await? {
            arns = list(api, cluster, json!({ "serviceName": what })).await?;
            arns = prefer(api, cluster, arns).await?.into_iter().take(1).collect();
        } else if arns.is_empty() && what == id {
            arns = list(api, cluster, json!({ "family": what })).await?;
            arns = prefer(api, cluster, arns).await?.into_iter().take(1).collect();
        }
        found.extend(arns.into_iter().map(|arn| (cluster.clone(), arn)));
    }
    let place = cluster.map_or_else(|| "any cluster".to_owned(), |name| format!("cluster {name}"));
    match found.as_slice() {
        [(cluster, arn)] => describe(api, cluster, arn).await,
        [] if stopped => bail!("task {what} has stopped"),
        [] => bail!("no running task, service or family {what} in {place}"),
        several => {
            let several: Vec<&str> = several.iter().map(|(_, arn)| arn.as_str()).collect();
            bail!(
                "{what} may be any of these; say more, or name its cluster with --cluster: {}",
                several.join(", ")
            )
        }
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

async fn clusters(api: &Api) -> Result<Vec<String>> {
    let arns = pages(api, "ListClusters", json!({}), "clusterArns").await?;
    Ok(arns.iter().filter_map(|arn| arn.rsplit('/').next()).map(str::to_owned).collect())
}

async fn list(api: &Api, cluster: &str, mut filter: Value) -> Result<Vec<String>> {
    filter["cluster"] = cluster.into();
    pages(api, "ListTasks", filter, "taskArns").await
}

/// All pages of a listing, up to a bound.
async fn pages(api: &Api, operation: &str, mut input: Value, member: &str) -> Result<Vec<String>> {
    let mut all = Vec::new();
    loop {
        let page = api.call(operation, &input).await?;
        all.extend(
            page[member].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned),
        );
        match page["nextToken"].as_str() {
            Some(token) if all.len() < MOST => input["nextToken"] = token.into(),
            _ => return Ok(all),
        }
    }
}

async fn is_service(api: &Api, cluster: &str, name: &str) -> Result<bool> {
    if name.starts_with("arn:") && !name.contains(":service/") {
        return Ok(false);
    }
    // What is no name of a service is none.
    let described = api.call("DescribeServices", &json!({ "cluster": cluster, "services": [name] })).await;
    Ok(described.is_ok_and(|all| all["services"].as_array().is_some_and(|all| !all.is_empty())))
}

/// Those that run and can be looked into before those that can't.
async fn prefer(api: &Api, cluster: &str, arns: Vec<String>) -> Result<Vec<String>> {
    let some: Vec<String> = arns.into_iter().take(AT_ONCE).collect();
    if some.is_empty() {
        return Ok(some);
    }
    let described = api.call("DescribeTasks", &json!({ "cluster": cluster, "tasks": some })).await?;
    let mut tasks: Vec<&Value> = described["tasks"].as_array().into_iter().flatten().collect();
    tasks.sort_by_key(|task| (task["lastStatus"] != "RUNNING", task["enableExecuteCommand"] != true));
    Ok(tasks.into_iter().filter_map(|task| task["taskArn"].as_str()).map(str::to_owned).collect())
}

async fn describe(api: &Api, cluster: &str, arn: &str) -> Result<Found> {
    let described = api.call("DescribeTasks", &json!({ "cluster": cluster, "tasks": [arn] })).await?;
    let containers = described["tasks"][0]["containers"].as_array().into_iter().flatten();
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
    }
}
