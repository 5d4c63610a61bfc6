//! DescribeVpcs: the account's VPCs in the region.

use gantry_api_ec2 as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure};

use crate::error::{Ec2Error, end_dry_run};
use crate::filter::{Attribute, Filters};
use crate::network::{Vpc, default_vpc};
use crate::page::Page;
use crate::{Ec2, answer, arns, ops};

struct Row {
    vpc: Vpc,
    owner: String,
}

const ATTRIBUTES: &[Attribute<Row>] = &[
    ("cidr", |row| vec![row.vpc.block.to_string()]),
    ("cidr-block-association.association-id", |row| vec![row.vpc.association_id.clone()]),
    ("cidr-block-association.cidr-block", |row| vec![row.vpc.block.to_string()]),
    ("cidr-block-association.state", |_| vec!["associated".into()]),
    ("dhcp-options-id", |row| vec![row.vpc.dhcp_options_id.clone()]),
    ("ipv6-cidr-block-association.association-id", |_| Vec::new()),
    ("ipv6-cidr-block-association.ipv6-cidr-block", |_| Vec::new()),
    ("ipv6-cidr-block-association.ipv6-pool", |_| Vec::new()),
    ("ipv6-cidr-block-association.state", |_| Vec::new()),
    ("is-default", |_| vec!["true".into()]),
    ("isDefault", |_| vec!["true".into()]),
    ("owner-id", |row| vec![row.owner.clone()]),
    ("state", |_| vec!["available".into()]),
    ("vpc-id", |row| vec![row.vpc.id.clone()]),
];

/// Lists VPCs by id and filter.
pub async fn run(
    _: &Ec2,
    cx: Cx,
    input: api::DescribeVpcsRequest,
) -> Result<api::DescribeVpcsResult, Failure> {
    cx.authorize(ops::listing(&cx, "ec2:DescribeVpcs"))?;
    let ids = input.vpc_ids.unwrap_or_default();
    let max_results = input.max_results;
    let page = Page::parse(
        &cx,
        "DescribeVpcs",
        input.next_token.as_deref(),
        max_results,
        ("vpcIds", !ids.is_empty()),
    )?;
    let filters = Filters::parse(input.filters, ATTRIBUTES)?;
    end_dry_run(input.dry_run)?;

    let mut rows = vec![Row { vpc: default_vpc(cx.account, &cx.region), owner: cx.account.to_string() }];
    for id in &ids {
        arns::check_id(id, "vpc", "InvalidVpcId.Malformed")?;
        if !rows.iter().any(|row| row.vpc.id == *id) {
            return Err(Ec2Error::VpcNotFound { id: id.clone() }.into());
        }
    }
    rows.retain(|row| (ids.is_empty() || ids.contains(&row.vpc.id)) && filters.pass(row, &Tags::default()));
    let (rows, next_token) = page.cut(rows, |row| &row.vpc.id);
    let vpcs = rows.iter().map(|row| answer::vpc(&cx, &row.vpc)).collect();
    Ok(api::DescribeVpcsResult { vpcs: Some(vpcs), next_token })
}
