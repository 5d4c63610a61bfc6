//! How an operation of the service fails.

use gantry_base::AccountId;
use gantry_base::tags::TagError;
use gantry_ecr_core::{Digest, ManifestError, Prefix, Reference, Refusal, RepositoryName, Tag, UploadId};
use gantry_service::Failure;
use gantry_store::StoreError;
use gantry_wire::ApiError;

use crate::blobs::BlobError;

/// Why an operation has no answer.
#[derive(Debug)]
pub enum EcrError {
    /// What the registry's clients can be told as well.
    Refused(Refusal),
    /// A repository of that name is there.
    RepositoryAlreadyExists { repository: RepositoryName, registry: AccountId },
    /// The repository has images and shall be deleted without force.
    RepositoryNotEmpty { repository: RepositoryName, registry: AccountId },
    /// The same image is there under the same tag.
    ImageAlreadyExists { digest: Digest, tag: Option<Tag>, repository: RepositoryName, registry: AccountId },
    /// The repository has no policy.
    RepositoryPolicyNotFound { repository: RepositoryName, registry: AccountId },
    /// The repository has no lifecycle policy.
    LifecyclePolicyNotFound { repository: RepositoryName, registry: AccountId },
    /// No lifecycle policy is tried out on the repository.
    LifecyclePreviewNotFound { repository: RepositoryName, registry: AccountId },
    /// The registry has no policy.
    RegistryPolicyNotFound { registry: AccountId },
    /// A template of that prefix is there.
    TemplateAlreadyExists { prefix: Prefix, registry: AccountId },
    /// There is no template of that prefix.
    TemplateNotFound { prefix: Prefix, registry: AccountId },
    /// A rule of that prefix is there.
    CacheRuleAlreadyExists { prefix: Prefix, registry: AccountId },
    /// There is no rule of that prefix.
    CacheRuleNotFound { prefix: Prefix, registry: AccountId },
    /// Images can't be pulled through from that registry, or not so.
    UnsupportedUpstreamRegistry(String),
    /// A rule's secret is not there.
    SecretNotFound,
    /// A rule's secret can't be read.
    UnableToAccessSecret,
    /// A rule's secret has no name and password.
    UnableToDecryptSecret,
    /// Pulls by that principal are passed over already.
    ExclusionAlreadyExists { arn: String },
    /// Pulls by that principal are not passed over.
    ExclusionNotFound { arn: String },
    /// No scan of the image was asked for.
    ScanNotFound { reference: Reference, repository: RepositoryName, registry: AccountId },
    /// The image is in the archive.
    ImageArchived { digest: Digest, repository: RepositoryName, registry: AccountId },
    /// The image can't go into or out of the archive.
    StorageClassUpdateNotSupported { why: String },
    /// The layer is in the repository already.
    LayerAlreadyExists { digest: Digest, repository: RepositoryName, registry: AccountId },
    /// The layer is not what its digest says.
    InvalidLayer { given: String, computed: Digest },
    /// An upload without a byte is to be a layer.
    EmptyUpload { upload: UploadId, repository: RepositoryName },
    /// A part that is not the last of its layer has less than ECR takes.
    LayerPartTooSmall,
    /// A part is not where the upload goes on, or not as long as it says.
    InvalidLayerPart {
        upload: UploadId,
        repository: RepositoryName,
        registry: AccountId,
        /// How many bytes the upload has.
        received: u64,
    },
    /// A parameter does not fit; or what is asked for as a whole, where the parameter has no name.
    InvalidParameter { parameter: &'static str, rule: String },
    /// A tag does not fit.
    InvalidTag(TagError),
    /// More was asked for than is given at once.
    LimitExceeded(String),
    /// The encryption that is asked for is not there.
    Kms(String),
    /// It is refused, to be run again, or broken.
    Failed(Failure),
}

impl EcrError {
    /// Something of ours is broken; `what` is for the log.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        EcrError::Failed(Failure::internal(what))
    }
}

impl From<Refusal> for EcrError {
    fn from(refusal: Refusal) -> Self {
        EcrError::Refused(refusal)
    }
}

impl From<StoreError> for EcrError {
    fn from(error: StoreError) -> Self {
        EcrError::Failed(error.into())
    }
}

impl From<BlobError> for EcrError {
    fn from(error: BlobError) -> Self {
        EcrError::internal(error)
    }
}

impl From<Failure> for EcrError {
    fn from(failure: Failure) -> Self {
        EcrError::Failed(failure)
    }
}

impl From<TagError> for EcrError {
    fn from(error: TagError) -> Self {
        EcrError::InvalidTag(error)
    }
}

