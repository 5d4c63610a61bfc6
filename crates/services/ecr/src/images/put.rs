//! Storing an image: all that it refers to is there, or it is not stored.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use gantry_base::AccountId;
use gantry_ecr_core::{Digest, Manifest, Refusal, RepositoryName, Tag};
use gantry_service::Cx;
use gantry_store::{Key, Tx, key};

use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::arrival::{Arrival, Source};
use crate::error::EcrError;
use crate::loops;
use crate::tables::{
    CHILD_USES, COPIED, COPIES, Copied, Copying, Destination, IMAGES, Image, LAYER_USES, LAYERS, LINKS, Link,
    Mark, REFERRERS, REPLICATIONS, Repository, TAGS, TagTarget, copy_key, in_repository, link_key,
    repositories_of, tag_key,
};
use crate::tries::Tries;

/// An image to be stored.
pub struct NewImage<'a> {
    /// The account whose registry it goes to.
    pub registry: AccountId,
    /// Its repository.
    pub repository: &'a RepositoryName,
    /// The tag to point to it.
    pub tag: Option<&'a Tag>,
    /// What it must be.
    pub digest: Option<Digest>,
    /// What the request says it is.
    pub media_type: Option<&'a str>,
    /// The manifest.
    pub body: Bytes,
    /// What if the very same image is there under the same tag.
    pub again: Again,
}

/// What if an image is pushed that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Nothing.
    Fine,
    /// It is refused, as PutImage does.
    Refused,
}

/// An image that has been stored.
pub struct Stored {
    /// Its digest.
    pub digest: Digest,
    /// The manifest.
    pub manifest: Manifest,
}

impl Ecr {
    /// Stores an image, for whoever may `ecr:PutImage`.
    pub async fn put(&self, cx: &Cx, new: NewImage<'_>) -> Result<Stored, EcrError> {
        // Who may not push is told that before anything about the manifest.
        self.may(cx, new.registry, new.repository, "ecr:PutImage").await?;
        let manifest = Manifest::parse(&new.body, new.media_type).map_err(Refusal::from)?;
        let computed = Digest::of(&new.body);
        if let Some(given) = new.digest.filter(|given| *given != computed) {
            return Err(Refusal::DigestMismatch { given, computed }.into());
        }
        let mut arrival = Arrival::new(Source::Content(new.body.clone()), computed, new.body.len() as u64);
        let mut tries = Tries::default();
        let put = loop {
            arrival.begin();
            let put = self.try_put(cx, &new, computed, &manifest, &mut arrival).await;
            if !tries.again(&put).await {
                break put;
            }
        };
        match &put {
            Ok(()) => arrival.settle(self, true).await,
            Err(EcrError::Failed(_)) => {}
            Err(_) => arrival.settle(self, false).await,
        }
        put.map(|()| Stored { digest: computed, manifest })
    }

    async fn try_put(
        &self,
        cx: &Cx,
        new: &NewImage<'_>,
        digest: Digest,
        manifest: &Manifest,
        arrival: &mut Arrival,
    ) -> Result<(), EcrError> {
        let mut tx = self.db.begin();
        let Allowed { permit, repository, registry } =
            allowed(cx, &mut tx, new.registry, new.repository, "ecr:PutImage").await?;
        let row = in_repository(&repository.id, digest);
        let there = tx.get(&IMAGES, &row).await?;
        let moved_from = check_tag(&mut tx, new, &repository, digest, there.is_some()).await?;

        let mut image = match there {
            // What is pushed again is wanted again.
            Some(image) if image.archived => Image { archived: false, activated_at: Some(cx.now), ..image },
            Some(image) => image,
            None => {
                let image_bytes = require_content(&mut tx, &repository, registry, manifest).await?;
                arrival.claim(self, &mut tx).await?;
                let image = Image {
                    digest,
                    media_type: manifest.media_type,
                    artifact_type: manifest.artifact_type().map(str::to_owned),
                    manifest_bytes: new.body.len() as u64,
                    image_bytes,
                    pushed_at: cx.now,
                    pulled_at: None,
                    archived: false,
                    archived_at: None,
                    activated_at: None,
                    scan_asked_at: repository.scan_on_push.then_some(cx.now),
                    tags: BTreeSet::new(),
                    blobs: manifest.blobs(),
                    children: manifest.children(),
                    subject: manifest.subject.as_ref().map(|subject| subject.digest),
                };
                need(&mut tx, &repository, &image);
                image
            }
        };
        if let Some(tag) = new.tag {
            if let Some(mut other) = moved_from {
                other.tags.remove(tag);
                tx.put(&IMAGES, &in_repository(&repository.id, other.digest), &other);
            }
            image.tags.insert(tag.clone());
            tx.put(&TAGS, &tag_key(&repository.id, tag), &TagTarget { digest });
        }
        tx.put(&IMAGES, &row, &image);
        let place = Destination { region: cx.region.clone(), registry };
        plan_copies(&mut tx, place, &repository, digest, new.tag).await?;
        tx.commit(&permit).await?;
        Ok(())
    }
}

