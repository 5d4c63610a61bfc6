//! SetSecurityGroups: the load balancer has these groups, and no others.

use gantry_api_elbv2 as api;
use gantry_elb_core::name::Kind;
use gantry_service::{Cx, Failure};

use super::allow;
use crate::error::ElbError;
use crate::loops::INTERFACES_LOOP;
use crate::tables::LOAD_BALANCERS;
use crate::{Elb, answer, find, network};

/// Sets the security groups of a load balancer.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::SetSecurityGroupsInput,
) -> Result<api::SetSecurityGroupsOutput, Failure> {
    let arn = find::parse(&cx, &input.load_balancer_arn, "load balancer")?;
    let mut tx = elb.db.begin();
    let found = find::load_balancer(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|row| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:SetSecurityGroups", &arn, tags)?;
    let mut row = found.ok_or_else(|| ElbError::no_load_balancer(arn.as_str()))?;
    if row.kind == Kind::Network && row.security_groups.is_empty() {
        return Err(ElbError::configuration(
            "You cannot associate security groups with a Network Load Balancer that was created without any",
        )
        .into());
    }
    let private_link_rules = input.enforce_security_group_inbound_rules_on_private_link_traffic;
    if input.security_groups.is_empty() {
        return Err(ElbError::validation(match private_link_rules {
            Some(_) => {
                "One or more security groups must be specified when using \
                 EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
            }
            None => "At least one security group must be specified",
        })
        .into());
    }
    if private_link_rules.is_some() {
        if row.kind != Kind::Network {
            return Err(ElbError::configuration(
                "This security group setting for PrivateLink traffic is only available for Network Load Balancers with \
                 security groups",
            )
            .into());
        }
        row.private_link_rules = private_link_rules;
    }
    row.security_groups = network::security_groups(elb, &cx, &input.security_groups, &row.vpc_id).await?;
    tx.put(&LOAD_BALANCERS, &row.key(), &row);
    tx.wake(INTERFACES_LOOP);
    tx.commit(&permit).await?;
    Ok(api::SetSecurityGroupsOutput {
        enforce_security_group_inbound_rules_on_private_link_traffic: answer::private_link_rules(&row),
        security_group_ids: Some(row.security_groups),
    })
}