impl From<EcrError> for Failure {
    fn from(error: EcrError) -> Failure {
        let (code, message) = match error {
            EcrError::Failed(failure) => return failure,
            EcrError::Refused(Refusal::Internal(why)) => return Failure::Internal(why),
            EcrError::Refused(refusal) => (code_of(&refusal), message_of(&refusal)),
            EcrError::RepositoryAlreadyExists { repository, registry } => (
                "RepositoryAlreadyExistsException",
                format!(
                    "The repository with name '{repository}' already exists in the registry with id '{registry}'"
                ),
            ),
            EcrError::RepositoryNotEmpty { repository, registry } => (
                "RepositoryNotEmptyException",
                format!(
                    "The repository with name '{repository}' in registry with id '{registry}' cannot be deleted because it still contains images"
                ),
            ),
            EcrError::ImageAlreadyExists { digest, tag, repository, registry } => {
                let tag = tag.map_or_else(|| "null".to_owned(), |tag| tag.to_string());
                (
                    "ImageAlreadyExistsException",
                    format!(
                        "Image with digest '{digest}' and tag '{tag}' already exists in the repository with name '{repository}' in registry with id '{registry}'"
                    ),
                )
            }
            EcrError::RepositoryPolicyNotFound { repository, registry } => (
                "RepositoryPolicyNotFoundException",
                format!(
                    "Repository policy does not exist for the repository with name '{repository}' in the registry with id '{registry}'"
                ),
            ),
            EcrError::LifecyclePolicyNotFound { repository, registry } => (
                "LifecyclePolicyNotFoundException",
                format!(
                    "Lifecycle policy does not exist for the repository with name '{repository}' in the registry with id '{registry}'"
                ),
            ),
            EcrError::LifecyclePreviewNotFound { repository, registry } => (
                "LifecyclePolicyPreviewNotFoundException",
                format!(
                    "Lifecycle policy preview does not exist for the repository with name '{repository}' in the registry with id '{registry}'"
                ),
            ),
            EcrError::RegistryPolicyNotFound { registry } => (
                "RegistryPolicyNotFoundException",
                format!("Registry policy does not exist in the registry with id '{registry}'"),
            ),
            EcrError::TemplateAlreadyExists { prefix, registry } => (
                "TemplateAlreadyExistsException",
                format!(
                    "The repository creation template with prefix '{prefix}' already exists in the registry with id '{registry}'"
                ),
            ),
            EcrError::TemplateNotFound { prefix, registry } => (
                "TemplateNotFoundException",
                format!(
                    "The repository creation template with prefix '{prefix}' does not exist in the registry with id '{registry}'"
                ),
            ),
            EcrError::CacheRuleAlreadyExists { prefix, registry } => (
                "PullThroughCacheRuleAlreadyExistsException",
                format!(
                    "A pull through cache rule with ECR repository prefix '{prefix}' already exists in registry with id '{registry}'"
                ),
            ),
            EcrError::CacheRuleNotFound { prefix, registry } => (
                "PullThroughCacheRuleNotFoundException",
                format!(
                    "Pull through cache rule with ECR repository prefix '{prefix}' not found in registry with id '{registry}'"
                ),
            ),
            EcrError::UnsupportedUpstreamRegistry(why) => ("UnsupportedUpstreamRegistryException", why),
            EcrError::SecretNotFound => (
                "SecretNotFoundException",
                "The ARN of the secret specified in the pull through cache rule was not found. Update the pull through cache rule with a valid secret ARN and try again.".to_owned(),
            ),
            EcrError::UnableToAccessSecret => (
                "UnableToAccessSecretException",
                "The secret is unable to be accessed. Verify the resource permissions for the secret and try again.".to_owned(),
            ),
            EcrError::UnableToDecryptSecret => (
                "UnableToDecryptSecretValueException",
                "The secret is accessible but is unable to be decrypted. Verify the resource permisisons and try again.".to_owned(),
            ),
            EcrError::ExclusionAlreadyExists { arn } => (
                "ExclusionAlreadyExistsException",
                format!("The specified pull time update exclusion already exists for the registry: '{arn}'"),
            ),
            EcrError::ExclusionNotFound { arn } => (
                "ExclusionNotFoundException",
                format!("The specified pull time update exclusion was not found: '{arn}'"),
            ),
            EcrError::ScanNotFound { reference, repository, registry } => {
                let or_null = |text: Option<String>| text.unwrap_or_else(|| "null".to_owned());
                (
                    "ScanNotFoundException",
                    format!(
                        "Image scan does not exist for the image with '{{imageDigest:'{}', imageTag:'{}'}}' in the repository with the name '{repository}' in the registry with id '{registry}'",
                        or_null(reference.digest().map(|digest| digest.to_string())),
                        or_null(reference.tag().map(|tag| tag.to_string())),
                    ),
                )
            }
            EcrError::ImageArchived { digest, repository, registry } => {
                let refusal = Refusal::ImageArchived { digest, repository, registry };
                ("ImageArchivedException", refusal.to_string())
            }
            EcrError::StorageClassUpdateNotSupported { why } => (
                "ImageStorageClassUpdateNotSupportedException",
                format!("The requested image storage class update is not supported: {why}"),
            ),
            EcrError::LayerAlreadyExists { digest, repository, registry } => (
                "LayerAlreadyExistsException",
                format!(
                    "Layer with digest '{digest}' already exists in the repository with name '{repository}' in registry with id '{registry}'"
                ),
            ),
            EcrError::InvalidLayer { given, computed } => (
                "InvalidLayerException",
                format!(
                    "The digest of the layer that was received is '{computed}', and the request says '{given}'"
                ),
            ),
            EcrError::EmptyUpload { upload, repository } => (
                "EmptyUploadException",
                format!(
                    "The upload with upload id '{upload}' in the repository with name '{repository}' does not contain any layer parts"
                ),
            ),
            EcrError::LayerPartTooSmall => {
                ("LayerPartTooSmallException", "Layer parts must be at least 5 MiB in size.".to_owned())
            }
            EcrError::InvalidLayerPart { upload, repository, registry, received } => {
                let mut error = ApiError::new(
                    "InvalidLayerPartException",
                    "The layer part size is not valid, or the first byte specified is not consecutive to the last byte of a previous layer part upload.",
                )
                .with_field("registryId", registry.to_string())
                .with_field("repositoryName", repository.to_string())
                .with_field("uploadId", upload.to_string());
                if let Some(last) = received.checked_sub(1) {
                    error = error.with_field("lastValidByteReceived", last);
                }
                return Failure::Answer(error);
            }
            EcrError::InvalidParameter { parameter, rule } => {
                ("InvalidParameterException", invalid(parameter, &rule))
            }
            EcrError::InvalidTag(error @ TagError::TooMany { .. }) => {
                ("TooManyTagsException", error.to_string())
            }
            EcrError::InvalidTag(error) => ("InvalidTagParameterException", error.to_string()),
            EcrError::LimitExceeded(why) => ("LimitExceededException", why),
            EcrError::Kms(why) => ("KmsException", why),
        };
        Failure::Answer(ApiError::new(code, message))
    }
}

