//! DescribeAvailabilityZones: the region's zones.

use gantry_api_ec2 as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::filter::{Attribute, Filters};
use crate::listing::listing;
use crate::network::{Zone, zones};

struct Row {
    zone: Zone,
    region: String,
}

const ATTRIBUTES: &[Attribute<Row>] = &[
    ("group-name", |row| vec![zone_group(&row.region)]),
    ("message", |_| Vec::new()),
    ("opt-in-status", |_| vec!["opt-in-not-required".into()]),
    ("parent-zone-id", |_| Vec::new()),
    ("parent-zone-name", |_| Vec::new()),
    ("parentZoneID", |_| Vec::new()),
    ("parentZoneName", |_| Vec::new()),
    ("region-name", |row| vec![row.region.clone()]),
    ("state", |_| vec!["available".into()]),
    ("zone-id", |row| vec![row.zone.id.clone()]),
    ("zone-name", |row| vec![row.zone.name.clone()]),
    ("zone-type", |_| vec!["availability-zone".into()]),
];

/// Lists the zones by name, id and filter.
pub async fn run(
    _: &Ec2,
    cx: Cx,
    input: api::DescribeAvailabilityZonesRequest,
) -> Result<api::DescribeAvailabilityZonesResult, Failure> {
    cx.authorize(listing(&cx, "ec2:DescribeAvailabilityZones"))?;
    let names = input.zone_names.unwrap_or_default();
    let ids = input.zone_ids.unwrap_or_default();
    let filters = Filters::parse(input.filters, ATTRIBUTES)?;
    end_dry_run(input.dry_run)?;

    let region = cx.region.to_string();
    let mut rows: Vec<Row> =
        zones(&cx.region).into_iter().map(|zone| Row { zone, region: region.clone() }).collect();
    let unknown =
        |named: &&String| !rows.iter().any(|row| row.zone.name == **named || row.zone.id == **named);
    if let Some(zone) = names.iter().chain(&ids).find(unknown) {
        return Err(Ec2Error::InvalidParameterValue(format!("Invalid availability zone: [{zone}]")).into());
    }
    rows.retain(|row| {
        (names.is_empty() || names.contains(&row.zone.name))
            && (ids.is_empty() || ids.contains(&row.zone.id))
            && filters.pass(row, &Tags::default())
    });
    let zones = rows.iter().map(|row| answer(&cx, &row.zone)).collect();
    Ok(api::DescribeAvailabilityZonesResult { availability_zones: Some(zones) })
}

/// The name of the group that a region's zones are in.
fn zone_group(region: &str) -> String {
    format!("{region}-zg-1")
}

fn answer(cx: &Cx, zone: &Zone) -> api::AvailabilityZone {
    api::AvailabilityZone {
        opt_in_status: Some("opt-in-not-required".into()),
        messages: Some(Vec::new()),
        region_name: Some(cx.region.to_string()),
        zone_name: Some(zone.name.clone()),
        zone_id: Some(zone.id.clone()),
        group_name: Some(zone_group(cx.region.as_str())),
        network_border_group: Some(cx.region.to_string()),
        zone_type: Some("availability-zone".into()),
        state: Some("available".into()),
        ..Default::default()
    }
}
