//! RegisterTargets: targets get requests as soon as they are healthy. One that is drained comes back.

use std::net::{IpAddr, Ipv4Addr};

use gantry_api_elbv2 as api;
use gantry_elb_core::condition::{cidr, within};
use gantry_elb_core::limits;
use gantry_service::balancers::Instance;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use super::allow;
use crate::error::ElbError;
use crate::loops::LOAD_BALANCING;
use crate::network::{self, Subnet};
use crate::tables::target::{target_key, targets_key};
use crate::tables::{HEALTH, TARGETS, Target, TargetGroup};
use crate::{Elb, find};

/// The ranges outside of a VPC that targets may be in.
const PRIVATE: [&str; 4] = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"];

/// Registers targets, all or none of them.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::RegisterTargetsInput,
) -> Result<api::RegisterTargetsOutput, Failure> {
    let arn = find::parse(&cx, &input.target_group_arn, "target group")?;
    let mut tx = elb.db.begin();
    let found = find::target_group(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|row| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:RegisterTargets", &arn, tags)?;
    let group = found.ok_or_else(|| ElbError::no_target_group(arn.as_str()))?;
    if input.targets.is_empty() {
        return Err(ElbError::validation("At least one target must be specified").into());
    }
    let of_instances = group.target_type == "instance";
    let (subnets, instances) = match of_instances {
        true => (Vec::new(), network::instances(elb, &cx).await?),
        false => (network::subnets_of_vpc(elb, &cx, &group.vpc_id).await?, Vec::new()),
    };
    let mut count =
        tx.scan(&TARGETS, &targets_key(cx.account, &cx.region, &group.id), Scan::all()).await?.len();
    for given in input.targets {
        let mut target = match of_instances {
            true => instance(&group, &instances, given)?,
            false => target(&group, &subnets, given)?,
        };
        target.registered_at = cx.now;
        let key = target_key(cx.account, &cx.region, &group.id, &target.id(), target.port);
        match tx.get(&TARGETS, &key).await? {
            Some(there) if there.draining_until.is_none() => continue,
            // It begins anew, with its first health check.
            Some(_) => tx.delete(&HEALTH, &key),
            None => count += 1,
        }
        tx.put(&TARGETS, &key, &target);
    }
    if count > limits::TARGETS {
        let message =
            format!("The quota of '{}' targets for a target group has been reached", limits::TARGETS);
        return Err(ElbError::new("TooManyTargets", message).into());
    }
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::RegisterTargetsOutput {})
}

/// A container instance, with the port of the group or one of its own.
fn instance(
    group: &TargetGroup,
    instances: &[Instance],
    given: api::TargetDescription,
) -> Result<Target, ElbError> {
    let invalid = |message: String| ElbError::new("InvalidTarget", message);
    let id = given.id;
    if given.availability_zone.is_some() {
        return Err(ElbError::validation(
            "You cannot specify an Availability Zone for targets of a target group with the target type 'instance'",
        ));
    }
    let found = instances.iter().find(|one| one.id == id);
    let found = found.ok_or_else(|| invalid(format!("Instance ID '{id}' is not valid")))?;
    Ok(Target {
        instance: Some(id),
        address: found.address,
        port: given.port.and_then(|port| u16::try_from(port).ok()).unwrap_or(group.port),
        zone: found.zone.clone(),
        zone_given: false,
        registered_at: gantry_base::Timestamp::from_millis(0),
        draining_until: None,
    })
}

fn target(
    group: &TargetGroup,
    subnets: &[Subnet],
    given: api::TargetDescription,
) -> Result<Target, ElbError> {
    let id = given.id;
    let invalid = |message: String| ElbError::new("InvalidTarget", message);
    let address: Ipv4Addr = id
        .parse()
        .map_err(|_| ElbError::validation(format!("The IP address '{id}' is not a valid IPv4 address")))?;
    let address = IpAddr::from(address);
    let within_vpc = network::zone_of(subnets, address);
    let private = || PRIVATE.iter().filter_map(|block| cidr(block)).any(|block| within(address, block));
    if within_vpc.is_none() && !private() {
        return Err(invalid(format!(
            "The IP address '{id}' is not allowed, as it must be an address from a VPC subnet, RFC1918, or RFC6598"
        )));
    }
    let zone_given = given.availability_zone.is_some();
    let zone = match (within_vpc, given.availability_zone.as_deref()) {
        (_, Some("all")) => "all".to_owned(),
        (None, Some(zone)) => {
            return Err(invalid(format!(
                "You must specify 'all' and not '{zone}' as the Availability Zone for the IP address '{id}', which is outside the VPC"
            )));
        }
        (None, None) => {
            return Err(invalid(format!(
                "You must specify 'all' as the Availability Zone for the IP address '{id}', which is outside the VPC"
            )));
        }
        (Some(zone), None) => zone,
        (Some(zone), Some(given)) if zone == given => zone,
        (Some(zone), Some(given)) => {
            return Err(invalid(format!(
                "The IP address '{id}' is in the Availability Zone '{zone}' and not in '{given}'"
            )));
        }
    };
    let port = given.port.and_then(|port| u16::try_from(port).ok()).unwrap_or(group.port);
    Ok(Target {
        instance: None,
        address,
        port,
        zone,
        zone_given,
        registered_at: gantry_base::Timestamp::from_millis(0),
        draining_until: None,
    })
}
