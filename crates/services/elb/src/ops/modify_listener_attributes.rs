//! ModifyListenerAttributes: sets those that are named, all or none of them.

use gantry_api_elbv2 as api;
use gantry_elb_core::attributes;
use gantry_service::{Cx, Failure};

use super::allow;
use crate::error::{ElbError, refused};
use crate::loops::LOAD_BALANCING;
use crate::tables::LISTENERS;
use crate::tables::listener::listener_key;
use crate::{Elb, find};

/// Sets attributes; answers those that were named.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::ModifyListenerAttributesInput,
) -> Result<api::ModifyListenerAttributesOutput, Failure> {
    let arn = find::parse(&cx, &input.listener_arn, "listener")?;
    let mut tx = elb.db.begin();
    let found = find::listener(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|(_, row)| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:ModifyListenerAttributes", &arn, tags)?;
    let (of, mut row) = found.ok_or_else(|| ElbError::no_listener(arn.as_str()))?;
    let pairs: Vec<(String, String)> = input
        .attributes
        .iter()
        .map(|it| (it.key.clone().unwrap_or_default(), it.value.clone().unwrap_or_default()))
        .collect();
    let known = attributes::of_listener(&row.protocol);
    attributes::modify("Listener", known, &mut row.attributes, &pairs).map_err(refused)?;
    tx.put(&LISTENERS, &listener_key(cx.account, &cx.region, &of.id, &row.id), &row);
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::ModifyListenerAttributesOutput { attributes: Some(input.attributes) })
}
