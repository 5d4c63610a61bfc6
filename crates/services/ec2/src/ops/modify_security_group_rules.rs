//! ModifySecurityGroupRules: rules say something else under the same ids.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::group_of_request;
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::permissions;
use crate::site::Site;
use crate::tables::security_group::Peer;

/// Changes all rules that are named, or none.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::ModifySecurityGroupRulesRequest,
) -> Result<api::ModifySecurityGroupRulesResult, Failure> {
    const ACTION: &str = "ec2:ModifySecurityGroupRules";
    let mut site = Site::open(ec2, &cx).await?;
    let (mut group, permit) = group_of_request(&mut site, &cx, ACTION, Some(input.group_id), None).await?;
    for update in input.security_group_rules {
        let id = update.security_group_rule_id;
        let missing =
            || Ec2Error::InvalidRuleNotFound(format!("The security group rule ID '{id}' does not exist"));
        let at = group.rules.iter().position(|rule| rule.id == id).ok_or_else(missing)?;
        let Some(request) = update.security_group_rule else { continue };
        let wanted = permissions::read_rule(&mut site, &group, request).await?;
        check_kind(&group.rules[at].peer, &wanted.peer)?;
        let egress = group.rules[at].egress;
        let mut others = group.rules.iter().filter(|rule| rule.id != id);
        if others.any(|rule| permissions::same(rule, egress, &wanted)) {
            let message = format!("the specified rule \"{}\" already exists", permissions::describe(&wanted));
            return Err(Ec2Error::InvalidPermissionDuplicate(message).into());
        }
        let tags = group.rules[at].tags.clone();
        group.rules[at] = permissions::row(id, egress, wanted, tags);
    }
    end_dry_run(input.dry_run)?;
    site.put(&group);
    site.commit(&permit).await?;
    Ok(api::ModifySecurityGroupRulesResult { r#return: Some(true) })
}

/// A rule stays one of addresses, of a group or of a list.
fn check_kind(known: &Peer, wanted: &Peer) -> Result<(), Ec2Error> {
    let kind = |peer: &Peer| match peer {
        Peer::Ipv4(_) => ("an", "IPv4 CIDR"),
        Peer::Ipv6(_) => ("an", "IPv6 CIDR"),
        Peer::Group(_) => ("a", "referenced group id"),
        Peer::PrefixList(_) => ("a", "prefix list id"),
    };
    let ((_, known), (article, wanted)) = (kind(known), kind(wanted));
    if known == wanted {
        return Ok(());
    }
    let message = format!("You may not specify {article} {wanted} for an existing {known} rule.");
    Err(Ec2Error::InvalidParameterValue(message))
}
