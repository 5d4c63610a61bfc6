//! A pull: ask what the reference means, fetch what is missing, unpack it, name it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use gantry_containerd_api::services::leases::{AddResourceRequest, CreateRequest, DeleteRequest, Resource};
use gantry_containerd_api::types;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;

use super::flight::Flights;
use super::manifest::{self, Configuration, Descriptor, Document, Manifest};
use super::progress::Progress;
use super::reference::Reference;
use super::registry::{self, Fetched, Repository};
use super::store::{Images, Naming, Present};
use super::{content, unpack};
use crate::containerd::client::{self, Client};
use crate::engine::error::{EngineError, PullError};
use crate::engine::image::{Platform, Pull, PullProgress, When};

/// What a pull that was cut off had made is collected after this.
const LEASE_LASTS: Duration = Duration::from_secs(6 * 3600);
/// An index may name indexes.
const INDEXES_DEEP: usize = 3;

pub(crate) struct Puller {
    parts: Arc<Parts>,
    pulls: Flights<Pull, Arc<Present>>,
}

/// What every pull uses.
struct Parts {
    client: Client,
    http: reqwest::Client,
    snapshotter: String,
    images: Arc<Images>,
    downloads: Semaphore,
    /// By the digest of the blob.
    blobs: Flights<String, ()>,
    /// By the chain that the layer ends.
    layers: Flights<String, ()>,
    progress: Progress,
}

/// What a reference turned out to mean.
struct Resolved {
    target: types::Descriptor,
    manifest_digest: String,
    manifest: Manifest,
    /// From the reference's document down to the manifest.
    documents: Vec<Fetched>,
}

impl Puller {
    pub(crate) fn new(
        client: Client,
        snapshotter: String,
        images: Arc<Images>,
        concurrent_downloads: usize,
    ) -> Result<Self, EngineError> {
        let parts = Parts {
            client,
            http: registry::http_client()?,
            snapshotter,
            images,
            downloads: Semaphore::new(concurrent_downloads.max(1)),
            blobs: Flights::new(),
            layers: Flights::new(),
            progress: Progress::default(),
        };
        Ok(Self { parts: Arc::new(parts), pulls: Flights::new() })
    }

    /// What is being pulled now.
    pub(crate) fn progress(&self) -> Vec<PullProgress> {
        self.parts.progress.look()
    }

    pub(crate) async fn pull(&self, pull: &Pull) -> Result<Arc<Present>, PullError> {
        let reference = Reference::parse(&pull.reference)?;
        let present = self.parts.images.get(&pull.reference).await?;
        // A digest always means the same.
        let settled = pull.when == When::Absent || reference.digest.is_some();
        if settled && let Some(present) = &present {
            return Ok(present.clone());
        }
        let parts = self.parts.clone();
        let (own, known) = (pull.clone(), present.clone());
        let answer =
            self.pulls.join(pull.clone(), || async move { parts.pull(&own, &reference, known).await });
        match (answer.await, present) {
            (Err(error), Some(present)) if pull.when == When::Newest && error.is_transient() => {
                tracing::warn!(image = %pull.reference, %error, "using the image that is present");
                Ok(present)
            }
            (answer, _) => answer,
        }
    }
}

impl Parts {
    async fn pull(
        self: &Arc<Self>,
        pull: &Pull,
        reference: &Reference,
        present: Option<Arc<Present>>,
    ) -> Result<Arc<Present>, PullError> {
        let repository = Arc::new(Repository::new(self.http.clone(), pull, reference)?);
        if let Some(present) = present
            && repository.resolve(reference.wanted()).await?.as_ref() == Some(&present.image.digest)
        {
            return Ok(present);
        }
        let platform = pull.platform.clone().unwrap_or_else(Platform::host);
        let resolved = resolve(&repository, reference.wanted(), &platform).await?;
        let lease = self.lease().await?;
        let result = self.fetch(pull, &repository, &lease, resolved).await;
        // The compressed layers are not needed any more: collect them now, while nobody waits.
        let client = self.client.clone();
        tokio::spawn(async move {
            let release = DeleteRequest { id: lease, sync: true };
            if let Err(status) = client.leases().delete(release).await {
                tracing::debug!(%status, "a lease stays until it ends by itself");
            }
        });
        result
    }

