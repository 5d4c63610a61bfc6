//! CreateRepositoryCreationTemplate: says what repositories are like that are made because they are needed.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};
use gantry_store::Scan;

use super::{parameter, template};
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{TEMPLATES, TEMPLATES_AT_MOST, Template, repositories_of, template_key};

pub async fn create_repository_creation_template(
    ecr: &Ecr,
    cx: &Cx,
    input: api::CreateRepositoryCreationTemplateRequest,
) -> Result<api::CreateRepositoryCreationTemplateResponse, EcrError> {
    let permit = cx.authorize(Permission::of("ecr:CreateRepositoryCreationTemplate"))?;
    template::encryption(input.encryption_configuration)?;
    let made = Template {
        prefix: template::prefix(&input.prefix)?,
        description: input.description,
        tags: parameter::tags(input.resource_tags.unwrap_or_default())?,
        mutability: parameter::mutability(
            input.image_tag_mutability.as_deref(),
            input.image_tag_mutability_exclusion_filters.unwrap_or_default(),
        )?,
        policy: template::policy(input.repository_policy.unwrap_or_default())?,
        lifecycle: template::lifecycle(input.lifecycle_policy.unwrap_or_default())?,
        applied_for: template::applied_for(&input.applied_for)?,
        role: template::role(cx, input.custom_role_arn)?,
        created_at: cx.now,
        updated_at: cx.now,
    };
    let mut tx = ecr.db.begin();
    let row = template_key(cx.account, &cx.region, &made.prefix);
    if tx.get(&TEMPLATES, &row).await?.is_some() {
        return Err(EcrError::TemplateAlreadyExists { prefix: made.prefix, registry: cx.account });
    }
    let registry = repositories_of(cx.account, &cx.region);
    let there = tx.peek_scan(&TEMPLATES, &registry, Scan::first(TEMPLATES_AT_MOST)).await?;
    if there.len() >= TEMPLATES_AT_MOST {
        return Err(EcrError::LimitExceeded(format!(
            "A registry has at most {TEMPLATES_AT_MOST} repository creation templates"
        )));
    }
    tx.put(&TEMPLATES, &row, &made);
    tx.commit(&permit).await?;
    Ok(api::CreateRepositoryCreationTemplateResponse {
        registry_id: Some(cx.account.to_string()),
        repository_creation_template: Some(template::shown(made)),
    })
}
