//! RemoveListenerCertificates: all but the default one can go.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};

use super::allow;
use crate::error::ElbError;
use crate::loops::LOAD_BALANCING;
use crate::tables::LISTENERS;
use crate::tables::listener::listener_key;
use crate::{Elb, find};

/// Removes certificates. Those that it has not are passed over.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::RemoveListenerCertificatesInput,
) -> Result<api::RemoveListenerCertificatesOutput, Failure> {
    let arn = find::parse(&cx, &input.listener_arn, "listener")?;
    let mut tx = elb.db.begin();
    let found = find::listener(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|(_, row)| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:RemoveListenerCertificates", &arn, tags)?;
    let (of, mut row) = found.ok_or_else(|| ElbError::no_listener(arn.as_str()))?;
    for given in input.certificates {
        let given = given.certificate_arn.unwrap_or_default();
        let added = row.certificates.iter().skip(1).position(|known| *known == given);
        if let Some(at) = added {
            row.certificates.remove(at + 1);
        } else if row.certificates.first() == Some(&given) {
            let message = "The default certificate of a listener cannot be removed";
            return Err(ElbError::new("OperationNotPermitted", message).into());
        }
    }
    tx.put(&LISTENERS, &listener_key(cx.account, &cx.region, &of.id, &row.id), &row);
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::RemoveListenerCertificatesOutput {})
}