    async fn lease(&self) -> Result<String, PullError> {
        let id = format!("pull-{:016x}", rand::random::<u64>());
        let ends = jiff::Timestamp::try_from(SystemTime::now() + LEASE_LASTS)
            .map_err(|error| EngineError::internal("tell the time", error))?
            .to_string();
        let labels = HashMap::from([("containerd.io/gc.expire".to_owned(), ends)]);
        let answer = self.client.leases().create(CreateRequest { id: id.clone(), labels }).await;
        answer.map_err(|status| client::failure("take a lease", &status))?;
        Ok(id)
    }

    async fn fetch(
        self: &Arc<Self>,
        pull: &Pull,
        repository: &Arc<Repository>,
        lease: &str,
        resolved: Resolved,
    ) -> Result<Arc<Present>, PullError> {
        let manifest = &resolved.manifest;
        let config_digest = &manifest.config.digest;
        let config = match content::read(&self.client, config_digest).await? {
            Some(bytes) => bytes,
            None => repository.small_blob(config_digest).await?,
        };
        let configuration = Configuration::parse(config_digest, &config)?;
        let chain = configuration.chain_ids();
        if chain.len() != manifest.layers.len() {
            let detail = format!("it has {} layers and its image {}", chain.len(), manifest.layers.len());
            return Err(PullError::Corrupt { digest: config_digest.clone(), detail });
        }
        self.layers(&pull.reference, repository, lease, manifest, &configuration, &chain).await?;

        // From the bottom up, so that each document's labels keep what is there already.
        let mut labels = HashMap::new();
        if let Some(top) = chain.last() {
            let keep = format!("containerd.io/gc.ref.snapshot.{}", self.snapshotter);
            labels.insert(keep, top.clone());
        }
        content::store(&self.client, lease, config_digest, config, labels).await?;
        let mut below = ("config", config_digest.clone());
        let manifest_bytes = resolved.documents.last().map_or(0, |it| it.bytes.len() as u64);
        for document in resolved.documents.into_iter().rev() {
            let keep = format!("containerd.io/gc.ref.content.{}", below.0);
            let labels = HashMap::from([(keep, below.1)]);
            let digest = document.digest.clone();
            content::store(&self.client, lease, &digest, document.bytes, labels).await?;
            below = ("m.0", digest);
        }
        self.images
            .name(Naming {
                reference: &pull.reference,
                target: resolved.target,
                manifest_digest: &resolved.manifest_digest,
                manifest_bytes,
                manifest,
                configuration: &configuration,
            })
            .await
    }

    /// Makes the snapshots of all layers: downloads together, unpacking in order.
    async fn layers(
        self: &Arc<Self>,
        reference: &str,
        repository: &Arc<Repository>,
        lease: &str,
        manifest: &Manifest,
        configuration: &Configuration,
        chain: &[String],
    ) -> Result<(), PullError> {
        let there = self.highest_present(lease, chain).await?;
        let _told = self.progress.begin(reference, &manifest.layers[there..]);
        let mut waiting = JoinSet::new();
        let mut downloads = Vec::new();
        for blob in &manifest.layers[there..] {
            let (done, downloaded) = oneshot::channel();
            let (parts, repository) = (self.clone(), repository.clone());
            let (lease, blob) = (lease.to_owned(), blob.clone());
            waiting.spawn(async move {
                // Nobody listens any more when another layer has failed.
                let _ = done.send(parts.download(repository, &lease, blob).await);
            });
            downloads.push(downloaded);
        }
        for (index, downloaded) in (there..).zip(downloads) {
            let ended = |error| EngineError::internal("download a layer", error);
            downloaded.await.map_err(ended)??;
            let work = LayerWork {
                parts: self.clone(),
                lease: lease.to_owned(),
                blob: manifest.layers[index].clone(),
                diff_id: configuration.rootfs.diff_ids[index].clone(),
                parent: match index {
                    0 => String::new(),
                    _ => chain[index - 1].clone(),
                },
                chain: chain[index].clone(),
            };
            let mut own = false;
            let begin = || {
                own = true;
                work.unpack()
            };
            self.layers.join(chain[index].clone(), begin).await?;
            if !own {
                self.hold(lease, self.snapshot_kind(), &chain[index]).await?;
            }
        }
        Ok(())
    }

