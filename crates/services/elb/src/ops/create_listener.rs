//! CreateListener: the load balancer listens on a port.

use gantry_api_elbv2 as api;
use gantry_elb_core::attributes::Set;
use gantry_elb_core::limits::LISTENERS as MOST;
use gantry_elb_core::name::Kind;
use gantry_service::{Cx, Failure};

use super::{allow_making, forwarding, secure};
use crate::error::ElbError;
use crate::loops::LOAD_BALANCING;
use crate::tables::listener::listener_key;
use crate::tables::{LISTENERS, Listener, LoadBalancer};
use crate::{Elb, answer, find, given};

/// Makes a listener.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::CreateListenerInput,
) -> Result<api::CreateListenerOutput, Failure> {
    let arn = find::parse(&cx, &input.load_balancer_arn, "load balancer")?;
    let mut tx = elb.db.begin();
    let found = find::load_balancer(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|row| &row.tags);
    let pairs = given::pairs(input.tags);
    let permit = allow_making(&cx, "elasticloadbalancing:CreateListener", &arn, tags, &pairs)?;
    let of = found.ok_or_else(|| ElbError::no_load_balancer(arn.as_str()))?;
    let protocol =
        input.protocol.ok_or_else(|| ElbError::validation("A listener protocol must be specified"))?;
    let port = input.port.and_then(|port| u16::try_from(port).ok());
    let port = port.ok_or_else(|| ElbError::validation("A listener port must be specified"))?;
    check_protocol(&of, &protocol)?;
    let tags = given::tags(pairs)?;
    let certificates = secure::default_certificate(input.certificates)?.into_iter().collect();
    let secured = secure::check(
        elb,
        &cx,
        &protocol,
        certificates,
        input.ssl_policy,
        input.alpn_policy,
        input.mutual_authentication,
    )
    .await?;
    let actions = given::actions(input.default_actions)?;
    forwarding::check(&mut tx, &cx, &of, &protocol, port, &actions).await?;
    let others = find::listeners(&mut tx, &of).await?;
    check_free(&of, &others, port)?;
    if others.len() >= MOST {
        let message = format!("The quota of '{MOST}' listeners for a load balancer has been reached");
        return Err(ElbError::new("TooManyListeners", message).into());
    }
    let row = Listener {
        id: elb.ids.hex(16),
        load_balancer: of.path(),
        load_balancer_name: of.name.clone(),
        protocol,
        port,
        default_rule_id: elb.ids.hex(16),
        actions,
        certificates: secured.certificates,
        ssl_policy: secured.ssl_policy,
        alpn_policy: secured.alpn_policy,
        attributes: Set::new(),
        tags,
    };
    tx.put(&LISTENERS, &listener_key(cx.account, &cx.region, &of.id, &row.id), &row);
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::CreateListenerOutput { listeners: Some(vec![answer::listener(&of, &row)]) })
}

/// Refuses protocols that a load balancer of its kind can't have.
pub(super) fn check_protocol(of: &LoadBalancer, protocol: &str) -> Result<(), ElbError> {
    let allowed: &[&str] = match of.kind {
        Kind::Application => &["HTTP", "HTTPS"],
        Kind::Network => &["UDP", "TCP", "TLS", "TCP_UDP"],
    };
    if allowed.contains(&protocol) {
        return Ok(());
    }
    let message = format!("Listener protocol '{protocol}' must be one of '{}'", allowed.join(", "));
    Err(ElbError::validation(message))
}

/// Refuses a port that another listener has, whatever it speaks: for TCP and UDP on one port there is TCP_UDP.
pub(super) fn check_free(of: &LoadBalancer, others: &[Listener], port: u16) -> Result<(), ElbError> {
    if others.iter().any(|other| other.port == port) {
        let message = format!("A listener already exists on this port for this load balancer '{}'", of.arn());
        return Err(ElbError::new("DuplicateListener", message));
    }
    Ok(())
}
