//! DeleteAccountSetting: a user or role has the account's default again.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::account_setting::{answer, named, principal};
use super::shared;
use crate::tables::setting::{self, SETTINGS};
use crate::{Ecs, settings};

/// Forgets the choice, and answers it; one that was never made is no error.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DeleteAccountSettingRequest,
) -> Result<api::DeleteAccountSettingResponse, Failure> {
    let permission =
        Permission::of("ecs:DeleteAccountSetting").key("ecs:account-setting", [input.name.clone()]);
    let permit = cx.authorize(permission)?;
    let setting = named(&input.name)?;
    let principal = principal(&cx, input.principal_arn.as_deref())?;
    let place = shared::place(&cx);
    let mut tx = ecs.db.begin();
    let key = setting::key(&place, &principal, setting.name);
    let value = match tx.get(&SETTINGS, &key).await? {
        Some(chosen) => {
            tx.delete(&SETTINGS, &key);
            chosen.value
        }
        None => settings::effective(&mut tx, &place, &principal, setting).await?.0,
    };
    tx.commit(&permit).await?;
    Ok(api::DeleteAccountSettingResponse { setting: Some(answer(setting, &value, &principal)) })
}
