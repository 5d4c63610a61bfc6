//! ListAccountSettings: what a user, a role or the account has chosen, or what counts for it.

use gantry_api_ecs as api;
use gantry_base::PageToken;
use gantry_ecs_core::settings::{ALL, Setting};
use gantry_service::{Cx, Failure, Permission};

use super::account_setting::{answer, named, principal};
use super::shared;
use crate::error::EcsError;
use crate::tables::setting::{self, SETTINGS};
use crate::{Ecs, settings};

/// Most settings in one page.
const MOST: usize = 10;

/// One page, in the order of names.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::ListAccountSettingsRequest,
) -> Result<api::ListAccountSettingsResponse, Failure> {
    cx.authorize(Permission::of("ecs:ListAccountSettings"))?;
    let only = input.name.as_deref().map(named).transpose()?;
    let principal = principal(&cx, input.principal_arn.as_deref())?;
    let size = match input.max_results.unwrap_or(0) {
        0 => MOST,
        size @ 1..=10 => size as usize,
        _ => return Err(EcsError::invalid(format!("maxResults must be between 1 and {MOST}.")).into()),
    };
    let effective = input.effective_settings == Some(true);
    let place = shared::place(&cx);
    let scope =
        format!("ListAccountSettings/{}{principal}/{only:?}/{:?}/{effective}", place.key(), input.value);
    let after = match input.next_token.as_deref().filter(|token| !token.is_empty()) {
        None => String::new(),
        Some(token) => {
            PageToken::decode(&scope, token).map_err(|_| EcsError::invalid("Invalid token in request."))?
        }
    };
    let mut tx = ecs.db.begin();
    let mut found: Vec<(&Setting, String, String)> = Vec::new();
    for setting in ALL.iter().filter(|one| only.is_none_or(|only| only.name == one.name)) {
        let (value, whose) = if effective {
            settings::effective(&mut tx, &place, &principal, setting).await?
        } else {
            let chosen = tx.peek(&SETTINGS, &setting::key(&place, &principal, setting.name)).await?;
            let Some(chosen) = chosen else { continue };
            (chosen.value, principal.clone())
        };
        if input.value.as_ref().is_none_or(|wanted| *wanted == value) && setting.name > after.as_str() {
            found.push((setting, value, whose));
        }
    }
    let next_token = (found.len() > size).then(|| PageToken::encode(&scope, found[size - 1].0.name));
    found.truncate(size);
    let shown = found.iter().map(|(setting, value, whose)| answer(setting, value, whose));
    Ok(api::ListAccountSettingsResponse { settings: Some(shown.collect()), next_token })
}
