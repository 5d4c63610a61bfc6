//! The network interface of an awsvpc task.

use std::net::Ipv4Addr;

use gantry_api_ec2 as ec2;
use gantry_base::Timestamp;
use gantry_ecs_core::stop::Stop;
use gantry_service::{Cx, Failure};
use gantry_store::key;

use super::Unready;
use crate::Ecs;
use crate::members::{ZONE, zone_of};
use crate::tables::node::{NODES, Node};
use crate::tables::task::{Attachment, AttachmentStatus, LaunchType, NetworkRequest, Task};

/// EC2 gives an interface with this tag a public address; only services can give it.
const PUBLIC_ADDRESS_TAG: &str = "aws:ec2:associate-public-ip-address";

/// An interface, and what the node must know to make it.
pub(super) struct Interface {
    pub attachment: Attachment,
    pub zone: String,
    pub vpc_id: String,
    pub vpc_cidr: String,
    pub subnet_cidr: String,
    pub gateway: String,
    pub dns_server: String,
    pub search_domain: String,
    pub security_groups: Vec<String>,
}

/// Makes the task's interface, or finds the one that was made before; none where the task asked for none.
pub(super) async fn make(ecs: &Ecs, task: &Task, now: Timestamp) -> Result<Option<Interface>, Unready> {
    let Some(wanted) = &task.network else { return Ok(None) };
    let cx = ecs.as_service(task.place(), now);
    let mut refused = None;
    for subnet_id in &in_order(ecs, &cx, task, wanted).await? {
        match create(ecs, &cx, task, wanted, subnet_id).await {
            Ok(made) => return Ok(Some(complete(ecs, &cx, task, made).await?)),
            Err(Failure::Answer(error)) if error.code == "InsufficientFreeAddressesInSubnet" => {
                refused = Some(error);
            }
            Err(failure) => return Err(Unready::of(failure, failed)),
        }
    }
    let why = refused.map_or_else(
        || "no subnet was given".to_owned(),
        |error| format!("{}: {}", error.code, error.message),
    );
    Err(Unready::stop(failed(&why)))
}

/// The task's subnets as they are tried: those of the zone of its node first. Fargate's capacity is in every zone where
/// no operator says otherwise.
async fn in_order(ecs: &Ecs, cx: &Cx, task: &Task, wanted: &NetworkRequest) -> Result<Vec<String>, Unready> {
    let mut order = wanted.subnets.clone();
    let Some(node) = task.node.as_ref().filter(|_| order.len() > 1) else { return Ok(order) };
    let row = ecs.db.begin().peek(&NODES, &key!(node)).await.map_err(Unready::later)?;
    let given = |row: &Node| task.launch != LaunchType::Fargate || row.attributes.contains_key(ZONE);
    let Some(zone) = row.filter(given).map(|row| zone_of(task.place(), &row)) else { return Ok(order) };
    let input = ec2::DescribeSubnetsRequest { subnet_ids: Some(order.clone()), ..Default::default() };
    let subnets = ecs.siblings.call::<ec2::DescribeSubnets>(cx, input).await;
    let subnets = subnets.map_err(|failure| Unready::of(failure, failed))?.subnets.unwrap_or_default();
    let there = |id: &String| {
        let fits = |one: &&ec2::Subnet| one.subnet_id.as_ref() == Some(id);
        subnets.iter().find(fits).is_some_and(|one| one.availability_zone.as_ref() == Some(&zone))
    };
    order.sort_by_key(|id| !there(id));
    Ok(order)
}

fn failed(why: &str) -> Stop {
    Stop::resource_initialization(&format!(
        "Unexpected EC2 error while attempting to Create Network Interface: {why}"
    ))
}

async fn create(
    ecs: &Ecs,
    cx: &Cx,
    task: &Task,
    wanted: &NetworkRequest,
    subnet_id: &str,
) -> Result<ec2::NetworkInterface, Failure> {
    let tag = ec2::Tag { key: Some(PUBLIC_ADDRESS_TAG.to_owned()), value: Some("true".to_owned()) };
    let tags =
        ec2::TagSpecification { resource_type: Some("network-interface".to_owned()), tags: Some(vec![tag]) };
    let input = ec2::CreateNetworkInterfaceRequest {
        subnet_id: subnet_id.to_owned(),
        groups: Some(wanted.security_groups.clone()),
        description: Some(description(task)),
        // One for each subnet that is tried, as the same token with another subnet is a mismatch.
        client_token: Some(format!("{}-{}", task.name.id, subnet_id.trim_start_matches("subnet-"))),
        tag_specifications: wanted.public_ip.then(|| vec![tags]),
        ..Default::default()
    };
    let made = ecs.siblings.call::<ec2::CreateNetworkInterface>(cx, input).await?;
    made.network_interface.ok_or_else(|| Failure::internal("EC2 made no interface"))
}

