//! How a request to the registry fails.

use gantry_base::AccountId;

use crate::digest::{BadDigest, Digest};
use crate::manifest::ManifestError;
use crate::name::RepositoryName;
use crate::reference::{Reference, Tag};
use crate::repositories::UploadId;

/// Why a request has no answer. The text is what the user sees, in AWS's words where AWS has any.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// There is no such repository.
    #[error("The repository with name '{repository}' does not exist in the registry with id '{registry}'")]
    RepositoryNotFound { repository: RepositoryName, registry: AccountId },
    /// There is no such manifest.
    #[error("{}", image_not_found(.reference, .repository, *.registry))]
    ImageNotFound { reference: Reference, repository: RepositoryName, registry: AccountId },
    /// The repository has no such blob.
    #[error("Layer with digest '{digest}' does not exist in the repository with name '{repository}'")]
    LayerNotFound { digest: Digest, repository: RepositoryName },
    /// There is no such upload; it may have been finished, cancelled or swept.
    #[error("Upload with upload id '{upload}' not found in the repository with name '{repository}'")]
    UploadNotFound { upload: UploadId, repository: RepositoryName },
    /// The upload does not go on where the part begins.
    #[error("The part begins at byte {start}, and the upload has {received} bytes")]
    PartOutOfOrder { start: u64, received: u64 },
    /// The part had not the length it announced.
    #[error("The part announced {announced} bytes and had {received}")]
    PartLength { announced: u64, received: u64 },
    /// Two requests write to the same upload at the same time.
    #[error("Another request is writing to upload '{upload}'")]
    UploadBusy { upload: UploadId },
    /// A blob is over the limit.
    #[error("The layer is larger than the limit of {limit} bytes")]
    LayerTooLarge { limit: u64 },
    /// What came is not what was announced.
    #[error("The content has the digest {computed}, and the request says {given}")]
    DigestMismatch { given: Digest, computed: Digest },
    /// The text is no digest.
    #[error("{0}")]
    DigestInvalid(#[from] BadDigest),
    /// The manifest makes no sense by itself.
    #[error("{0}")]
    ManifestInvalid(#[from] ManifestError),
    /// The manifest refers to blobs that the repository does not have.
    #[error("{}", layers_not_found(.digests, .repository, *.registry))]
    LayersNotFound { digests: Vec<Digest>, repository: RepositoryName, registry: AccountId },
    /// The list refers to manifests that the repository does not have.
    #[error("{}", images_not_found(.digests, .repository, *.registry))]
    ReferencedImagesNotFound { digests: Vec<Digest>, repository: RepositoryName, registry: AccountId },
    /// A list refers to the manifest, so it stays.
    #[error("Requested image referenced by manifest list: {}", join(.lists))]
    ReferencedByList { lists: Vec<Digest> },
    /// The tag may not move.
    #[error(
        "The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because the tag is immutable."
    )]
    TagImmutable { tag: Tag, repository: RepositoryName },
    /// The manifest is in the archive.
    #[error(
        "The image with digest '{digest}' in the repository with name '{repository}' in the registry with id '{registry}' is archived and cannot be pulled"
    )]
    ImageArchived { digest: Digest, repository: RepositoryName, registry: AccountId },
    /// The registry that the image is pulled through from does not give it.
    #[error("The image can't be pulled from the upstream registry '{host}': {why}")]
    Upstream { host: String, why: String },
    /// A policy refuses it.
    #[error("{0}")]
    Denied(String),
    /// Too much is going on.
    #[error("Too many uploads are in progress; try again later")]
    TooManyRequests,
    /// The client's body broke off.
    #[error("The request's body broke off: {0}")]
    BodyBrokeOff(String),
    /// Something of ours is broken. The text is for the log only.
    #[error("{0}")]
    Internal(String),
}

fn join(digests: &[Digest]) -> String {
    let shown: Vec<String> = digests.iter().take(10).map(Digest::to_string).collect();
    format!("[{}]", shown.join(", "))
}

fn image_not_found(reference: &Reference, repository: &RepositoryName, registry: AccountId) -> String {
    let or_null = |text: Option<String>| text.unwrap_or_else(|| "null".to_owned());
    format!(
        "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with name '{repository}' in the registry with id '{registry}'",
        or_null(reference.digest().map(|digest| digest.to_string())),
        or_null(reference.tag().map(|tag| tag.to_string())),
    )
}

fn layers_not_found(digests: &[Digest], repository: &RepositoryName, registry: AccountId) -> String {
    format!(
        "Layers with digests '{}' required for pushing image into repository with name '{repository}' in the registry with id '{registry}' do not exist",
        join(digests)
    )
}

fn images_not_found(digests: &[Digest], repository: &RepositoryName, registry: AccountId) -> String {
    format!(
        "Images with digests '{}' required for pushing image into repository with name '{repository}' in the registry with id '{registry}' do not exist",
        join(digests)
    )
}
