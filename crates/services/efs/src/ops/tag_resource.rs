//! TagResource: lays tags over those of a file system or an access point.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::find::{self, Named, NamedAccessPoint};
use crate::tables::{ACCESS_POINTS, FILE_SYSTEMS, access_point_key, file_system_key};
use crate::{Efs, tagged};

/// Sets the tags.
pub async fn run(efs: &Efs, cx: Cx, input: api::TagResourceRequest) -> Result<Unit, Failure> {
    const ACTION: &str = "elasticfilesystem:TagResource";
    let mut tx = efs.db.begin();
    let given = || tagged::pairs(&input.tags);
    let permit = if find::id(&input.resource_id).starts_with("fsap-") {
        let named = NamedAccessPoint::look_up(&mut tx, &cx, &input.resource_id).await?;
        let permit = cx.authorize(named.permission(ACTION).request_tags(given()))?;
        let mut point = named.there()?;
        point.tags = tagged::merge(&point.tags, input.tags)?;
        tx.put(&ACCESS_POINTS, &access_point_key(cx.account, &cx.region, &point.id), &point);
        permit
    } else {
        let named = Named::look_up(&mut tx, &cx, &input.resource_id).await?;
        let permit = cx.authorize(named.permission(ACTION).request_tags(given()))?;
        let mut file_system = named.there()?;
        file_system.tags = tagged::merge(&file_system.tags, input.tags)?;
        tx.put(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id), &file_system);
        permit
    };
    tx.commit(&permit).await?;
    Ok(Unit)
}
