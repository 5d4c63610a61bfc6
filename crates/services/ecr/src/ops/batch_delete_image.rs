//! BatchDeleteImage: takes tags away, and images that lose their last tag or are named by digest.

use gantry_api_ecr as api;
use gantry_base::AccountId;
use gantry_ecr_core::{Refusal, RepositoryName};
use gantry_service::Cx;

use super::image_id::{self, ImageId, Unfound};
use super::parameter;
use crate::Ecr;
use crate::error::EcrError;
use crate::images::delete::Removed;
use crate::images::find;

pub async fn batch_delete_image(
    ecr: &Ecr,
    cx: &Cx,
    input: api::BatchDeleteImageRequest,
) -> Result<api::BatchDeleteImageResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    ecr.may(cx, registry, &name, "ecr:BatchDeleteImage").await?;

    let (mut image_ids, mut failures, mut referenced) = (Vec::new(), Vec::new(), Vec::new());
    for id in input.image_ids {
        match delete(ecr, cx, registry, &name, &id).await? {
            Ok(removed) => image_ids.extend(ids_of(&removed)),
            Err(Unfound::Referenced(_)) => referenced.push(id),
            Err(unfound) => failures.push(unfound.failure(id)),
        }
    }
    // The lists that referred to these may have been deleted by the same request.
    for id in referenced {
        match delete(ecr, cx, registry, &name, &id).await? {
            Ok(removed) => image_ids.extend(ids_of(&removed)),
            Err(unfound) => failures.push(unfound.failure(id)),
        }
    }
    Ok(api::BatchDeleteImageResponse { image_ids: Some(image_ids), failures: Some(failures) })
}

async fn delete(
    ecr: &Ecr,
    cx: &Cx,
    registry: AccountId,
    name: &RepositoryName,
    id: &api::ImageIdentifier,
) -> Result<Result<Removed, Unfound>, EcrError> {
    let id = match ImageId::parse(id) {
        Ok(id) => id,
        Err(unfound) => return Ok(Err(unfound)),
    };
    if let Some(must_be) = id.must_be {
        let repository = ecr.may(cx, registry, name, "ecr:BatchDeleteImage").await?.repository;
        match find::resolve(&mut ecr.db.begin(), &repository, &id.reference).await? {
            Some(digest) if digest != must_be => return Ok(Err(Unfound::TagDoesNotMatch)),
            _ => {}
        }
    }
    match ecr.delete(cx, registry, name, &id.reference).await {
        Ok(Some(removed)) => Ok(Ok(removed)),
        Ok(None) => Ok(Err(Unfound::NotFound)),
        Err(EcrError::Refused(refusal @ Refusal::ReferencedByList { .. })) => {
            Ok(Err(Unfound::Referenced(refusal.to_string())))
        }
        Err(error) => Err(error),
    }
}

fn ids_of(removed: &Removed) -> Vec<api::ImageIdentifier> {
    match removed.tags.as_slice() {
        [] => vec![image_id::shown(removed.digest, None)],
        tags => tags.iter().map(|tag| image_id::shown(removed.digest, Some(tag))).collect(),
    }
}
