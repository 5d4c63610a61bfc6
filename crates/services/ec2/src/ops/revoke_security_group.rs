//! What RevokeSecurityGroupIngress and RevokeSecurityGroupEgress share.

use gantry_api_ec2 as api;
use gantry_service::{Failure, Permit};

use crate::error::{Ec2Error, end_dry_run};
use crate::permissions::{self, Plain};
use crate::site::Site;
use crate::tables::security_group::{Peer, Rule, SecurityGroup};

/// What is taken away: rules by their ids, or by what they say.
pub struct Removal {
    pub egress: bool,
    pub rule_ids: Option<Vec<String>>,
    pub permissions: Option<Vec<api::IpPermission>>,
    pub plain: Plain,
    pub dry_run: Option<bool>,
}

/// Takes rules away: all of them, or none if one is not there.
pub async fn remove(
    mut site: Site,
    mut group: SecurityGroup,
    permit: &Permit,
    removal: Removal,
) -> Result<Vec<api::RevokedSecurityGroupRule>, Failure> {
    let Removal { egress, rule_ids, permissions, plain, dry_run } = removal;
    let rule_ids = rule_ids.unwrap_or_default();
    let mut removed = Vec::new();
    for id in &rule_ids {
        let at = group.rules.iter().position(|rule| rule.egress == egress && rule.id == *id);
        let missing =
            || Ec2Error::InvalidRuleNotFound(format!("The security group rule ID '{id}' does not exist"));
        removed.push(group.rules.remove(at.ok_or_else(missing)?));
    }
    if rule_ids.is_empty() {
        for wanted in permissions::read(&mut site, &group, permissions, plain).await? {
            let at = group.rules.iter().position(|rule| permissions::same(rule, egress, &wanted));
            let missing = || {
                Ec2Error::InvalidPermissionNotFound(
                    "The specified rule does not exist in this security group.".into(),
                )
            };
            removed.push(group.rules.remove(at.ok_or_else(missing)?));
        }
    }
    end_dry_run(dry_run)?;
    site.put(&group);
    site.commit(permit).await?;
    Ok(removed.iter().map(|rule| answer(&group.id, rule)).collect())
}

fn answer(group_id: &str, rule: &Rule) -> api::RevokedSecurityGroupRule {
    let mut answer = api::RevokedSecurityGroupRule {
        security_group_rule_id: Some(rule.id.clone()),
        group_id: Some(group_id.to_owned()),
        is_egress: Some(rule.egress),
        ip_protocol: Some(rule.traffic.protocol.clone()),
        from_port: Some(rule.traffic.from.unwrap_or(-1)),
        to_port: Some(rule.traffic.to.unwrap_or(-1)),
        description: rule.description.clone(),
        ..Default::default()
    };
    match &rule.peer {
        Peer::Ipv4(block) => answer.cidr_ipv4 = Some(block.to_string()),
        Peer::Ipv6(cidr) => answer.cidr_ipv6 = Some(cidr.clone()),
        Peer::Group(id) => answer.referenced_group_id = Some(id.clone()),
        Peer::PrefixList(id) => answer.prefix_list_id = Some(id.clone()),
    }
    answer
}
