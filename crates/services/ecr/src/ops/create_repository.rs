//! CreateRepository: makes a repository in the caller's registry.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use super::parameter;
use crate::Ecr;
use crate::access::{self, repository_arn};
use crate::error::EcrError;
use crate::tables::{
    REGISTRY_POLICIES, REPOSITORIES, Repository, RepositoryId, repositories_of, repository_key,
};

pub async fn create_repository(
    ecr: &Ecr,
    cx: &Cx,
    input: api::CreateRepositoryRequest,
) -> Result<api::CreateRepositoryResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let tags = parameter::tags(input.tags.unwrap_or_default())?;
    let arn = repository_arn(cx, registry, name.as_str());
    let mut tx = ecr.db.begin();
    // A registry's policy may let others make repositories in it.
    let policy = tx.get(&REGISTRY_POLICIES, &repositories_of(registry, &cx.region)).await?;
    let policy = policy.map(|policy| access::parse_registry(&arn, &policy)).transpose()?;
    let permission = Permission::on("ecr:CreateRepository", &arn).resource_policy(policy.as_ref());
    let permit = cx.authorize(permission.request_tags(tags.iter()))?;
    if !tags.is_empty() {
        cx.authorize(Permission::on("ecr:TagResource", &arn).request_tags(tags.iter()))?;
    }
    let mutability = parameter::mutability(
        input.image_tag_mutability.as_deref(),
        input.image_tag_mutability_exclusion_filters.unwrap_or_default(),
    )?;
    check_encryption(input.encryption_configuration.as_ref())?;

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
        policy: None,
        policy_ids: Default::default(),
    };
    tx.put(&REPOSITORIES, &row, &repository);
    tx.commit(&permit).await?;
    Ok(api::CreateRepositoryResponse { repository: Some(super::shown(ecr, cx, registry, &repository)) })
}

/// Checks the encryption that a repository is to have.
pub fn check_encryption(asked: Option<&api::EncryptionConfiguration>) -> Result<(), EcrError> {
    if asked.is_some_and(|asked| asked.encryption_type == "AES256" && asked.kms_key.is_some()) {
        return Err(EcrError::InvalidParameter {
            parameter: "encryptionConfiguration",
            rule: "Invalid encryption configuration: Encryption key should not be set for AES256 encryption."
                .to_owned(),
        });
    }
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
