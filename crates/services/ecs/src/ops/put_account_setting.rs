//! PutAccountSetting: a setting of one user or role, or with the root the account's default.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::account_setting::{answer, check_is_there, named, principal};
use super::shared;
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::setting::{self, Chosen, SETTINGS};

/// Keeps the value.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::PutAccountSettingRequest,
) -> Result<api::PutAccountSettingResponse, Failure> {
    let permission = Permission::of("ecs:PutAccountSetting").key("ecs:account-setting", [input.name.clone()]);
    let permit = cx.authorize(permission)?;
    let setting = named(&input.name)?;
    let principal = principal(&cx, input.principal_arn.as_deref())?;
    if input.principal_arn.is_some_and(|given| !given.is_empty()) {
        check_is_there(&cx, &principal).await?;
    }
    setting.check(&input.value).map_err(EcsError::invalid)?;
    let mut tx = ecs.db.begin();
    let key = setting::key(&shared::place(&cx), &principal, setting.name);
    tx.put(&SETTINGS, &key, &Chosen { value: input.value.clone() });
    tx.commit(&permit).await?;
    Ok(api::PutAccountSettingResponse { setting: Some(answer(setting, &input.value, &principal)) })
}
