//! DescribeImageReplicationStatus: to where an image has been replicated.

use gantry_api_ecr as api;
use gantry_service::Cx;
use gantry_store::{Scan, key};

use super::image_id::{self, ImageId, not_found};
use super::parameter;
use crate::Ecr;
use crate::error::EcrError;
use crate::images::find;
use crate::tables::{COPIED, Copied};

/// The most destinations that are shown; AWS has no more.
const MOST: usize = 2500;

pub async fn describe_image_replication_status(
    ecr: &Ecr,
    cx: &Cx,
    input: api::DescribeImageReplicationStatusRequest,
) -> Result<api::DescribeImageReplicationStatusResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let repository = ecr.may(cx, registry, &name, "ecr:DescribeImageReplicationStatus").await?.repository;
    let id = ImageId::required(&input.image_id)?;
    let mut tx = ecr.db.begin();
    let found = find::resolve(&mut tx, &repository, &id.reference).await?;
    let found = found.filter(|found| id.must_be.is_none_or(|must_be| must_be == *found));
    let digest = found.ok_or_else(|| not_found(&id.reference, &name, registry))?;
    if find::image(&mut tx, &repository, &digest.into()).await?.is_none() {
        return Err(not_found(&id.reference, &name, registry));
    }
    let copies = tx.scan(&COPIED, &key!(repository.id, digest), Scan::first(MOST)).await?;
    Ok(api::DescribeImageReplicationStatusResponse {
        repository_name: Some(name.to_string()),
        image_id: Some(image_id::shown(digest, id.reference.tag())),
        replication_statuses: Some(copies.into_iter().map(|(_, copied)| shown(copied)).collect()),
    })
}

fn shown(copied: Copied) -> api::ImageReplicationStatus {
    let status = match (copied.over, &copied.failure) {
        (false, _) => "IN_PROGRESS",
        (true, None) => "COMPLETE",
        (true, Some(_)) => "FAILED",
    };
    api::ImageReplicationStatus {
        region: Some(copied.to.region.to_string()),
        registry_id: Some(copied.to.registry.to_string()),
        status: Some(status.to_owned()),
        failure_code: copied.failure,
    }
}
