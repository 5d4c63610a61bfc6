//! DeleteRepository: deletes a repository; with images in it only by force.

use gantry_api_ecr as api;
use gantry_service::Cx;
use gantry_store::{Scan, key};

use super::parameter;
use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::error::EcrError;
use crate::loops;
use crate::tables::{GRAVES, IMAGES, Mark, REPOSITORIES, repository_key};

pub async fn delete_repository(
    ecr: &Ecr,
    cx: &Cx,
    input: api::DeleteRepositoryRequest,
) -> Result<api::DeleteRepositoryResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let mut tx = ecr.db.begin();
    let Allowed { permit, repository, .. } =
        allowed(cx, &mut tx, registry, &name, "ecr:DeleteRepository").await?;

    let force = input.force.unwrap_or(false);
    if !force && !tx.scan(&IMAGES, &key!(repository.id), Scan::first(1)).await?.is_empty() {
        return Err(EcrError::RepositoryNotEmpty { repository: name, registry });
    }
    tx.delete(&REPOSITORIES, &repository_key(registry, &cx.region, name.as_str()));
    tx.put(&GRAVES, &key!(repository.id), &Mark {});
    tx.wake(loops::GRAVES);
    tx.commit(&permit).await?;
    Ok(api::DeleteRepositoryResponse { repository: Some(super::shown(ecr, cx, registry, &repository)) })
}
