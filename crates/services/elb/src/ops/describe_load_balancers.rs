//! DescribeLoadBalancers: by ARN, by name, or all of a region by name.

use gantry_api_elbv2 as api;
use gantry_elb_core::name::check_load_balancer;
use gantry_service::{Cx, Failure};
use gantry_store::{Scan, key};

use super::listing;
use crate::error::{ElbError, refused};
use crate::tables::LOAD_BALANCERS;
use crate::{Elb, answer, find, page};

/// Lists load balancers.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DescribeLoadBalancersInput,
) -> Result<api::DescribeLoadBalancersOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeLoadBalancers")?;
    let arns = input.load_balancer_arns.unwrap_or_default();
    let names = input.names.unwrap_or_default();
    if !arns.is_empty() && !names.is_empty() {
        return Err(ElbError::validation(
            "Load balancer names and load balancer ARNs cannot be specified at the same time",
        )
        .into());
    }
    names.iter().try_for_each(|name| check_load_balancer(name)).map_err(refused)?;
    let mut tx = elb.db.begin();
    let mut rows = Vec::new();
    if !arns.is_empty() {
        for given in &arns {
            let arn = find::parse(&cx, given, "load balancer")?;
            let row = find::load_balancer(&mut tx, &cx, &arn).await?;
            rows.push(row.ok_or_else(|| {
                ElbError::new("LoadBalancerNotFound", "One or more load balancers not found")
            })?);
        }
    } else {
        let all = tx.peek_scan(&LOAD_BALANCERS, &key!(cx.account, cx.region), Scan::all()).await?;
        rows.extend(
            all.into_iter().map(|(_, row)| row).filter(|row| names.is_empty() || names.contains(&row.name)),
        );
        let missing: Vec<&str> = names
            .iter()
            .filter(|name| !rows.iter().any(|row| row.name == **name))
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            let message = format!("Load balancers '[{}]' not found", missing.join(", "));
            return Err(ElbError::new("LoadBalancerNotFound", message).into());
        }
    }
    let marker = input.marker.as_deref();
    let (rows, next) =
        page::cut(&cx, "DescribeLoadBalancers", marker, input.page_size, rows, |row| row.id.clone())?;
    let answered = rows.iter().map(|row| answer::load_balancer(row, &elb.domain, "active"));
    Ok(api::DescribeLoadBalancersOutput { load_balancers: Some(answered.collect()), next_marker: next })
}
