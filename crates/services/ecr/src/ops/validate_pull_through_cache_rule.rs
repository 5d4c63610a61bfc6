//! ValidatePullThroughCacheRule: whether the other registry lets the rule in, asked there and then.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use super::{cache_rule, parameter};
use crate::Ecr;
use crate::error::EcrError;

pub async fn validate_pull_through_cache_rule(
    ecr: &Ecr,
    cx: &Cx,
    input: api::ValidatePullThroughCacheRuleRequest,
) -> Result<api::ValidatePullThroughCacheRuleResponse, EcrError> {
    let registry = parameter::own_registry(cx, input.registry_id.as_deref())?;
    cx.authorize(Permission::of("ecr:ValidatePullThroughCacheRule"))?;
    let prefix = cache_rule::prefix("ecrRepositoryPrefix", &input.ecr_repository_prefix)?;
    let rule = cache_rule::find(&mut ecr.db.begin(), cx, registry, &prefix).await?;
    let failure = ecr.try_rule(cx, registry, &rule).await?;
    Ok(api::ValidatePullThroughCacheRuleResponse {
        upstream_repository_prefix: rule.shown_upstream_prefix(),
        ecr_repository_prefix: Some(rule.prefix.to_string()),
        registry_id: Some(registry.to_string()),
        upstream_registry_url: Some(rule.upstream),
        credential_arn: rule.credential,
        custom_role_arn: rule.role,
        is_valid: Some(failure.is_none()),
        failure,
    })
}
