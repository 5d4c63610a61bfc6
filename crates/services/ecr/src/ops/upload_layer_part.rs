//! UploadLayerPart: adds a part to the upload of a layer, where the part before it ended.

use gantry_api_ecr as api;
use gantry_ecr_core::{Part, Refusal};
use gantry_service::Cx;

use super::parameter;
use crate::Ecr;
use crate::error::EcrError;
use crate::uploads::At;

/// The least size of a part that is not a layer's last, in bytes. Which one is the last shows at the end.
const LEAST: usize = 5 * 1024 * 1024;

pub async fn upload_layer_part(
    ecr: &Ecr,
    cx: &Cx,
    input: api::UploadLayerPartRequest,
) -> Result<api::UploadLayerPartResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let repository = parameter::name(&input.repository_name)?;
    let upload = parameter::upload(&input.upload_id, &repository)?;
    let there = parameter::in_registry(cx, registry);
    let blob = input.layer_part_blob;
    let length = blob.len();
    let announced =
        input.part_last_byte.checked_sub(input.part_first_byte).and_then(|one| one.checked_add(1));
    let start = u64::try_from(input.part_first_byte);
    let received = match (start, announced) {
        (Ok(start), Some(length)) if !blob.is_empty() && usize::try_from(length) == Ok(blob.len()) => {
            let content = Box::pin(futures::stream::iter([Ok(blob)]));
            let part = Part { start: Some(start), length: None, content };
            ecr.append(&there, &repository, &upload, part).await
        }
        _ => match ecr.received(&there, &repository, &upload).await {
            Ok(received) => Err(Refusal::PartOutOfOrder { start: 0, received }.into()),
            Err(error) => Err(error),
        },
    };
    if let (Ok(received), true) = (&received, length < LEAST) {
        let at = At { cx: &there, name: &repository, upload: &upload, action: "ecr:UploadLayerPart" };
        ecr.note_small_part(at, *received).await?;
    }
    match received {
        Ok(received) => Ok(api::UploadLayerPartResponse {
            registry_id: Some(registry.to_string()),
            repository_name: Some(repository.to_string()),
            upload_id: Some(upload.to_string()),
            last_byte_received: received.checked_sub(1).and_then(|last| last.try_into().ok()),
        }),
        Err(EcrError::Refused(Refusal::PartOutOfOrder { received, .. })) => {
            Err(EcrError::InvalidLayerPart { upload, repository, registry, received })
        }
        Err(error) => Err(error),
    }
}
