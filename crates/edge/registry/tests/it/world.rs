//! A registry with its service, and ways to talk to it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use gantry_api_ecr as api;
use gantry_base::{AccountId, Clock, OsIds, Region, SystemClock, Timestamp};
use gantry_ecr::{Blobs, Config, Ecr};
use gantry_ecr_core::Digest;
use gantry_iam_core::{Caller, Kind, Policy, Principal};
use gantry_registry::door::{Credentials, Unknown};
use gantry_registry::{Parts, Registry};
use gantry_service::{AccessKey, Audit, Cx, Finished, Handlers, Origin, Sealer};
use gantry_store::{Db, Kv, Redb};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const HOME: &str = "111111111111";
pub const AWAY: &str = "222222222222";
pub const OCI_IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Access keys and who holds them.
#[derive(Default)]
pub struct Keys(Mutex<HashMap<String, Arc<Caller>>>);

#[async_trait]
impl Credentials for Keys {
    async fn caller(&self, key: &AccessKey, _now: Timestamp) -> Result<Arc<Caller>, Unknown> {
        self.0.lock().unwrap().get(&key.id).cloned().ok_or(Unknown::Invalid)
    }
}

/// What was recorded: operation, parameters and error code.
#[derive(Default)]
pub struct Notes(Mutex<Vec<(String, Value, Option<String>)>>);

impl Notes {
    /// Takes what was recorded since the last time.
    pub fn take(&self) -> Vec<(String, Value, Option<String>)> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[async_trait]
impl Audit for Notes {
    async fn record(&self, call: Finished<'_>) {
        let error = call.error.map(|(code, _)| code.to_owned());
        self.0.lock().unwrap().push((call.operation.to_owned(), call.request, error));
    }
}

pub struct World {
    pub ecr: Ecr,
    pub registry: Registry,
    pub handlers: Handlers,
    pub clock: Arc<Moving>,
    pub keys: Arc<Keys>,
    pub audit: Arc<Notes>,
    pub blobs: std::path::PathBuf,
    _folder: Option<TempDir>,
}

/// The machine's clock, moved ahead: files have the machine's time.
#[derive(Default)]
pub struct Moving(Mutex<std::time::Duration>);

impl Moving {
    pub fn advance(&self, by: std::time::Duration) {
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

/// A client with a password, at a host.
#[derive(Clone)]
pub struct Client<'w> {
    world: &'w World,
    authorization: Option<String>,
    host: String,
}

/// An answer that has been read.
#[derive(Debug)]
pub struct Got {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
    /// The code and text of the error.
    pub fn error(&self) -> (String, String) {
        let body = self.json();
        let error = &body["errors"][0];
        (error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
    }
    #[track_caller]
    pub fn is(self, status: u16) -> Got {
        assert_eq!(self.status.as_u16(), status, "{:?} {:?}", self.headers, self.body);
        self
    }
    #[track_caller]
    pub fn fails(self, status: u16, code: &str) -> String {
        let got = self.is(status);
        let (found, message) = got.error();
        assert_eq!(found, code, "{message}");
        message
    }
}

impl World {
    pub fn new() -> World {
        Self::configured(None, Config::default())
    }

    pub fn development() -> World {
        Self::configured(Some(account(HOME)), Config::default())
    }

    pub fn configured(development: Option<AccountId>, config: Config) -> World {
        let folder = tempfile::tempdir().unwrap();
        let kv: Arc<dyn Kv> = Arc::new(Redb::in_memory().unwrap());
        World { _folder: None, ..Self::over(kv, folder.path(), development, config) }.keep(folder)
    }

    fn keep(self, folder: TempDir) -> World {
        World { _folder: Some(folder), ..self }
    }

    /// With images in an S3 store.
    pub fn remote(url: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let kv: Arc<dyn Kv> = Arc::new(Redb::in_memory().unwrap());
        let objects = crate::s3::blobs(url, folder.path());
        Self::over_blobs(kv, objects, folder.path(), None, Config::default()).keep(folder)
    }

    pub fn over(kv: Arc<dyn Kv>, blobs: &Path, development: Option<AccountId>, config: Config) -> World {
        Self::over_blobs(kv, Blobs::local(blobs).unwrap(), blobs, development, config)
    }

    pub fn over_blobs(
        kv: Arc<dyn Kv>,
        objects: Blobs,
        blobs: &Path,
        development: Option<AccountId>,
        config: Config,
    ) -> World {
        let ids = Arc::new(OsIds);
        let ecr = Ecr::new(Db::new(kv), objects, ids.clone(), Sealer::new(&[7; 32]), config);
        let mut operations = gantry_service::Registry::default();
        ecr.register(&mut operations);
        let handlers = Handlers::new();
        handlers.open(operations);
        let (clock, keys) = (Arc::new(Moving::default()), Arc::new(Keys::default()));
        let root = |id: &str| Arc::new(Caller::root(account(id)));
        keys.0.lock().unwrap().extend([("AKIAHOME".into(), root(HOME)), ("AKIAAWAY".into(), root(AWAY))]);
        let audit = Arc::new(Notes::default());
        let registry = Registry::new(Parts {
            repositories: Arc::new(ecr.clone()),
            passwords: Arc::new(ecr.clone()),
            credentials: keys.clone(),
            development,
            region: Region::default(),
            clock: clock.clone(),
            ids,
            siblings: handlers.clone(),
            audit: audit.clone(),
        });
        World { ecr, registry, handlers, clock, keys, audit, blobs: blobs.to_owned(), _folder: None }
    }

