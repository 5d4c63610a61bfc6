//! DescribeRegions: the regions that there are. Every one is on, also those that AWS has one opt in to.

use gantry_api_ec2 as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::filter::{Attribute, Filters};
use crate::listing::listing;

/// Regions of the standard partition that take opting in. They are served like all others, and listed where they are
/// named or where all are asked for.
const OPT_IN: [&str; 16] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
];

/// Regions of the standard partition that need no opting in, in AWS's order of names. Others are served as well.
const REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

const ATTRIBUTES: &[Attribute<String>] = &[
    ("endpoint", |name| vec![endpoint(name)]),
    ("opt-in-status", |name| vec![status(name).into()]),
    ("region-name", |name| vec![name.clone()]),
];

fn status(name: &str) -> &'static str {
    if OPT_IN.contains(&name) { "opted-in" } else { "opt-in-not-required" }
}

fn endpoint(name: &str) -> String {
    format!("ec2.{name}.amazonaws.com")
}

/// Lists regions by name and filter; the caller's own is among them.
pub async fn run(
    _: &Ec2,
    cx: Cx,
    input: api::DescribeRegionsRequest,
) -> Result<api::DescribeRegionsResult, Failure> {
    cx.authorize(listing(&cx, "ec2:DescribeRegions"))?;
    let filters = Filters::parse(input.filters, ATTRIBUTES)?;
    end_dry_run(input.dry_run)?;
    let mut names: Vec<String> = REGIONS.map(str::to_owned).into();
    let named = input.region_names.unwrap_or_default();
    if input.all_regions == Some(true) || !named.is_empty() {
        names.extend(OPT_IN.map(str::to_owned));
        names.sort();
    }
    if !names.iter().any(|name| name == cx.region.as_str()) {
        names.push(cx.region.to_string());
        names.sort();
    }
    if let Some(unknown) = named.iter().find(|name| !names.contains(name)) {
        return Err(Ec2Error::InvalidParameterValue(format!("Invalid region: [{unknown}]")).into());
    }
    names.retain(|name| (named.is_empty() || named.contains(name)) && filters.pass(name, &Tags::default()));
    let regions = names.into_iter().map(|name| api::Region {
        opt_in_status: Some(status(&name).into()),
        endpoint: Some(endpoint(&name)),
        region_name: Some(name),
        ..Default::default()
    });
    Ok(api::DescribeRegionsResult { regions: Some(regions.collect()) })
}
