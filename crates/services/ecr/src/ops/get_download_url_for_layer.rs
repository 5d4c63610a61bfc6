//! GetDownloadUrlForLayer: a link under which a layer can be had for an hour, without a password.

use gantry_api_ecr as api;
use gantry_service::Cx;

use super::parameter;
use crate::Ecr;
use crate::error::EcrError;

const ACTION: &str = "ecr:GetDownloadUrlForLayer";

pub async fn get_download_url_for_layer(
    ecr: &Ecr,
    cx: &Cx,
    input: api::GetDownloadUrlForLayerRequest,
) -> Result<api::GetDownloadUrlForLayerResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let repository = ecr.may(cx, registry, &name, ACTION).await?.repository;
    let digest = parameter::layer_digest(&input.layer_digest)?;
    ecr.find_layer(&parameter::in_registry(cx, registry), &name, digest, ACTION).await?;
    let link = ecr.link(&repository.id, digest, cx.now)?;
    // Where the client found us it finds the layer; the registry's own name may not resolve for it.
    let endpoint = match &cx.origin.host {
        Some(host) => format!("{}://{host}", if cx.origin.secure { "https" } else { "http" }),
        None => ecr.config.registry_url(registry, &cx.region),
    };
    Ok(api::GetDownloadUrlForLayerResponse {
        download_url: Some(format!("{endpoint}/v2/_layers/{link}")),
        layer_digest: Some(digest.to_string()),
    })
}
