//! ModifyLoadBalancerAttributes: sets those that are named, all or none of them.

use gantry_api_elbv2 as api;
use gantry_base::Timestamp;
use gantry_elb_core::{access_log, attributes};
use gantry_objects::ObjectError;
use gantry_service::{Cx, Failure};

use super::allow;
use crate::error::{ElbError, refused};
use crate::loops::LOAD_BALANCING;
use crate::tables::{LOAD_BALANCERS, LoadBalancer};
use crate::{Elb, find};

/// Sets attributes; answers those that were named.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::ModifyLoadBalancerAttributesInput,
) -> Result<api::ModifyLoadBalancerAttributesOutput, Failure> {
    let arn = find::parse(&cx, &input.load_balancer_arn, "load balancer")?;
    let mut tx = elb.db.begin();
    let found = find::load_balancer(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|row| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:ModifyLoadBalancerAttributes", &arn, tags)?;
    let mut row = found.ok_or_else(|| ElbError::no_load_balancer(arn.as_str()))?;
    let pairs: Vec<(String, String)> = input
        .attributes
        .iter()
        .map(|it| (it.key.clone().unwrap_or_default(), it.value.clone().unwrap_or_default()))
        .collect();
    let known = attributes::of_load_balancer(row.kind);
    attributes::modify("Load balancer", known, &mut row.attributes, &pairs).map_err(refused)?;
    access_log::check(row.kind, &row.attributes).map_err(refused)?;
    if pairs.iter().any(|(key, _)| key.starts_with("access_logs.")) {
        try_bucket(elb, &row, cx.now).await?;
    }
    tx.put(&LOAD_BALANCERS, &row.key(), &row);
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::ModifyLoadBalancerAttributesOutput { attributes: Some(input.attributes) })
}

/// Refuses a bucket that an access log can't be written to. Whether it can is tried, as on AWS, by an object that stays.
async fn try_bucket(elb: &Elb, row: &LoadBalancer, now: Timestamp) -> Result<(), ElbError> {
    let known = attributes::of_load_balancer(row.kind);
    if !attributes::flag(known, &row.attributes, attributes::ACCESS_LOGS) {
        return Ok(());
    }
    let value = |key: &str| attributes::value(known, &row.attributes, key);
    let (bucket, prefix) = (value(attributes::ACCESS_LOGS_BUCKET), value(attributes::ACCESS_LOGS_PREFIX));
    let key = access_log::test_key(prefix, &row.account.to_string());
    let content = format!("Enable AccessLog for ELB: {} at {now}", row.path());
    let tried = match elb.buckets.has(bucket).await {
        Ok(true) => elb.buckets.write(bucket, &key, content.into()).await,
        Ok(false) => Err(ObjectError::NoBucket),
        Err(error) => Err(error),
    };
    tried.map_err(|error| match error {
        ObjectError::NoStore => ElbError::new(
            "OperationNotPermitted",
            format!("'{}' can only be 'false': {error}", attributes::ACCESS_LOGS),
        ),
        ObjectError::Unavailable(_) => {
            tracing::warn!(bucket, %error, "a bucket for an access log can't be tried");
            ElbError::configuration("S3Bucket validation transient issue")
        }
        _ => ElbError::configuration(format!(
            "Access Denied for bucket: {bucket}. Please check S3bucket permission"
        )),
    })
}
