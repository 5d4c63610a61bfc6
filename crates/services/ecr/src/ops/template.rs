//! Templates of repositories, as the operations about them read and show them.

use gantry_api_ecr as api;
use gantry_base::Arn;
use gantry_ecr_core::{LifecyclePolicy, Prefix};
use gantry_iam_core::{Kind, Policy};
use gantry_service::{Cx, Permission};

use super::create_repository::check_encryption;
use crate::error::EcrError;
use crate::tables::{AppliedFor, Template};

/// What ECR assumes roles as.
const PRINCIPAL: &str = "ecr.amazonaws.com";

/// A prefix, as it is given.
pub fn prefix(given: &str) -> Result<Prefix, EcrError> {
    given.parse().map_err(|error: gantry_ecr_core::BadPrefix| EcrError::InvalidParameter {
        parameter: "prefix",
        rule: error.to_string(),
    })
}

/// Reads what makes repositories after a template.
pub fn applied_for(given: &[String]) -> Result<Vec<AppliedFor>, EcrError> {
    let read = |word: &String| {
        let known = AppliedFor::WORDS.iter().find(|(name, _)| name == word);
        known.map(|(_, why)| *why).ok_or_else(|| EcrError::InvalidParameter {
            parameter: "appliedFor",
            rule: "Member must satisfy enum value set: [REPLICATION, PULL_THROUGH_CACHE, CREATE_ON_PUSH]"
                .to_owned(),
        })
    };
    let mut whys = Vec::with_capacity(given.len());
    for why in given.iter().map(read) {
        let why = why?;
        if !whys.contains(&why) {
            whys.push(why);
        }
    }
    match whys.is_empty() {
        true => Err(EcrError::InvalidParameter {
            parameter: "appliedFor",
            rule: "must name at least one of [REPLICATION, PULL_THROUGH_CACHE, CREATE_ON_PUSH]".to_owned(),
        }),
        false => Ok(whys),
    }
}

/// A repository policy, none where it is empty.
pub fn policy(text: String) -> Result<Option<String>, EcrError> {
    if text.is_empty() {
        return Ok(None);
    }
    Policy::parse(Kind::Resource, &text).map_err(|error| EcrError::InvalidParameter {
        parameter: "repositoryPolicy",
        rule: format!("Invalid repository policy provided: {error}"),
    })?;
    Ok(Some(text))
}

/// A lifecycle policy, none where it is empty.
pub fn lifecycle(text: String) -> Result<Option<String>, EcrError> {
    if text.is_empty() {
        return Ok(None);
    }
    LifecyclePolicy::parse(&text)?;
    Ok(Some(text))
}

/// Checks the encryption that repositories are to have.
pub fn encryption(
    given: Option<api::EncryptionConfigurationForRepositoryCreationTemplate>,
) -> Result<(), EcrError> {
    let given = given.map(|given| api::EncryptionConfiguration {
        encryption_type: given.encryption_type,
        kms_key: given.kms_key,
    });
    check_encryption(given.as_ref())
}

/// A role, which the caller must be allowed to hand on; none where it is empty.
pub fn role(cx: &Cx, given: Option<String>) -> Result<Option<String>, EcrError> {
    let Some(given) = given.filter(|given| !given.is_empty()) else { return Ok(None) };
    let arn: Arn = given.parse().map_err(|_| EcrError::InvalidParameter {
        parameter: "customRoleArn",
        rule: "must be the ARN of a role".to_owned(),
    })?;
    cx.authorize(Permission::on("iam:PassRole", &arn).key("iam:PassedToService", [PRINCIPAL]))?;
    Ok(Some(given))
}

/// A template as AWS shows it.
pub fn shown(template: Template) -> api::RepositoryCreationTemplate {
    let word = |why: &AppliedFor| {
        let known = AppliedFor::WORDS.iter().find(|(_, one)| one == why);
        known.map(|(name, _)| (*name).to_owned()).expect("every reason has its word")
    };
    let tag = |(key, value): (&str, &str)| api::Tag { key: key.to_owned(), value: value.to_owned() };
    api::RepositoryCreationTemplate {
        prefix: Some(template.prefix.to_string()),
        description: template.description,
        encryption_configuration: Some(api::EncryptionConfigurationForRepositoryCreationTemplate {
            encryption_type: "AES256".to_owned(),
            kms_key: None,
        }),
        resource_tags: (!template.tags.is_empty()).then(|| template.tags.iter().map(tag).collect()),
        image_tag_mutability: Some(template.mutability.as_str().to_owned()),
        image_tag_mutability_exclusion_filters: super::shown_filters(&template.mutability),
        repository_policy: template.policy,
        lifecycle_policy: template.lifecycle,
        applied_for: Some(template.applied_for.iter().map(word).collect()),
        custom_role_arn: template.role,
        created_at: Some(template.created_at),
        updated_at: Some(template.updated_at),
    }
}
