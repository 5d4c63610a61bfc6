//! DescribeListenerCertificates: the default one and the others.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};

use super::listing;
use crate::{Elb, answer, find, page};

/// Lists the certificates of a listener.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DescribeListenerCertificatesInput,
) -> Result<api::DescribeListenerCertificatesOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeListenerCertificates")?;
    let arn = find::parse(&cx, &input.listener_arn, "listener")?;
    let (_, row) = find::must_listener(&mut elb.db.begin(), &cx, &arn).await?;
    let all = answer::certificates(&row);
    let id = |it: &api::Certificate| it.certificate_arn.clone().unwrap_or_default();
    let marker = input.marker.as_deref();
    let (page, next) = page::cut(&cx, "DescribeListenerCertificates", marker, input.page_size, all, id)?;
    Ok(api::DescribeListenerCertificatesOutput { certificates: Some(page), next_marker: next })
}
