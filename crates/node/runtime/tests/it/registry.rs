//! A registry in memory that can misbehave.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt;
use serde_json::json;
use sha2::{Digest, Sha256};

pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

#[derive(Clone, Default)]
pub struct Registry {
    inner: Arc<Mutex<Inner>>,
    pub address: String,
}

#[derive(Default)]
pub struct Inner {
    blobs: HashMap<String, Bytes>,
    /// By `repository:tag` and `repository@digest`.
    manifests: HashMap<String, (String, Bytes)>,
    pub requests: Vec<String>,
    /// `Basic` credentials that are demanded.
    pub demand: Option<String>,
    /// The next answers with a blob break off after so many bytes.
    pub break_after: Vec<usize>,
    /// This blob's content is another.
    pub lie: Option<String>,
    /// Before each blob.
    pub delay: std::time::Duration,
}

pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// A file of a layer: path, mode, content.
pub type File<'a> = (&'a str, u32, &'a [u8]);

pub fn layer(files: &[File<'_>], links: &[(&str, &str)]) -> (String, Vec<u8>) {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, mode, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(*mode);
        tar.append_data(&mut header, path, *content).unwrap();
    }
    for (path, target) in links {
        let mut header = tar::Header::new_ustar();
        header.set_size(0);
        header.set_entry_type(tar::EntryType::Symlink);
        tar.append_link(&mut header, path, target).unwrap();
    }
    let tar = tar.into_inner().unwrap();
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut gz, &tar).unwrap();
    (digest(&tar), gz.finish().unwrap())
}

impl Registry {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let registry = Self { address, ..Self::default() };
        let app = Router::new().fallback(serve).with_state(registry.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        registry
    }

    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub fn reference(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }

    /// How many requests had this in their line.
    pub fn count(&self, part: &str) -> usize {
        self.lock().requests.iter().filter(|it| it.contains(part)).count()
    }

    pub fn put_blob(&self, bytes: Vec<u8>) -> (String, usize) {
        let (digest, size) = (digest(&bytes), bytes.len());
        self.lock().blobs.insert(digest.clone(), bytes.into());
        (digest, size)
    }

    pub fn put_manifest(&self, repository: &str, tag: &str, kind: &str, text: String) -> (String, usize) {
        let bytes = Bytes::from(text);
        let digest = digest(&bytes);
        let mut inner = self.lock();
        for name in [format!("{repository}:{tag}"), format!("{repository}@{digest}")] {
            inner.manifests.insert(name, (kind.to_owned(), bytes.clone()));
        }
        (digest, bytes.len())
    }

    /// An image of these layers; answers its manifest's digest and size.
    pub fn put_image(
        &self,
        repository: &str,
        tag: &str,
        layers: &[(String, Vec<u8>)],
        config: serde_json::Value,
    ) -> (String, usize) {
        let diff_ids: Vec<&String> = layers.iter().map(|(diff, _)| diff).collect();
        let config = json!({
            "architecture": "amd64", "os": "linux", "config": config,
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let (config_digest, config_size) = self.put_blob(config.to_string().into_bytes());
        let layers: Vec<_> = layers
            .iter()
            .map(|(_, blob)| {
                let (digest, size) = self.put_blob(blob.clone());
                json!({"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest, "size": size})
            })
            .collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": OCI_MANIFEST,
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": config_digest, "size": config_size,
            },
            "layers": layers,
        });
        self.put_manifest(repository, tag, OCI_MANIFEST, manifest.to_string())
    }

    /// Busybox with a few people, in two layers, as `busybox:1`.
    pub fn put_busybox(&self) -> String {
        self.put_image(
            "busybox",
            "1",
            &busybox_layers(),
            json!({
                "Cmd": ["sh"], "Env": ["FROM_IMAGE=yes"], "WorkingDir": "/srv", "StopSignal": "SIGTERM",
            }),
        );
        self.reference("busybox:1")
    }
}

pub fn busybox_layers() -> Vec<(String, Vec<u8>)> {
    let busybox = std::fs::read("/bin/busybox").expect("busybox-static is installed");
    let people = b"root:x:0:0:root:/root:/bin/sh\nweb:x:33:34::/:/bin/sh\n";
    let links: Vec<(String, &str)> = [
        "sh", "sleep", "cat", "id", "echo", "ls", "mount", "hostname", "dd", "tail", "true", "env", "grep",
        "touch",
    ]
    .iter()
    .map(|it| (format!("bin/{it}"), "busybox"))
    .collect();
    let links: Vec<(&str, &str)> = links.iter().map(|(path, target)| (path.as_str(), *target)).collect();
    vec![
        layer(&[("bin/busybox", 0o755, &busybox)], &links),
        layer(
            &[("etc/passwd", 0o644, people), ("etc/group", 0o644, b"root:x:0:\nweb:x:34:\nlogs:x:50:web\n")],
            &[],
        ),
    ]
}

async fn serve(State(registry): State<Registry>, request: Request) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let headers = request.headers().clone();
    let header = |name: &str| headers.get(name).map(|it| it.to_str().unwrap().to_owned());
    let delay = {
        let mut inner = registry.lock();
        inner.requests.push(format!("{method} {path}"));
        if let Some(demand) = &inner.demand
            && header("authorization").as_ref() != Some(demand)
        {
            let answer = Response::builder().status(401).header("www-authenticate", "Basic realm=\"x\"");
            let body = json!({"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]});
            return answer.body(Body::from(body.to_string())).unwrap();
        }
        inner.delay
    };
    let missing = || Response::builder().status(404).body(Body::empty()).unwrap();
    let Some(rest) = path.strip_prefix("/v2/") else { return missing() };
    if let Some((repository, wanted)) = rest.split_once("/manifests/") {
        let separator = if wanted.starts_with("sha256:") { '@' } else { ':' };
        let found = registry.lock().manifests.get(&format!("{repository}{separator}{wanted}")).cloned();
        let Some((kind, bytes)) = found else { return missing() };
        return Response::builder()
            .header("content-type", kind)
            .header("docker-content-digest", digest(&bytes))
            .body(Body::from(bytes))
            .unwrap();
    }
    let Some((_, wanted)) = rest.split_once("/blobs/") else { return missing() };
    tokio::time::sleep(delay).await;
    let mut inner = registry.lock();
    let Some(mut bytes) = inner.blobs.get(wanted).cloned() else { return missing() };
    if inner.lie.as_deref() == Some(wanted) {
        bytes = Bytes::from(vec![0; bytes.len()]);
    }
    let from: usize = header("range")
        .map_or(0, |it| it.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap());
    let part = bytes.slice(from..);
    let answer = Response::builder().status(if from > 0 { 206 } else { 200 });
    let answer = answer.header("content-length", part.len());
    if from > 0 {
        inner.requests.push(format!("RANGE {from} {path}"));
    }
    match inner.break_after.pop() {
        None => answer.body(Body::from(part)).unwrap(),
        Some(after) => {
            let first = futures::stream::once(async move { Ok(part.slice(..after.min(part.len()))) });
            let broken = futures::stream::once(async { Err(std::io::Error::other("broken off")) });
            answer.body(Body::from_stream(first.chain(broken))).unwrap()
        }
    }
}
