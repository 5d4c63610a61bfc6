//! CreateTags: lays tags over those of a file system; the older name of TagResource.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::find::Named;
use crate::tables::{FILE_SYSTEMS, file_system_key};
use crate::{Efs, tagged};

/// Sets the tags.
pub async fn run(efs: &Efs, cx: Cx, input: api::CreateTagsRequest) -> Result<Unit, Failure> {
    let mut tx = efs.db.begin();
    let named = Named::look_up(&mut tx, &cx, &input.file_system_id).await?;
    let permission = named.permission("elasticfilesystem:CreateTags");
    let permit = cx.authorize(permission.request_tags(tagged::pairs(&input.tags)))?;

    let mut file_system = named.there()?;
    file_system.tags = tagged::merge(&file_system.tags, input.tags)?;
    tx.put(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id), &file_system);
    tx.commit(&permit).await?;
    Ok(Unit)
}
