//! GetParameterHistory: the versions of a parameter, oldest first.

use gantry_api_ssm as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use super::existing;
use crate::Secrets;
use crate::ssm::answer::{self, DEFAULT_KEY};
use crate::ssm::error::ParameterError;
use crate::ssm::table::{Kind, Then, VERSIONS};

const LARGEST_PAGE: usize = 50;

/// Lists versions.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::GetParameterHistoryRequest,
) -> Result<api::GetParameterHistoryResult, Failure> {
    let mut tx = secrets.db.begin();
    let (key, parameter, _) = existing(&mut tx, &cx, "ssm:GetParameterHistory", &input.name).await?;
    let scope = format!("GetParameterHistory/{}/{}/{}", cx.account, cx.region, parameter.incarnation);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token));
    let after = after.transpose().map_err(|_| ParameterError::InvalidNextToken)?;
    let after = after.and_then(|number| number.parse::<u64>().ok()).unwrap_or_default();
    let size = input.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(LARGEST_PAGE);
    let size = size.clamp(1, LARGEST_PAGE);
    let decrypt = input.with_decryption == Some(true);

    let older = tx.scan(&VERSIONS, &key, Scan::all()).await?;
    let versions = older.into_iter().map(|(_, version)| version).chain([parameter.current.clone()]);
    let mut versions: Vec<_> = versions.filter(|version| version.version > after).take(size + 1).collect();
    let more = versions.len() > size;
    versions.truncate(size);
    let next_token = versions.last().filter(|_| more);
    let next_token = next_token.map(|last| PageToken::encode(&scope, &last.version.to_string()));
    let mut entries = Vec::with_capacity(versions.len());
    for version in versions {
        let current = version.version == parameter.current.version;
        let then = version.then.clone().unwrap_or_else(|| Then {
            description: parameter.description.clone(),
            allowed_pattern: parameter.allowed_pattern.clone(),
            key_id: parameter.key_id.clone(),
            tier: parameter.tier,
        });
        let secure = version.kind == Kind::SecureString;
        entries.push(api::ParameterHistory {
            name: Some(parameter.name.clone()),
            r#type: Some(version.kind.as_str().into()),
            key_id: secure.then(|| then.key_id.unwrap_or_else(|| DEFAULT_KEY.into())),
            last_modified_date: Some(version.modified_at),
            last_modified_user: Some(version.modified_by.clone()),
            description: then.description,
            value: Some(answer::value(&cx, &secrets.sealer, &parameter, &version, decrypt).await?),
            allowed_pattern: then.allowed_pattern,
            version: i64::try_from(version.version).ok(),
            labels: Some(parameter.labels_of(version.version)),
            tier: Some(then.tier.as_str().into()),
            policies: Some(if current { answer::policies(&parameter.policies) } else { Vec::new() }),
            data_type: Some(version.data_type),
        });
    }
    Ok(api::GetParameterHistoryResult { parameters: Some(entries), next_token })
}
