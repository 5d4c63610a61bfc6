//! Finding an image by tag or digest.

use std::time::Duration;

use bytes::Bytes;
use gantry_base::AccountId;
use gantry_ecr_core::{Digest, Reference, Refusal, RepositoryName, StoredManifest, Want};
use gantry_iam_core::Principal;
use gantry_service::Cx;
use gantry_store::Tx;

use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::error::EcrError;
use crate::tables::{EXCLUSIONS, IMAGES, Image, Repository, TAGS, exclusion_key, in_repository, tag_key};

/// How old the time of the last pull may be; AWS tells it to the day.
const PULL_PRECISION: Duration = Duration::from_secs(24 * 60 * 60);

/// What the reference points to.
pub async fn resolve(
    tx: &mut Tx,
    repository: &Repository,
    reference: &Reference,
) -> Result<Option<Digest>, EcrError> {
    Ok(match reference {
        Reference::Digest(digest) => Some(*digest),
        Reference::Tag(tag) => {
            tx.get(&TAGS, &tag_key(&repository.id, tag)).await?.map(|target| target.digest)
        }
    })
}

/// The image, if it is there.
pub async fn image(
    tx: &mut Tx,
    repository: &Repository,
    reference: &Reference,
) -> Result<Option<Image>, EcrError> {
    match resolve(tx, repository, reference).await? {
        Some(digest) => Ok(tx.get(&IMAGES, &in_repository(&repository.id, digest)).await?),
        None => Ok(None),
    }
}

/// Whether pulls by this caller are passed over where last pulls are noted.
async fn excluded(tx: &mut Tx, cx: &Cx, registry: AccountId) -> Result<bool, EcrError> {
    let arn = match &cx.caller.principal {
        Principal::User { arn, .. } | Principal::AssumedRole { role_arn: arn, .. } => arn,
        _ => return Ok(false),
    };
    Ok(tx.peek(&EXCLUSIONS, &exclusion_key(registry, &cx.region, arn)).await?.is_some())
}

impl Ecr {
    /// A manifest, for whoever may `ecr:BatchGetImage`.
    pub async fn manifest_of(
        &self,
        cx: &Cx,
        registry: AccountId,
        name: &RepositoryName,
        reference: &Reference,
        want: Want,
    ) -> Result<StoredManifest, EcrError> {
        self.pull_through(cx, registry, name, reference).await?;
        let mut tx = self.db.begin();
        let Allowed { permit, repository, .. } =
            allowed(cx, &mut tx, registry, name, "ecr:BatchGetImage").await?;
        let Some(image) = image(&mut tx, &repository, reference).await? else {
            let reference = reference.clone();
            return Err(Refusal::ImageNotFound { reference, repository: name.clone(), registry }.into());
        };
        if image.archived {
            let (digest, repository) = (image.digest, name.clone());
            return Err(Refusal::ImageArchived { digest, repository, registry }.into());
        }
        let body = match want {
            Want::Content => self.body_of(&image).await?,
            Want::Existence => Bytes::new(),
        };
        let stale = image.pulled_at.is_none_or(|pulled_at| cx.now.since(pulled_at) > PULL_PRECISION);
        if want == Want::Content && stale && !excluded(&mut tx, cx, registry).await? {
            let row = in_repository(&repository.id, image.digest);
            tx.put(&IMAGES, &row, &Image { pulled_at: Some(cx.now), ..image.clone() });
            match tx.commit(&permit).await {
                // Whoever wrote the image meanwhile, the pull after this one is noted.
                Ok(_) | Err(gantry_store::StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(StoredManifest {
            digest: image.digest,
            media_type: image.media_type,
            size: image.manifest_bytes,
            body,
        })
    }

    /// The manifest's bytes.
    pub async fn body_of(&self, image: &Image) -> Result<Bytes, EcrError> {
        let blob = self.find_blob(image.digest).await?;
        Ok(self.blobs.bytes(&blob.location).await?)
    }
}
