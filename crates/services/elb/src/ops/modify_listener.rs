//! ModifyListener: what is named changes, the rest stays. From HTTPS to HTTP its certificates go.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};

use super::create_listener::{check_free, check_protocol};
use super::{allow, forwarding, secure};
use crate::error::ElbError;
use crate::loops::LOAD_BALANCING;
use crate::tables::LISTENERS;
use crate::tables::listener::listener_key;
use crate::{Elb, answer, find, given};

/// Changes a listener.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::ModifyListenerInput,
) -> Result<api::ModifyListenerOutput, Failure> {
    let arn = find::parse(&cx, &input.listener_arn, "listener")?;
    let mut tx = elb.db.begin();
    let found = find::listener(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|(_, row)| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:ModifyListener", &arn, tags)?;
    let (of, mut row) = found.ok_or_else(|| ElbError::no_listener(arn.as_str()))?;
    let secure_before = matches!(row.protocol.as_str(), "HTTPS" | "TLS");
    if let Some(protocol) = input.protocol {
        check_protocol(&of, &protocol)?;
        row.protocol = protocol;
    }
    if let Some(port) = input.port.and_then(|port| u16::try_from(port).ok()) {
        row.port = port;
    }
    let mut others = find::listeners(&mut tx, &of).await?;
    others.retain(|other| other.id != row.id);
    check_free(&of, &others, row.port)?;
    let secure_now = matches!(row.protocol.as_str(), "HTTPS" | "TLS");
    let mut certificates = if secure_before && secure_now { row.certificates.clone() } else { Vec::new() };
    if let Some(default) = secure::default_certificate(input.certificates)? {
        certificates = std::iter::once(default).chain(certificates.into_iter().skip(1)).collect();
    }
    if secure_now && certificates.is_empty() {
        return Err(ElbError::configuration(format!(
            "You must provide a list containing exactly one certificate if the listener protocol is {}.",
            row.protocol
        ))
        .into());
    }
    let kept_policy = row.ssl_policy.clone().filter(|_| secure_now);
    let kept_alpn = row.alpn_policy.clone().filter(|_| row.protocol == "TLS").map(|policy| vec![policy]);
    let secured = secure::check(
        elb,
        &cx,
        &row.protocol,
        certificates,
        input.ssl_policy.or(kept_policy),
        input.alpn_policy.or(kept_alpn),
        input.mutual_authentication,
    )
    .await?;
    (row.certificates, row.ssl_policy, row.alpn_policy) =
        (secured.certificates, secured.ssl_policy, secured.alpn_policy);
    if let Some(actions) = input.default_actions.filter(|actions| !actions.is_empty()) {
        row.actions = given::actions(actions)?;
    }
    forwarding::check(&mut tx, &cx, &of, &row.protocol, row.port, &row.actions).await?;
    tx.put(&LISTENERS, &listener_key(cx.account, &cx.region, &of.id, &row.id), &row);
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::ModifyListenerOutput { listeners: Some(vec![answer::listener(&of, &row)]) })
}
