//! DescribeTrustStores: there are none, as mutual authentication is not served.

use gantry_api_elbv2 as api;
use gantry_base::Arn;
use gantry_service::{Cx, Failure};

use super::listing;
use crate::Elb;
use crate::error::ElbError;

/// Lists none, and finds none by its name or ARN.
pub async fn run(
    _elb: &Elb,
    cx: Cx,
    input: api::DescribeTrustStoresInput,
) -> Result<api::DescribeTrustStoresOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeTrustStores")?;
    let named = |given: Option<Vec<String>>| given.is_some_and(|all| !all.is_empty());
    if named(input.trust_store_arns) || named(input.names) {
        return Err(ElbError::new("TrustStoreNotFound", "One or more trust stores not found").into());
    }
    Ok(api::DescribeTrustStoresOutput { trust_stores: Some(Vec::new()), ..Default::default() })
}

/// The refusal of a trust store that is named by its ARN.
pub(super) fn missing(given: &str) -> ElbError {
    let is_one =
        |arn: Arn| arn.service() == "elasticloadbalancing" && arn.resource().starts_with("truststore/");
    if given.parse::<Arn>().is_ok_and(is_one) {
        return ElbError::new("TrustStoreNotFound", format!("Trust store '{given}' not found"));
    }
    ElbError::validation(format!("'{given}' is not a valid trust store ARN"))
}
