//! UntagResource: a secret loses tags.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::{alive_primary, on_secret};
use crate::Secrets;
use crate::secretsmanager::table::SECRETS;
use crate::secretsmanager::{name, replication};

/// Changes the tags.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::UntagResourceRequest,
) -> Result<gantry_wire::Unit, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let permission = on_secret("secretsmanager:UntagResource", &found, &input.secret_id)
        .key("aws:TagKeys", &input.tag_keys);
    let permit = cx.authorize(permission)?;
    let mut secret = alive_primary(found)?;
    secret.was_tagged |= !secret.tags.is_empty();
    secret.tags = secret.tags.without(input.tag_keys.iter().map(String::as_str));
    replication::sync(secrets, &mut tx, &cx, &mut secret).await?;
    tx.put(&SECRETS, &secret.key(), &secret);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
