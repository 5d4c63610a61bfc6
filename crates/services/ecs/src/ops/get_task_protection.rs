//! GetTaskProtection: which tasks of services are protected, and how long.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::protection::{answer, read};
use crate::Ecs;

/// Reads the protection of each task.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::GetTaskProtectionRequest,
) -> Result<api::GetTaskProtectionResponse, Failure> {
    let texts = input.tasks.unwrap_or_default();
    let mut tx = ecs.db.begin();
    let asked = read(&mut tx, &cx, "ecs:GetTaskProtection", &input.cluster, &texts).await?;
    Ok(api::GetTaskProtectionResponse {
        protected_tasks: Some(asked.tasks.iter().map(|task| answer(task, &cx)).collect()),
        failures: Some(asked.failures),
    })
}
