//! PutAccountPreferences: how an account wants its ids.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure, Permission};

use super::describe_account_preferences::answer;
use crate::Efs;
use crate::error::EfsError;
use crate::tables::{PREFERENCES, Preferences, preferences_key};

/// Sets how long new ids are. AWS gives short ones to nobody any more.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::PutAccountPreferencesRequest,
) -> Result<api::PutAccountPreferencesResponse, Failure> {
    let permit = cx.authorize(Permission::of("elasticfilesystem:PutAccountPreferences"))?;

    if input.resource_id_type == "SHORT_ID" {
        return Err(EfsError::bad("Short resource ids are not supported any more.").into());
    }
    let preferences = Preferences { short_ids: false };
    let mut tx = efs.db.begin();
    tx.put(&PREFERENCES, &preferences_key(cx.account, &cx.region), &preferences);
    tx.commit(&permit).await?;
    Ok(api::PutAccountPreferencesResponse { resource_id_preference: Some(answer(preferences)) })
}
