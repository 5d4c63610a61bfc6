//! GetAccountConfiguration: how long before a certificate's end its owner wants to hear of it.

use gantry_api_acm as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::Unit;

use crate::Acm;
use crate::tables::{CONFIGURATIONS, configuration_key};

/// Answers what was set, or AWS's default.
pub async fn run(acm: &Acm, cx: Cx, _: Unit) -> Result<api::GetAccountConfigurationResponse, Failure> {
    cx.authorize(Permission::of("acm:GetAccountConfiguration"))?;
    let key = configuration_key(cx.account, &cx.region);
    let set = acm.db.begin().peek(&CONFIGURATIONS, &key).await?.unwrap_or_default();
    let events = api::ExpiryEventsConfiguration { days_before_expiry: Some(set.days_before_expiry) };
    Ok(api::GetAccountConfigurationResponse { expiry_events: Some(events) })
}
