//! DescribeDhcpOptions: the account's sets of DHCP options in the region.

use gantry_api_ec2 as api;
use gantry_base::AccountId;
use gantry_service::{Cx, Failure};

use crate::filter::Attribute;
use crate::listing::{Asked, Owned, Wanted, owned};
use crate::site::Site;
use crate::tables::dhcp_options::DhcpOptions;
use crate::{Ec2, tags};

const ATTRIBUTES: &[Attribute<Owned<DhcpOptions>>] = &[
    ("dhcp-options-id", |row| vec![row.id.clone()]),
    ("key", |row| row.configurations.iter().map(|(key, _)| key.clone()).collect()),
    ("owner-id", |row| vec![row.owner.to_string()]),
    ("value", |row| row.configurations.iter().flat_map(|(_, values)| values.clone()).collect()),
];

/// Lists sets of DHCP options by id and filter.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeDhcpOptionsRequest,
) -> Result<api::DescribeDhcpOptionsResult, Failure> {
    let asked = Asked {
        ids: ("dhcpOptionsIds", input.dhcp_options_ids),
        filters: input.filters,
        next_token: input.next_token,
        max_results: input.max_results,
        dry_run: input.dry_run,
    };
    let wanted = Wanted::parse(&cx, "ec2:DescribeDhcpOptions", asked, ATTRIBUTES)?;
    let mut site = Site::open(ec2, &cx).await?;
    let (rows, next_token) = wanted.select(owned(&mut site, &cx).await?)?;
    let options = rows.iter().map(|row| answer(row.owner, row)).collect();
    Ok(api::DescribeDhcpOptionsResult { next_token, dhcp_options: Some(options) })
}

/// A set of DHCP options as answers show it.
pub(super) fn answer(owner: AccountId, options: &DhcpOptions) -> api::DhcpOptions {
    let configuration = |(key, values): &(String, Vec<String>)| api::DhcpConfiguration {
        key: Some(key.clone()),
        values: Some(values.iter().map(|value| api::AttributeValue { value: Some(value.clone()) }).collect()),
    };
    api::DhcpOptions {
        owner_id: Some(owner.to_string()),
        tags: Some(tags::answer(&options.tags)),
        dhcp_options_id: Some(options.id.clone()),
        dhcp_configurations: Some(options.configurations.iter().map(configuration).collect()),
    }
}
