//! PutAccountConfiguration: how long before a certificate's end its owner wants to hear of it. It is kept for who asks;
//! events of it are not sent yet.

use gantry_api_acm as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::Unit;

use super::request_certificate::TOKEN;
use crate::tables::{CONFIGURATIONS, configuration_key};
use crate::{Acm, AcmError};

/// AWS's bound, in days.
const MOST_DAYS: i32 = 45;

/// Sets it. The same token sets nothing twice within an hour.
pub async fn run(acm: &Acm, cx: Cx, input: api::PutAccountConfigurationRequest) -> Result<Unit, Failure> {
    let permit = cx.authorize(Permission::of("acm:PutAccountConfiguration"))?;
    let days = input.expiry_events.and_then(|events| events.days_before_expiry);
    let days = days.ok_or_else(|| AcmError::validation("Configuration for events is empty."))?;
    if !(1..=MOST_DAYS).contains(&days) {
        let message = format!("DaysBeforeExpiry must be between 1 and {MOST_DAYS}.");
        return Err(AcmError::validation(message).into());
    }
    let key = configuration_key(cx.account, &cx.region);
    let mut tx = acm.db.begin();
    let mut row = tx.get(&CONFIGURATIONS, &key).await?.unwrap_or_default();
    if let Some((token, at)) = &row.token
        && *token == input.idempotency_token
        && cx.now.since(*at) < TOKEN
    {
        return Ok(Unit);
    }
    row.days_before_expiry = days;
    row.token = Some((input.idempotency_token, cx.now));
    tx.put(&CONFIGURATIONS, &key, &row);
    tx.commit(&permit).await?;
    Ok(Unit)
}
