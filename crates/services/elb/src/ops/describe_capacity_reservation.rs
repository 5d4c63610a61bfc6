//! DescribeCapacityReservation: there is none, as no capacity can be reserved here.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};

use super::listing;
use crate::{Elb, find};

/// Says that nothing is reserved.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DescribeCapacityReservationInput,
) -> Result<api::DescribeCapacityReservationOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeCapacityReservation")?;
    let arn = find::parse(&cx, &input.load_balancer_arn, "load balancer")?;
    find::must_load_balancer(&mut elb.db.begin(), &cx, &arn).await?;
    Ok(api::DescribeCapacityReservationOutput {
        capacity_reservation_state: Some(Vec::new()),
        ..Default::default()
    })
}
