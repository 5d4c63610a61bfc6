//! The VPCs that private namespaces are for, of which EC2 knows.

use std::sync::{Arc, LazyLock};

use gantry_api_ec2 as ec2;
use gantry_iam_core::{Caller, Kind, Policy};
use gantry_service::{Cx, Failure};

/// What Cloud Map itself may ask of EC2.
static POLICY: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*","Action":"ec2:DescribeVpcs"}}"#;
    Arc::new(Policy::parse(Kind::Identity, policy).expect("the service's own policy is well formed"))
});

/// Whether the account has a VPC of that id in the call's region.
pub async fn has_vpc(cx: &Cx, id: &str) -> Result<bool, Failure> {
    let cx = cx.as_caller(Caller::service("servicediscovery.amazonaws.com", vec![POLICY.clone()]));
    let input = ec2::DescribeVpcsRequest { vpc_ids: Some(vec![id.to_owned()]), ..Default::default() };
    match cx.siblings.call::<ec2::DescribeVpcs>(&cx, input).await {
        Ok(found) => Ok(!found.vpcs.unwrap_or_default().is_empty()),
        Err(Failure::Answer(error)) if error.code.starts_with("InvalidVpcI") => Ok(false),
        Err(failure) => Err(failure),
    }
}
