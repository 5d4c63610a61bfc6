//! Images whose time is over by a lifecycle policy.

use std::collections::{BTreeMap, BTreeSet};

use gantry_base::Timestamp;
use gantry_ecr_core::lifecycle::BadPolicy;
use gantry_ecr_core::{Action, Candidate, Digest, LifecyclePolicy};
use gantry_reconcile::Pass;
use gantry_store::{Scan, StoreError, key};

use super::delete::{lists_of, take_image};
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{IMAGES, Image, REFERRERS, Repository, RepositoryId, in_repository};

/// How many images are read at once.
const PAGE: usize = 500;

/// An image that has had its time, the priority of the rule that says so, and what happens to it.
pub struct Expired {
    pub image: Image,
    pub rule: u32,
    pub action: Action,
}

impl From<BadPolicy> for EcrError {
    fn from(error: BadPolicy) -> Self {
        EcrError::InvalidParameter { parameter: "LifecyclePolicyText", rule: error.to_string() }
    }
}

impl Ecr {
    /// The images of a repository that have had their time by a policy, the youngest first.
    pub async fn expiring(
        &self,
        repository: &RepositoryId,
        policy: &LifecyclePolicy,
        now: Timestamp,
    ) -> Result<Vec<Expired>, StoreError> {
        let mut images: BTreeMap<Digest, Image> = BTreeMap::new();
        let mut after = None;
        loop {
            let scan = Scan::first(PAGE).after(after.take());
            let rows = self.db.begin().scan(&IMAGES, &key!(repository), scan).await?;
            after = rows.last().map(|(row, _)| row.clone()).filter(|_| rows.len() == PAGE);
            images.extend(rows.into_iter().map(|(_, image)| (image.digest, image)));
            if after.is_none() {
                break;
            }
        }
        let listed: BTreeSet<Digest> = images.values().flat_map(|image| image.children.clone()).collect();
        let candidates: Vec<Candidate> = images
            .values()
            .map(|image| Candidate {
                digest: image.digest,
                tags: image.tags.clone(),
                pushed_at: image.pushed_at,
                pulled_at: image.pulled_at,
                archived_at: image.archived.then_some(image.archived_at.unwrap_or(image.pushed_at)),
                listed: listed.contains(&image.digest),
                is_referrer: image.subject.is_some_and(|subject| images.contains_key(&subject)),
            })
            .collect();
        let expiring = policy.expiring(&candidates, now).into_iter();
        let taken = expiring.filter_map(|found| {
            let (rule, action) = (found.rule, found.action);
            images.remove(&found.digest).map(|image| Expired { image, rule, action })
        });
        Ok(taken.collect())
    }

    /// Puts an image into the archive that has had its time outside of it; false if it was changed since it was looked
    /// at, or is needed.
    pub async fn archive(
        &self,
        by: &Pass,
        repository: &Repository,
        seen: &Image,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin();
        let row = in_repository(&repository.id, seen.digest);
        let found = tx.get(&IMAGES, &row).await?;
        let same =
            |image: &Image| image.tags == seen.tags && image.pulled_at == seen.pulled_at && !image.archived;
        let Some(image) = found.filter(same) else { return Ok(false) };
        if !lists_of(&mut tx, repository, image.digest).await?.is_empty() {
            return Ok(false);
        }
        tx.put(&IMAGES, &row, &Image { archived: true, archived_at: Some(by.now()), ..image });
        match tx.commit(by).await {
            Ok(_) => Ok(true),
            // The next look sees it as it is then.
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes an image away that has had its time, with what says something about it; false if it was changed since
    /// it was looked at, or is needed.
    pub async fn expire(&self, by: &Pass, repository: &Repository, seen: &Image) -> Result<bool, StoreError> {
        let mut tx = self.db.begin();
        let found = tx.get(&IMAGES, &in_repository(&repository.id, seen.digest)).await?;
        let same = |image: &Image| image.tags == seen.tags && image.pulled_at == seen.pulled_at;
        let Some(image) = found.filter(same) else { return Ok(false) };
        if !lists_of(&mut tx, repository, image.digest).await?.is_empty() {
            return Ok(false);
        }
        let mut going = vec![image];
        let mut seen: BTreeSet<Digest> = BTreeSet::new();
        while let Some(image) = going.pop() {
            if !seen.insert(image.digest) {
                continue;
            }
            let rows = tx.scan(&REFERRERS, &key!(repository.id, image.digest), Scan::first(PAGE)).await?;
            for (row, _) in rows {
                let Some(digest) = row.parts().pop().and_then(|digest| digest.parse::<Digest>().ok()) else {
                    continue;
                };
                let is_free = lists_of(&mut tx, repository, digest).await?.is_empty();
                if let Some(referrer) =
                    tx.get(&IMAGES, &in_repository(&repository.id, digest)).await?.filter(|_| is_free)
                {
                    going.push(referrer);
                }
            }
            take_image(&mut tx, repository, image);
        }
        match tx.commit(by).await {
            Ok(_) => Ok(true),
            // The next look sees it as it is then.
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
