//! DescribeTaskSets: the task sets of a service, all or those that are named.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::{service, shapes, shared, task_set};
use crate::Ecs;

/// Reads the task sets.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DescribeTaskSetsRequest,
) -> Result<api::DescribeTaskSetsResponse, Failure> {
    let mut tx = ecs.db.begin();
    let action = "ecs:DescribeTaskSets";
    let (row, _) = task_set::service(&mut tx, &cx, action, &input.cluster, &input.service, "*").await?;
    let with_tags = input.include.unwrap_or_default().iter().any(|one| one == "TAGS");
    let tasks = service::tasks_of(&mut tx, &row.name).await?;
    let asked = input.task_sets.unwrap_or_default();
    let (mut sets, mut failures) = (Vec::new(), Vec::new());
    if asked.is_empty() {
        sets.extend(row.task_sets.iter().map(|set| shapes::service::task_set(&row, set, &tasks, with_tags)));
    }
    for text in &asked {
        let id = task_set::id_of(text);
        match row.task_sets.iter().find(|set| set.id == id) {
            Some(set) => sets.push(shapes::service::task_set(&row, set, &tasks, with_tags)),
            None => failures.push(shared::missing(&row.name.task_set_arn(id))),
        }
    }
    Ok(api::DescribeTaskSetsResponse { task_sets: Some(sets), failures: Some(failures) })
}
