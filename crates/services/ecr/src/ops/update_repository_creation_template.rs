//! UpdateRepositoryCreationTemplate: changes what is given of a template; what is not given stays.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use super::{parameter, template};
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{TEMPLATES, Template, template_key};

pub async fn update_repository_creation_template(
    ecr: &Ecr,
    cx: &Cx,
    input: api::UpdateRepositoryCreationTemplateRequest,
) -> Result<api::UpdateRepositoryCreationTemplateResponse, EcrError> {
    let permit = cx.authorize(Permission::of("ecr:UpdateRepositoryCreationTemplate"))?;
    let prefix = template::prefix(&input.prefix)?;
    let mut tx = ecr.db.begin();
    let row = template_key(cx.account, &cx.region, &prefix);
    let Some(found) = tx.get(&TEMPLATES, &row).await? else {
        return Err(EcrError::TemplateNotFound { prefix, registry: cx.account });
    };
    let changed = change(cx, found, input)?;
    tx.put(&TEMPLATES, &row, &changed);
    tx.commit(&permit).await?;
    Ok(api::UpdateRepositoryCreationTemplateResponse {
        registry_id: Some(cx.account.to_string()),
        repository_creation_template: Some(template::shown(changed)),
    })
}

fn change(
    cx: &Cx,
    mut found: Template,
    input: api::UpdateRepositoryCreationTemplateRequest,
) -> Result<Template, EcrError> {
    template::encryption(input.encryption_configuration)?;
    if let Some(description) = input.description {
        found.description = Some(description);
    }
    if let Some(tags) = input.resource_tags {
        found.tags = parameter::tags(tags)?;
    }
    if input.image_tag_mutability.is_some() {
        let filters = input.image_tag_mutability_exclusion_filters.unwrap_or_default();
        found.mutability = parameter::mutability(input.image_tag_mutability.as_deref(), filters)?;
    }
    if let Some(text) = input.repository_policy {
        found.policy = template::policy(text)?;
    }
    if let Some(text) = input.lifecycle_policy {
        found.lifecycle = template::lifecycle(text)?;
    }
    if let Some(words) = input.applied_for {
        found.applied_for = template::applied_for(&words)?;
    }
    if input.custom_role_arn.is_some() {
        found.role = template::role(cx, input.custom_role_arn)?;
    }
    found.updated_at = cx.now;
    Ok(found)
}
