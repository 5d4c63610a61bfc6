//! UpdateTaskProtection: tasks of services that are not to be ended by scaling in or by a deployment.

use std::time::Duration;

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::protection::{answer, read};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::task::TASKS;

/// How long protection lasts where nothing is said, and at most.
const DEFAULT_MINUTES: i32 = 2 * 60;
const MAX_MINUTES: i32 = 48 * 60;

/// Protects the tasks anew from now on, or ends their protection.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::UpdateTaskProtectionRequest,
) -> Result<api::UpdateTaskProtectionResponse, Failure> {
    let mut tx = ecs.db.begin();
    let mut asked = read(&mut tx, &cx, "ecs:UpdateTaskProtection", &input.cluster, &input.tasks).await?;
    let minutes = input.expires_in_minutes.unwrap_or(DEFAULT_MINUTES);
    if !(1..=MAX_MINUTES).contains(&minutes) {
        return Err(
            EcsError::invalid(format!("expiresInMinutes must be between 1 and {MAX_MINUTES}.")).into()
        );
    }
    let until = cx.now + Duration::from_secs(60 * minutes as u64);
    for task in &mut asked.tasks {
        task.protected_until = input.protection_enabled.then_some(until);
        tx.put(&TASKS, &task.name.key(), task);
    }
    tx.commit(&asked.permit).await?;
    Ok(api::UpdateTaskProtectionResponse {
        protected_tasks: Some(asked.tasks.iter().map(|task| answer(task, &cx)).collect()),
        failures: Some(asked.failures),
    })
}
