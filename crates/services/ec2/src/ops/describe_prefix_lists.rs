//! DescribePrefixLists: there are no prefix lists: a VPC reaches Gantry without endpoints.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::listing::listing;

/// Answers none; one that is named is not there.
pub async fn run(
    _: &Ec2,
    cx: Cx,
    input: api::DescribePrefixListsRequest,
) -> Result<api::DescribePrefixListsResult, Failure> {
    cx.authorize(listing(&cx, "ec2:DescribePrefixLists"))?;
    end_dry_run(input.dry_run)?;
    if let Some(id) = input.prefix_list_ids.unwrap_or_default().first() {
        let message = format!("The prefix list ID '{id}' does not exist");
        return Err(Ec2Error::InvalidPrefixListNotFound(message).into());
    }
    Ok(api::DescribePrefixListsResult { prefix_lists: Some(Vec::new()), ..Default::default() })
}
