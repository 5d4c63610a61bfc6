//! GetSecurityGroupsForVpc: the groups that interfaces of a VPC can be in.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::filter::Attribute;
use crate::listing::{Asked, Owned, Wanted, owned};
use crate::site::Site;
use crate::tables::security_group::SecurityGroup;
use crate::tables::vpc::Vpc;
use crate::{Ec2, tags};

const ATTRIBUTES: &[Attribute<Owned<SecurityGroup>>] = &[
    ("group-id", |row| vec![row.id.clone()]),
    ("description", |row| vec![row.description.clone()]),
    ("group-name", |row| vec![row.name.clone()]),
    ("owner-id", |row| vec![row.owner.to_string()]),
    ("primary-vpc-id", |row| vec![row.vpc_id.clone()]),
];

/// Lists the groups of one VPC.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::GetSecurityGroupsForVpcRequest,
) -> Result<api::GetSecurityGroupsForVpcResult, Failure> {
    let asked = Asked {
        filters: input.filters,
        next_token: input.next_token,
        max_results: input.max_results,
        dry_run: input.dry_run,
        ..Default::default()
    };
    let wanted = Wanted::parse(&cx, "ec2:GetSecurityGroupsForVpc", asked, ATTRIBUTES)?;
    let mut site = Site::open(ec2, &cx).await?;
    let vpc: Vpc = site.find(&input.vpc_id).await?;
    let mut rows: Vec<Owned<SecurityGroup>> = owned(&mut site, &cx).await?;
    rows.retain(|row| row.vpc_id == vpc.id);
    let (rows, next_token) = wanted.select(rows)?;
    let groups = rows.iter().map(|row| api::SecurityGroupForVpc {
        description: Some(row.description.clone()),
        group_name: Some(row.name.clone()),
        owner_id: Some(row.owner.to_string()),
        group_id: Some(row.id.clone()),
        tags: Some(tags::answer(&row.tags)),
        primary_vpc_id: Some(row.vpc_id.clone()),
    });
    Ok(api::GetSecurityGroupsForVpcResult { next_token, security_group_for_vpcs: Some(groups.collect()) })
}
