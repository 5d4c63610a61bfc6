//! CompleteLayerUpload: makes what was uploaded a layer of the repository, if it is what its digest says.

use gantry_api_ecr as api;
use gantry_ecr_core::{Digest, Part, Refusal};
use gantry_service::Cx;

use super::parameter;
use crate::Ecr;
use crate::error::EcrError;
use crate::uploads::At;

const ACTION: &str = "ecr:CompleteLayerUpload";

pub async fn complete_layer_upload(
    ecr: &Ecr,
    cx: &Cx,
    input: api::CompleteLayerUploadRequest,
) -> Result<api::CompleteLayerUploadResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let repository = parameter::name(&input.repository_name)?;
    let upload = parameter::upload(&input.upload_id, &repository)?;
    let there = parameter::in_registry(cx, registry);
    let at = At { cx: &there, name: &repository, upload: &upload, action: ACTION };
    let (received, known) = ecr.progress(at).await?;
    if received == 0 {
        return Err(EcrError::EmptyUpload { upload, repository });
    }
    if known.small_part_end.is_some_and(|end| end < received) {
        return Err(EcrError::LayerPartTooSmall);
    }
    let digests: Vec<Digest> =
        input.layer_digests.iter().map(|given| parameter::layer_digest(given)).collect::<Result<_, _>>()?;
    let [digest] = digests[..] else {
        return Err(EcrError::InvalidParameter {
            parameter: "layerDigests",
            rule: "must have exactly one SHA-256 digest".to_owned(),
        });
    };
    match ecr.find_layer(&there, &repository, digest, ACTION).await {
        Ok(_) => return Err(EcrError::LayerAlreadyExists { digest, repository, registry }),
        Err(EcrError::Refused(Refusal::LayerNotFound { .. })) => {}
        Err(error) => return Err(error),
    }
    let nothing = Part { start: None, length: None, content: Box::pin(futures::stream::empty()) };
    match ecr.complete(&there, &repository, &upload, nothing, digest).await {
        Ok(()) => Ok(api::CompleteLayerUploadResponse {
            registry_id: Some(registry.to_string()),
            repository_name: Some(repository.to_string()),
            upload_id: Some(upload.to_string()),
            layer_digest: Some(digest.to_string()),
        }),
        Err(EcrError::Refused(Refusal::DigestMismatch { given, computed })) => {
            Err(EcrError::InvalidLayer { given: given.to_string(), computed })
        }
        Err(error) => Err(error),
    }
}
