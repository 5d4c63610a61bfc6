//! BatchCheckLayerAvailability: which layers a repository has.

use gantry_api_ecr as api;
use gantry_ecr_core::{Digest, Refusal};
use gantry_service::Cx;

use super::parameter;
use crate::Ecr;
use crate::error::EcrError;

const ACTION: &str = "ecr:BatchCheckLayerAvailability";

pub async fn batch_check_layer_availability(
    ecr: &Ecr,
    cx: &Cx,
    input: api::BatchCheckLayerAvailabilityRequest,
) -> Result<api::BatchCheckLayerAvailabilityResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    ecr.may(cx, registry, &name, ACTION).await?;
    let there = parameter::in_registry(cx, registry);
    let (mut layers, mut failures) = (Vec::new(), Vec::new());
    for given in input.layer_digests {
        let digest: Digest = match given.parse() {
            Ok(digest) => digest,
            Err(_) => {
                failures.push(invalid(given));
                continue;
            }
        };
        let found = ecr.find_layer(&there, &name, digest, ACTION).await;
        let size = match found {
            Ok(layer) => Some(i64::try_from(layer.bytes).map_err(EcrError::internal)?),
            Err(EcrError::Refused(Refusal::LayerNotFound { .. })) => None,
            Err(error) => return Err(error),
        };
        layers.push(api::Layer {
            layer_digest: Some(given),
            layer_availability: Some(if size.is_some() { "AVAILABLE" } else { "UNAVAILABLE" }.to_owned()),
            layer_size: size,
            media_type: None,
        });
    }
    Ok(api::BatchCheckLayerAvailabilityResponse { layers: Some(layers), failures: Some(failures) })
}

fn invalid(digest: String) -> api::LayerFailure {
    let (code, reason) = match digest.is_empty() {
        true => ("MissingLayerDigest", "Invalid request parameters: layer digest cannot be empty"),
        false => (
            "InvalidLayerDigest",
            "Invalid request parameters: layer digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
        ),
    };
    api::LayerFailure {
        layer_digest: Some(digest),
        failure_code: Some(code.to_owned()),
        failure_reason: Some(reason.to_owned()),
    }
}
