//! UntagResource: a secret loses tags.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::{alive, on_secret};
use crate::Secrets;
use crate::secretsmanager::name;
use crate::secretsmanager::table::SECRETS;

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
    let mut secret = alive(found)?;
    secret.tags = secret.tags.without(input.tag_keys.iter().map(String::as_str));
    tx.put(&SECRETS, &secret.key(), &secret);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
