//! DescribeTrustStoreAssociations: there is no trust store, as mutual authentication is not served.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};

use super::{describe_trust_stores, listing};
use crate::Elb;

/// What uses a trust store: none is found.
pub async fn run(
    _elb: &Elb,
    cx: Cx,
    input: api::DescribeTrustStoreAssociationsInput,
) -> Result<api::DescribeTrustStoreAssociationsOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeTrustStoreAssociations")?;
    Err(describe_trust_stores::missing(&input.trust_store_arn).into())
}
