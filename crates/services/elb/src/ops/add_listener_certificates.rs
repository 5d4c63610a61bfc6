//! AddListenerCertificates: more certificates, chosen by the name that a client asks for.

use gantry_api_elbv2 as api;
use gantry_elb_core::limits::CERTIFICATES as MOST;
use gantry_service::{Cx, Failure};

use super::{allow, secure};
use crate::error::ElbError;
use crate::loops::LOAD_BALANCING;
use crate::tables::LISTENERS;
use crate::tables::listener::listener_key;
use crate::{Elb, find};

/// Adds certificates. Those that it has already are passed over; the default one may be added as well, and is then
/// listed twice, as in AWS.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::AddListenerCertificatesInput,
) -> Result<api::AddListenerCertificatesOutput, Failure> {
    let arn = find::parse(&cx, &input.listener_arn, "listener")?;
    let mut tx = elb.db.begin();
    let found = find::listener(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|(_, row)| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:AddListenerCertificates", &arn, tags)?;
    let (of, mut row) = found.ok_or_else(|| ElbError::no_listener(arn.as_str()))?;
    if !matches!(row.protocol.as_str(), "HTTPS" | "TLS") {
        let message = format!("A certificate cannot be specified for {} listeners", row.protocol);
        return Err(ElbError::validation(message).into());
    }
    if input.certificates.iter().any(|it| it.is_default.is_some()) {
        return Err(ElbError::validation("You cannot set the isDefault parameter for a certificate").into());
    }
    for given in &input.certificates {
        let given = given.certificate_arn.clone().unwrap_or_default();
        secure::must_certificate(elb, &cx, &given).await?;
        if !row.certificates.iter().skip(1).any(|known| *known == given) {
            row.certificates.push(given);
        }
    }
    if row.certificates.len() > MOST + 1 {
        let message = format!("The quota of '{MOST}' certificates for a load balancer has been reached");
        return Err(ElbError::new("TooManyCertificates", message).into());
    }
    tx.put(&LISTENERS, &listener_key(cx.account, &cx.region, &of.id, &row.id), &row);
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    let answered = input.certificates.into_iter();
    let answered = answered.map(|it| api::Certificate { is_default: Some(false), ..it }).collect();
    Ok(api::AddListenerCertificatesOutput { certificates: Some(answered) })
}
