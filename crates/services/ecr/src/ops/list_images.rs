//! ListImages: the ids of a repository's images, one for each tag, and one for an image without.

use gantry_api_ecr as api;
use gantry_base::PageToken;
use gantry_ecr_core::{Digest, Tag};
use gantry_service::Cx;
use gantry_store::{Scan, Tx, key};

use super::{image_id, parameter};
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{IMAGES, Image, RepositoryId, in_repository};

/// How many images are looked at before a page ends, filled or not, when few of them fit the filter.
const LOOK_AT: usize = 10_000;

/// An id in the listing. An image's ids follow each other in the order of its tags.
type Id = (Digest, Option<Tag>);

pub async fn list_images(
    ecr: &Ecr,
    cx: &Cx,
    input: api::ListImagesRequest,
) -> Result<api::ListImagesResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let repository = ecr.may(cx, registry, &name, "ecr:ListImages").await?.repository;
    let asked = input.filter.as_ref();
    let filter = Filter {
        tags: TagStatus::parse(asked.and_then(|filter| filter.tag_status.as_deref()))?,
        storage: Storage::parse(asked.and_then(|filter| filter.image_status.as_deref()))?,
    };
    let scope = format!("ListImages/{}/{filter:?}", repository.id);
    let after = parameter::resume(&scope, input.next_token.as_deref())?;
    let limit = parameter::page_size(input.max_results);

    let (ids, next) = page(&mut ecr.db.begin(), &repository.id, filter, after.as_deref(), limit).await?;
    let next_token = next.map(|after| PageToken::encode(&scope, &after));
    let image_ids = ids.iter().map(|(digest, tag)| image_id::shown(*digest, tag.as_ref())).collect();
    Ok(api::ListImagesResponse { image_ids: Some(image_ids), next_token })
}

async fn page(
    tx: &mut Tx,
    repository: &RepositoryId,
    filter: Filter,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Id>, Option<String>), EcrError> {
    let mut ids: Vec<Id> = Vec::new();
    // A token is the last id: its digest, and its tag where it had one.
    let (digest, tag) = after.map_or(("", ""), |after| after.split_once('/').unwrap_or((after, "")));
    let mut last = (!digest.is_empty()).then(|| in_repository(repository, digest));
    if let Some(row) = last.as_ref().filter(|_| !tag.is_empty())
        && let Some(image) = tx.get(&IMAGES, row).await?
    {
        ids.extend(ids_of(&image, filter).filter(|(_, id)| id.as_ref().is_some_and(|id| id.as_str() > tag)));
    }
    let mut looked_at = 0;
    let mut more = true;
    while ids.len() <= limit && more && looked_at < LOOK_AT {
        let rows = tx.scan(&IMAGES, &key!(repository), Scan::first(limit + 1).after(last.clone())).await?;
        more = rows.len() > limit;
        looked_at += rows.len();
        ids.extend(rows.iter().flat_map(|(_, image)| ids_of(image, filter)));
        last = rows.into_iter().last().map(|(row, _)| row).or(last);
    }
    let next = if ids.len() > limit {
        ids.truncate(limit);
        ids.last().map(|(digest, tag)| match tag {
            Some(tag) => format!("{digest}/{tag}"),
            None => digest.to_string(),
        })
    } else if more {
        last.and_then(|row| row.parts().pop())
    } else {
        None
    };
    Ok((ids, next))
}

fn ids_of(image: &Image, filter: Filter) -> impl Iterator<Item = Id> + '_ {
    let digest = image.digest;
    let tagged = image.tags.iter().map(move |tag| (digest, Some(tag.clone())));
    let untagged = image.tags.is_empty().then_some((digest, None));
    let fits = filter.fits(image);
    tagged.chain(untagged).filter(move |_| fits)
}

/// Which images are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    pub tags: TagStatus,
    pub storage: Storage,
}

impl Filter {
    /// Whether the image is one of those.
    pub fn fits(self, image: &Image) -> bool {
        let stored = match self.storage {
            Storage::Active => !image.archived,
            Storage::Archived => image.archived,
            // Out of the archive is out at once.
            Storage::Activating => false,
            Storage::Any => true,
        };
        stored && self.tags.fits(image)
    }
}

/// Images in the archive or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    Active,
    Archived,
    Activating,
    Any,
}

impl Storage {
    /// Reads AWS's word.
    pub fn parse(word: Option<&str>) -> Result<Storage, EcrError> {
        match word {
            None | Some("ACTIVE") => Ok(Storage::Active),
            Some("ARCHIVED") => Ok(Storage::Archived),
            Some("ACTIVATING") => Ok(Storage::Activating),
            Some("ANY") => Ok(Storage::Any),
            Some(_) => Err(EcrError::InvalidParameter {
                parameter: "filter.imageStatus",
                rule: "Member must satisfy enum value set: [ACTIVE, ARCHIVED, ACTIVATING, ANY]".to_owned(),
            }),
        }
    }
}

/// Images with tags or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagStatus {
    /// Those with a tag.
    Tagged,
    /// Those without.
    Untagged,
    /// All.
    Any,
}

impl TagStatus {
    /// Reads AWS's word.
    pub fn parse(word: Option<&str>) -> Result<TagStatus, EcrError> {
        match word {
            None | Some("ANY") => Ok(TagStatus::Any),
            Some("TAGGED") => Ok(TagStatus::Tagged),
            Some("UNTAGGED") => Ok(TagStatus::Untagged),
            Some(_) => Err(EcrError::InvalidParameter {
                parameter: "filter.tagStatus",
                rule: "Member must satisfy enum value set: [TAGGED, UNTAGGED, ANY]".to_owned(),
            }),
        }
    }

    /// Whether the image is one of those.
    pub fn fits(self, image: &Image) -> bool {
        match self {
            TagStatus::Any => true,
            TagStatus::Tagged => !image.tags.is_empty(),
            TagStatus::Untagged => image.tags.is_empty(),
        }
    }
}
