//! The service, callers and images.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use gantry_api_ecr as api;
use gantry_base::{AccountId, Clock, OsIds, Region, SystemClock, Timestamp};
use gantry_ecr::{Blobs, Config, Ecr, loops};
use gantry_ecr_core::{Digest, Part, Reference, Refusal, Repositories, RepositoryName, UploadId};
use gantry_iam_core::{Caller, Kind, Policy, Principal};
use gantry_reconcile::{Loop, Next, Runner};
use gantry_service::{AccessKey, Cx, Failure, Handlers, Origin, Sealer};
use gantry_store::{Db, Redb};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const HOME: &str = "111111111111";
pub const AWAY: &str = "222222222222";
pub const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";

pub struct World {
    pub ecr: Ecr,
    pub handlers: Handlers,
    pub clock: Arc<Moving>,
    runner: Runner,
    db: Db,
    folder: TempDir,
}

/// The machine's clock, moved ahead: files have the machine's time.
#[derive(Default)]
pub struct Moving(Mutex<Duration>);

impl Moving {
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for Moving {
    fn now(&self) -> Timestamp {
        SystemClock.now() + *self.0.lock().unwrap()
    }
}

pub fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

pub fn name(name: &str) -> RepositoryName {
    name.parse().unwrap()
}

/// How an operation failed: its code and text.
pub type Refused = (String, String);

impl World {
    pub fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::local(folder.path()).unwrap();
        Self::over(folder, blobs)
    }

    /// With objects in a store that is not a local directory.
    pub fn remote(objects: Arc<dyn object_store::ObjectStore>) -> World {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::remote(objects, folder.path()).unwrap();
        Self::over(folder, blobs)
    }

    /// Another replica over the same store, with these objects and a clock of its own.
    pub fn replica(&self, objects: Option<Arc<dyn object_store::ObjectStore>>) -> World {
        let folder = tempfile::tempdir().unwrap();
        let blobs = match objects {
            None => Blobs::local(self.folder.path()).unwrap(),
            Some(objects) => Blobs::remote(objects, folder.path()).unwrap(),
        };
        Self::on(self.db.clone(), folder, blobs)
    }

    fn over(folder: TempDir, blobs: Blobs) -> World {
        Self::on(Db::new(Arc::new(Redb::in_memory().unwrap())), folder, blobs)
    }

    fn on(db: Db, folder: TempDir, blobs: Blobs) -> World {
        let ids = Arc::new(OsIds);
        let ecr = Ecr::new(db.clone(), blobs, ids.clone(), Sealer::new(&[7; 32]), Config::default());
        let iam = gantry_iam::Iam::new(db.clone(), Sealer::new(&[7; 32]), ids.clone());
        let mut registry = gantry_service::Registry::default();
        gantry_iam::register(&mut registry, &iam);
        ecr.register(&mut registry);
        let handlers = Handlers::new();
        handlers.open(registry);
        let clock = Arc::new(Moving::default());
        let runner = Runner::new(db.clone(), clock.clone(), ids);
        World { ecr, handlers, clock, runner, db, folder }
    }

    pub fn cx(&self) -> Cx {
        self.cx_of(Caller::root(account(HOME)))
    }

    pub fn cx_of(&self, caller: Caller) -> Cx {
        Cx {
            account: caller.principal.account().unwrap(),
            caller: Arc::new(caller),
            key: Some(Arc::new(AccessKey { id: "AKIAHOME".into(), session_token: Some("session".into()) })),
            region: Region::default(),
            request_id: "r".into(),
            now: self.clock.now(),
            origin: Arc::new(Origin::default()),
            siblings: self.handlers.clone(),
        }
    }

    /// A user whose only policy has these statements.
    pub fn user(&self, statements: Value) -> Cx {
        let document = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let mut caller = Caller::new(Principal::User {
            account: account(HOME),
            arn: format!("arn:aws:iam::{HOME}:user/ann"),
            id: "AIDAAAAAAAAAAAAAAAAAA".into(),
            name: "ann".into(),
        });
        caller.policies.identity.push(Arc::new(Policy::parse(Kind::Identity, &document).unwrap()));
        self.cx_of(caller)
    }

    pub async fn call<O>(&self, input: O::Input) -> Result<O::Output, Refused>
    where
        O: gantry_wire::Operation,
        O::Input: Clone,
    {
        self.call_as::<O>(&self.cx(), input).await
    }

    pub async fn call_as<O>(&self, cx: &Cx, input: O::Input) -> Result<O::Output, Refused>
    where
        O: gantry_wire::Operation,
        O::Input: Clone,
    {
        self.handlers.call::<O>(cx, input).await.map_err(|failure| match failure {
            Failure::Answer(error) => (error.code.to_string(), error.message),
            Failure::Denied(denial) => ("AccessDenied".into(), denial.to_string()),
            other => panic!("{other:?}"),
        })
    }

    pub async fn make(&self, repository: &str) -> api::Repository {
        self.make_with(repository, Default::default()).await.unwrap()
    }

