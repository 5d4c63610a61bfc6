//! Copying an image to another registry of this Gantry. Content is kept once for all of them, so only rows are written.

use std::collections::BTreeSet;
use std::sync::Arc;

use gantry_base::Timestamp;
use gantry_ecr_core::{Digest, Tag};
use gantry_iam_core::Caller;
use gantry_reconcile::Pass;
use gantry_service::{Cx, Failure, Handlers, Origin, Permission};
use gantry_store::Tx;

use super::put::need;
use crate::Ecr;
use crate::access::{parse_registry, repository_arn};
use crate::error::EcrError;
use crate::tables::{
    AppliedFor, Copying, IMAGES, Image, LAYERS, LINKS, Layer, Link, Mark, Needed, REGISTRY_POLICIES,
    REPOSITORIES, Repository, RepositoryId, TAGS, TagTarget, in_repository, link_key, make_needed,
    repositories_of, repository_key, tag_key, template_for,
};

/// The most images that one copy takes with it: those of a list, and of the lists in it.
const IMAGES_AT_MOST: usize = 200;

/// Why a copy can't be made, as AWS shows it.
pub type CantCopy = &'static str;

impl Ecr {
    /// Makes a copy. The error within is one that lasts.
    pub async fn copy(
        &self,
        by: &Pass,
        copy: &Copying,
        digest: Digest,
    ) -> Result<Result<(), CantCopy>, EcrError> {
        let mut tx = self.db.begin();
        let source = repository_key(copy.from.registry, &copy.from.region, copy.repository.as_str());
        let Some(source) = tx.get(&REPOSITORIES, &source).await? else {
            return Ok(Err("RepositoryNotFound"));
        };
        if !self.lets_copy(&mut tx, copy, by.now()).await? {
            return Ok(Err("AccessDenied"));
        }
        let target = repository_key(copy.to.registry, &copy.to.region, copy.repository.as_str());
        let target = match tx.get(&REPOSITORIES, &target).await? {
            Some(there) => there,
            None => {
                let (registry, region) = (copy.to.registry, &copy.to.region);
                let name = &copy.repository;
                let why = AppliedFor::Replication;
                let template = template_for(&mut tx, registry, region, name, why).await?;
                let id = RepositoryId::new(self.ids.uuid());
                make_needed(&mut tx, Needed { registry, region, name, id, now: by.now() }, template)
            }
        };
        // A tag that has moved on goes with the image that has it now.
        let tag = match &copy.tag {
            Some(tag) => {
                let points_to = tx.get(&TAGS, &tag_key(&source.id, tag)).await?;
                copy.tag.as_ref().filter(|_| points_to.is_some_and(|to| to.digest == digest))
            }
            None => None,
        };
        if let Err(why) = copy_all(&mut tx, &source, &target, digest, tag, by.now()).await? {
            return Ok(Err(why));
        }
        tx.commit(by).await?;
        Ok(Ok(()))
    }

    /// Whether the registry that the copy goes to takes it: an account's own do, another's if its policy says so.
    async fn lets_copy(&self, tx: &mut Tx, copy: &Copying, now: Timestamp) -> Result<bool, EcrError> {
        if copy.from.registry == copy.to.registry {
            return Ok(true);
        }
        let cx = Cx {
            account: copy.from.registry,
            caller: Arc::new(Caller::root(copy.from.registry)),
            key: None,
            region: copy.to.region.clone(),
            request_id: "replication".into(),
            now,
            origin: Arc::new(Origin::default()),
            siblings: Handlers::new(),
        };
        let arn = repository_arn(&cx, copy.to.registry, copy.repository.as_str());
        let policy = tx.get(&REGISTRY_POLICIES, &repositories_of(copy.to.registry, &copy.to.region)).await?;
        let policy = policy.map(|policy| parse_registry(&arn, &policy)).transpose()?;
        match cx.authorize(Permission::on("ecr:ReplicateImage", &arn).resource_policy(policy.as_ref())) {
            Ok(_) => Ok(true),
            Err(Failure::Denied(_)) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }
}

/// Copies an image and all that it lists.
pub async fn copy_all(
    tx: &mut Tx,
    source: &Repository,
    target: &Repository,
    digest: Digest,
    tag: Option<&Tag>,
    now: Timestamp,
) -> Result<Result<(), CantCopy>, EcrError> {
    let mut wanted = vec![digest];
    let mut seen = BTreeSet::new();
    while let Some(one) = wanted.pop() {
        if !seen.insert(one) {
            continue;
        }
        if seen.len() > IMAGES_AT_MOST {
            return Ok(Err("TooManyImages"));
        }
        let Some(image) = tx.get(&IMAGES, &in_repository(&source.id, one)).await? else {
            return Ok(Err("ImageNotFound"));
        };
        wanted.extend(image.children.iter().copied());
        let tag = tag.filter(|_| one == digest);
        if let Err(why) = copy_one(tx, source, target, image, tag, now).await? {
            return Ok(Err(why));
        }
    }
    Ok(Ok(()))
}

async fn copy_one(
    tx: &mut Tx,
    source: &Repository,
    target: &Repository,
    image: Image,
    tag: Option<&Tag>,
    now: Timestamp,
) -> Result<Result<(), CantCopy>, EcrError> {
    for layer in &image.blobs {
        let Some(there) = tx.get(&LAYERS, &in_repository(&source.id, layer)).await? else {
            return Ok(Err("LayersNotFound"));
        };
        let kept = Layer { bytes: there.bytes, unused_since: None };
        tx.put(&LAYERS, &in_repository(&target.id, layer), &kept);
        tx.put(&LINKS, &link_key(*layer, &target.id, Link::Layer), &Mark {});
    }
    let row = in_repository(&target.id, image.digest);
    let mut copied = match tx.get(&IMAGES, &row).await? {
        Some(there) => there,
        None => {
            let copied = Image {
                pushed_at: now,
                pulled_at: None,
                archived: false,
                archived_at: None,
                activated_at: None,
                scan_asked_at: target.scan_on_push.then_some(now),
                tags: BTreeSet::new(),
                ..image
            };
            need(tx, target, &copied);
            copied
        }
    };
    if let Some(tag) = tag {
        let at = tag_key(&target.id, tag);
        let before = tx.get(&TAGS, &at).await?.filter(|before| before.digest != copied.digest);
        if let Some(before) = before {
            if !target.mutability.lets_move(tag) {
                return Ok(Err("ImageTagAlreadyExists"));
            }
            let other = in_repository(&target.id, before.digest);
            if let Some(mut image) = tx.get(&IMAGES, &other).await? {
                image.tags.remove(tag);
                tx.put(&IMAGES, &other, &image);
            }
        }
        copied.tags.insert(tag.clone());
        tx.put(&TAGS, &at, &TagTarget { digest: copied.digest });
    }
    tx.put(&IMAGES, &row, &copied);
    Ok(Ok(()))
}
