//! ListSecretVersionIds: the versions of a secret.

use gantry_api_secretsmanager as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure};

use super::{on_secret, present};
use crate::Secrets;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::name;

const LARGEST_PAGE: usize = 100;

/// Lists versions by id; without labels only where they are asked for.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::ListSecretVersionIdsRequest,
) -> Result<api::ListSecretVersionIdsResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    cx.authorize(on_secret("secretsmanager:ListSecretVersionIds", &found, &input.secret_id))?;
    let secret = present(found)?;
    let all = input.include_deprecated == Some(true);
    let scope = format!("ListSecretVersionIds/{}/{all}", secret.arn);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token));
    let after = after.transpose().map_err(|_| SecretError::InvalidNextToken)?;
    let size = input.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(LARGEST_PAGE);
    let size = size.clamp(1, LARGEST_PAGE);
    let mut rows: Vec<_> = secret
        .versions
        .iter()
        .filter(|(_, version)| all || !version.stages.is_empty())
        .filter(|(id, _)| after.as_ref().is_none_or(|after| *id > after))
        .take(size + 1)
        .collect();
    let more = rows.len() > size;
    rows.truncate(size);
    let next_token = rows.last().filter(|_| more).map(|(id, _)| PageToken::encode(&scope, id));
    let entry =
        |(id, version): (&String, &crate::secretsmanager::table::Version)| api::SecretVersionsListEntry {
            version_id: Some(id.clone()),
            version_stages: Some(version.stages.clone()).filter(|stages| !stages.is_empty()),
            last_accessed_date: None,
            created_date: Some(version.created_at),
            kms_key_ids: Some(vec![version.key.clone().unwrap_or_else(|| "DefaultEncryptionKey".into())]),
        };
    let versions = rows.into_iter().map(entry).collect();
    Ok(api::ListSecretVersionIdsResponse {
        versions: Some(versions),
        next_token,
        arn: Some(secret.arn),
        name: Some(secret.name),
    })
}
