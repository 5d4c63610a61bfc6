//! CreatePullThroughCacheRule: has images of another registry pulled through this one, and kept.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};
use gantry_store::Scan;

use super::{cache_rule, parameter};
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{CACHE_RULES, CACHE_RULES_AT_MOST, CacheRule, cache_rule_key, repositories_of};
use crate::upstream::Kind;

pub async fn create_pull_through_cache_rule(
    ecr: &Ecr,
    cx: &Cx,
    input: api::CreatePullThroughCacheRuleRequest,
) -> Result<api::CreatePullThroughCacheRuleResponse, EcrError> {
    let registry = parameter::own_registry(cx, input.registry_id.as_deref())?;
    let permit = cx.authorize(Permission::of("ecr:CreatePullThroughCacheRule"))?;
    let rule = read(cx, &input)?;
    let mut tx = ecr.db.begin();
    let row = cache_rule_key(registry, &cx.region, &rule.prefix);
    if tx.get(&CACHE_RULES, &row).await?.is_some() {
        return Err(EcrError::CacheRuleAlreadyExists { prefix: rule.prefix, registry });
    }
    let all = repositories_of(registry, &cx.region);
    if tx.peek_scan(&CACHE_RULES, &all, Scan::first(CACHE_RULES_AT_MOST)).await?.len() >= CACHE_RULES_AT_MOST
    {
        return Err(EcrError::LimitExceeded(format!(
            "A registry has at most {CACHE_RULES_AT_MOST} pull through cache rules"
        )));
    }
    if let Some(role) = &rule.role {
        cache_rule::check_role(cx, role)?;
    }
    if let Some(secret) = &rule.credential {
        cache_rule::check_credential(cx, secret).await?;
    }
    tx.put(&CACHE_RULES, &row, &rule);
    tx.commit(&permit).await?;
    Ok(api::CreatePullThroughCacheRuleResponse {
        upstream_repository_prefix: rule.shown_upstream_prefix(),
        ecr_repository_prefix: Some(input.ecr_repository_prefix),
        upstream_registry_url: Some(rule.upstream),
        created_at: Some(rule.created_at),
        registry_id: Some(registry.to_string()),
        upstream_registry: Some(rule.kind),
        credential_arn: rule.credential,
        custom_role_arn: rule.role,
    })
}

fn read(cx: &Cx, input: &api::CreatePullThroughCacheRuleRequest) -> Result<CacheRule, EcrError> {
    let unsupported = |why: &str| EcrError::UnsupportedUpstreamRegistry(why.to_owned());
    let kind = Kind::of(&input.upstream_registry_url).ok_or_else(|| {
        EcrError::UnsupportedUpstreamRegistry(format!(
            "The upstream registry URL {} is invalid. Specify a valid upstream registry URL and try again",
            input.upstream_registry_url
        ))
    })?;
    // Of those that let everybody in AWS takes any name.
    if kind.needs_credential() {
        if input.upstream_registry.as_deref().is_some_and(|word| word != kind.word()) {
            return Err(unsupported(
                "Invalid input: Upstream registry URL and entered upstream registry do not match. Please verify input \
                 and try again.",
            ));
        }
        if input.credential_arn.is_none() {
            return Err(unsupported(
                "The specified upstream registry requires authentication. Specify a valid Secrets Manager ARN \
                 containing the upstream registry credentials and try again.",
            ));
        }
    }
    if let Kind::Own(account, region) = &kind
        && *account == cx.account
        && *region == cx.region
    {
        return Err(EcrError::InvalidParameter {
            parameter: "upstreamRegistryUrl",
            rule: "The upstream registry cannot be the registry itself".to_owned(),
        });
    }
    let prefix = cache_rule::prefix("ecrRepositoryPrefix", &input.ecr_repository_prefix)?;
    let upstream_prefix = input.upstream_repository_prefix.as_deref().unwrap_or("ROOT");
    Ok(CacheRule {
        prefix,
        upstream: input.upstream_registry_url.clone(),
        kind: kind.word().to_owned(),
        upstream_prefix: cache_rule::prefix("upstreamRepositoryPrefix", upstream_prefix)?,
        credential: input.credential_arn.clone(),
        role: input.custom_role_arn.clone(),
        created_at: cx.now,
        updated_at: cx.now,
    })
}
