//! GetParametersForImport: a public key to wrap a material with, and the token to import it with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use super::import_token::{ImportToken, LIFETIME, is_external};
use crate::access::{Wish, allow};
use crate::error::KmsError;
use crate::key_id::find_own;
use crate::pair::Pair;
use crate::spec::Spec;
use crate::{Kms, answer, cipher};

/// Draws both.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::GetParametersForImportRequest,
) -> Result<api::GetParametersForImportResponse, Failure> {
    let mut tx = kms.db.begin();
    let key = find_own(kms, &mut tx, &cx, "kms:GetParametersForImport", &input.key_id).await?;
    let wish = Wish::to("kms:GetParametersForImport")
        .key("kms:WrappingAlgorithm", [input.wrapping_algorithm.as_str()])
        .key("kms:WrappingKeySpec", [input.wrapping_key_spec.as_str()]);
    allow(&mut tx, &cx, &key, wish).await?;
    is_external(&key)?;
    answer::stays(&key)?;
    if !matches!(input.wrapping_algorithm.as_str(), "RSAES_OAEP_SHA_1" | "RSAES_OAEP_SHA_256") {
        return Err(KmsError::Unsupported(format!(
            "The wrapping algorithm {} is not served by Gantry: it serves RSAES_OAEP_SHA_1 and RSAES_OAEP_SHA_256.",
            input.wrapping_algorithm
        ))
        .into());
    }
    let spec = match input.wrapping_key_spec.as_str() {
        "RSA_2048" => Spec::Rsa2048,
        "RSA_3072" => Spec::Rsa3072,
        "RSA_4096" => Spec::Rsa4096,
        other => {
            let text = format!("The wrapping key spec {other} is not served by Gantry.");
            return Err(KmsError::Unsupported(text).into());
        }
    };
    let ids = kms.ids.clone();
    let (private, public) = cipher::apart(move || {
        let pair = Pair::generate(spec, ids)?;
        Ok((pair.private_der()?, pair.public_der()?))
    })
    .await?;
    let valid_to = cx.now + LIFETIME;
    let token =
        ImportToken { algorithm: input.wrapping_algorithm, private: BASE64.encode(private), valid_to };
    Ok(api::GetParametersForImportResponse {
        key_id: answer::arn(&key),
        import_token: Some(token.seal(kms, &key)?.into()),
        public_key: Some(public.into()),
        parameters_valid_to: Some(valid_to),
    })
}
