//! DeleteListener: it goes with its rules.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use super::allow;
use crate::error::ElbError;
use crate::loops::LOAD_BALANCING;
use crate::tables::listener::listener_key;
use crate::tables::rule::rules_key;
use crate::tables::{LISTENERS, RULES};
use crate::{Elb, find};

/// Deletes a listener.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DeleteListenerInput,
) -> Result<api::DeleteListenerOutput, Failure> {
    let arn = find::parse(&cx, &input.listener_arn, "listener")?;
    let mut tx = elb.db.begin();
    let found = find::listener(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|(_, row)| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:DeleteListener", &arn, tags)?;
    let (of, row) = found.ok_or_else(|| ElbError::no_listener(arn.as_str()))?;
    for (key, _) in tx.scan(&RULES, &rules_key(cx.account, &cx.region, &of.id, &row.id), Scan::all()).await? {
        tx.delete(&RULES, &key);
    }
    tx.delete(&LISTENERS, &listener_key(cx.account, &cx.region, &of.id, &row.id));
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::DeleteListenerOutput {})
}
