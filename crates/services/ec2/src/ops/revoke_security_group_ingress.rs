//! RevokeSecurityGroupIngress: rules for what a group lets in are taken away.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::group_of_request;
use super::revoke_security_group::{Removal, remove};
use crate::Ec2;
use crate::permissions::Plain;
use crate::site::Site;

/// Takes rules away; what is established by them goes on, as in AWS.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::RevokeSecurityGroupIngressRequest,
) -> Result<api::RevokeSecurityGroupIngressResult, Failure> {
    const ACTION: &str = "ec2:RevokeSecurityGroupIngress";
    let mut site = Site::open(ec2, &cx).await?;
    let (group, permit) = group_of_request(&mut site, &cx, ACTION, input.group_id, input.group_name).await?;
    let plain = Plain {
        protocol: input.ip_protocol,
        from: input.from_port,
        to: input.to_port,
        cidr: input.cidr_ip,
        source_group: input.source_security_group_name,
    };
    let removal = Removal {
        egress: false,
        rule_ids: input.security_group_rule_ids,
        permissions: input.ip_permissions,
        plain,
        dry_run: input.dry_run,
    };
    let revoked = remove(site, group, &permit, removal).await?;
    Ok(api::RevokeSecurityGroupIngressResult {
        r#return: Some(true),
        unknown_ip_permissions: Some(Vec::new()),
        revoked_security_group_rules: Some(revoked),
    })
}
