//! PutAccountSettingDefault: what counts in the account for everybody who has not chosen.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::account_setting::{answer, named};
use super::shared;
use crate::error::EcsError;
use crate::tables::setting::{self, Chosen, SETTINGS};
use crate::{Ecs, settings};

/// Keeps the value as the root's.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::PutAccountSettingDefaultRequest,
) -> Result<api::PutAccountSettingDefaultResponse, Failure> {
    let permission = Permission::of("ecs:PutAccountSettingDefault");
    let permit = cx.authorize(permission.key("ecs:account-setting", [input.name.clone()]))?;
    let setting = named(&input.name)?;
    setting.check(&input.value).map_err(EcsError::invalid)?;
    let place = shared::place(&cx);
    let root = settings::root(&place);
    let mut tx = ecs.db.begin();
    tx.put(&SETTINGS, &setting::key(&place, &root, setting.name), &Chosen { value: input.value.clone() });
    tx.commit(&permit).await?;
    Ok(api::PutAccountSettingDefaultResponse { setting: Some(answer(setting, &input.value, &root)) })
}
