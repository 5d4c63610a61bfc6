//! Network interfaces and their addresses.

use std::collections::BTreeSet;

use futures::future::join_all;
use gantry_api_ec2 as api;

use crate::world::{World, tags};

async fn subnet_id(world: &World) -> String {
    world.subnets(&world.root()).await[0].subnet_id.clone().unwrap()
}

fn in_subnet(subnet_id: &str) -> api::CreateNetworkInterfaceRequest {
    api::CreateNetworkInterfaceRequest { subnet_id: subnet_id.into(), ..Default::default() }
}

fn delete(id: &Option<String>) -> api::DeleteNetworkInterfaceRequest {
    api::DeleteNetworkInterfaceRequest { network_interface_id: id.clone().unwrap(), dry_run: None }
}

#[tokio::test]
async fn a_users_interface_is_made_found_and_deleted() {
    let world = World::new();
    let cx = world.root();
    let subnet = world.subnets(&cx).await.remove(0);
    let input = api::CreateNetworkInterfaceRequest {
        description: Some("mine".into()),
        tag_specifications: tags(&[("team", "blue")]),
        ..in_subnet(subnet.subnet_id.as_ref().unwrap())
    };
    let made = world.create(&cx, input).await;
    assert_eq!((made.status.as_deref(), made.requester_managed), (Some("pending"), Some(false)));

    let found = world.interfaces(&cx, &[("tag:team", "b*"), ("description", "mine")]).await;
    assert_eq!(found[0].network_interface_id, made.network_interface_id);
    assert_eq!(found[0].status.as_deref(), Some("available"));
    let host = made.private_ip_address.as_ref().unwrap().replace('.', "-");
    assert_eq!(found[0].private_dns_name, Some(format!("ip-{host}.ec2.internal")));
    assert!(found[0].association.is_none());
    assert!(world.interfaces(&world.root_of("000000000000", "eu-west-1"), &[]).await.is_empty());
    assert_eq!(world.subnets(&cx).await[0].available_ip_address_count, Some(4090));

    world.call::<api::DeleteNetworkInterface>(&cx, delete(&made.network_interface_id)).await.unwrap();
    assert!(world.interfaces(&cx, &[]).await.is_empty());
    assert_eq!(world.subnets(&cx).await[0].available_ip_address_count, Some(4091));
    let error = world.refused::<api::DeleteNetworkInterface>(&cx, delete(&made.network_interface_id)).await;
    assert_eq!(error.code, "InvalidNetworkInterfaceID.NotFound");
}

#[tokio::test]
async fn a_services_interface_is_in_use_public_and_its_own() {
    let world = World::new();
    let ecs = world.service("ecs.amazonaws.com");
    let input = api::CreateNetworkInterfaceRequest {
        tag_specifications: tags(&[
            ("aws:ecs:clusterName", "default"),
            (gantry_ec2::PUBLIC_ADDRESS_TAG, "true"),
        ]),
        ..in_subnet(&subnet_id(&world).await)
    };
    let made = world.create(&ecs, input).await;
    assert_eq!((made.status.as_deref(), made.requester_managed), (Some("in-use"), Some(true)));
    assert_eq!(made.requester_id.as_ref().map(String::len), Some(12));
    assert_eq!(made.attachment.as_ref().unwrap().status.as_deref(), Some("attached"));
    let public = made.association.as_ref().unwrap().public_ip.clone().unwrap();
    assert!(public.starts_with("198.51.100."), "{public}");
    assert_eq!(made.tag_set.as_ref().unwrap().len(), 1);

    let error =
        world.refused::<api::DeleteNetworkInterface>(&world.root(), delete(&made.network_interface_id)).await;
    assert_eq!(error.code, "InvalidParameterValue");
    assert!(error.message.ends_with("is currently in use."), "{error}");
    world.call::<api::DeleteNetworkInterface>(&ecs, delete(&made.network_interface_id)).await.unwrap();
}

