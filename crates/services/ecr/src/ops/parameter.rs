//! Reading parameters that many operations have.

use gantry_api_ecr as api;
use gantry_base::{AccountId, Arn, PageToken, Tags};
use gantry_ecr_core::RepositoryName;
use gantry_service::Cx;

use crate::error::EcrError;

/// The registry that is meant: the caller's own, if it is not said.
pub fn registry(cx: &Cx, given: Option<&str>) -> Result<AccountId, EcrError> {
    match given {
        None => Ok(cx.account),
        Some(given) => given.parse().map_err(|_| EcrError::InvalidParameter {
            parameter: "registryId",
            rule: "must satisfy regular expression '[0-9]{12}'".to_owned(),
        }),
    }
}

/// A repository's name.
pub fn name(given: &str) -> Result<RepositoryName, EcrError> {
    given.parse().map_err(|_| EcrError::InvalidParameter {
        parameter: "repositoryName",
        rule: format!("must satisfy regular expression '{}'", RepositoryName::PATTERN),
    })
}

/// How many results a page has.
pub fn page_size(given: Option<i32>) -> usize {
    given.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0).unwrap_or(100).min(1000)
}

/// Where a listing goes on.
pub fn resume(scope: &str, token: Option<&str>) -> Result<Option<String>, EcrError> {
    let decoded = token.map(|token| PageToken::decode(scope, token)).transpose();
    decoded.map_err(|_| EcrError::InvalidParameter {
        parameter: "nextToken",
        rule: "must be a token that the same listing gave".to_owned(),
    })
}

/// The repository that an ARN names.
pub fn repository_of_arn(cx: &Cx, given: &str) -> Result<(AccountId, RepositoryName), EcrError> {
    let invalid = || EcrError::InvalidParameter {
        parameter: "resourceArn",
        rule: "must be the ARN of a repository of this region".to_owned(),
    };
    let arn: Arn = given.parse().map_err(|_| invalid())?;
    if arn.service() != "ecr"
        || arn.region() != cx.region.as_str()
        || arn.partition() != cx.partition().as_str()
    {
        return Err(invalid());
    }
    let account = arn.account().parse().map_err(|_| invalid())?;
    match arn.resource_type_and_name() {
        ("repository", name) => Ok((account, name.parse().map_err(|_| invalid())?)),
        _ => Err(invalid()),
    }
}

/// Tags that a user gave.
pub fn tags(given: Vec<api::Tag>) -> Result<Tags, EcrError> {
    Ok(Tags::parse(given.into_iter().map(|tag| (tag.key, tag.value)))?)
}
