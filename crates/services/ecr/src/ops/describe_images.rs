//! DescribeImages: what is known of a repository's images.

use gantry_api_ecr as api;
use gantry_base::{AccountId, PageToken};
use gantry_ecr_core::Tag;
use gantry_service::Cx;
use gantry_store::{Scan, key};

use super::image_id::{ImageId, not_found};
use super::list_images::{Filter, Storage, TagStatus};
use super::{parameter, scan};
use crate::Ecr;
use crate::error::EcrError;
use crate::images::find;
use crate::tables::{IMAGES, Image, Repository, in_repository};

/// How many images are looked at before a page ends, filled or not, when few of them fit the filter.
const LOOK_AT: usize = 10_000;

pub async fn describe_images(
    ecr: &Ecr,
    cx: &Cx,
    input: api::DescribeImagesRequest,
) -> Result<api::DescribeImagesResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let repository = ecr.may(cx, registry, &name, "ecr:DescribeImages").await?.repository;
    match &input.image_ids {
        Some(_) if input.max_results.is_some() || input.next_token.is_some() => {
            Err(EcrError::InvalidParameter {
                parameter: "imageIds",
                rule: "cannot be used with maxResults or nextToken".to_owned(),
            })
        }
        Some(ids) => named(ecr, registry, &repository, ids).await,
        None => page(ecr, registry, &repository, &input).await,
    }
}

async fn named(
    ecr: &Ecr,
    registry: AccountId,
    repository: &Repository,
    ids: &[api::ImageIdentifier],
) -> Result<api::DescribeImagesResponse, EcrError> {
    let mut tx = ecr.db.begin();
    let mut images: Vec<Image> = Vec::with_capacity(ids.len());
    for id in ids {
        let id = ImageId::parse(id).map_err(|_| EcrError::InvalidParameter {
            parameter: "imageIds",
            rule: "must each have a digest, a tag or both".to_owned(),
        })?;
        let found = find::image(&mut tx, repository, &id.reference).await?;
        let found = found.filter(|image| id.must_be.is_none_or(|digest| digest == image.digest));
        let image = found.ok_or_else(|| not_found(&id.reference, &repository.name, registry))?;
        if !images.iter().any(|other| other.digest == image.digest) {
            images.push(image);
        }
    }
    let image_details = images.iter().map(|image| shown(registry, repository, image)).collect();
    Ok(api::DescribeImagesResponse { image_details: Some(image_details), next_token: None })
}

async fn page(
    ecr: &Ecr,
    registry: AccountId,
    repository: &Repository,
    input: &api::DescribeImagesRequest,
) -> Result<api::DescribeImagesResponse, EcrError> {
    let asked = input.filter.as_ref();
    let filter = Filter {
        tags: TagStatus::parse(asked.and_then(|filter| filter.tag_status.as_deref()))?,
        storage: Storage::parse(asked.and_then(|filter| filter.image_status.as_deref()))?,
    };
    let scope = format!("DescribeImages/{}/{filter:?}", repository.id);
    let mut last = parameter::resume(&scope, input.next_token.as_deref())?;
    let limit = parameter::page_size(input.max_results);

    let mut tx = ecr.db.begin();
    let mut images: Vec<Image> = Vec::new();
    let mut looked_at = 0;
    let mut more = true;
    while images.len() < limit && more && looked_at < LOOK_AT {
        let wanted = limit - images.len();
        let after = last.as_ref().map(|digest| in_repository(&repository.id, digest));
        let mut rows = tx.scan(&IMAGES, &key!(repository.id), Scan::first(wanted + 1).after(after)).await?;
        more = rows.len() > wanted;
        rows.truncate(wanted);
        looked_at += rows.len();
        last = rows.last().map(|(_, image)| image.digest.to_string()).or(last);
        images.extend(rows.into_iter().map(|(_, image)| image).filter(|image| filter.fits(image)));
    }
    let next_token = last.filter(|_| more).map(|last| PageToken::encode(&scope, &last));
    let image_details = images.iter().map(|image| shown(registry, repository, image)).collect();
    Ok(api::DescribeImagesResponse { image_details: Some(image_details), next_token })
}

fn shown(registry: AccountId, repository: &Repository, image: &Image) -> api::ImageDetail {
    let tags: Vec<String> = image.tags.iter().map(Tag::to_string).collect();
    api::ImageDetail {
        registry_id: Some(registry.to_string()),
        repository_name: Some(repository.name.to_string()),
        image_digest: Some(image.digest.to_string()),
        image_tags: (!tags.is_empty()).then_some(tags),
        image_size_in_bytes: Some(i64::try_from(image.image_bytes).unwrap_or(i64::MAX)),
        image_pushed_at: Some(image.pushed_at),
        image_manifest_media_type: Some(image.media_type.to_string()),
        artifact_media_type: image.artifact_type.clone(),
        last_recorded_pull_time: image.pulled_at,
        subject_manifest_digest: image.subject.map(|subject| subject.to_string()),
        image_scan_status: scan::shown(image),
        image_status: Some(image.status().to_owned()),
        last_archived_at: image.archived_at,
        last_activated_at: image.activated_at,
        ..Default::default()
    }
}
