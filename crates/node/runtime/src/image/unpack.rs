//! Layers into file systems: one snapshot for each layer, named by the chain of layers that it ends.

use std::collections::HashMap;

use gantry_containerd_api::services::diff::ApplyRequest;
use gantry_containerd_api::services::snapshots::{
    CommitSnapshotRequest, PrepareSnapshotRequest, RemoveSnapshotRequest, StatSnapshotRequest,
};
use gantry_containerd_api::types;
use tonic::Code;

use super::manifest::Descriptor;
use crate::containerd::client::{self, Client};
use crate::engine::error::{EngineError, PullError};

pub(crate) async fn exists(client: &Client, snapshotter: &str, chain: &str) -> Result<bool, EngineError> {
    let request = StatSnapshotRequest { snapshotter: snapshotter.to_owned(), key: chain.to_owned() };
    let answer = client.snapshots().stat(request).await;
    Ok(client::found("look for a layer", answer)?.is_some())
}

/// One layer to unpack.
pub(crate) struct Layer<'a> {
    pub blob: &'a Descriptor,
    /// Of its uncompressed content.
    pub diff_id: &'a str,
    /// Empty for the lowest.
    pub parent: &'a str,
    pub chain: &'a str,
}

/// Makes the snapshot of a layer whose blob is in the content store and whose parent is there.
pub(crate) async fn unpack(
    client: &Client,
    snapshotter: &str,
    lease: &str,
    layer: &Layer<'_>,
) -> Result<(), PullError> {
    let key = format!("unpack-{lease}-{}", layer.chain);
    let prepare = PrepareSnapshotRequest {
        snapshotter: snapshotter.to_owned(),
        key: key.clone(),
        parent: layer.parent.to_owned(),
        labels: HashMap::new(),
    };
    let answer = client.snapshots().prepare(client::leased(lease, prepare)?).await;
    let mounts = answer.map_err(|status| client::failure("prepare a layer", &status))?;
    let made = fill(client, snapshotter, lease, layer, &key, mounts.into_inner().mounts).await;
    if !matches!(made, Ok(true)) {
        let remove = RemoveSnapshotRequest { snapshotter: snapshotter.to_owned(), key };
        if let Err(status) = client.snapshots().remove(remove).await {
            // The collector takes it when the lease is gone.
            tracing::debug!(%status, "a half unpacked layer stays for now");
        }
    }
    made.map(|_| ())
}

/// True if the snapshot was made of what was prepared, false if somebody else had made it.
async fn fill(
    client: &Client,
    snapshotter: &str,
    lease: &str,
    layer: &Layer<'_>,
    key: &str,
    mounts: Vec<types::Mount>,
) -> Result<bool, PullError> {
    let blob = types::Descriptor {
        media_type: media_type(&layer.blob.media_type)?,
        digest: layer.blob.digest.clone(),
        size: i64::try_from(layer.blob.size).map_err(|_| PullError::NoSpace)?,
        annotations: HashMap::new(),
    };
    let apply = ApplyRequest { diff: Some(blob), mounts, payloads: HashMap::new(), sync_fs: false };
    let applied = client.diff().apply(client::leased(lease, apply)?).await;
    let applied = applied.map_err(|status| match status.message() {
        words if words.contains("no space left on device") => PullError::NoSpace,
        words if status.code() != Code::Unavailable && is_content_fault(words) => {
            PullError::Corrupt { digest: layer.blob.digest.clone(), detail: words.to_owned() }
        }
        _ => client::failure("unpack a layer", &status).into(),
    })?;
    let found = applied.into_inner().applied.map(|it| it.digest).unwrap_or_default();
    if found != layer.diff_id {
        let detail = format!("it unpacks to {found} and the image says {}", layer.diff_id);
        return Err(PullError::Corrupt { digest: layer.blob.digest.clone(), detail });
    }
    let commit = CommitSnapshotRequest {
        snapshotter: snapshotter.to_owned(),
        name: layer.chain.to_owned(),
        key: key.to_owned(),
        labels: HashMap::new(),
    };
    let answer = client.snapshots().commit(client::leased(lease, commit)?).await;
    Ok(client::created("finish a layer", answer)?.is_some())
}

fn is_content_fault(words: &str) -> bool {
    ["gzip", "zstd", "archive/tar", "unexpected EOF", "flate"].iter().any(|it| words.contains(it))
}

/// Containerd's name of the same format: it knows OCI's.
fn media_type(declared: &str) -> Result<String, PullError> {
    let format = match declared {
        "application/vnd.oci.image.layer.v1.tar" | "application/vnd.docker.image.rootfs.diff.tar" => "",
        "application/vnd.oci.image.layer.v1.tar+gzip"
        | "application/vnd.docker.image.rootfs.diff.tar.gzip" => "+gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd"
        | "application/vnd.docker.image.rootfs.diff.tar.zstd" => "+zstd",
        other => return Err(PullError::Unsupported { media_type: other.to_owned() }),
    };
    Ok(format!("application/vnd.oci.image.layer.v1.tar{format}"))
}
