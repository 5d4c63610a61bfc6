//! What the registry's clients ask for.

use async_trait::async_trait;
use bytes::Bytes;
use gantry_base::{Arn, Timestamp};
use gantry_ecr_core::{
    ByteRange, Digest, Layer, Manifest, Part, PushedManifest, Reference, Referrer, Refusal, Repositories,
    RepositoryName, StoredManifest, Tag, UploadId, Want,
};
use gantry_service::{Cx, Permission};
use gantry_store::{Key, Scan, key};

use crate::Ecr;
use crate::access::repository_arn;
use crate::blobs::Way;
use crate::error::EcrError;
use crate::images::put::{Again, NewImage};
use crate::tables::{
    IMAGES, REFERRERS, REPOSITORIES, TAGS, in_repository, ordered_text, repositories_of, repository_key,
    tag_key,
};

#[async_trait]
impl Repositories<Cx> for Ecr {
    async fn layer_size(&self, cx: &Cx, repository: &RepositoryName, digest: Digest) -> Result<u64, Refusal> {
        let layer = self.find_layer(cx, repository, digest, "ecr:BatchCheckLayerAvailability").await?;
        Ok(layer.bytes)
    }

    async fn open_layer(
        &self,
        cx: &Cx,
        repository: &RepositoryName,
        digest: Digest,
        part: &(dyn for<'a> Fn(u64) -> Option<ByteRange> + Send + Sync),
    ) -> Result<Layer, Refusal> {
        let size = self.find_layer(cx, repository, digest, "ecr:GetDownloadUrlForLayer").await?.bytes;
        self.open_part(digest, size, cx.origin.secure, part).await
    }

    async fn open_linked(
        &self,
        link: &str,
        now: Timestamp,
        encrypted: bool,
        part: &(dyn for<'a> Fn(u64) -> Option<ByteRange> + Send + Sync),
    ) -> Result<(Digest, Layer), Refusal> {
        let (digest, size) = self.linked_layer(link, now).await?;
        Ok((digest, self.open_part(digest, size, encrypted, part).await?))
    }

    async fn begin_upload(&self, cx: &Cx, repository: &RepositoryName) -> Result<UploadId, Refusal> {
        Ok(self.begin(cx, repository).await?)
    }

    async fn mount_layer(
        &self,
        cx: &Cx,
        repository: &RepositoryName,
        digest: Digest,
        from: &RepositoryName,
    ) -> Result<bool, Refusal> {
        Ok(self.mount(cx, repository, digest, from).await?)
    }

    async fn upload_part(
        &self,
        cx: &Cx,
        repository: &RepositoryName,
        upload: &UploadId,
        part: Part,
    ) -> Result<u64, Refusal> {
        Ok(self.append(cx, repository, upload, part).await?)
    }

    async fn upload_size(
        &self,
        cx: &Cx,
        repository: &RepositoryName,
        upload: &UploadId,
    ) -> Result<u64, Refusal> {
        Ok(self.received(cx, repository, upload).await?)
    }

    async fn complete_upload(
        &self,
        cx: &Cx,
        repository: &RepositoryName,
        upload: &UploadId,
        last: Part,
        digest: Digest,
    ) -> Result<(), Refusal> {
        Ok(self.complete(cx, repository, upload, last, digest).await?)
    }

    async fn cancel_upload(
        &self,
        cx: &Cx,
        repository: &RepositoryName,
        upload: &UploadId,
    ) -> Result<(), Refusal> {
        Ok(self.cancel(cx, repository, upload).await?)
    }

    async fn manifest(
        &self,
        cx: &Cx,
        repository: &RepositoryName,
        reference: &Reference,
        want: Want,
    ) -> Result<StoredManifest, Refusal> {
        Ok(self.manifest_of(cx, cx.account, repository, reference, want).await?)
    }

    async fn put_manifest(
        &self,
        cx: &Cx,
        repository: &RepositoryName,
        reference: &Reference,
        media_type: Option<&str>,
        body: Bytes,
    ) -> Result<PushedManifest, Refusal> {
        let new = NewImage {
            registry: cx.account,
            repository,
            tag: reference.tag(),
            digest: reference.digest(),
            media_type,
            body,
            again: Again::Fine,
        };
        let stored = self.put(cx, new).await?;
        let subject = stored.manifest.subject.map(|subject| subject.digest);
        Ok(PushedManifest { digest: stored.digest, subject })
    }

    async fn delete_manifest(
        &self,
        cx: &Cx,
        repository: &RepositoryName,
        reference: &Reference,
    ) -> Result<(), Refusal> {
        match self.delete(cx, cx.account, repository, reference).await? {
            Some(_) => Ok(()),
            None => Err(Refusal::ImageNotFound {
                reference: reference.clone(),
                repository: repository.clone(),
                registry: cx.account,
            }),
        }
    }

    async fn tags(
        &self,
        cx: &Cx,
        repository: &RepositoryName,
        last: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Tag>, bool), Refusal> {
        let id = self.may(cx, cx.account, repository, "ecr:ListImages").await?.repository.id;
        let after = last.map(|last| tag_key(&id, last));
        let scan = Scan::first(limit.saturating_add(1)).after(after);
        let rows = self.db.begin().scan(&TAGS, &key!(id), scan).await.map_err(EcrError::from)?;
        let tags = rows.iter().filter_map(|(key, _)| ordered_text(key).parse().ok());
        Ok(page(tags.collect(), limit))
    }

    async fn referrers(
        &self,
        cx: &Cx,
        repository: &RepositoryName,
        subject: Digest,
        last: Option<Digest>,
        limit: usize,
    ) -> Result<(Vec<Referrer>, bool), Refusal> {
        let id = self.may(cx, cx.account, repository, "ecr:BatchGetImage").await?.repository.id;
        let mut tx = self.db.begin();
        let scan = Scan::first(limit.saturating_add(1)).after(last.map(|last| key!(id, subject, last)));
        let rows = tx.scan(&REFERRERS, &key!(id, subject), scan).await.map_err(EcrError::from)?;
        let digests = rows.iter().filter_map(|(key, _)| key.parts().pop()?.parse().ok());
        let (digests, more) = page::<Digest>(digests.collect(), limit);
        let rows: Vec<Key> = digests.iter().map(|digest| in_repository(&id, digest)).collect();
        let images = tx.get_many(&IMAGES, &rows).await.map_err(EcrError::from)?;
        let mut referrers = Vec::with_capacity(images.len());
        for image in images.into_iter().flatten() {
            // The annotations are only in the manifest itself.
            let body = self.body_of(&image).await?;
            let manifest = Manifest::parse(&body, Some(image.media_type.as_str())).map_err(|error| {
                Refusal::Internal(format!("{} is kept and not valid: {error}", image.digest))
            })?;
            referrers.push(Referrer {
                digest: image.digest,
                media_type: image.media_type,
                size: image.manifest_bytes,
                artifact_type: image.artifact_type,
                annotations: manifest.annotations,
            });
        }
        Ok((referrers, more))
    }

    async fn catalog(
        &self,
        cx: &Cx,
        last: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<RepositoryName>, bool), Refusal> {
        let every: Arn = repository_arn(cx, cx.account, "*");
        cx.authorize(Permission::on("ecr:DescribeRepositories", &every)).map_err(EcrError::from)?;
        let after = last.map(|last| repository_key(cx.account, &cx.region, last));
        let scan = Scan::first(limit.saturating_add(1)).after(after);
        let registry = repositories_of(cx.account, &cx.region);
        let rows = self.db.begin().scan(&REPOSITORIES, &registry, scan).await.map_err(EcrError::from)?;
        Ok(page(rows.into_iter().map(|(_, repository)| repository.name).collect(), limit))
    }
}

impl Ecr {
    /// A layer's bytes or some of them, on their way to a connection that is encrypted or not.
    async fn open_part(
        &self,
        digest: Digest,
        size: u64,
        encrypted: bool,
        part: &(dyn for<'a> Fn(u64) -> Option<ByteRange> + Send + Sync),
    ) -> Result<Layer, Refusal> {
        let range = part(size).unwrap_or(ByteRange { start: 0, end: size });
        let range = ByteRange { start: range.start.min(size), end: range.end.min(size) };
        let turn = self.blobs.turn_to_read().await?;
        let blob = self.find_blob(digest).await?;
        let way = if encrypted { Way::Through } else { Way::AsTheyAre };
        let content = self.blobs.open(&blob.location, range, way, turn).await.map_err(EcrError::from)?;
        Ok(Layer { size, range, content })
    }
}

/// Cuts a page that has one more than asked for, where there are more.
fn page<T>(mut rows: Vec<T>, limit: usize) -> (Vec<T>, bool) {
    let more = rows.len() > limit;
    rows.truncate(limit);
    (rows, more)
}
