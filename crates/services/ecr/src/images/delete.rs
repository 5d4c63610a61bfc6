//! Taking tags and images away.

use gantry_base::AccountId;
use gantry_ecr_core::{Digest, Reference, Refusal, RepositoryName, Tag};
use gantry_service::Cx;
use gantry_store::{Scan, StoreError, Tx, key};

use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::error::EcrError;
use crate::images::put::uses;
use crate::tables::{
    CHILD_USES, IMAGES, Image, LINKS, Link, REFERRERS, Repository, TAGS, in_repository, link_key, tag_key,
};
use crate::tries::Tries;

/// What has been taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The image.
    pub digest: Digest,
    /// Its tags that are gone; for one that had none, none.
    pub tags: Vec<Tag>,
}

impl Ecr {
    /// Takes a tag away, with the image if that was its last; or an image with all its tags. For whoever may
    /// `ecr:BatchDeleteImage`. None if it is not there.
    pub async fn delete(
        &self,
        cx: &Cx,
        registry: AccountId,
        name: &RepositoryName,
        reference: &Reference,
    ) -> Result<Option<Removed>, EcrError> {
        let mut tries = Tries::default();
        loop {
            let deleted = self.try_delete(cx, registry, name, reference).await;
            if !tries.again(&deleted).await {
                return deleted;
            }
        }
    }

    async fn try_delete(
        &self,
        cx: &Cx,
        registry: AccountId,
        name: &RepositoryName,
        reference: &Reference,
    ) -> Result<Option<Removed>, EcrError> {
        let mut tx = self.db.begin();
        let Allowed { permit, repository, .. } =
            allowed(cx, &mut tx, registry, name, "ecr:BatchDeleteImage").await?;
        let Some(image) = super::find::image(&mut tx, &repository, reference).await? else {
            return Ok(None);
        };
        let lists = lists_of(&mut tx, &repository, image.digest).await?;
        let removed = match reference.tag() {
            Some(tag) if image.tags.len() > 1 || !lists.is_empty() => {
                take_tag(&mut tx, &repository, image, tag)
            }
            _ if !lists.is_empty() => return Err(Refusal::ReferencedByList { lists }.into()),
            _ => take_image(&mut tx, &repository, image),
        };
        tx.commit(&permit).await?;
        Ok(Some(removed))
    }
}

/// Some of the lists that refer to the image. That there are none is guarded until the commit.
pub async fn lists_of(
    tx: &mut Tx,
    repository: &Repository,
    image: Digest,
) -> Result<Vec<Digest>, StoreError> {
    let rows = tx.scan(&CHILD_USES, &key!(repository.id, image), Scan::first(10)).await?;
    let digests = rows.iter().filter_map(|(key, _)| key.parts().pop()?.parse().ok());
    Ok(digests.collect())
}

fn take_tag(tx: &mut Tx, repository: &Repository, mut image: Image, tag: &Tag) -> Removed {
    image.tags.remove(tag);
    tx.delete(&TAGS, &tag_key(&repository.id, tag));
    tx.put(&IMAGES, &in_repository(&repository.id, image.digest), &image);
    Removed { digest: image.digest, tags: vec![tag.clone()] }
}

/// Takes an image away with all its tags.
pub fn take_image(tx: &mut Tx, repository: &Repository, image: Image) -> Removed {
    for tag in &image.tags {
        tx.delete(&TAGS, &tag_key(&repository.id, tag));
    }
    for (table, at) in uses(repository, image.digest, &image.blobs, &image.children) {
        tx.delete(table, &at);
    }
    if let Some(subject) = image.subject {
        tx.delete(&REFERRERS, &key!(repository.id, subject, image.digest));
    }
    tx.delete(&LINKS, &link_key(image.digest, &repository.id, Link::Image));
    tx.delete(&IMAGES, &in_repository(&repository.id, image.digest));
    Removed { digest: image.digest, tags: image.tags.into_iter().collect() }
}
