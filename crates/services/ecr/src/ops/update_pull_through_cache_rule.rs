//! UpdatePullThroughCacheRule: gives a rule another secret or role.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use super::{cache_rule, parameter};
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{CACHE_RULES, CacheRule, cache_rule_key};

pub async fn update_pull_through_cache_rule(
    ecr: &Ecr,
    cx: &Cx,
    input: api::UpdatePullThroughCacheRuleRequest,
) -> Result<api::UpdatePullThroughCacheRuleResponse, EcrError> {
    let registry = parameter::own_registry(cx, input.registry_id.as_deref())?;
    let permit = cx.authorize(Permission::of("ecr:UpdatePullThroughCacheRule"))?;
    let prefix = cache_rule::prefix("ecrRepositoryPrefix", &input.ecr_repository_prefix)?;
    let mut tx = ecr.db.begin();
    let rule = cache_rule::find(&mut tx, cx, registry, &prefix).await?;
    if let Some(role) = &input.custom_role_arn {
        cache_rule::check_role(cx, role)?;
    }
    if let Some(secret) = &input.credential_arn {
        cache_rule::check_credential(cx, secret).await?;
    }
    let rule = CacheRule {
        credential: input.credential_arn.or(rule.credential),
        role: input.custom_role_arn.or(rule.role),
        updated_at: cx.now,
        ..rule
    };
    tx.put(&CACHE_RULES, &cache_rule_key(registry, &cx.region, &prefix), &rule);
    tx.commit(&permit).await?;
    Ok(api::UpdatePullThroughCacheRuleResponse {
        upstream_repository_prefix: rule.shown_upstream_prefix(),
        ecr_repository_prefix: Some(rule.prefix.to_string()),
        registry_id: Some(registry.to_string()),
        updated_at: Some(rule.updated_at),
        credential_arn: rule.credential,
        custom_role_arn: rule.role,
    })
}
