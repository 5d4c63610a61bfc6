//! DescribePullThroughCacheRules: the rules of a registry, or those that are named.

use gantry_api_ecr as api;
use gantry_base::{AccountId, PageToken};
use gantry_service::{Cx, Permission};
use gantry_store::Scan;

use super::{cache_rule, parameter};
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{CACHE_RULES, CacheRule, cache_rule_key, repositories_of};

pub async fn describe_pull_through_cache_rules(
    ecr: &Ecr,
    cx: &Cx,
    input: api::DescribePullThroughCacheRulesRequest,
) -> Result<api::DescribePullThroughCacheRulesResponse, EcrError> {
    let registry = parameter::own_registry(cx, input.registry_id.as_deref())?;
    cx.authorize(Permission::of("ecr:DescribePullThroughCacheRules"))?;
    let (rules, next_token) = match input.ecr_repository_prefixes {
        Some(_) if input.max_results.is_some() || input.next_token.is_some() => {
            return Err(EcrError::InvalidParameter {
                parameter: "ecrRepositoryPrefixes",
                rule: "cannot be used with maxResults or nextToken".to_owned(),
            });
        }
        Some(prefixes) => (named(ecr, cx, registry, &prefixes).await?, None),
        None => page(ecr, cx, registry, input.next_token.as_deref(), input.max_results).await?,
    };
    let rules = rules.into_iter().map(|rule| shown(registry, rule)).collect();
    Ok(api::DescribePullThroughCacheRulesResponse { pull_through_cache_rules: Some(rules), next_token })
}

async fn named(
    ecr: &Ecr,
    cx: &Cx,
    registry: AccountId,
    prefixes: &[String],
) -> Result<Vec<CacheRule>, EcrError> {
    let mut tx = ecr.db.begin();
    let mut rules = Vec::with_capacity(prefixes.len());
    for given in prefixes {
        let prefix = cache_rule::prefix("ecrRepositoryPrefixes", given)?;
        rules.push(cache_rule::find(&mut tx, cx, registry, &prefix).await?);
    }
    Ok(rules)
}

async fn page(
    ecr: &Ecr,
    cx: &Cx,
    registry: AccountId,
    token: Option<&str>,
    size: Option<i32>,
) -> Result<(Vec<CacheRule>, Option<String>), EcrError> {
    let scope = format!("DescribePullThroughCacheRules/{registry}/{}", cx.region);
    let after = parameter::resume(&scope, token)?;
    let after = after.map(|after| cache_rule::prefix("nextToken", &after)).transpose()?;
    let after = after.map(|prefix| cache_rule_key(registry, &cx.region, &prefix));
    let limit = parameter::page_size(size);
    let all = repositories_of(registry, &cx.region);
    let rows = ecr.db.begin().scan(&CACHE_RULES, &all, Scan::first(limit + 1).after(after)).await?;
    let more = rows.len() > limit;
    let rules: Vec<CacheRule> = rows.into_iter().take(limit).map(|(_, rule)| rule).collect();
    let next = rules.last().filter(|_| more).map(|last| PageToken::encode(&scope, last.prefix.as_str()));
    Ok((rules, next))
}

fn shown(registry: AccountId, rule: CacheRule) -> api::PullThroughCacheRule {
    api::PullThroughCacheRule {
        upstream_repository_prefix: rule.shown_upstream_prefix(),
        ecr_repository_prefix: Some(rule.prefix.to_string()),
        upstream_registry_url: Some(rule.upstream),
        created_at: Some(rule.created_at),
        registry_id: Some(registry.to_string()),
        credential_arn: rule.credential,
        custom_role_arn: rule.role,
        upstream_registry: Some(rule.kind),
        updated_at: Some(rule.updated_at),
    }
}