    /// How many of the layers, from the lowest, need nothing.
    async fn highest_present(&self, lease: &str, chain: &[String]) -> Result<usize, PullError> {
        for (index, top) in chain.iter().enumerate().rev() {
            if unpack::exists(&self.client, &self.snapshotter, top).await? {
                self.hold(lease, self.snapshot_kind(), top).await?;
                // Between the two, it could have been collected.
                if unpack::exists(&self.client, &self.snapshotter, top).await? {
                    return Ok(index + 1);
                }
            }
        }
        Ok(0)
    }

    async fn download(
        self: &Arc<Self>,
        repository: Arc<Repository>,
        lease: &str,
        blob: Descriptor,
    ) -> Result<(), PullError> {
        let digest = blob.digest.clone();
        let (parts, own_lease) = (self.clone(), lease.to_owned());
        let mut own = false;
        let begin = || {
            own = true;
            async move {
                let turn = parts.downloads.acquire().await;
                let _turn = turn.map_err(|error| EngineError::internal("await a turn", error))?;
                let come = parts.progress.of(&blob.digest);
                content::download(&parts.client, &repository, &own_lease, &blob, &come).await
            }
        };
        self.blobs.join(digest.clone(), begin).await?;
        if !own {
            self.hold(lease, "content".to_owned(), &digest).await?;
        }
        Ok(())
    }

    fn snapshot_kind(&self) -> String {
        format!("snapshots/{}", self.snapshotter)
    }

    /// Keeps what another pull made, until this one has named it.
    async fn hold(&self, lease: &str, kind: String, id: &str) -> Result<(), PullError> {
        let request = AddResourceRequest {
            id: lease.to_owned(),
            resource: Some(Resource { id: id.to_owned(), r#type: kind }),
        };
        let answer = self.client.leases().add_resource(request).await;
        client::created("hold a layer", answer)?;
        Ok(())
    }
}

/// One layer to unpack, as a flight that may outlive the pull that began it.
struct LayerWork {
    parts: Arc<Parts>,
    lease: String,
    blob: Descriptor,
    diff_id: String,
    parent: String,
    chain: String,
}

impl LayerWork {
    async fn unpack(self) -> Result<(), PullError> {
        let Parts { client, snapshotter, .. } = &*self.parts;
        if unpack::exists(client, snapshotter, &self.chain).await? {
            return self.parts.hold(&self.lease, self.parts.snapshot_kind(), &self.chain).await;
        }
        let layer = unpack::Layer {
            blob: &self.blob,
            diff_id: &self.diff_id,
            parent: &self.parent,
            chain: &self.chain,
        };
        unpack::unpack(client, snapshotter, &self.lease, &layer).await
    }
}

/// Follows the reference to this platform's manifest.
async fn resolve(repository: &Repository, wanted: &str, platform: &Platform) -> Result<Resolved, PullError> {
    let mut documents: Vec<Fetched> = Vec::new();
    let mut wanted = wanted.to_owned();
    while documents.len() <= INDEXES_DEEP {
        let fetched = repository.document(&wanted).await?;
        let document = Document::parse(&fetched.digest, &fetched.media_type, &fetched.bytes)?;
        documents.push(fetched);
        match document {
            Document::Index(list) => {
                wanted = manifest::choose(&list, platform)?.digest.clone();
            }
            Document::Manifest(manifest) => {
                let first = documents.first().expect("one was pushed");
                let last = documents.last().expect("one was pushed");
                let target = types::Descriptor {
                    media_type: first.media_type.clone(),
                    digest: first.digest.clone(),
                    size: i64::try_from(first.bytes.len()).expect("a document is small"),
                    annotations: HashMap::new(),
                };
                let manifest_digest = last.digest.clone();
                return Ok(Resolved { target, manifest_digest, manifest, documents });
            }
        }
    }
    Err(PullError::Corrupt { digest: wanted, detail: "indexes name each other".into() })
}
