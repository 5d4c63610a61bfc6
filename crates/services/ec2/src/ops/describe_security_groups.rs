//! DescribeSecurityGroups: the account's security groups in the region.

use gantry_api_ec2 as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure};

use crate::error::{Ec2Error, end_dry_run};
use crate::filter::{Attribute, Filters};
use crate::network::{SecurityGroup, default_vpc};
use crate::page::Page;
use crate::{Ec2, answer, arns, ops};

struct Row {
    group: SecurityGroup,
    owner: String,
}

const ATTRIBUTES: &[Attribute<Row>] = &[
    ("description", |row| vec![row.group.description.clone()]),
    ("egress.ip-permission.cidr", |_| vec!["0.0.0.0/0".into()]),
    ("egress.ip-permission.from-port", |_| Vec::new()),
    ("egress.ip-permission.group-id", |_| Vec::new()),
    ("egress.ip-permission.group-name", |_| Vec::new()),
    ("egress.ip-permission.ipv6-cidr", |_| Vec::new()),
    ("egress.ip-permission.prefix-list-id", |_| Vec::new()),
    ("egress.ip-permission.protocol", |_| vec!["-1".into()]),
    ("egress.ip-permission.to-port", |_| Vec::new()),
    ("egress.ip-permission.user-id", |_| Vec::new()),
    ("group-id", |row| vec![row.group.id.clone()]),
    ("group-name", |row| vec![row.group.name.clone()]),
    ("ip-permission.cidr", |_| Vec::new()),
    ("ip-permission.from-port", |_| Vec::new()),
    ("ip-permission.group-id", |row| vec![row.group.id.clone()]),
    ("ip-permission.group-name", |row| vec![row.group.name.clone()]),
    ("ip-permission.ipv6-cidr", |_| Vec::new()),
    ("ip-permission.prefix-list-id", |_| Vec::new()),
    ("ip-permission.protocol", |_| vec!["-1".into()]),
    ("ip-permission.to-port", |_| Vec::new()),
    ("ip-permission.user-id", |row| vec![row.owner.clone()]),
    ("owner-id", |row| vec![row.owner.clone()]),
    ("vpc-id", |row| vec![row.group.vpc_id.clone()]),
];

/// Lists security groups by id, name and filter.
pub async fn run(
    _: &Ec2,
    cx: Cx,
    input: api::DescribeSecurityGroupsRequest,
) -> Result<api::DescribeSecurityGroupsResult, Failure> {
    cx.authorize(ops::listing(&cx, "ec2:DescribeSecurityGroups"))?;
    let ids = input.group_ids.unwrap_or_default();
    let names = input.group_names.unwrap_or_default();
    let given = ("groupIds", !ids.is_empty());
    let page =
        Page::parse(&cx, "DescribeSecurityGroups", input.next_token.as_deref(), input.max_results, given)?;
    let filters = Filters::parse(input.filters, ATTRIBUTES)?;
    end_dry_run(input.dry_run)?;

    let group = default_vpc(cx.account, &cx.region).default_group;
    let mut rows = vec![Row { group, owner: cx.account.to_string() }];
    for id in &ids {
        arns::check_id(id, "sg", "InvalidGroupId.Malformed")?;
        if !rows.iter().any(|row| row.group.id == *id) {
            return Err(Ec2Error::GroupNotFound { id: id.clone() }.into());
        }
    }
    if let Some(name) = names.iter().find(|name| !rows.iter().any(|row| row.group.name == **name)) {
        return Err(Ec2Error::GroupNotFound { id: name.clone() }.into());
    }
    rows.retain(|row| {
        let named = ids.contains(&row.group.id) || names.contains(&row.group.name);
        (named || ids.is_empty() && names.is_empty()) && filters.pass(row, &Tags::default())
    });
    let (rows, next_token) = page.cut(rows, |row| &row.group.id);
    let groups = rows.iter().map(|row| answer::security_group(&cx, &row.group)).collect();
    Ok(api::DescribeSecurityGroupsResult { security_groups: Some(groups), next_token })
}
