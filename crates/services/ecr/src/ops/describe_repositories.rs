//! DescribeRepositories: the repositories of a registry, or those that are named.

use gantry_api_ecr as api;
use gantry_base::{AccountId, PageToken};
use gantry_service::{Cx, Permission};
use gantry_store::Scan;

use super::parameter;
use crate::Ecr;
use crate::access::repository_arn;
use crate::error::EcrError;
use crate::tables::{REPOSITORIES, repositories_of, repository_key};

pub async fn describe_repositories(
    ecr: &Ecr,
    cx: &Cx,
    input: api::DescribeRepositoriesRequest,
) -> Result<api::DescribeRepositoriesResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    match &input.repository_names {
        Some(_) if input.max_results.is_some() || input.next_token.is_some() => {
            Err(EcrError::InvalidParameter {
                parameter: "repositoryNames",
                rule: "cannot be used with maxResults or nextToken".to_owned(),
            })
        }
        Some(names) => named(ecr, cx, registry, names).await,
        None => page(ecr, cx, registry, &input).await,
    }
}

async fn named(
    ecr: &Ecr,
    cx: &Cx,
    registry: AccountId,
    names: &[String],
) -> Result<api::DescribeRepositoriesResponse, EcrError> {
    let mut repositories = Vec::with_capacity(names.len());
    for name in names {
        let name = parameter::name(name)?;
        let row = ecr.may(cx, registry, &name, "ecr:DescribeRepositories").await?.repository;
        repositories.push(super::shown(ecr, cx, registry, &row));
    }
    Ok(api::DescribeRepositoriesResponse { repositories: Some(repositories), next_token: None })
}

async fn page(
    ecr: &Ecr,
    cx: &Cx,
    registry: AccountId,
    input: &api::DescribeRepositoriesRequest,
) -> Result<api::DescribeRepositoriesResponse, EcrError> {
    cx.authorize(Permission::on("ecr:DescribeRepositories", &repository_arn(cx, registry, "*")))?;
    let scope = format!("DescribeRepositories/{registry}/{}", cx.region);
    let after = parameter::resume(&scope, input.next_token.as_deref())?;
    let limit = parameter::page_size(input.max_results);

    let scan = Scan::first(limit + 1).after(after.map(|name| repository_key(registry, &cx.region, &name)));
    let rows = ecr.db.begin().scan(&REPOSITORIES, &repositories_of(registry, &cx.region), scan).await?;
    let more = rows.len() > limit;
    let rows: Vec<_> = rows.into_iter().take(limit).map(|(_, row)| row).collect();
    let next_token = rows.last().filter(|_| more).map(|last| PageToken::encode(&scope, last.name.as_str()));
    let repositories = rows.iter().map(|row| super::shown(ecr, cx, registry, row)).collect();
    Ok(api::DescribeRepositoriesResponse { repositories: Some(repositories), next_token })
}
