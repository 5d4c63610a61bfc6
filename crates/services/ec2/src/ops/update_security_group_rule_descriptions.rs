//! What UpdateSecurityGroupRuleDescriptionsIngress and ...Egress share.

use gantry_api_ec2 as api;
use gantry_service::{Failure, Permit};

use crate::error::{Ec2Error, end_dry_run};
use crate::permissions::{self, Plain};
use crate::site::Site;
use crate::tables::security_group::SecurityGroup;

/// New descriptions, of rules by their ids or by what they say.
pub struct Descriptions {
    pub egress: bool,
    pub permissions: Option<Vec<api::IpPermission>>,
    pub by_id: Option<Vec<api::SecurityGroupRuleDescription>>,
    pub dry_run: Option<bool>,
}

/// Changes the descriptions of all rules that are named, or of none.
pub async fn update(
    mut site: Site,
    mut group: SecurityGroup,
    permit: &Permit,
    descriptions: Descriptions,
) -> Result<(), Failure> {
    let Descriptions { egress, permissions, by_id, dry_run } = descriptions;
    let by_id = by_id.unwrap_or_default();
    for one in &by_id {
        let id = one.security_group_rule_id.as_deref().unwrap_or_default();
        let found = group.rules.iter_mut().find(|rule| rule.egress == egress && rule.id == id);
        let missing =
            || Ec2Error::InvalidRuleNotFound(format!("The security group rule ID '{id}' does not exist"));
        found.ok_or_else(missing)?.description.clone_from(&one.description);
    }
    if by_id.is_empty() {
        for wanted in permissions::read(&mut site, &group, permissions, Plain::default()).await? {
            let found = group.rules.iter_mut().find(|rule| permissions::same(rule, egress, &wanted));
            let missing = || {
                Ec2Error::InvalidPermissionNotFound(
                    "The specified rule does not exist in this security group.".into(),
                )
            };
            found.ok_or_else(missing)?.description = wanted.description;
        }
    }
    end_dry_run(dry_run)?;
    site.put(&group);
    site.commit(permit).await
}
