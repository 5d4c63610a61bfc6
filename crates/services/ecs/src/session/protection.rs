//! What a container asks at its agent's endpoint about its task's protection, answered as AWS's agent answers it:
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html>

use gantry_api_ecs as api;
use gantry_node_proto::v1;
use gantry_service::{Cx, Failure};
use serde_json::{Value, json};

use super::desired;
use crate::Ecs;
use crate::launch::credentials;
use crate::names::TaskName;
use crate::ops::{get_task_protection, update_task_protection};

/// How often a change that lost a race is made again.
const ATTEMPTS: u32 = 8;

/// Asks the operation as the task's role.
pub(super) async fn answer(ecs: &Ecs, request: v1::TaskProtectionRequest) -> v1::TaskProtectionResponse {
    let arn = request.task_arn.clone();
    let (status, body) = match ask(ecs, &request).await {
        Ok(body) => (200, body),
        Err((status, code, message)) => {
            let error = json!({"Arn": arn, "Code": code, "Message": message});
            (status, json!({"requestID": ecs.ids.uuid(), "error": error}))
        }
    };
    v1::TaskProtectionResponse { status, body: body.to_string() }
}

type Refused = (u32, String, String);

fn refused(failure: Failure) -> Refused {
    match failure {
        Failure::Answer(error) => (400, error.code.to_string(), error.message.to_string()),
        Failure::Denied(denial) => (400, "AccessDeniedException".to_owned(), denial.to_string()),
        Failure::Conflict | Failure::Internal(_) => {
            tracing::warn!(?failure, "a task's protection could not be asked for");
            (500, "ServerException".to_owned(), "Failed to get or set the task's protection".to_owned())
        }
    }
}

async fn ask(ecs: &Ecs, request: &v1::TaskProtectionRequest) -> Result<Value, Refused> {
    let unknown = || (404, "ResourceNotFoundException".to_owned(), "Failed to find a task".to_owned());
    let name = TaskName::of_arn(&request.task_arn).ok_or_else(unknown)?;
    let role = role(ecs, &name, &request.node_id).await.map_err(refused)?;
    let role = role.ok_or_else(|| {
        let why = "Invalid Request: no task IAM role credentials available for task";
        (403, "AccessDeniedException".to_owned(), why.to_owned())
    })?;
    let now = ecs.clock.now();
    let made = credentials(ecs, &role, &name, None, now).await;
    let (_, session) = made.map_err(refused)?;
    let cluster = name.place.cluster_arn(&name.cluster).to_string();
    for _ in 0..ATTEMPTS {
        let cx = ecs.as_role(&session, &name.place, now);
        let done = match &request.update {
            Some(update) => set(ecs, cx, &cluster, &request.task_arn, update).await,
            None => get(ecs, cx, &cluster, &request.task_arn).await,
        };
        match done {
            Err(Failure::Conflict) => {}
            done => return done.map_err(refused),
        }
    }
    Err(refused(Failure::Conflict))
}

async fn get(ecs: &Ecs, cx: Cx, cluster: &str, task: &str) -> Result<Value, Failure> {
    let input =
        api::GetTaskProtectionRequest { cluster: cluster.to_owned(), tasks: Some(vec![task.to_owned()]) };
    let said = get_task_protection::run(ecs, cx, input).await?;
    Ok(told(said.protected_tasks, said.failures))
}

async fn set(
    ecs: &Ecs,
    cx: Cx,
    cluster: &str,
    task: &str,
    update: &v1::TaskProtectionUpdate,
) -> Result<Value, Failure> {
    let input = api::UpdateTaskProtectionRequest {
        cluster: cluster.to_owned(),
        tasks: vec![task.to_owned()],
        protection_enabled: update.enabled,
        expires_in_minutes: update.expires_in_minutes,
    };
    let said = update_task_protection::run(ecs, cx, input).await?;
    Ok(told(said.protected_tasks, said.failures))
}

fn told(tasks: Option<Vec<api::ProtectedTask>>, failures: Option<Vec<api::Failure>>) -> Value {
    if let Some(failure) = failures.unwrap_or_default().pop() {
        return json!({"failure": {"Arn": failure.arn, "Detail": failure.detail, "Reason": failure.reason}});
    }
    let task = tasks.unwrap_or_default().pop();
    json!({"protection": {
        "ExpirationDate": task.as_ref().and_then(|it| it.expiration_date).map(|at| at.to_rfc3339()),
        "ProtectionEnabled": task.as_ref().and_then(|it| it.protection_enabled),
        "TaskArn": task.and_then(|it| it.task_arn),
    }})
}

/// The role of a task that the node has, if it has one.
async fn role(ecs: &Ecs, name: &TaskName, node: &str) -> Result<Option<gantry_base::Arn>, Failure> {
    let Some(desired) = desired::of_task(ecs, name, node).await? else { return Ok(None) };
    desired.task_role.map(|role| role.role_arn.parse().map_err(Failure::internal)).transpose()
}
