//! DeletePullThroughCacheRule: nothing more is pulled through by the rule; what it brought stays.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use super::{cache_rule, parameter};
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{CACHE_RULES, cache_rule_key};

pub async fn delete_pull_through_cache_rule(
    ecr: &Ecr,
    cx: &Cx,
    input: api::DeletePullThroughCacheRuleRequest,
) -> Result<api::DeletePullThroughCacheRuleResponse, EcrError> {
    let registry = parameter::own_registry(cx, input.registry_id.as_deref())?;
    let permit = cx.authorize(Permission::of("ecr:DeletePullThroughCacheRule"))?;
    let prefix = cache_rule::prefix("ecrRepositoryPrefix", &input.ecr_repository_prefix)?;
    let mut tx = ecr.db.begin();
    let rule = cache_rule::find(&mut tx, cx, registry, &prefix).await?;
    tx.delete(&CACHE_RULES, &cache_rule_key(registry, &cx.region, &prefix));
    tx.commit(&permit).await?;
    Ok(api::DeletePullThroughCacheRuleResponse {
        upstream_repository_prefix: rule.shown_upstream_prefix(),
        ecr_repository_prefix: Some(rule.prefix.to_string()),
        upstream_registry_url: Some(rule.upstream),
        created_at: Some(rule.created_at),
        registry_id: Some(registry.to_string()),
        credential_arn: rule.credential,
        custom_role_arn: rule.role,
    })
}