    pub async fn make_with(
        &self,
        repository: &str,
        more: api::CreateRepositoryRequest,
    ) -> Result<api::Repository, Refused> {
        let input = api::CreateRepositoryRequest { repository_name: repository.into(), ..more };
        Ok(self.call::<api::CreateRepository>(input).await?.repository.unwrap())
    }

    pub async fn delete(&self, repository: &str, force: bool) -> Result<api::Repository, Refused> {
        let input = api::DeleteRepositoryRequest {
            repository_name: repository.into(),
            force: force.then_some(true),
            ..Default::default()
        };
        Ok(self.call::<api::DeleteRepository>(input).await?.repository.unwrap())
    }

    pub async fn upload(&self, repository: &str) -> UploadId {
        self.ecr.begin_upload(&self.cx(), &name(repository)).await.unwrap()
    }

    pub async fn finish(
        &self,
        repository: &str,
        upload: &UploadId,
        content: &str,
    ) -> Result<Digest, Refusal> {
        let digest = Digest::of(content.as_bytes());
        self.ecr.complete_upload(&self.cx(), &name(repository), upload, part(content), digest).await?;
        Ok(digest)
    }

    pub async fn layer(&self, repository: &str, content: &str) -> Digest {
        let upload = self.upload(repository).await;
        self.finish(repository, &upload, content).await.unwrap()
    }

    /// Whether the layer can be read there.
    pub async fn has_layer(&self, repository: &str, digest: Digest) -> bool {
        match self.ecr.layer_size(&self.cx(), &name(repository), digest).await {
            Ok(_) => true,
            Err(Refusal::LayerNotFound { .. }) => false,
            Err(other) => panic!("{other}"),
        }
    }

    pub async fn put(
        &self,
        repository: &str,
        tag: Option<&str>,
        manifest: &Value,
    ) -> Result<api::Image, Refused> {
        let input = api::PutImageRequest {
            repository_name: repository.into(),
            image_manifest: manifest.to_string(),
            image_tag: tag.map(str::to_owned),
            ..Default::default()
        };
        Ok(self.call::<api::PutImage>(input).await?.image.unwrap())
    }

    /// Pushes an image with that layer; its manifest.
    pub async fn push(&self, repository: &str, tag: Option<&str>, layer: &str) -> Value {
        self.layer(repository, "{}").await;
        self.layer(repository, layer).await;
        let manifest = image(layer);
        self.put(repository, tag, &manifest).await.unwrap();
        manifest
    }

    pub async fn has_image(&self, repository: &str, reference: impl Into<Reference>) -> bool {
        let want = gantry_ecr_core::Want::Content;
        match self.ecr.manifest(&self.cx(), &name(repository), &reference.into(), want).await {
            Ok(_) => true,
            Err(Refusal::ImageNotFound { .. }) => false,
            Err(other) => panic!("{other}"),
        }
    }

    /// Runs the loop until it has looked at everything.
    pub async fn sweep(&self, looped: impl Loop) {
        for _ in 0..2000 {
            match self.runner.once(&looped).await.unwrap() {
                Next::Again => {}
                Next::Wait | Next::After(_) => return,
            }
        }
        panic!("{} does not end", looped.name());
    }

    /// Runs every loop.
    pub async fn sweep_all(&self) {
        self.sweep(loops::Graves(self.ecr.clone())).await;
        self.sweep(loops::Unused::new(self.ecr.clone())).await;
        self.sweep(loops::Unlinked::new(self.ecr.clone())).await;
        self.sweep(loops::Leftovers::new(self.ecr.clone())).await;
    }

    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// How many objects there are.
    pub fn objects(&self) -> usize {
        files(&self.folder().join("sha256"))
    }

    /// How many uploads have a file.
    pub fn staged(&self) -> usize {
        files(&self.folder().join("uploads"))
    }
}

fn files(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let entries = entries.map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

pub fn part(content: &str) -> Part {
    let content = Bytes::copy_from_slice(content.as_bytes());
    Part { start: None, length: None, content: Box::pin(futures::stream::iter([Ok(content)])) }
}

pub fn descriptor(content: &str, media_type: &str) -> Value {
    let digest = Digest::of(content.as_bytes()).to_string();
    json!({ "mediaType": media_type, "digest": digest, "size": content.len() })
}

/// The manifest of an image with an empty configuration and that layer.
pub fn image(layer: &str) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": IMAGE,
        "config": descriptor("{}", "application/vnd.oci.image.config.v1+json"),
        "layers": [descriptor(layer, "application/vnd.oci.image.layer.v1.tar")],
    })
}

pub fn index(manifests: &[&Value]) -> Value {
    let manifests: Vec<Value> =
        manifests.iter().map(|manifest| descriptor(&manifest.to_string(), IMAGE)).collect();
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": manifests,
    })
}

pub fn digest_of(manifest: &Value) -> Digest {
    Digest::of(manifest.to_string().as_bytes())
}

#[track_caller]
pub fn refused<T>(result: Result<T, Refused>, code: &str) -> String {
    let (found, message) = result.err().expect("a refusal");
    assert_eq!(found, code, "{message}");
    message
}
