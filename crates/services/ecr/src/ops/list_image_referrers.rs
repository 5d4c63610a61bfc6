//! ListImageReferrers: the artifacts that say something about an image.

use gantry_api_ecr as api;
use gantry_base::PageToken;
use gantry_ecr_core::{Digest, Manifest, Refusal};
use gantry_service::Cx;
use gantry_store::{Key, Scan, key};

use super::list_images::Storage;
use super::parameter;
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{IMAGES, REFERRERS, in_repository};

/// The most referrers of a page; each costs a look at its manifest.
const PAGE: usize = 50;

pub async fn list_image_referrers(
    ecr: &Ecr,
    cx: &Cx,
    input: api::ListImageReferrersRequest,
) -> Result<api::ListImageReferrersResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let repository = ecr.may(cx, registry, &name, "ecr:ListImageReferrers").await?.repository;
    let subject: Digest = input
        .subject_id
        .image_digest
        .parse()
        .map_err(|error| EcrError::from(Refusal::DigestInvalid(error)))?;
    let filter = input.filter.unwrap_or_default();
    let kinds = filter.artifact_types.unwrap_or_default();
    let scope = format!("ListImageReferrers/{}/{subject}/{kinds:?}", repository.id);
    let after = parameter::resume(&scope, input.next_token.as_deref())?;
    let mut referrers = Vec::new();
    let mut next = None;
    let storage = Storage::parse(filter.artifact_status.as_deref())?;
    if storage != Storage::Activating {
        let limit = parameter::page_size(input.max_results).min(PAGE);
        let after = after.map(|last| key!(repository.id, subject, last));
        let mut tx = ecr.db.begin();
        let scan = Scan::first(limit + 1).after(after);
        let rows = tx.scan(&REFERRERS, &key!(repository.id, subject), scan).await?;
        let found = rows.iter().take(limit).filter_map(|(row, _)| row.parts().pop()?.parse().ok());
        let digests: Vec<Digest> = found.collect();
        next = digests.last().filter(|_| rows.len() > limit).map(Digest::to_string);
        let rows: Vec<Key> = digests.iter().map(|digest| in_repository(&repository.id, digest)).collect();
        for image in tx.get_many(&IMAGES, &rows).await?.into_iter().flatten() {
            let wanted = match storage {
                Storage::Active => !image.archived,
                Storage::Archived => image.archived,
                Storage::Any | Storage::Activating => true,
            };
            if !wanted {
                continue;
            }
            let kind = image.artifact_type.as_deref().unwrap_or_default();
            if !kinds.is_empty() && !kinds.iter().any(|wanted| wanted == kind) {
                continue;
            }
            // The annotations are only in the manifest itself.
            let body = ecr.body_of(&image).await?;
            let manifest = Manifest::parse(&body, Some(image.media_type.as_str()));
            let manifest = manifest.map_err(|error| {
                EcrError::internal(format_args!("{} is not valid: {error}", image.digest))
            })?;
            referrers.push(api::ImageReferrer {
                digest: image.digest.to_string(),
                media_type: image.media_type.to_string(),
                artifact_type: image.artifact_type.clone(),
                size: i64::try_from(image.manifest_bytes).unwrap_or(i64::MAX),
                annotations: (!manifest.annotations.is_empty())
                    .then(|| manifest.annotations.into_iter().collect()),
                artifact_status: Some(image.status().to_owned()),
            });
        }
    }
    let next_token = next.map(|last| PageToken::encode(&scope, &last));
    Ok(api::ListImageReferrersResponse { referrers: Some(referrers), next_token })
}
