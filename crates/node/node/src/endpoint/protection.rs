//! Protection of a task from scaling in, which its own containers ask for:
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html>

use gantry_node_proto::v1;
use gantry_node_proto::v1::control_client::ControlClient;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::{Value, json};
use tonic::transport::Channel;

use crate::wish::Task;

/// More than what there is to say.
const MOST_BYTES: usize = 4096;
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(9);

/// The way to whoever can protect.
#[derive(Clone, Default)]
pub struct Protection {
    node_id: String,
    /// None: nobody can.
    client: Option<ControlClient<Channel>>,
}

/// What a container sends.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    protection_enabled: Option<bool>,
    expires_in_minutes: Option<i32>,
}

impl Protection {
    pub fn new(node_id: &str, client: ControlClient<Channel>) -> Self {
        Self { node_id: node_id.to_owned(), client: Some(client) }
    }

    /// Answers a request of one of the task's containers.
    pub async fn answer(&self, request: Request<Incoming>, task: &Task) -> (StatusCode, Value) {
        let failed = |status, code: &str, message: &str| {
            (status, json!({"error": {"Arn": task.arn, "Code": code, "Message": message}}))
        };
        let update = match *request.method() {
            Method::GET => None,
            Method::PUT => {
                let invalid = |why: &str| failed(StatusCode::BAD_REQUEST, "InvalidParameterException", why);
                let body = Limited::new(request.into_body(), MOST_BYTES).collect().await;
                let Ok(body) = body else {
                    return invalid("UpdateTaskProtection: failed to decode request");
                };
                let Ok(update) = serde_json::from_slice::<Update>(&body.to_bytes()) else {
                    return invalid("UpdateTaskProtection: failed to decode request");
                };
                let Some(enabled) = update.protection_enabled else {
                    return invalid("Invalid request: does not contain 'ProtectionEnabled' field");
                };
                let expires_in_minutes = update.expires_in_minutes;
                Some(v1::TaskProtectionUpdate { enabled, expires_in_minutes })
            }
            _ => return (StatusCode::METHOD_NOT_ALLOWED, json!("method not allowed")),
        };
        let request =
            v1::TaskProtectionRequest { node_id: self.node_id.clone(), task_arn: task.arn.clone(), update };
        let unavailable = || {
            failed(
                StatusCode::GATEWAY_TIMEOUT,
                "RequestCanceled",
                "Timed out calling Amazon ECS Task Protection API",
            )
        };
        let Some(mut client) = self.client.clone() else { return unavailable() };
        match tokio::time::timeout(PATIENCE, client.task_protection(request)).await {
            Ok(Ok(answer)) => {
                let answer = answer.into_inner();
                let status = u16::try_from(answer.status).ok().and_then(|it| StatusCode::from_u16(it).ok());
                let body = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
                (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body)
            }
            Ok(Err(status)) => {
                tracing::warn!(task_arn = %task.arn, %status, "a task's protection was not asked for");
                unavailable()
            }
            Err(_) => unavailable(),
        }
    }
}
