//! DescribeServiceRevisions: what tasks of services were made of, by ARN.

use gantry_api_ecs as api;
use gantry_base::Arn;
use gantry_service::{Cx, Failure, Permission};

use super::service_deployment::named;
use super::{shapes, shared};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::service::{SERVICE_REVISIONS, SERVICES, ServiceName};

/// Most revisions in one request.
const MOST: usize = 20;

/// Reads the revisions of a service in the order of the request.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DescribeServiceRevisionsRequest,
) -> Result<api::DescribeServiceRevisionsResponse, Failure> {
    if input.service_revision_arns.len() > MOST {
        return Err(EcsError::invalid(format!("Service Revision ARN count cannot exceed {MOST}")).into());
    }
    let asked = input.service_revision_arns.iter().map(|text| revision(&cx, text));
    let asked = asked.collect::<Result<Vec<_>, _>>()?;
    let Some((service, _)) = asked.first() else { return Err(no_arn().into()) };
    for (name, id) in &asked {
        let arn = name.revision_arn(id);
        let permission =
            Permission::on("ecs:DescribeServiceRevisions", &arn).key("ecs:service", [name.arn().to_string()]);
        cx.authorize(shared::in_cluster(permission, &name.place, &name.cluster))?;
    }
    if asked.iter().any(|(name, _)| name != service) {
        let message = "Cross service requests are not allowed. All requested service revisions must be for a single \
                       service";
        return Err(EcsError::invalid(message).into());
    }
    let mut tx = ecs.db.begin();
    shared::active_cluster(&mut tx, &service.place, &service.cluster).await?;
    tx.peek(&SERVICES, &service.key()).await?.ok_or(EcsError::ServiceNotFound)?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for (name, id) in &asked {
        match tx.peek(&SERVICE_REVISIONS, &name.key().with(id)).await? {
            Some(row) => found.push(shapes::service::revision(name, &row)?),
            None => failures.push(shared::missing(&name.revision_arn(id))),
        }
    }
    Ok(api::DescribeServiceRevisionsResponse { service_revisions: Some(found), failures: Some(failures) })
}

/// The service of a revision and its id.
fn revision(cx: &Cx, text: &str) -> Result<(ServiceName, String), EcsError> {
    if text.parse::<Arn>().is_err() {
        return Err(no_arn());
    }
    let found = named(cx, "service-revision", text).ok();
    let found = found.filter(|(_, id)| id.bytes().all(|digit| digit.is_ascii_digit()));
    found.ok_or_else(|| EcsError::invalid("The ServiceRevision ARN is invalid."))
}

fn no_arn() -> EcsError {
    EcsError::invalid("The Service ARN provided is invalid.")
}
