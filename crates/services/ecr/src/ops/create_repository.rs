//! CreateRepository: makes a repository in the caller's registry.

use gantry_api_ecr as api;
use gantry_ecr_core::{ExclusionFilter, TagMutability};
use gantry_service::{Cx, Permission};

use super::parameter;
use crate::Ecr;
use crate::access::repository_arn;
use crate::error::EcrError;
use crate::tables::{REPOSITORIES, Repository, RepositoryId, repository_key};

/// The most exclusion filters that a repository has.
const MAX_FILTERS: usize = 5;

pub async fn create_repository(
    ecr: &Ecr,
    cx: &Cx,
    input: api::CreateRepositoryRequest,
) -> Result<api::CreateRepositoryResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let tags = parameter::tags(input.tags.unwrap_or_default())?;
    let arn = repository_arn(cx, registry, name.as_str());
    let permit = cx.authorize(Permission::on("ecr:CreateRepository", &arn).request_tags(tags.iter()))?;
    if !tags.is_empty() {
        cx.authorize(Permission::on("ecr:TagResource", &arn).request_tags(tags.iter()))?;
    }
    let mutability = mutability(
        input.image_tag_mutability.as_deref(),
        input.image_tag_mutability_exclusion_filters.unwrap_or_default(),
    )?;
    check_encryption(input.encryption_configuration.as_ref())?;

    let mut tx = ecr.db.begin();
    let row = repository_key(registry, &cx.region, name.as_str());
    if tx.get(&REPOSITORIES, &row).await?.is_some() {
        return Err(EcrError::RepositoryAlreadyExists { repository: name, registry });
    }
    let repository = Repository {
        id: RepositoryId::new(ecr.ids.uuid()),
        name,
        created_at: cx.now,
        mutability,
        scan_on_push: input.image_scanning_configuration.and_then(|scan| scan.scan_on_push).unwrap_or(false),
        tags,
    };
    tx.put(&REPOSITORIES, &row, &repository);
    tx.commit(&permit).await?;
    Ok(api::CreateRepositoryResponse { repository: Some(super::shown(ecr, cx, registry, &repository)) })
}

fn mutability(
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
        return Err(invalid(format!(
            "must be given with imageTagMutability of an exclusion and only then, not {word}"
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

fn check_encryption(asked: Option<&api::EncryptionConfiguration>) -> Result<(), EcrError> {
    match asked.map(|asked| asked.encryption_type.as_str()) {
        None | Some("AES256") => Ok(()),
        Some("KMS" | "KMS_DSSE") => Err(EcrError::Kms(
            "Gantry does not encrypt repositories with KMS keys yet; use AES256".to_owned(),
        )),
        Some(_) => Err(EcrError::InvalidParameter {
            parameter: "encryptionConfiguration",
            rule: "Member must satisfy enum value set: [AES256, KMS, KMS_DSSE]".to_owned(),
        }),
    }
}
