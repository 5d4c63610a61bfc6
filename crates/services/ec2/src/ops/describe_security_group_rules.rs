//! DescribeSecurityGroupRules: the rules of security groups, each with its id.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::error::{Ec2Error, end_dry_run};
use crate::filter::{Attribute, Filters};
use crate::listing::listing;
use crate::page::Page;
use crate::permissions;
use crate::resource::Resource;
use crate::site::Site;
use crate::tables::security_group::{Rule, SecurityGroup};
use crate::{Ec2, arns};

const ACTION: &str = "ec2:DescribeSecurityGroupRules";

struct Row {
    group_id: String,
    rule: Rule,
}

const ATTRIBUTES: &[Attribute<Row>] = &[
    ("group-id", |row| vec![row.group_id.clone()]),
    ("security-group-rule-id", |row| vec![row.rule.id.clone()]),
];

/// Lists rules by id and filter.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeSecurityGroupRulesRequest,
) -> Result<api::DescribeSecurityGroupRulesResult, Failure> {
    cx.authorize(listing(&cx, ACTION))?;
    let ids = input.security_group_rule_ids.unwrap_or_default();
    let given = ("securityGroupRuleIds", !ids.is_empty());
    let page = Page::parse(&cx, ACTION, input.next_token.as_deref(), input.max_results, given)?;
    for filter in input.filters.iter().flatten().filter(|it| it.name.as_deref() == Some("group-id")) {
        for id in filter.values.iter().flatten().filter(|id| !id.contains(['*', '?'])) {
            if arns::check_id(id, SecurityGroup::KIND).is_err() {
                let message = format!("The security group ID '{id}' is malformed");
                return Err(Ec2Error::InvalidGroupMalformed(message).into());
            }
        }
    }
    let filters = Filters::parse(input.filters, ATTRIBUTES)?;
    end_dry_run(input.dry_run)?;

    let mut site = Site::open(ec2, &cx).await?;
    let mut rows = Vec::new();
    for group in site.all::<SecurityGroup>().await? {
        let rules = group.rules.into_iter();
        rows.extend(rules.map(|rule| Row { group_id: group.id.clone(), rule }));
    }
    if let Some(id) = ids.iter().find(|id| !rows.iter().any(|row| row.rule.id == **id)) {
        let message = format!("The security group rule ID '{id}' does not exist");
        return Err(Ec2Error::InvalidRuleNotFound(message).into());
    }
    rows.retain(|row| (ids.is_empty() || ids.contains(&row.rule.id)) && filters.pass(row, &row.rule.tags));
    let (rows, next_token) = page.cut(rows, |row| &row.rule.id);
    let rules = rows.iter().map(|row| permissions::answer_rule(&cx, &row.group_id, &row.rule)).collect();
    Ok(api::DescribeSecurityGroupRulesResult { security_group_rules: Some(rules), next_token })
}
