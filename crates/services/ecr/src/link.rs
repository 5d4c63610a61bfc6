//! Links to layers: sealed under the master key, so that nobody but Gantry can make one, and nothing about them
//! need be remembered.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use gantry_base::Timestamp;
use gantry_ecr_core::{Digest, Refusal};
use serde::{Deserialize, Serialize};

use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{LAYERS, RepositoryId, in_repository};

/// How long a link is good.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// What links are sealed for.
const CONTEXT: &str = "ecr/layer";
/// The longest link that is read, in bytes.
const MAX_LENGTH: usize = 1024;

#[derive(Serialize, Deserialize)]
struct Sealed {
    repository: RepositoryId,
    digest: Digest,
    expires_at: Timestamp,
}

impl Ecr {
    /// A link to the layer in that repository.
    pub fn link(
        &self,
        repository: &RepositoryId,
        digest: Digest,
        now: Timestamp,
    ) -> Result<String, EcrError> {
        let sealed = Sealed { repository: repository.clone(), digest, expires_at: now + LIFETIME };
        let plain = serde_json::to_vec(&sealed).map_err(EcrError::internal)?;
        Ok(BASE64.encode(self.sealer.seal(&plain, CONTEXT)))
    }

    /// The layer that a link stands for, and its size in bytes, as long as it is in its repository.
    pub async fn linked_layer(&self, link: &str, now: Timestamp) -> Result<(Digest, u64), EcrError> {
        let invalid = || Refusal::Denied("The link is not one that GetDownloadUrlForLayer gave".to_owned());
        if link.len() > MAX_LENGTH {
            return Err(invalid().into());
        }
        let sealed = BASE64.decode(link).map_err(|_| invalid())?;
        let plain = self.sealer.open(&sealed, CONTEXT).map_err(|_| invalid())?;
        let Sealed { repository, digest, expires_at } =
            serde_json::from_slice(&plain).map_err(|_| invalid())?;
        if expires_at <= now {
            return Err(Refusal::Denied("Request has expired".to_owned()).into());
        }
        let layer = self.db.begin().get(&LAYERS, &in_repository(&repository, digest)).await?;
        let gone = || Refusal::Denied("The layer is no longer in the repository".to_owned());
        Ok((digest, layer.ok_or_else(gone)?.bytes))
    }
}
