//! DescribeListeners: those of a load balancer by port, or those that are named.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};

use super::listing;
use crate::error::ElbError;
use crate::{Elb, answer, find, page};

/// Lists listeners.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DescribeListenersInput,
) -> Result<api::DescribeListenersOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeListeners")?;
    let arns = input.listener_arns.unwrap_or_default();
    let mut tx = elb.db.begin();
    let mut rows = Vec::new();
    match (&input.load_balancer_arn, arns.is_empty()) {
        (None, true) => {
            return Err(
                ElbError::validation("You must specify either listener ARNs or a load balancer ARN").into()
            );
        }
        (Some(_), false) => {
            return Err(ElbError::validation(
                "Listener ARNs and a load balancer ARN cannot be specified at the same time",
            )
            .into());
        }
        (Some(given), true) => {
            let arn = find::parse(&cx, given, "load balancer")?;
            let of = find::must_load_balancer(&mut tx, &cx, &arn).await?;
            let listeners = find::listeners(&mut tx, &of).await?;
            rows.extend(listeners.into_iter().map(|row| (of.clone(), row)));
        }
        (None, false) => {
            for given in &arns {
                let arn = find::parse(&cx, given, "listener")?;
                let found = find::listener(&mut tx, &cx, &arn).await?;
                rows.push(
                    found.ok_or_else(|| {
                        ElbError::new("ListenerNotFound", "One or more listeners not found")
                    })?,
                );
            }
        }
    }
    let marker = input.marker.as_deref();
    let (rows, next) =
        page::cut(&cx, "DescribeListeners", marker, input.page_size, rows, |(_, row)| row.id.clone())?;
    let listeners = rows.iter().map(|(of, row)| answer::listener(of, row)).collect();
    Ok(api::DescribeListenersOutput { listeners: Some(listeners), next_marker: next })
}