/// Notes what a new image needs.
pub fn need(tx: &mut Tx, repository: &Repository, image: &Image) {
    tx.put(&LINKS, &link_key(image.digest, &repository.id, Link::Image), &Mark {});
    for (table, at) in uses(repository, image.digest, &image.blobs, &image.children) {
        tx.put(table, &at, &Mark {});
    }
    if let Some(subject) = &image.subject {
        tx.put(&REFERRERS, &key!(repository.id, subject, image.digest), &Mark {});
    }
}

/// Has an image that was pushed replicated to where its registry wants it.
async fn plan_copies(
    tx: &mut Tx,
    from: Destination,
    repository: &Repository,
    image: Digest,
    tag: Option<&Tag>,
) -> Result<(), EcrError> {
    let wanted = tx.peek(&REPLICATIONS, &repositories_of(from.registry, &from.region)).await?;
    for to in wanted.unwrap_or_default().destinations(&repository.name) {
        let row = copy_key(&repository.id, image, &to);
        tx.put(&COPIED, &row, &Copied { to: to.clone(), failure: None, over: false });
        let (from, repository, tag) = (from.clone(), repository.name.clone(), tag.cloned());
        tx.put(&COPIES, &row, &Copying { from, repository, tag, to });
        tx.wake(loops::REPLICATION);
    }
    Ok(())
}

/// Checks that the tag may be set, and gives the image that it is taken from.
async fn check_tag(
    tx: &mut Tx,
    new: &NewImage<'_>,
    repository: &Repository,
    digest: Digest,
    there: bool,
) -> Result<Option<Image>, EcrError> {
    let target = match new.tag {
        Some(tag) => tx.get(&TAGS, &tag_key(&repository.id, tag)).await?,
        None => None,
    };
    if let Some(tag) = new.tag.filter(|tag| target.is_some() && !repository.mutability.lets_move(tag)) {
        return Err(Refusal::TagImmutable { tag: tag.clone(), repository: repository.name.clone() }.into());
    }
    let same = there && (new.tag.is_none() || target.as_ref().is_some_and(|target| target.digest == digest));
    if same && new.again == Again::Refused {
        return Err(EcrError::ImageAlreadyExists {
            digest,
            tag: new.tag.cloned(),
            repository: repository.name.clone(),
            registry: new.registry,
        });
    }
    match target.filter(|target| target.digest != digest) {
        Some(target) => Ok(tx.get(&IMAGES, &in_repository(&repository.id, target.digest)).await?),
        None => Ok(None),
    }
}

/// Checks that the repository has what the manifest refers to, of the sizes that it says, guarded until the
/// commit, and gives the image's size in bytes.
async fn require_content(
    tx: &mut Tx,
    repository: &Repository,
    registry: AccountId,
    manifest: &Manifest,
) -> Result<u64, EcrError> {
    let blobs: Vec<Digest> = manifest.blobs().into_iter().collect();
    let children: Vec<Digest> = manifest.children().into_iter().collect();
    let rows = |digests: &[Digest]| -> Vec<Key> {
        digests.iter().map(|digest| in_repository(&repository.id, digest)).collect()
    };
    let layers = tx.get_many(&LAYERS, &rows(&blobs)).await?;
    let missing = absent(&blobs, &layers);
    if !missing.is_empty() {
        let repository = repository.name.clone();
        return Err(Refusal::LayersNotFound { digests: missing, repository, registry }.into());
    }
    let images = tx.get_many(&IMAGES, &rows(&children)).await?;
    let missing = absent(&children, &images);
    if !missing.is_empty() {
        let repository = repository.name.clone();
        return Err(Refusal::ReferencedImagesNotFound { digests: missing, repository, registry }.into());
    }
    let kept = blobs.iter().zip(&layers).filter_map(|(digest, row)| Some((*digest, row.as_ref()?.bytes)));
    let listed = children
        .iter()
        .zip(&images)
        .filter_map(|(digest, row)| Some((*digest, row.as_ref()?.manifest_bytes)));
    let sizes: BTreeMap<Digest, u64> = kept.chain(listed).collect();
    manifest.check_sizes(|digest| sizes.get(&digest).copied()).map_err(Refusal::from)?;
    let own: u64 = layers.iter().flatten().map(|layer| layer.bytes).sum();
    let largest = images.iter().flatten().map(|image| image.image_bytes).max().unwrap_or(0);
    Ok(own + largest)
}

fn absent<V>(digests: &[Digest], rows: &[Option<V>]) -> Vec<Digest> {
    digests.iter().zip(rows).filter(|(_, row)| row.is_none()).map(|(digest, _)| *digest).collect()
}

/// The rows that say what an image needs.
pub fn uses<'a>(
    repository: &'a Repository,
    image: Digest,
    blobs: &'a BTreeSet<Digest>,
    children: &'a BTreeSet<Digest>,
) -> impl Iterator<Item = (&'static gantry_store::Table<Mark>, Key)> + 'a {
    let blobs = blobs.iter().map(move |blob| (&LAYER_USES, key!(repository.id, blob, image)));
    let children = children.iter().map(move |child| (&CHILD_USES, key!(repository.id, child, image)));
    blobs.chain(children)
}
