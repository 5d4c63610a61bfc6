//! DescribeAccountPreferences: how an account wants its ids.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure, Permission};

use crate::Efs;
use crate::tables::{PREFERENCES, Preferences, preferences_key};

/// Says how long new ids are.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    _: api::DescribeAccountPreferencesRequest,
) -> Result<api::DescribeAccountPreferencesResponse, Failure> {
    cx.authorize(Permission::of("elasticfilesystem:DescribeAccountPreferences"))?;

    let key = preferences_key(cx.account, &cx.region);
    let preferences = efs.db.begin().peek(&PREFERENCES, &key).await?.unwrap_or_default();
    let preference = Some(answer(preferences));
    Ok(api::DescribeAccountPreferencesResponse { resource_id_preference: preference, next_token: None })
}

/// Preferences as AWS shows them.
pub fn answer(preferences: Preferences) -> api::ResourceIdPreference {
    let kind = if preferences.short_ids { "SHORT_ID" } else { "LONG_ID" };
    api::ResourceIdPreference {
        resource_id_type: Some(kind.into()),
        resources: Some(vec!["FILE_SYSTEM".into(), "MOUNT_TARGET".into()]),
    }
}