#[tokio::test]
async fn the_interfaces_of_load_balancers_are_found_by_who_holds_them() {
    let world = World::new();
    let cx = world.root();
    let balancers = world.service("elasticloadbalancing.amazonaws.com");
    let subnet = subnet_id(&world).await;
    for description in ["ELB app/web/0123456789abcdef", "ELB net/flow/0123456789abcdef"] {
        let input = api::CreateNetworkInterfaceRequest {
            description: Some(description.into()),
            tag_specifications: tags(&[(gantry_ec2::PUBLIC_ADDRESS_TAG, "true")]),
            ..in_subnet(&subnet)
        };
        world.create(&balancers, input).await;
    }
    let held = |owner, path| [("attachment.instance-owner-id", owner), ("description", path)];
    let found = world.interfaces(&cx, &held("amazon-elb", "ELB app/web/*")).await.remove(0);
    assert_eq!(found.interface_type.as_deref(), Some("interface"));
    assert_eq!(found.requester_id.as_deref(), Some("amazon-elb"));
    assert_eq!(found.association.unwrap().ip_owner_id.as_deref(), Some("amazon-elb"));
    let attachment = found.attachment.unwrap();
    assert_eq!(attachment.instance_owner_id.as_deref(), Some("amazon-elb"));
    assert!(attachment.attachment_id.unwrap().starts_with("eni-attach-"));
    assert_eq!(world.interfaces(&cx, &[("requester-id", "amazon-elb")]).await.len(), 1);

    let found = world.interfaces(&cx, &held("amazon-aws", "ELB net/flow/*")).await.remove(0);
    assert_eq!(found.interface_type.as_deref(), Some("network_load_balancer"));
    assert_eq!(found.requester_id.as_ref().map(String::len), Some(12));
    assert!(found.attachment.unwrap().attachment_id.unwrap().starts_with("ela-attach-"));
}

