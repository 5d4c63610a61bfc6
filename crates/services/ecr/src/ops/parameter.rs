//! Reading parameters that many operations have.

use gantry_api_ecr as api;
use gantry_base::{AccountId, Arn, PageToken, Tags};
use gantry_ecr_core::{Digest, ExclusionFilter, RepositoryName, TagMutability, UploadId};
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

/// The registry that is meant, where it can only be the caller's own.
pub fn own_registry(cx: &Cx, given: Option<&str>) -> Result<AccountId, EcrError> {
    let registry = registry(cx, given)?;
    match registry == cx.account {
        true => Ok(registry),
        false => Err(EcrError::InvalidParameter {
            parameter: "registryId",
            rule: format!("must be the caller's own registry '{}'", cx.account),
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

/// The same call in another registry.
pub fn in_registry(cx: &Cx, registry: AccountId) -> Cx {
    Cx { account: registry, ..cx.clone() }
}

/// An upload's id. One that can't be is nobody's.
pub fn upload(given: &str, repository: &RepositoryName) -> Result<UploadId, EcrError> {
    given.parse().map_err(|_| EcrError::InvalidParameter {
        parameter: "uploadId",
        rule: format!("must be an id that InitiateLayerUpload gave for repository '{repository}'"),
    })
}

/// A layer's digest.
pub fn layer_digest(given: &str) -> Result<Digest, EcrError> {
    given.parse().map_err(|_| EcrError::InvalidParameter {
        parameter: "layerDigest",
        rule: "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'".to_owned(),
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

/// The most exclusion filters that a repository has.
const MAX_FILTERS: usize = 5;

/// The rule for a repository's tags.
pub fn mutability(
    word: Option<&str>,
    filters: Vec<api::ImageTagMutabilityExclusionFilter>,
) -> Result<TagMutability, EcrError> {
    let invalid =
        |rule: String| EcrError::InvalidParameter { parameter: "imageTagMutabilityExclusionFilters", rule };
    if filters.len() > MAX_FILTERS {
        return Err(invalid(format!("must have length less than or equal to {MAX_FILTERS}")));
    }
    let mut except = Vec::with_capacity(filters.len());
    for filter in filters {
        if filter.filter_type != "WILDCARD" {
            return Err(invalid("Member must satisfy enum value set: [WILDCARD]".to_owned()));
        }
        except.push(ExclusionFilter::try_from(filter.filter).map_err(|error| invalid(error.to_string()))?);
    }
    let word = word.unwrap_or("MUTABLE");
    if word.ends_with("_WITH_EXCLUSION") == except.is_empty() {
        let are = if except.is_empty() { "can't be null" } else { "are not allowed" };
        return Err(invalid(format!(
            "ImageTagMutabilityExclusionFilters {are} when imageTagMutability is set as {word}"
        )));
    }
    match word {
        "MUTABLE" => Ok(TagMutability::Mutable),
        "IMMUTABLE" => Ok(TagMutability::Immutable),
        "MUTABLE_WITH_EXCLUSION" => Ok(TagMutability::MutableWithExclusion(except)),
        "IMMUTABLE_WITH_EXCLUSION" => Ok(TagMutability::ImmutableWithExclusion(except)),
        _ => Err(EcrError::InvalidParameter {
            parameter: "imageTagMutability",
            rule: "Member must satisfy enum value set: [IMMUTABLE, MUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE_WITH_EXCLUSION]".to_owned(),
        }),
    }
}
