//! DescribeRepositoryCreationTemplates: the templates of a registry, or those that are named.

use gantry_api_ecr as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Permission};
use gantry_store::Scan;

use super::{parameter, template};
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{TEMPLATES, Template, repositories_of, template_key};

pub async fn describe_repository_creation_templates(
    ecr: &Ecr,
    cx: &Cx,
    input: api::DescribeRepositoryCreationTemplatesRequest,
) -> Result<api::DescribeRepositoryCreationTemplatesResponse, EcrError> {
    cx.authorize(Permission::of("ecr:DescribeRepositoryCreationTemplates"))?;
    let prefixes = input.prefixes.unwrap_or_default();
    let (found, next_token) = match prefixes.is_empty() {
        true => page(ecr, cx, input.next_token.as_deref(), input.max_results).await?,
        false => (named(ecr, cx, &prefixes).await?, None),
    };
    Ok(api::DescribeRepositoryCreationTemplatesResponse {
        registry_id: Some(cx.account.to_string()),
        repository_creation_templates: Some(found.into_iter().map(template::shown).collect()),
        next_token,
    })
}

/// Those of the named ones that are there.
async fn named(ecr: &Ecr, cx: &Cx, prefixes: &[String]) -> Result<Vec<Template>, EcrError> {
    let rows = prefixes
        .iter()
        .map(|given| template::prefix(given).map(|prefix| template_key(cx.account, &cx.region, &prefix)));
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    Ok(ecr.db.begin().get_many(&TEMPLATES, &rows).await?.into_iter().flatten().collect())
}

async fn page(
    ecr: &Ecr,
    cx: &Cx,
    token: Option<&str>,
    size: Option<i32>,
) -> Result<(Vec<Template>, Option<String>), EcrError> {
    let scope = format!("DescribeRepositoryCreationTemplates/{}/{}", cx.account, cx.region);
    let after = parameter::resume(&scope, token)?.map(|after| template::prefix(&after)).transpose()?;
    let after = after.map(|prefix| template_key(cx.account, &cx.region, &prefix));
    let limit = parameter::page_size(size);
    let registry = repositories_of(cx.account, &cx.region);
    let rows = ecr.db.begin().scan(&TEMPLATES, &registry, Scan::first(limit + 1).after(after)).await?;
    let more = rows.len() > limit;
    let found: Vec<Template> = rows.into_iter().take(limit).map(|(_, template)| template).collect();
    let next = found.last().filter(|_| more).map(|last| PageToken::encode(&scope, last.prefix.as_str()));
    Ok((found, next))
}
