//! DeleteTags: takes tags of a file system away; the older name of UntagResource.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Efs;
use crate::find::Named;
use crate::tables::{FILE_SYSTEMS, file_system_key};

/// Removes the tags with these keys.
pub async fn run(efs: &Efs, cx: Cx, input: api::DeleteTagsRequest) -> Result<Unit, Failure> {
    let mut tx = efs.db.begin();
    let named = Named::look_up(&mut tx, &cx, &input.file_system_id).await?;
    let keys = || input.tag_keys.iter().map(String::as_str);
    let permit = cx.authorize(named.permission("elasticfilesystem:DeleteTags").key("aws:TagKeys", keys()))?;

    let mut file_system = named.there()?;
    file_system.tags = file_system.tags.without(keys());
    tx.put(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id), &file_system);
    tx.commit(&permit).await?;
    Ok(Unit)
}
