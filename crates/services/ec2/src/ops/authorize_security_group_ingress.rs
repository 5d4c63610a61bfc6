//! AuthorizeSecurityGroupIngress: rules for what a group lets in.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::authorize_security_group::{Addition, add};
use super::group_of_request;
use crate::Ec2;
use crate::permissions::{Plain, read};
use crate::site::Site;

/// Adds rules; tasks that run in the group have them within a moment.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::AuthorizeSecurityGroupIngressRequest,
) -> Result<api::AuthorizeSecurityGroupIngressResult, Failure> {
    const ACTION: &str = "ec2:AuthorizeSecurityGroupIngress";
    let mut site = Site::open(ec2, &cx).await?;
    let (group, permit) = group_of_request(&mut site, &cx, ACTION, input.group_id, input.group_name).await?;
    let plain = Plain {
        protocol: input.ip_protocol,
        from: input.from_port,
        to: input.to_port,
        cidr: input.cidr_ip,
        source_group: input.source_security_group_name,
    };
    let wanted = read(&mut site, &group, input.ip_permissions, plain).await?;
    let addition = Addition { egress: false, wanted, tags: input.tag_specifications, dry_run: input.dry_run };
    let rules = add(ec2, &cx, site, group, &permit, addition).await?;
    Ok(api::AuthorizeSecurityGroupIngressResult { r#return: Some(true), security_group_rules: Some(rules) })
}
