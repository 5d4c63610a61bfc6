//! InitiateLayerUpload: begins the upload of a layer.

use gantry_api_ecr as api;
use gantry_service::Cx;

use super::parameter;
use crate::Ecr;
use crate::error::EcrError;

/// The size of parts that clients are asked for, in bytes, as on AWS: the most that UploadLayerPart takes.
const PART_SIZE: i64 = 20 * 1024 * 1024;

pub async fn initiate_layer_upload(
    ecr: &Ecr,
    cx: &Cx,
    input: api::InitiateLayerUploadRequest,
) -> Result<api::InitiateLayerUploadResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let upload = ecr.begin(&parameter::in_registry(cx, registry), &name).await?;
    Ok(api::InitiateLayerUploadResponse { upload_id: Some(upload.to_string()), part_size: Some(PART_SIZE) })
}
