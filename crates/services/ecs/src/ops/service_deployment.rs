//! Deployments and revisions of services as users name them: by ARN.

use gantry_base::Arn;
use gantry_service::Cx;

use super::shared;
use crate::error::EcsError;
use crate::names::Place;
use crate::tables::service::ServiceName;

/// `service-deployment/CLUSTER/SERVICE/ID`, or the same of a revision: the service, and the id.
pub(super) fn named(cx: &Cx, kind: &str, text: &str) -> Result<(ServiceName, String), EcsError> {
    let bad = || EcsError::invalid(format!("Invalid identifier: {text}"));
    let arn: Arn = text.parse().map_err(|_| bad())?;
    let place: Place = shared::place(cx);
    if arn.service() != "ecs"
        || arn.account() != place.account.as_str()
        || arn.region() != place.region.as_str()
    {
        return Err(bad());
    }
    let rest = arn.resource().strip_prefix(kind).and_then(|rest| rest.strip_prefix('/')).ok_or_else(bad)?;
    match rest.split('/').collect::<Vec<_>>()[..] {
        [cluster, name, id] if !id.is_empty() => {
            Ok((ServiceName { place, cluster: cluster.to_owned(), name: name.to_owned() }, id.to_owned()))
        }
        _ => Err(bad()),
    }
}
