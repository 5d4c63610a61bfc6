//! PutAccountSetting: chooses how the account's registry behaves in a region.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use super::setting::{known, setting_key};
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{SETTINGS, Setting};

pub async fn put_account_setting(
    ecr: &Ecr,
    cx: &Cx,
    input: api::PutAccountSettingRequest,
) -> Result<api::PutAccountSettingResponse, EcrError> {
    let permit = cx.authorize(Permission::of("ecr:PutAccountSetting"))?;
    let setting = known(&input.name)?;
    if !setting.values.contains(&input.value.as_str()) {
        let rule = format!(
            "Member must satisfy enum value set: [{}]; others are not served",
            setting.values.join(", ")
        );
        return Err(EcrError::InvalidParameter { parameter: "value", rule });
    }
    let mut tx = ecr.db.begin();
    tx.put(&SETTINGS, &setting_key(cx, setting.name), &Setting { value: input.value.clone() });
    tx.commit(&permit).await?;
    Ok(api::PutAccountSettingResponse { name: Some(setting.name.to_owned()), value: Some(input.value) })
}
