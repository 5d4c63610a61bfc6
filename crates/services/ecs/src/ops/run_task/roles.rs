//! The roles of a run: the caller may pass them, and they trust ECS's tasks.

use gantry_base::Arn;
use gantry_ecs_core::TaskSpec;
use gantry_service::{Cx, Failure, Permission};

use crate::error::EcsError;
use crate::ops::shared::place;
use crate::{Ecs, TASKS_PRINCIPAL, for_tasks};

/// Checks the task role and the execution role.
pub(super) async fn check(ecs: &Ecs, cx: &Cx, spec: &TaskSpec) -> Result<(), EcsError> {
    let mut roles: Vec<&Arn> = [&spec.task_role, &spec.execution_role].into_iter().flatten().collect();
    roles.dedup();
    for role in roles {
        cx.authorize(Permission::on("iam:PassRole", role).key("iam:PassedToService", [TASKS_PRINCIPAL]))?;
        match ecs.roles.may_assume(&for_tasks(&place(cx)), role, cx.now).await {
            Ok(()) => {}
            Err(Failure::Answer(_) | Failure::Denied(_)) => {
                return Err(EcsError::client(format!(
                    "ECS was unable to assume the role '{role}' that was provided for this task. Please verify that \
                     the role being passed has the proper trust relationship and permissions and that your IAM user \
                     has permissions to pass this role."
                )));
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    Ok(())
}
