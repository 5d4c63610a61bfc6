//! GetAccountSetting: what the account chose, or what holds without a choice.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use super::setting::{known, setting_key};
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::SETTINGS;

pub async fn get_account_setting(
    ecr: &Ecr,
    cx: &Cx,
    input: api::GetAccountSettingRequest,
) -> Result<api::GetAccountSettingResponse, EcrError> {
    cx.authorize(Permission::of("ecr:GetAccountSetting"))?;
    let setting = known(&input.name)?;
    let chosen = ecr.db.begin().get(&SETTINGS, &setting_key(cx, setting.name)).await?;
    let value = chosen.map_or_else(|| setting.usual.to_owned(), |chosen| chosen.value);
    Ok(api::GetAccountSettingResponse { name: Some(setting.name.to_owned()), value: Some(value) })
}
