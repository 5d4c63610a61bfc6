//! DescribeInternetGateways: the account's internet gateways in the region.

use gantry_api_ec2 as api;
use gantry_base::AccountId;
use gantry_service::{Cx, Failure};

use crate::filter::Attribute;
use crate::listing::{Asked, Owned, Wanted, owned};
use crate::site::Site;
use crate::tables::internet_gateway::InternetGateway;
use crate::{Ec2, tags};

const ATTRIBUTES: &[Attribute<Owned<InternetGateway>>] = &[
    ("attachment.state", |row| row.vpc_id.iter().map(|_| "available".into()).collect()),
    ("attachment.vpc-id", |row| row.vpc_id.iter().cloned().collect()),
    ("internet-gateway-id", |row| vec![row.id.clone()]),
    ("owner-id", |row| vec![row.owner.to_string()]),
];

/// Lists internet gateways by id and filter.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeInternetGatewaysRequest,
) -> Result<api::DescribeInternetGatewaysResult, Failure> {
    let asked = Asked {
        ids: ("internetGatewayIds", input.internet_gateway_ids),
        filters: input.filters,
        next_token: input.next_token,
        max_results: input.max_results,
        dry_run: input.dry_run,
    };
    let wanted = Wanted::parse(&cx, "ec2:DescribeInternetGateways", asked, ATTRIBUTES)?;
    let mut site = Site::open(ec2, &cx).await?;
    let (rows, next_token) = wanted.select(owned(&mut site, &cx).await?)?;
    let gateways = rows.iter().map(|row| answer(row.owner, row)).collect();
    Ok(api::DescribeInternetGatewaysResult { internet_gateways: Some(gateways), next_token })
}

/// An internet gateway as answers show it.
pub(super) fn answer(owner: AccountId, gateway: &InternetGateway) -> api::InternetGateway {
    let attachment = |vpc: &String| api::InternetGatewayAttachment {
        state: Some("available".into()),
        vpc_id: Some(vpc.clone()),
    };
    api::InternetGateway {
        attachments: Some(gateway.vpc_id.iter().map(attachment).collect()),
        internet_gateway_id: Some(gateway.id.clone()),
        owner_id: Some(owner.to_string()),
        tags: Some(tags::answer(&gateway.tags)),
    }
}
