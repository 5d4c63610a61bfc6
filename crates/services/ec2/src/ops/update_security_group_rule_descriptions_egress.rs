//! UpdateSecurityGroupRuleDescriptionsEgress: new descriptions for rules that are there.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::group_of_request;
use super::update_security_group_rule_descriptions::{Descriptions, update};
use crate::Ec2;
use crate::site::Site;

/// Changes the descriptions of rules for what a group lets out.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::UpdateSecurityGroupRuleDescriptionsEgressRequest,
) -> Result<api::UpdateSecurityGroupRuleDescriptionsEgressResult, Failure> {
    const ACTION: &str = "ec2:UpdateSecurityGroupRuleDescriptionsEgress";
    let mut site = Site::open(ec2, &cx).await?;
    let (group, permit) = group_of_request(&mut site, &cx, ACTION, input.group_id, input.group_name).await?;
    let descriptions = Descriptions {
        egress: true,
        permissions: input.ip_permissions,
        by_id: input.security_group_rule_descriptions,
        dry_run: input.dry_run,
    };
    update(site, group, &permit, descriptions).await?;
    Ok(api::UpdateSecurityGroupRuleDescriptionsEgressResult { r#return: Some(true) })
}
