//! DescribeVpcs: the account's VPCs in the region.

use gantry_api_ec2 as api;
use gantry_base::AccountId;
use gantry_service::{Cx, Failure};

use crate::filter::Attribute;
use crate::listing::{Asked, Owned, Wanted, owned};
use crate::site::Site;
use crate::tables::vpc::{BlockAssociation, Vpc};
use crate::{Ec2, tags};

fn blocks(row: &Owned<Vpc>, of: fn(&BlockAssociation) -> String) -> Vec<String> {
    row.blocks.iter().map(of).collect()
}

const ATTRIBUTES: &[Attribute<Owned<Vpc>>] = &[
    // `cidr-block` and `cidrBlock` are taken for it, as for subnets.
    ("cidr", |row| vec![row.block().to_string()]),
    ("cidr-block", |row| vec![row.block().to_string()]),
    ("cidrBlock", |row| vec![row.block().to_string()]),
    ("cidr-block-association.association-id", |row| blocks(row, |block| block.id.clone())),
    ("cidr-block-association.cidr-block", |row| blocks(row, |block| block.block.to_string())),
    ("cidr-block-association.state", |row| blocks(row, |_| "associated".into())),
    ("dhcp-options-id", |row| vec![row.dhcp_options_id.clone()]),
    ("ipv6-cidr-block-association.association-id", |_| Vec::new()),
    ("ipv6-cidr-block-association.ipv6-cidr-block", |_| Vec::new()),
    ("ipv6-cidr-block-association.ipv6-pool", |_| Vec::new()),
    ("ipv6-cidr-block-association.state", |_| Vec::new()),
    ("is-default", |row| vec![row.is_default.to_string()]),
    ("isDefault", |row| vec![row.is_default.to_string()]),
    ("owner-id", |row| vec![row.owner.to_string()]),
    ("state", |_| vec!["available".into()]),
    ("vpc-id", |row| vec![row.id.clone()]),
];

/// Lists VPCs by id and filter.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeVpcsRequest,
) -> Result<api::DescribeVpcsResult, Failure> {
    let asked = Asked {
        ids: ("vpcIds", input.vpc_ids),
        filters: input.filters,
        next_token: input.next_token,
        max_results: input.max_results,
        dry_run: input.dry_run,
    };
    let wanted = Wanted::parse(&cx, "ec2:DescribeVpcs", asked, ATTRIBUTES)?;
    let mut site = Site::open(ec2, &cx).await?;
    let (rows, next_token) = wanted.select(owned(&mut site, &cx).await?)?;
    let vpcs = rows.iter().map(|row| answer(row.owner, row)).collect();
    Ok(api::DescribeVpcsResult { vpcs: Some(vpcs), next_token })
}

/// A VPC as answers show it.
pub(super) fn answer(owner: AccountId, vpc: &Vpc) -> api::Vpc {
    let open = api::BlockPublicAccessStates { internet_gateway_block_mode: Some("off".into()) };
    api::Vpc {
        owner_id: Some(owner.to_string()),
        instance_tenancy: Some("default".into()),
        cidr_block_association_set: Some(vpc.blocks.iter().map(|it| association(it, "associated")).collect()),
        is_default: Some(vpc.is_default),
        tags: tags::answer_some(&vpc.tags),
        block_public_access_states: Some(open),
        vpc_id: Some(vpc.id.clone()),
        state: Some("available".into()),
        cidr_block: Some(vpc.block().to_string()),
        dhcp_options_id: Some(vpc.dhcp_options_id.clone()),
        ..Default::default()
    }
}

/// A block of a VPC in that state.
pub(super) fn association(of: &BlockAssociation, state: &str) -> api::VpcCidrBlockAssociation {
    api::VpcCidrBlockAssociation {
        association_id: Some(of.id.clone()),
        cidr_block: Some(of.block.to_string()),
        cidr_block_state: Some(api::VpcCidrBlockState { state: Some(state.into()), status_message: None }),
    }
}
