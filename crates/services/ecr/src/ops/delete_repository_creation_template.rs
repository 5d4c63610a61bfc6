//! DeleteRepositoryCreationTemplate: takes a template away. Repositories that were made after it stay as they are.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use super::template;
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{TEMPLATES, template_key};

pub async fn delete_repository_creation_template(
    ecr: &Ecr,
    cx: &Cx,
    input: api::DeleteRepositoryCreationTemplateRequest,
) -> Result<api::DeleteRepositoryCreationTemplateResponse, EcrError> {
    let permit = cx.authorize(Permission::of("ecr:DeleteRepositoryCreationTemplate"))?;
    let prefix = template::prefix(&input.prefix)?;
    let mut tx = ecr.db.begin();
    let row = template_key(cx.account, &cx.region, &prefix);
    let Some(found) = tx.get(&TEMPLATES, &row).await? else {
        return Err(EcrError::TemplateNotFound { prefix, registry: cx.account });
    };
    tx.delete(&TEMPLATES, &row);
    tx.commit(&permit).await?;
    Ok(api::DeleteRepositoryCreationTemplateResponse {
        registry_id: Some(cx.account.to_string()),
        repository_creation_template: Some(template::shown(found)),
    })
}
