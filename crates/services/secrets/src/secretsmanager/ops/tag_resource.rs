//! TagResource: a secret gets tags.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::{alive_primary, on_secret, tag_error, tags};
use crate::Secrets;
use crate::secretsmanager::table::SECRETS;
use crate::secretsmanager::{name, replication};

/// Changes the tags.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::TagResourceRequest,
) -> Result<gantry_wire::Unit, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let given: Vec<(&str, &str)> = input
        .tags
        .iter()
        .map(|tag| (tag.key.as_deref().unwrap_or_default(), tag.value.as_deref().unwrap_or_default()))
        .collect();
    let permission = on_secret("secretsmanager:TagResource", &found, &input.secret_id).request_tags(given);
    let permit = cx.authorize(permission)?;
    let mut secret = alive_primary(found)?;
    secret.tags = secret.tags.with(tags(input.tags)?).map_err(tag_error)?;
    secret.was_tagged |= !secret.tags.is_empty();
    replication::sync(secrets, &mut tx, &cx, &mut secret).await?;
    tx.put(&SECRETS, &secret.key(), &secret);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