#[tokio::test]
async fn public_addresses_run_out_by_name_and_users_can_not_ask_for_them() {
    let world = World::new();
    let ecs = world.service("ecs.amazonaws.com");
    let input = api::CreateNetworkInterfaceRequest {
        tag_specifications: tags(&[(gantry_ec2::PUBLIC_ADDRESS_TAG, "true")]),
        ..in_subnet(&subnet_id(&world).await)
    };
    let mut seen = BTreeSet::new();
    for _ in 0..4 {
        let made = world.create(&ecs, input.clone()).await;
        assert!(seen.insert(made.association.unwrap().public_ip.unwrap()));
    }
    let error = world.refused::<api::CreateNetworkInterface>(&ecs, input.clone()).await;
    assert_eq!(error.code, "InsufficientAddressCapacity");
    let error = world.refused::<api::CreateNetworkInterface>(&world.root(), input.clone()).await;
    assert_eq!(error.message, "Tag keys starting with 'aws:' are reserved for internal use");

    let without = World::with_public(None);
    assert!(without.create(&without.service("ecs.amazonaws.com"), input).await.association.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_never_share_an_address() {
    let world = World::new();
    let ecs = world.service("ecs.amazonaws.com");
    let subnet = subnet_id(&world).await;
    let making = (0..200).map(|_| {
        let (world, ecs, input) = (world.clone(), ecs.clone(), in_subnet(&subnet));
        tokio::spawn(async move { world.create(&ecs, input).await })
    });
    let made: Vec<_> = join_all(making).await.into_iter().map(Result::unwrap).collect();
    let addresses: BTreeSet<_> = made.iter().map(|eni| eni.private_ip_address.clone().unwrap()).collect();
    let macs: BTreeSet<_> = made.iter().map(|eni| eni.mac_address.clone().unwrap()).collect();
    assert_eq!((addresses.len(), macs.len()), (200, 200));
    assert_eq!(world.interfaces(&ecs, &[("status", "in-use")]).await.len(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_named_address_goes_to_one_of_many() {
    let world = World::new();
    let cx = world.root();
    let input = api::CreateNetworkInterfaceRequest {
        private_ip_address: Some("172.31.0.99".into()),
        ..in_subnet(&address_subnet(&world).await)
    };
    let making = (0..16).map(|_| {
        let (world, cx, input) = (world.clone(), cx.clone(), input.clone());
        tokio::spawn(async move { world.call::<api::CreateNetworkInterface>(&cx, input).await.is_ok() })
    });
    let made = join_all(making).await.into_iter().filter(|made| *made.as_ref().unwrap()).count();
    assert_eq!(made, 1);
    assert_eq!(world.refused::<api::CreateNetworkInterface>(&cx, input).await.code, "InvalidIPAddress.InUse");
}

/// The subnet that begins at 172.31.0.0.
async fn address_subnet(world: &World) -> String {
    let subnets = world.subnets(&world.root()).await;
    let first = subnets.iter().find(|subnet| subnet.cidr_block.as_deref() == Some("172.31.0.0/20"));
    first.unwrap().subnet_id.clone().unwrap()
}

#[tokio::test]
async fn reserved_foreign_and_senseless_addresses_are_refused() {
    let world = World::new();
    let subnet = address_subnet(&world).await;
    for (address, message) in [
        ("172.31.0.0", "Address 172.31.0.0 is in subnet's reserved address range"),
        ("172.31.0.3", "Address 172.31.0.3 is in subnet's reserved address range"),
        ("172.31.15.255", "Address 172.31.15.255 is in subnet's reserved address range"),
        ("172.31.16.9", "Address does not fall within the subnet's address range"),
        ("300.1.1.1", "invalid value for parameter address: 300.1.1.1"),
    ] {
        let input = api::CreateNetworkInterfaceRequest {
            private_ip_address: Some(address.into()),
            ..in_subnet(&subnet)
        };
        let error = world.refused::<api::CreateNetworkInterface>(&world.root(), input).await;
        assert_eq!(error.to_string(), format!("InvalidParameterValue: {message}"));
    }
}

#[tokio::test]
async fn a_client_token_makes_one_interface() {
    let world = World::new();
    let cx = world.root();
    let input = api::CreateNetworkInterfaceRequest {
        client_token: Some("token".into()),
        ..in_subnet(&subnet_id(&world).await)
    };
    let first = world.create(&cx, input.clone()).await;
    assert_eq!(world.create(&cx, input.clone()).await.network_interface_id, first.network_interface_id);
    assert_eq!(world.interfaces(&cx, &[]).await.len(), 1);
    let other = api::CreateNetworkInterfaceRequest { description: Some("other".into()), ..input.clone() };
    assert_eq!(
        world.refused::<api::CreateNetworkInterface>(&cx, other).await.code,
        "IdempotentParameterMismatch"
    );
    world.call::<api::DeleteNetworkInterface>(&cx, delete(&first.network_interface_id)).await.unwrap();
    assert_ne!(world.create(&cx, input).await.network_interface_id, first.network_interface_id);
}

#[tokio::test]
async fn what_is_not_done_is_said() {
    let world = World::new();
    let subnet = subnet_id(&world).await;
    for input in [
        api::CreateNetworkInterfaceRequest { ipv6_address_count: Some(1), ..in_subnet(&subnet) },
        api::CreateNetworkInterfaceRequest {
            secondary_private_ip_address_count: Some(1),
            ..in_subnet(&subnet)
        },
        api::CreateNetworkInterfaceRequest { interface_type: Some("efa".into()), ..in_subnet(&subnet) },
    ] {
        let error = world.refused::<api::CreateNetworkInterface>(&world.root(), input).await;
        assert_eq!(error.code, "UnsupportedOperation");
    }
    let error = world.refused::<api::CreateNetworkInterface>(&world.root(), in_subnet("subnet-1")).await;
    assert_eq!(error.code, "InvalidSubnetID.NotFound");
    let group =
        api::CreateNetworkInterfaceRequest { groups: Some(vec!["sg-01234567".into()]), ..in_subnet(&subnet) };
    assert_eq!(
        world.refused::<api::CreateNetworkInterface>(&world.root(), group).await.code,
        "InvalidGroup.NotFound"
    );
}

#[tokio::test]
async fn interfaces_are_paged() {
    let world = World::new();
    let cx = world.root();
    let subnet = subnet_id(&world).await;
    for _ in 0..12 {
        world.create(&cx, in_subnet(&subnet)).await;
    }
    let mut seen = Vec::new();
    let mut input = api::DescribeNetworkInterfacesRequest { max_results: Some(5), ..Default::default() };
    loop {
        let page = world.call::<api::DescribeNetworkInterfaces>(&cx, input.clone()).await.unwrap();
        seen.extend(
            page.network_interfaces.unwrap().into_iter().map(|eni| eni.network_interface_id.unwrap()),
        );
        input.next_token = page.next_token;
        if input.next_token.is_none() {
            break;
        }
    }
    let distinct: BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (12, 12));
}
