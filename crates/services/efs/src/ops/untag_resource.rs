//! UntagResource: takes tags of a file system or an access point away.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Efs;
use crate::find::{self, Named, NamedAccessPoint};
use crate::tables::{ACCESS_POINTS, FILE_SYSTEMS, access_point_key, file_system_key};

/// Removes the tags with these keys; a key that is not there is no error.
pub async fn run(efs: &Efs, cx: Cx, input: api::UntagResourceRequest) -> Result<Unit, Failure> {
    const ACTION: &str = "elasticfilesystem:UntagResource";
    let mut tx = efs.db.begin();
    let keys = || input.tag_keys.iter().map(String::as_str);
    let permit = if find::id(&input.resource_id).starts_with("fsap-") {
        let named = NamedAccessPoint::look_up(&mut tx, &cx, &input.resource_id).await?;
        let permit = cx.authorize(named.permission(ACTION).key("aws:TagKeys", keys()))?;
        let mut point = named.there()?;
        point.tags = point.tags.without(keys());
        tx.put(&ACCESS_POINTS, &access_point_key(cx.account, &cx.region, &point.id), &point);
        permit
    } else {
        let named = Named::look_up(&mut tx, &cx, &input.resource_id).await?;
        let permit = cx.authorize(named.permission(ACTION).key("aws:TagKeys", keys()))?;
        let mut file_system = named.there()?;
        file_system.tags = file_system.tags.without(keys());
        tx.put(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id), &file_system);
        permit
    };
    tx.commit(&permit).await?;
    Ok(Unit)
}
