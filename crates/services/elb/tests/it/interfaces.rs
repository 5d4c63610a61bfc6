//! Load balancers within their VPC, and machines as targets.

use gantry_api_ec2 as ec2;
use gantry_api_elbv2 as api;
use gantry_base::AccountId;
use gantry_ec2::Ipv4Block;
use gantry_service::Caller;
use gantry_service::balancers::BalancersOf;

use crate::world::{World, machine, says};

#[tokio::test]
async fn a_load_balancer_has_an_interface_in_each_of_its_subnets() {
    let world = World::new();
    let made = world.balancer("web", "application").await;
    let arn = made.load_balancer_arn.clone().unwrap();
    let made_interfaces = world.interfaces().await;
    assert_eq!(made_interfaces.len(), 2);
    let path = arn.split_once("loadbalancer/").unwrap().1;
    for one in &made_interfaces {
        assert_eq!(one.description.as_deref(), Some(format!("ELB {path}").as_str()));
        assert_eq!(one.requester_managed, Some(true));
        let groups = one.groups.as_ref().unwrap().iter().map(|group| group.group_id.clone().unwrap());
        assert_eq!(groups.collect::<Vec<_>>(), made.security_groups.clone().unwrap());
    }
    let way = world.configuration().await.load_balancers[0].way.clone();
    let addresses: Vec<String> = way.interfaces.iter().map(|one| one.address.to_string()).collect();
    assert!(made_interfaces.iter().all(|one| addresses.contains(one.private_ip_address.as_ref().unwrap())));
    assert!(way.holds("172.31.9.9".parse().unwrap()) && !way.holds("10.0.0.1".parse().unwrap()));
    for one in &way.interfaces {
        assert_eq!(way.towards(one.address), Some(one), "from the same subnet");
    }
    // Another pass changes nothing.
    assert_eq!(world.interfaces().await.len(), 2);

    // It has the groups and the subnets that it is given.
    let group = ec2::CreateSecurityGroupRequest {
        group_name: "g".into(),
        description: "g".into(),
        vpc_id: Some(world.vpc().await),
        ..Default::default()
    };
    let group = world.call::<ec2::CreateSecurityGroup>(group).await.group_id.unwrap();
    world
        .call::<api::SetSecurityGroups>(api::SetSecurityGroupsInput {
            load_balancer_arn: arn.clone(),
            security_groups: vec![group.clone()],
            ..Default::default()
        })
        .await;
    let interfaces = world.interfaces().await;
    assert!(interfaces.iter().all(|one| one.groups.as_ref().unwrap()[0].group_id == Some(group.clone())));
    let all: Vec<String> = world.subnets().await.into_iter().map(|one| one.subnet_id.unwrap()).collect();
    let input = api::SetSubnetsInput {
        load_balancer_arn: arn.clone(),
        subnets: Some(all[1..].to_vec()),
        ..Default::default()
    };
    world.call::<api::SetSubnets>(input).await;
    let interfaces = world.interfaces().await;
    let mut subnets: Vec<String> = interfaces.into_iter().map(|one| one.subnet_id.unwrap()).collect();
    let mut wanted = all[1..].to_vec();
    subnets.sort();
    wanted.sort();
    assert_eq!(subnets, wanted);

    let cx = world.cx(Caller::root(AccountId::DEFAULT));
    let told = world.handlers.call_within::<BalancersOf>(&cx, ()).await.unwrap();
    assert!(told[0].guarded && told[0].interfaces.len() == 2);
    let ends = |name: &str| told[0].names.iter().any(|known| known.ends_with(name));
    assert!(ends(".us-east-1.elb.localhost") && ends(".us-east-1.elb.amazonaws.com"), "{:?}", told[0].names);

    // Its groups can be deleted as soon as it is.
    world.call::<api::DeleteLoadBalancer>(api::DeleteLoadBalancerInput { load_balancer_arn: arn }).await;
    let input = ec2::DeleteSecurityGroupRequest { group_id: Some(group), ..Default::default() };
    world.call::<ec2::DeleteSecurityGroup>(input).await;
    assert!(world.interfaces().await.is_empty());
}

#[tokio::test]
async fn later_blocks_of_a_vpc_are_its_network_too() {
    let world = World::new();
    world.balancer("web", "application").await;
    world.interfaces().await;
    let holds = async |address: &str| {
        world.interfaces().await;
        world.configuration().await.load_balancers[0].way.holds(address.parse().unwrap())
    };
    assert!(!holds("172.30.0.9").await);
    let input = ec2::AssociateVpcCidrBlockRequest {
        vpc_id: world.vpc().await,
        cidr_block: Some("172.30.0.0/16".into()),
        ..Default::default()
    };
    let added = world.call::<ec2::AssociateVpcCidrBlock>(input).await.cidr_block_association.unwrap();
    assert!(holds("172.30.0.9").await && holds("172.31.0.9").await);
    let input = ec2::DisassociateVpcCidrBlockRequest { association_id: added.association_id.unwrap() };
    world.call::<ec2::DisassociateVpcCidrBlock>(input).await;
    assert!(!holds("172.30.0.9").await);
}

