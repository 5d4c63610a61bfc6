//! The networks of a node's tasks, as they are now: the rules of security groups, the ways out of a subnet, its network
//! ACL. They change without the tasks, and a rule that names a group changes with that group's members, so they are
//! not part of what is stored of an assignment.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gantry_api_ec2 as ec2;
use gantry_node_proto::v1;
use gantry_service::{Cx, Failure};

use crate::Ecs;
use crate::names::{Place, TaskName};

/// Most values of one filter.
const MOST_VALUES: usize = 200;

/// An interface that a node is told of, and whose it is.
pub(super) struct Placed<'a> {
    pub place: Place,
    pub interface: &'a mut v1::Interface,
}

/// The interfaces of tasks that have one.
pub(super) fn of_tasks(tasks: &mut [v1::DesiredTask]) -> impl Iterator<Item = Placed<'_>> {
    tasks.iter_mut().filter_map(|task| {
        let place = place_of(task)?;
        let interface = task.network.as_mut().and_then(|network| network.interface.as_mut())?;
        Some(Placed { place, interface })
    })
}

/// Fills in the rules of every group that the interfaces name, and what holds for their subnets.
pub(super) async fn fill(ecs: &Ecs, interfaces: &mut [Placed<'_>]) -> Result<(), Failure> {
    super::subnets::fill(ecs, interfaces).await?;
    let mut wanted: BTreeMap<Place, BTreeSet<String>> = BTreeMap::new();
    for Placed { place, interface } in interfaces.iter() {
        let groups = interface.security_groups.iter().map(|group| group.id.clone());
        wanted.entry(place.clone()).or_default().extend(groups);
    }
    let mut known: HashMap<(Place, String), v1::SecurityGroup> = HashMap::new();
    for (place, ids) in wanted {
        let cx = ecs.as_service(&place, ecs.clock.now());
        for group in describe(ecs, &cx, ids).await? {
            known.insert((place.clone(), group.id.clone()), group);
        }
    }
    for Placed { place, interface } in interfaces {
        for group in &mut interface.security_groups {
            // A group that is gone keeps its name and has no rules: nothing passes.
            if let Some(rules) = known.get(&(place.clone(), group.id.clone())) {
                group.clone_from(rules);
            }
        }
    }
    Ok(())
}

pub(super) fn place_of(task: &v1::DesiredTask) -> Option<Place> {
    TaskName::of_arn(&task.task_arn).map(|name| name.place)
}

fn filter(name: &str, values: &[String]) -> Option<Vec<ec2::Filter>> {
    Some(vec![ec2::Filter { name: Some(name.to_owned()), values: Some(values.to_vec()) }])
}

async fn describe(ecs: &Ecs, cx: &Cx, ids: BTreeSet<String>) -> Result<Vec<v1::SecurityGroup>, Failure> {
    let ids: Vec<String> = ids.into_iter().collect();
    let mut groups = Vec::new();
    for some in ids.chunks(MOST_VALUES) {
        let mut next_token = None;
        loop {
            let input = ec2::DescribeSecurityGroupsRequest {
                filters: filter("group-id", some),
                next_token,
                ..Default::default()
            };
            let page = ecs.siblings.call::<ec2::DescribeSecurityGroups>(cx, input).await?;
            groups.extend(page.security_groups.unwrap_or_default());
            next_token = page.next_token;
            if next_token.is_none() {
                break;
            }
        }
    }
    let permissions = groups.iter().flat_map(|group| {
        [&group.ip_permissions, &group.ip_permissions_egress].into_iter().flatten().flatten()
    });
    let pairs = permissions.flat_map(|one| one.user_id_group_pairs.iter().flatten());
    let named: BTreeSet<String> = pairs.filter_map(|pair| pair.group_id.clone()).collect();
    let members = members(ecs, cx, named.into_iter().collect()).await?;
    Ok(groups.iter().map(|group| message(group, &members)).collect())
}

/// The private addresses of the interfaces in each group.
async fn members(ecs: &Ecs, cx: &Cx, groups: Vec<String>) -> Result<HashMap<String, Vec<String>>, Failure> {
    let mut members: HashMap<String, BTreeSet<String>> = HashMap::new();
    for some in groups.chunks(MOST_VALUES) {
        let mut next_token = None;
        loop {
            let input = ec2::DescribeNetworkInterfacesRequest {
                filters: filter("group-id", some),
                next_token,
                ..Default::default()
            };
            let page = ecs.siblings.call::<ec2::DescribeNetworkInterfaces>(cx, input).await?;
            for interface in page.network_interfaces.unwrap_or_default() {
                let Some(address) = interface.private_ip_address else { continue };
                for id in interface.groups.unwrap_or_default().into_iter().filter_map(|group| group.group_id)
                {
                    members.entry(id).or_default().insert(address.clone());
                }
            }
            next_token = page.next_token;
            if next_token.is_none() {
                break;
            }
        }
    }
    Ok(members.into_iter().map(|(id, addresses)| (id, addresses.into_iter().collect())).collect())
}

fn message(group: &ec2::SecurityGroup, members: &HashMap<String, Vec<String>>) -> v1::SecurityGroup {
    let rules = |permissions: &Option<Vec<ec2::IpPermission>>| {
        permissions.iter().flatten().map(|one| rule(one, members)).collect()
    };
    v1::SecurityGroup {
        id: group.group_id.clone().unwrap_or_default(),
        ingress: rules(&group.ip_permissions),
        egress: rules(&group.ip_permissions_egress),
    }
}

fn rule(permission: &ec2::IpPermission, members: &HashMap<String, Vec<String>>) -> v1::Rule {
    let named = permission.user_id_group_pairs.iter().flatten().filter_map(|pair| pair.group_id.as_ref());
    let addresses = named.filter_map(|id| members.get(id)).flatten().cloned();
    v1::Rule {
        protocol: permission.ip_protocol.clone().unwrap_or_else(|| "-1".to_owned()),
        from_port: permission.from_port.unwrap_or(-1),
        to_port: permission.to_port.unwrap_or(-1),
        ipv4_cidrs: permission.ip_ranges.iter().flatten().filter_map(|range| range.cidr_ip.clone()).collect(),
        member_ipv4: addresses.collect(),
    }
}