    /// A user of the home account whose only policy has these statements.
    pub fn user(&self, name: &str, statements: Value) -> String {
        let document = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let principal = Principal::User {
            account: account(HOME),
            arn: format!("arn:aws:iam::{HOME}:user/{name}"),
            id: "AIDAAAAAAAAAAAAAAAAAA".into(),
            name: name.into(),
        };
        let mut caller = Caller::new(principal);
        caller.policies.identity.push(Arc::new(Policy::parse(Kind::Identity, &document).unwrap()));
        let key = format!("AKIA{}", name.to_uppercase());
        self.keys.0.lock().unwrap().insert(key.clone(), Arc::new(caller));
        key
    }

    /// How many objects there are.
    pub fn objects(&self) -> usize {
        files(&self.blobs.join("sha256"))
    }

    /// How many uploads have a file.
    pub fn staged(&self) -> usize {
        files(&self.blobs.join("uploads"))
    }

    pub fn forget_key(&self, key: &str) {
        self.keys.0.lock().unwrap().remove(key);
    }

    pub fn cx(&self, key: &str) -> Cx {
        let caller = self.keys.0.lock().unwrap()[key].clone();
        Cx {
            account: caller.principal.account().unwrap(),
            caller,
            key: Some(Arc::new(AccessKey { id: key.into(), session_token: None })),
            region: Region::default(),
            request_id: "r".into(),
            now: self.clock.now(),
            origin: Arc::new(Origin::default()),
            siblings: self.handlers.clone(),
        }
    }

    pub async fn call<O>(&self, key: &str, input: O::Input) -> Result<O::Output, String>
    where
        O: gantry_wire::Operation,
        O::Input: Clone,
    {
        self.handlers.call::<O>(&self.cx(key), input).await.map_err(|failure| format!("{failure:?}"))
    }

    pub async fn password(&self, key: &str) -> String {
        let given = self.call::<api::GetAuthorizationToken>(key, Default::default()).await.unwrap();
        let data = given.authorization_data.unwrap().remove(0);
        let decoded = BASE64.decode(data.authorization_token.unwrap()).unwrap();
        String::from_utf8(decoded).unwrap().strip_prefix("AWS:").unwrap().to_owned()
    }

    pub async fn make(&self, name: &str) {
        self.make_with(name, Default::default()).await;
    }

    pub async fn make_with(&self, name: &str, more: api::CreateRepositoryRequest) {
        let input = api::CreateRepositoryRequest { repository_name: name.into(), ..more };
        self.call::<api::CreateRepository>("AKIAHOME", input).await.unwrap();
    }

    pub fn nobody(&self) -> Client<'_> {
        Client { world: self, authorization: None, host: "localhost:4566".into() }
    }

    pub async fn client(&self, key: &str) -> Client<'_> {
        self.nobody().with_password(&self.password(key).await)
    }

    pub async fn home(&self) -> Client<'_> {
        self.client("AKIAHOME").await
    }
}

impl<'w> Client<'w> {
    pub fn with_password(mut self, password: &str) -> Self {
        self.authorization = Some(format!("Basic {}", BASE64.encode(format!("AWS:{password}"))));
        self
    }

    pub fn at(mut self, host: &str) -> Self {
        self.host = host.into();
        self
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Got {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let request = request.body(Full::new(body.into())).unwrap();
        let origin = Origin { host: Some(self.host.clone()), ..Origin::default() };
        let answer = self.world.registry.serve(request, origin).await;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Got { status: head.status, headers: head.headers, body }
    }

    pub async fn get(&self, path: &str) -> Got {
        self.send("GET", path, &[], "").await
    }

    /// Uploads a blob in one request after the first; its digest.
    pub async fn blob(&self, repository: &str, content: impl Into<Bytes>) -> Digest {
        let content = content.into();
        let digest = Digest::of(&content);
        let begun = self.send("POST", &format!("/v2/{repository}/blobs/uploads/"), &[], "").await.is(202);
        let path = format!("{}?digest={digest}", begun.header("location"));
        self.send("PUT", &path, &[], content).await.is(201);
        digest
    }

    pub async fn put_manifest(&self, repository: &str, reference: &str, manifest: &Value) -> Got {
        let media_type = manifest["mediaType"].as_str().unwrap().to_owned();
        let path = format!("/v2/{repository}/manifests/{reference}");
        self.send("PUT", &path, &[("content-type", &media_type)], manifest.to_string()).await
    }

    /// Pushes an image with that layer; its manifest.
    pub async fn image(&self, repository: &str, tag: &str, layer: &str) -> Value {
        self.blob(repository, "{}").await;
        self.blob(repository, layer.to_owned()).await;
        let manifest = image(layer);
        self.put_manifest(repository, tag, &manifest).await.is(201);
        manifest
    }
}

pub fn descriptor(content: &str, media_type: &str) -> Value {
    let digest = Digest::of(content.as_bytes()).to_string();
    json!({ "mediaType": media_type, "digest": digest, "size": content.len() })
}

/// The manifest of an image with an empty configuration and that layer.
pub fn image(layer: &str) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": OCI_IMAGE,
        "config": descriptor("{}", "application/vnd.oci.image.config.v1+json"),
        "layers": [descriptor(layer, "application/vnd.oci.image.layer.v1.tar")],
    })
}

pub fn index(manifests: &[&Value]) -> Value {
    let manifests: Vec<Value> =
        manifests.iter().map(|manifest| descriptor(&manifest.to_string(), OCI_IMAGE)).collect();
    json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests })
}

pub fn digest_of(manifest: &Value) -> String {
    Digest::of(manifest.to_string().as_bytes()).to_string()
}

fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}
