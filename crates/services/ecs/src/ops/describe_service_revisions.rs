//! DescribeServiceRevisions: what tasks of services were made of, by ARN.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::service_deployment::named;
use super::{shapes, shared};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::service::SERVICE_REVISIONS;

/// Most revisions in one request.
const MOST: usize = 20;

/// Reads the revisions in the order of the request.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DescribeServiceRevisionsRequest,
) -> Result<api::DescribeServiceRevisionsResponse, Failure> {
    if input.service_revision_arns.is_empty() {
        return Err(EcsError::invalid("serviceRevisionArns cannot be empty.").into());
    }
    if input.service_revision_arns.len() > MOST {
        return Err(EcsError::invalid(format!("serviceRevisionArns can have at most {MOST} items.")).into());
    }
    let mut tx = ecs.db.begin();
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for text in &input.service_revision_arns {
        let (name, id) = named(&cx, "service-revision", text)?;
        let arn = name.revision_arn(&id);
        let permission =
            Permission::on("ecs:DescribeServiceRevisions", &arn).key("ecs:service", [name.arn().to_string()]);
        cx.authorize(shared::in_cluster(permission, &name.place, &name.cluster))?;
        match tx.peek(&SERVICE_REVISIONS, &name.key().with(&id)).await? {
            Some(row) => found.push(shapes::service::revision(&name, &row)?),
            None => failures.push(shared::missing(&arn)),
        }
    }
    Ok(api::DescribeServiceRevisionsResponse { service_revisions: Some(found), failures: Some(failures) })
}
