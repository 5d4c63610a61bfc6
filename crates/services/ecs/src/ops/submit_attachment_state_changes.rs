//! SubmitAttachmentStateChanges: an agent tells that interfaces of tasks are attached.

use gantry_api_ecs as api;
use gantry_base::Arn;
use gantry_service::{Cx, Failure};
use gantry_store::{Scan, Tx};

use super::shared;
use super::state_change::{self, ACKNOWLEDGED};
use crate::Ecs;
use crate::error::EcsError;
use crate::events;
use crate::names::Place;
use crate::tables::cluster;
use crate::tables::task::{AttachmentStatus, TASKS, Task};

/// Notes each status. All attachments must be there.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::SubmitAttachmentStateChangesRequest,
) -> Result<api::SubmitAttachmentStateChangesResponse, Failure> {
    let place = shared::place(&cx);
    let mut tx = ecs.db.begin();
    let given = input.cluster.as_deref();
    let action = "ecs:SubmitAttachmentStateChanges";
    let permit = state_change::authorize(&mut tx, &cx, action, given).await?;
    let cluster = shared::asked_cluster(&place, given)?;
    for change in &input.attachments {
        let mut task = task_of(&mut tx, &place, &cluster, &change.attachment_arn).await?;
        let status = match change.status.as_str() {
            "ATTACHED" => AttachmentStatus::Attached,
            "DETACHED" | "DELETED" => AttachmentStatus::Deleted,
            other => return Err(EcsError::client(format!("Invalid attachment status: {other}")).into()),
        };
        let Some(attachment) = &mut task.attachment else { continue };
        // One that is being removed does not come back, and an interface is gone only when it has been deleted.
        if attachment.status == AttachmentStatus::Precreated && status == AttachmentStatus::Attached {
            attachment.status = status;
            tx.put(&TASKS, &task.name.key(), &task);
            events::task_changed(&mut tx, &task, cx.now);
        }
    }
    tx.commit(&permit).await?;
    Ok(api::SubmitAttachmentStateChangesResponse { acknowledgment: Some(ACKNOWLEDGED.to_owned()) })
}

/// The task of the cluster that has the attachment.
async fn task_of(tx: &mut Tx, place: &Place, cluster: &str, text: &str) -> Result<Task, Failure> {
    let missing = || EcsError::client(format!("The referenced attachment was not found: {text}"));
    let arn: Arn = text.parse().map_err(|_| missing())?;
    let id = arn.resource().strip_prefix("attachment/").ok_or_else(missing)?.to_owned();
    let tasks = tx.peek_scan(&TASKS, &cluster::key(place, cluster), Scan::all()).await?;
    let found = tasks.into_iter().map(|(_, task)| task);
    let mut found = found.filter(|task| task.attachment.as_ref().is_some_and(|one| one.id == id));
    Ok(found.next().ok_or_else(missing)?)
}