#[tokio::test]
async fn without_groups_a_network_load_balancer_takes_what_comes() {
    let world = World::new();
    world.balancer("net", "network").await;
    world.interfaces().await;
    let cx = world.cx(Caller::root(AccountId::DEFAULT));
    let told = world.handlers.call_within::<BalancersOf>(&cx, ()).await.unwrap();
    assert!(!told[0].guarded && told[0].interfaces.iter().all(|one| one.security_groups.is_empty()));
}

fn mapped(name: &str, scheme: &str, mapping: api::SubnetMapping) -> api::CreateLoadBalancerInput {
    api::CreateLoadBalancerInput {
        name: name.into(),
        r#type: Some("network".into()),
        scheme: Some(scheme.into()),
        subnet_mappings: Some(vec![mapping]),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_network_load_balancer_has_the_elastic_address_that_it_is_given() {
    let world = World::with_public(Some(Ipv4Block::new([198, 51, 100, 0].into(), 28)));
    let subnets = world.subnet_ids().await;
    let address = world.call::<ec2::AllocateAddress>(Default::default()).await;
    let (allocation, public) = (address.allocation_id.unwrap(), address.public_ip.unwrap());
    let mapping = |allocation: &str| api::SubnetMapping {
        subnet_id: Some(subnets[0].clone()),
        allocation_id: Some(allocation.into()),
        ..Default::default()
    };
    let input = |name, allocation: &str| mapped(name, "internet-facing", mapping(allocation));
    let missing = input("net", "eipalloc-0123456789abcdef0");
    let refused = world.refused::<api::CreateLoadBalancer>(missing).await;
    assert_eq!(
        says(&refused),
        ("AllocationIdNotFound", "The allocation ID 'eipalloc-0123456789abcdef0' does not exist")
    );
    let mut twice = input("net", &allocation);
    let second = api::SubnetMapping { subnet_id: Some(subnets[1].clone()), ..mapping(&allocation) };
    twice.subnet_mappings.as_mut().unwrap().push(second);
    assert_eq!(world.refused::<api::CreateLoadBalancer>(twice).await.code, "ResourceInUse");
    let made = world.call::<api::CreateLoadBalancer>(input("net", &allocation)).await;
    let made = made.load_balancers.unwrap().remove(0);
    let shown = made.availability_zones.unwrap().remove(0).load_balancer_addresses.unwrap().remove(0);
    assert_eq!((shown.ip_address.as_ref(), shown.allocation_id.as_ref()), (Some(&public), Some(&allocation)));
    let interface = world.interfaces().await.remove(0);
    let association = interface.association.unwrap();
    assert_eq!(association.public_ip.as_ref(), Some(&public));
    assert_eq!(association.allocation_id.as_ref(), Some(&allocation));
    let cx = world.cx(Caller::root(AccountId::DEFAULT));
    let told = world.handlers.call_within::<BalancersOf>(&cx, ()).await.unwrap();
    assert_eq!(told[0].interfaces[0].public_ipv4.as_ref(), Some(&public));

    // The same again is the same one; another load balancer can't have the address.
    let again = world.call::<api::CreateLoadBalancer>(input("net", &allocation)).await;
    assert_eq!(again.load_balancers.unwrap()[0].load_balancer_arn, made.load_balancer_arn);
    let refused = world.refused::<api::CreateLoadBalancer>(input("other", &allocation)).await;
    assert_eq!(refused.code, "ResourceInUse");
    let application = api::CreateLoadBalancerInput { r#type: None, ..input("web", &allocation) };
    let refused = world.refused::<api::CreateLoadBalancer>(application).await;
    assert_eq!(
        says(&refused),
        (
            "InvalidConfigurationRequest",
            "Elastic IPs are not supported for load balancers with type 'application'"
        )
    );

    // It keeps the address where another subnet comes.
    let arn = made.load_balancer_arn.unwrap();
    let more = api::SetSubnetsInput {
        load_balancer_arn: arn.clone(),
        subnets: Some(subnets.clone()),
        ..Default::default()
    };
    let zones = world.call::<api::SetSubnets>(more).await.availability_zones.unwrap();
    let own = zones.iter().find(|zone| zone.subnet_id.as_ref() == Some(&subnets[0])).unwrap();
    assert_eq!(own.load_balancer_addresses.as_ref().unwrap()[0].ip_address.as_ref(), Some(&public));
    assert_eq!(world.interfaces().await.len(), 2);

    // It leaves the zone, and the address is free.
    let less = api::SetSubnetsInput {
        load_balancer_arn: arn.clone(),
        subnets: Some(vec![subnets[1].clone()]),
        ..Default::default()
    };
    assert_eq!(world.call::<api::SetSubnets>(less).await.availability_zones.unwrap().len(), 1);
    assert_eq!(world.interfaces().await.len(), 1);
    let release = ec2::ReleaseAddressRequest { allocation_id: Some(allocation), ..Default::default() };
    world.call::<ec2::ReleaseAddress>(release).await;
    world.call::<api::DeleteLoadBalancer>(api::DeleteLoadBalancerInput { load_balancer_arn: arn }).await;
}

#[tokio::test]
async fn an_internal_network_load_balancer_has_the_private_address_that_it_is_given() {
    let world = World::new();
    let subnet = world.subnets().await.remove(0);
    let block = subnet.cidr_block.unwrap();
    let inside = format!("{}.77", block.rsplit_once('.').unwrap().0);
    let mapping = |address: &str| api::SubnetMapping {
        subnet_id: subnet.subnet_id.clone(),
        private_i_pv4_address: Some(address.into()),
        ..Default::default()
    };
    let refused =
        world.refused::<api::CreateLoadBalancer>(mapped("net", "internet-facing", mapping(&inside))).await;
    assert_eq!(
        refused.message,
        "You can only specify private IPv4 addresses for Network Load Balancers with scheme 'internal'."
    );
    let refused =
        world.refused::<api::CreateLoadBalancer>(mapped("net", "internal", mapping("192.0.2.1"))).await;
    assert_eq!(refused.code, "InvalidConfigurationRequest");
    let made = world.call::<api::CreateLoadBalancer>(mapped("net", "internal", mapping(&inside))).await;
    let zone = made.load_balancers.unwrap().remove(0).availability_zones.unwrap().remove(0);
    let shown = zone.load_balancer_addresses.unwrap().remove(0);
    assert_eq!((shown.private_i_pv4_address.as_ref(), shown.ip_address), (Some(&inside), None));
    assert_eq!(world.interfaces().await[0].private_ip_address.as_ref(), Some(&inside));
    let refused =
        world.refused::<api::CreateLoadBalancer>(mapped("other", "internal", mapping(&inside))).await;
    assert_eq!(refused.code, "ResourceInUse");
}

#[tokio::test]
async fn container_instances_are_targets_by_their_ids() {
    let world = World::new();
    let input = api::CreateTargetGroupInput {
        target_type: Some("instance".into()),
        ..world.group_input("machines", "HTTP").await
    };
    let group = world.call::<api::CreateTargetGroup>(input).await.target_groups.unwrap().remove(0);
    let group = group.target_group_arn.unwrap();
    let target = |id: &str, port| api::TargetDescription { id: id.into(), port, ..Default::default() };
    let input = |target: api::TargetDescription| api::RegisterTargetsInput {
        target_group_arn: group.clone(),
        targets: vec![target],
    };
    let unknown = world.refused::<api::RegisterTargets>(input(target("i-0fffffffffffffff0", None))).await;
    assert_eq!(says(&unknown), ("InvalidTarget", "Instance ID 'i-0fffffffffffffff0' is not valid"));
    let id = machine().id;
    world.call::<api::RegisterTargets>(input(target(&id, None))).await;
    world.call::<api::RegisterTargets>(input(target(&id, Some(32768)))).await;
    let of = world.balancer("web", "application").await.load_balancer_arn.unwrap();
    world.listener(&of, "HTTP", 80, &group).await;
    world.interfaces().await;
    let wanted = world.configuration().await;
    let targets = &wanted.target_groups[&group].targets;
    assert!(wanted.target_groups[&group].of_instances);
    let places: Vec<_> = targets.iter().map(|one| (one.id.as_str(), one.address, one.port)).collect();
    let address = machine().address;
    assert_eq!(places, [(id.as_str(), address, 80), (id.as_str(), address, 32768)]);
    let health = world.health(&group).await.remove(0);
    let shown = health.target.unwrap();
    assert_eq!((shown.id, shown.port, shown.availability_zone), (id.clone(), Some(80), None));

    let input = api::DeregisterTargetsInput {
        target_group_arn: group.clone(),
        targets: vec![target(&id, Some(32768))],
    };
    world.call::<api::DeregisterTargets>(input).await;
    assert_eq!(
        world.health(&group).await[1].target_health.as_ref().unwrap().state.as_deref(),
        Some("draining")
    );
}