fn invalid(parameter: &str, rule: &str) -> String {
    let at = if parameter.is_empty() { String::new() } else { format!(" at '{parameter}'") };
    format!("Invalid parameter{at} failed to satisfy constraint: '{rule}'")
}

fn code_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::RepositoryNotFound { .. } => "RepositoryNotFoundException",
        Refusal::ImageNotFound { .. } => "ImageNotFoundException",
        Refusal::LayersNotFound { .. } => "LayersNotFoundException",
        Refusal::ReferencedImagesNotFound { .. } => "ReferencedImagesNotFoundException",
        Refusal::TagImmutable { .. } => "ImageTagAlreadyExistsException",
        Refusal::DigestMismatch { .. } => "ImageDigestDoesNotMatchException",
        Refusal::UploadNotFound { .. } => "UploadNotFoundException",
        Refusal::PartOutOfOrder { .. } | Refusal::PartLength { .. } => "InvalidLayerPartException",
        Refusal::LayerNotFound { .. } => "LayersNotFoundException",
        Refusal::LayerTooLarge { .. } | Refusal::TooManyRequests | Refusal::UploadBusy { .. } => {
            "LimitExceededException"
        }
        Refusal::ManifestInvalid(_)
        | Refusal::DigestInvalid(_)
        | Refusal::ReferencedByList { .. }
        | Refusal::BodyBrokeOff(_) => "InvalidParameterException",
        Refusal::ImageArchived { .. } => "ImageArchivedException",
        Refusal::Upstream { .. } => "UnableToGetUpstreamImageException",
        Refusal::Denied(_) => "AccessDeniedException",
        Refusal::Internal(_) => "ServerException",
    }
}

fn message_of(refusal: &Refusal) -> String {
    match refusal {
        Refusal::ManifestInvalid(ManifestError::Unreadable(_)) => {
            invalid("ImageManifest", "Invalid JSON syntax")
        }
        Refusal::ManifestInvalid(error) => invalid("ImageManifest", &error.to_string()),
        refusal => refusal.to_string(),
    }
}

/// What the registry's clients are told.
impl From<EcrError> for Refusal {
    fn from(error: EcrError) -> Refusal {
        match error {
            EcrError::Refused(refusal) => refusal,
            other => match Failure::from(other) {
                Failure::Denied(denial) => Refusal::Denied(denial.to_string()),
                Failure::Answer(error) => Refusal::Internal(format!("unexpected answer {error}")),
                Failure::Conflict => {
                    Refusal::Internal("the same rows were written again and again".to_owned())
                }
                Failure::Internal(why) => Refusal::Internal(why),
            },
        }
    }
}