/// What AWS writes on the interface of a task: the ARN of its attachment.
fn description(task: &Task) -> String {
    task.place().arn(format_args!("attachment/{}", task.attachment_id())).to_string()
}

/// The interface that an earlier try made for the task, if one did.
pub(crate) async fn find(ecs: &Ecs, task: &Task, now: Timestamp) -> Result<Option<Attachment>, Failure> {
    if task.network.is_none() {
        return Ok(None);
    }
    let filter = ec2::Filter { name: Some("description".to_owned()), values: Some(vec![description(task)]) };
    let input = ec2::DescribeNetworkInterfacesRequest { filters: Some(vec![filter]), ..Default::default() };
    let cx = ecs.as_service(task.place(), now);
    let found = ecs.siblings.call::<ec2::DescribeNetworkInterfaces>(&cx, input).await?;
    Ok(found.network_interfaces.unwrap_or_default().into_iter().next().map(|one| attachment(task, one)))
}

fn attachment(task: &Task, made: ec2::NetworkInterface) -> Attachment {
    Attachment {
        id: task.attachment_id(),
        status: AttachmentStatus::Attached,
        subnet_id: made.subnet_id.unwrap_or_default(),
        eni_id: made.network_interface_id.unwrap_or_default(),
        mac: made.mac_address.unwrap_or_default(),
        private_ipv4: made.private_ip_address.unwrap_or_default(),
        private_dns_name: made.private_dns_name.unwrap_or_default(),
        public_ipv4: made.association.and_then(|one| one.public_ip),
    }
}

/// Adds what the subnet and the VPC say.
async fn complete(
    ecs: &Ecs,
    cx: &Cx,
    task: &Task,
    made: ec2::NetworkInterface,
) -> Result<Interface, Unready> {
    let groups = made.groups.clone().unwrap_or_default();
    let attachment = attachment(task, made);
    let input = ec2::DescribeSubnetsRequest {
        subnet_ids: Some(vec![attachment.subnet_id.clone()]),
        ..Default::default()
    };
    let subnets = ecs.siblings.call::<ec2::DescribeSubnets>(cx, input).await;
    let subnet = subnets.map_err(|failure| Unready::of(failure, failed))?.subnets.unwrap_or_default().pop();
    let subnet = subnet.ok_or_else(|| Unready::later("the interface's subnet is not described"))?;
    let vpc_id = subnet.vpc_id.unwrap_or_default();
    let input = ec2::DescribeVpcsRequest { vpc_ids: Some(vec![vpc_id.clone()]), ..Default::default() };
    let vpcs = ecs.siblings.call::<ec2::DescribeVpcs>(cx, input).await;
    let vpc = vpcs.map_err(|failure| Unready::of(failure, failed))?.vpcs.unwrap_or_default().pop();
    let vpc = vpc.ok_or_else(|| Unready::later("the interface's VPC is not described"))?;
    let (vpc_cidr, subnet_cidr) = (vpc.cidr_block.unwrap_or_default(), subnet.cidr_block.unwrap_or_default());
    let within = |cidr: &str, offset: u32| {
        address_in(cidr, offset).ok_or_else(|| Unready::later(format_args!("EC2 gave the block {cidr:?}")))
    };
    let region = task.place().region.as_str();
    let search_domain =
        if region == "us-east-1" { "ec2.internal".to_owned() } else { format!("{region}.compute.internal") };
    Ok(Interface {
        zone: subnet.availability_zone.unwrap_or_default(),
        gateway: within(&subnet_cidr, 1)?,
        dns_server: within(&vpc_cidr, 2)?,
        vpc_id,
        vpc_cidr,
        subnet_cidr,
        search_domain,
        security_groups: groups.into_iter().filter_map(|group| group.group_id).collect(),
        attachment,
    })
}

/// The address at that offset of a block.
fn address_in(cidr: &str, offset: u32) -> Option<String> {
    let (base, _) = cidr.split_once('/')?;
    let base: Ipv4Addr = base.parse().ok()?;
    Some(Ipv4Addr::from(u32::from(base).checked_add(offset)?).to_string())
}
