//! ECR: repositories, their images and layers, and the passwords with which clients of the registry come.
//!
//! The service keeps what it knows in the store and the bytes of layers and manifests as objects beside it.
//! It answers the operations of ECR's API, and through [`gantry_ecr_core::Repositories`] the requests of the
//! registry's clients; both go the same ways inside.
//!
//! This crate never shows a manifest some of whose blobs are missing, never acknowledges content that is not
//! durable, never holds a layer in memory, never removes content that somebody needs or may be about to need,
//! and never decides who may do what: the policy engine does.
//!
//! Read in this order: [`config`], `tables` (what is remembered), `access` (who may), `blobs` (where bytes
//! lie), `arrival` (how content comes to be kept once), `uploads`, `images`, `link`, `registry` (what the registry's
//! clients ask for), `upstream` (other registries that are pulled through), `ops` (what ECR's API is asked for), [`loops`] (what clears away).

mod access;
mod arrival;
mod blobs;
pub mod config;
mod error;
mod images;
mod link;
pub mod loops;
mod ops;
mod password;
mod registry;
mod tables;
mod tries;
mod uploads;
mod upstream;

use std::ops::Deref;
use std::sync::Arc;

use gantry_base::Ids;
use gantry_service::{Registry, RoleCredentials, Sealer};
use gantry_store::Db;

pub use blobs::{BlobError, Blobs};
pub use config::Config;
pub use error::EcrError;
pub use gantry_objects::{S3, S3Key};
pub use upstream::Upstreams;

/// The service. Clones are the same service.
#[derive(Clone)]
pub struct Ecr(Arc<Parts>);

/// What the service is made of.
pub struct Parts {
    db: Db,
    blobs: Blobs,
    uploads: uploads::Files,
    ids: Arc<dyn Ids>,
    sealer: Sealer,
    config: Config,
    upstreams: Upstreams,
    roles: Option<Arc<dyn RoleCredentials>>,
    /// Turns to bring images from elsewhere.
    imports: tokio::sync::Semaphore,
}

/// How many images are brought from elsewhere at once.
const IMPORTS: usize = 16;

impl Deref for Ecr {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Ecr {
    /// The service on its store, its objects, its source of ids and the master key.
    pub fn new(db: Db, blobs: Blobs, ids: Arc<dyn Ids>, sealer: Sealer, config: Config) -> Ecr {
        let uploads = uploads::Files::default();
        let imports = tokio::sync::Semaphore::new(IMPORTS);
        let upstreams = Upstreams::default();
        Ecr(Arc::new(Parts { db, blobs, uploads, ids, sealer, config, upstreams, roles: None, imports }))
    }

    /// The same new service, which reaches other registries so and takes roles for that.
    pub fn reaching(mut self, upstreams: Upstreams, roles: Arc<dyn RoleCredentials>) -> Ecr {
        let parts = Arc::get_mut(&mut self.0).expect("a new service is nobody else's yet");
        parts.upstreams = upstreams;
        parts.roles = Some(roles);
        self
    }

    /// Serves the operations of ECR's API.
    pub fn register(&self, registry: &mut Registry) {
        ops::register(self, registry);
    }
}
