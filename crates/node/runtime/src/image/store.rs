//! The images that are present.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use gantry_containerd_api::services::images::{
    CreateImageRequest, DeleteImageRequest, GetImageRequest, Image as Record, ListImagesRequest,
    UpdateImageRequest,
};
use gantry_containerd_api::types;
use tokio::sync::OnceCell;

use super::content;
use super::manifest::{Configuration, Document, Manifest};
use super::unpack;
use crate::containerd::client::{self, Client};
use crate::engine::error::{EngineError, PullError};
use crate::engine::image::{Image, ImageConfig};
use crate::spec::user::Accounts;

/// On the image's record: the manifest for this machine.
const MANIFEST: &str = "gantry/manifest";

/// An image with what a container needs of it.
#[derive(Debug)]
pub(crate) struct Present {
    pub image: Image,
    /// The snapshot that containers begin with; empty for an image without layers.
    pub chain: String,
    /// Who is in its `/etc/passwd` and `/etc/group`; read when first needed.
    pub accounts: OnceCell<Accounts>,
}

/// What is present, as containerd has it, and remembered: nobody else writes there.
pub(crate) struct Images {
    client: Client,
    snapshotter: String,
    known: Mutex<HashMap<String, Arc<Present>>>,
}

/// An image that is complete in containerd and gets its name.
pub(crate) struct Naming<'a> {
    pub reference: &'a str,
    pub target: types::Descriptor,
    pub manifest_digest: &'a str,
    pub manifest_bytes: u64,
    pub manifest: &'a Manifest,
    pub configuration: &'a Configuration,
}

impl Images {
    pub(crate) fn new(client: Client, snapshotter: String) -> Self {
        Self { client, snapshotter, known: Mutex::default() }
    }

    pub(crate) async fn get(&self, reference: &str) -> Result<Option<Arc<Present>>, EngineError> {
        if let Some(present) = self.lock().get(reference) {
            return Ok(Some(present.clone()));
        }
        let answer = self.client.images().get(GetImageRequest { name: reference.to_owned() }).await;
        let record = client::found("look for an image", answer)?.and_then(|it| it.image);
        match record {
            Some(record) => self.load(record).await,
            None => Ok(None),
        }
    }

    pub(crate) async fn list(&self) -> Result<Vec<Image>, EngineError> {
        let answer = self.client.images().list(ListImagesRequest::default()).await;
        let list = answer.map_err(|status| client::failure("list images", &status))?.into_inner();
        let mut images = Vec::with_capacity(list.images.len());
        for record in list.images {
            let known = self.lock().get(&record.name).cloned();
            let present = match known {
                Some(present) => Some(present),
                None => self.load(record).await?,
            };
            images.extend(present.map(|it| it.image.clone()));
        }
        images.sort_by(|a, b| a.reference.cmp(&b.reference));
        Ok(images)
    }

    pub(crate) async fn remove(&self, reference: &str) -> Result<(), EngineError> {
        self.forget(reference);
        let request = DeleteImageRequest { name: reference.to_owned(), sync: true, target: None };
        client::found("remove an image", self.client.images().delete(request).await)?;
        self.forget(reference);
        Ok(())
    }

    /// Containerd is asked again when the reference is next used.
    pub(crate) fn forget(&self, reference: &str) {
        self.lock().remove(reference);
    }

    /// Gives a complete image its name, which may have been another's.
    pub(crate) async fn name(&self, naming: Naming<'_>) -> Result<Arc<Present>, PullError> {
        let digest = naming.target.digest.clone();
        let record = Record {
            name: naming.reference.to_owned(),
            labels: HashMap::from([(MANIFEST.to_owned(), naming.manifest_digest.to_owned())]),
            target: Some(naming.target),
            created_at: None,
            updated_at: None,
        };
        let request = CreateImageRequest { image: Some(record.clone()), source_date_epoch: None };
        let mut images = self.client.images();
        if client::created("name an image", images.create(request).await)?.is_none() {
            let request =
                UpdateImageRequest { image: Some(record), update_mask: None, source_date_epoch: None };
            let answer = images.update(request).await;
            answer.map_err(|status| client::failure("name an image", &status))?;
        }
        let present = Arc::new(present(
            naming.reference,
            digest,
            naming.manifest_digest,
            naming.manifest_bytes,
            naming.manifest,
            naming.configuration,
        ));
        self.lock().insert(naming.reference.to_owned(), present.clone());
        Ok(present)
    }

    /// Reads an image's documents; `None` if any part of it is missing, so that it is pulled again.
    async fn load(&self, record: Record) -> Result<Option<Arc<Present>>, EngineError> {
        let (Some(target), Some(manifest_digest)) = (record.target, record.labels.get(MANIFEST)) else {
            return Ok(None);
        };
        let Some(bytes) = content::read(&self.client, manifest_digest).await? else {
            return Ok(None);
        };
        let document = Document::parse(manifest_digest, &target.media_type, &bytes);
        let Ok(Document::Manifest(manifest)) = document else { return Ok(None) };
        let config_digest = &manifest.config.digest;
        let Some(config) = content::read(&self.client, config_digest).await? else {
            return Ok(None);
        };
        let Ok(configuration) = Configuration::parse(config_digest, &config) else {
            return Ok(None);
        };
        let present = present(
            &record.name,
            target.digest,
            manifest_digest,
            bytes.len() as u64,
            &manifest,
            &configuration,
        );
        if !present.chain.is_empty()
            && !unpack::exists(&self.client, &self.snapshotter, &present.chain).await?
        {
            return Ok(None);
        }
        let present = Arc::new(present);
        self.lock().insert(record.name, present.clone());
        Ok(Some(present))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Present>>> {
        self.known.lock().expect("no holder of the lock panics")
    }
}

fn present(
    reference: &str,
    digest: String,
    manifest_digest: &str,
    manifest_bytes: u64,
    manifest: &Manifest,
    configuration: &Configuration,
) -> Present {
    let config: ImageConfig = configuration.config.clone().unwrap_or_default();
    let image = Image {
        reference: reference.to_owned(),
        digest,
        manifest_digest: manifest_digest.to_owned(),
        config_digest: manifest.config.digest.clone(),
        size_bytes: manifest.compressed_bytes().saturating_add(manifest_bytes),
        config,
    };
    let chain = configuration.chain_ids().pop().unwrap_or_default();
    Present { image, chain, accounts: OnceCell::new() }
}
