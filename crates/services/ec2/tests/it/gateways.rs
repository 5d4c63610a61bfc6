//! Route tables, internet and NAT gateways, and elastic addresses.

use gantry_api_ec2 as api;
use gantry_service::Cx;

use crate::world::{World, filter};

async fn gateway(world: &World, cx: &Cx) -> String {
    let made = world.ok::<api::CreateInternetGateway>(cx, Default::default()).await;
    made.internet_gateway.unwrap().internet_gateway_id.unwrap()
}

fn attach(gateway: &str, vpc: &str) -> api::AttachInternetGatewayRequest {
    api::AttachInternetGatewayRequest {
        internet_gateway_id: gateway.into(),
        vpc_id: vpc.into(),
        dry_run: None,
    }
}

async fn table(world: &World, cx: &Cx, vpc: &str) -> String {
    let input = api::CreateRouteTableRequest { vpc_id: vpc.into(), ..Default::default() };
    world.ok::<api::CreateRouteTable>(cx, input).await.route_table.unwrap().route_table_id.unwrap()
}

fn route(table: &str) -> api::CreateRouteRequest {
    api::CreateRouteRequest {
        route_table_id: table.into(),
        destination_cidr_block: Some("0.0.0.0/0".into()),
        ..Default::default()
    }
}

async fn states(world: &World, cx: &Cx, table: &str) -> Vec<String> {
    let input =
        api::DescribeRouteTablesRequest { route_table_ids: Some(vec![table.into()]), ..Default::default() };
    let shown = world.ok::<api::DescribeRouteTables>(cx, input).await.route_tables.unwrap().remove(0);
    shown.routes.unwrap().into_iter().map(|route| route.state.unwrap()).collect()
}

#[tokio::test]
async fn a_vpc_has_one_internet_gateway_and_a_route_to_one_that_left_is_a_black_hole() {
    let world = World::new();
    let cx = world.root();
    let vpc = world.vpc(&cx, "10.0.0.0/16").await;
    let (one, two) = (gateway(&world, &cx).await, gateway(&world, &cx).await);
    let table = table(&world, &cx, &vpc).await;
    let way = api::CreateRouteRequest { gateway_id: Some(one.clone()), ..route(&table) };
    let error = world.refused::<api::CreateRoute>(&cx, way.clone()).await;
    assert_eq!(
        error.message,
        format!("route table {table} and network gateway {one} belong to different networks")
    );
    world.ok::<api::AttachInternetGateway>(&cx, attach(&one, &vpc)).await;
    let error = world.refused::<api::AttachInternetGateway>(&cx, attach(&one, &vpc)).await;
    assert_eq!(
        error.to_string(),
        format!("Resource.AlreadyAssociated: resource {one} is already attached to network {vpc}")
    );
    let error = world.refused::<api::AttachInternetGateway>(&cx, attach(&two, &vpc)).await;
    assert_eq!(error.message, format!("Network {vpc} already has an internet gateway attached"));
    world.ok::<api::CreateRoute>(&cx, way.clone()).await;
    let other = api::CreateRouteRequest { gateway_id: None, nat_gateway_id: Some("nat-1".into()), ..way };
    assert_eq!(world.refused::<api::CreateRoute>(&cx, other).await.code, "NatGatewayNotFound");
    assert_eq!(states(&world, &cx, &table).await, ["active", "active"]);

    let detach = api::DetachInternetGatewayRequest {
        internet_gateway_id: one.clone(),
        vpc_id: vpc.clone(),
        dry_run: None,
    };
    world.ok::<api::DetachInternetGateway>(&cx, detach.clone()).await;
    assert_eq!(states(&world, &cx, &table).await, ["active", "blackhole"]);
    let error = world.refused::<api::DetachInternetGateway>(&cx, detach).await;
    assert_eq!(
        error.to_string(),
        format!("Gateway.NotAttached: resource {one} is not attached to network {vpc}")
    );
    let gone = api::DeleteRouteRequest {
        route_table_id: table.clone(),
        destination_cidr_block: Some("0.0.0.0/0".into()),
        ..Default::default()
    };
    world.ok::<api::DeleteRoute>(&cx, gone.clone()).await;
    let error = world.refused::<api::DeleteRoute>(&cx, gone).await;
    assert_eq!(error.code, "InvalidRoute.NotFound");
    assert_eq!(
        error.message,
        format!("no route with destination-cidr-block 0.0.0.0/0 in route table {table}")
    );
}

#[tokio::test]
async fn subnets_use_a_table_and_the_main_one_can_be_replaced() {
    let world = World::new();
    let cx = world.root();
    let vpc = world.vpc(&cx, "10.0.0.0/16").await;
    let subnet = world.subnet(&cx, &vpc, "10.0.0.0/24").await;
    let (one, two) = (table(&world, &cx, &vpc).await, table(&world, &cx, &vpc).await);
    let associate = |table: &str| api::AssociateRouteTableRequest {
        subnet_id: Some(subnet.clone()),
        route_table_id: table.into(),
        ..Default::default()
    };
    let first = world.ok::<api::AssociateRouteTable>(&cx, associate(&one)).await.association_id.unwrap();
    let again = world.ok::<api::AssociateRouteTable>(&cx, associate(&one)).await.association_id.unwrap();
    assert_eq!(first, again);
    let error = world.refused::<api::AssociateRouteTable>(&cx, associate(&two)).await;
    assert_eq!(error.code, "Resource.AlreadyAssociated");
    let delete = |table: &str| api::DeleteRouteTableRequest { route_table_id: table.into(), dry_run: None };
    assert_eq!(world.refused::<api::DeleteRouteTable>(&cx, delete(&one)).await.code, "DependencyViolation");
    let disassociate = api::DisassociateRouteTableRequest { association_id: first, dry_run: None };
    world.ok::<api::DisassociateRouteTable>(&cx, disassociate.clone()).await;
    assert_eq!(
        world.refused::<api::DisassociateRouteTable>(&cx, disassociate).await.code,
        "InvalidAssociationID.NotFound"
    );
    world.ok::<api::DeleteRouteTable>(&cx, delete(&one)).await;

    let main = || api::DescribeRouteTablesRequest {
        filters: filter(&[("vpc-id", &vpc), ("association.main", "true")]),
        ..Default::default()
    };
    let now = world.ok::<api::DescribeRouteTables>(&cx, main()).await.route_tables.unwrap().remove(0);
    let association = now.associations.unwrap().remove(0).route_table_association_id.unwrap();
    let replace = api::ReplaceRouteTableAssociationRequest {
        association_id: association,
        route_table_id: two.clone(),
        dry_run: None,
    };
    world.ok::<api::ReplaceRouteTableAssociation>(&cx, replace).await;
    let now = world.ok::<api::DescribeRouteTables>(&cx, main()).await.route_tables.unwrap();
    assert_eq!((now.len(), now[0].route_table_id.as_ref()), (1, Some(&two)));
}

#[tokio::test]
async fn a_nat_gateway_holds_its_address_and_gives_it_back() {
    let world = World::new();
    let cx = world.root();
    let vpc = world.vpc(&cx, "10.0.0.0/16").await;
    let subnet = world.subnet(&cx, &vpc, "10.0.0.0/24").await;
    let address = world.ok::<api::AllocateAddress>(&cx, Default::default()).await;
    assert!(address.public_ip.as_ref().unwrap().starts_with("198.51.100."));
    let allocation = address.allocation_id.unwrap();
    let input = api::CreateNatGatewayRequest {
        subnet_id: Some(subnet.clone()),
        allocation_id: Some(allocation.clone()),
        client_token: Some("once".into()),
        ..Default::default()
    };
    let made = world.ok::<api::CreateNatGateway>(&cx, input.clone()).await.nat_gateway.unwrap();
    assert_eq!(made.state.as_deref(), Some("pending"));
    let address = made.nat_gateway_addresses.as_ref().unwrap()[0].clone();
    assert_eq!(address.allocation_id.as_ref(), Some(&allocation));
    assert_eq!((address.status.as_deref(), address.public_ip), (Some("associating"), None));
    let input_of = |id: &str| api::DescribeNatGatewaysRequest {
        nat_gateway_ids: Some(vec![id.into()]),
        ..Default::default()
    };
    let described = input_of(made.nat_gateway_id.as_ref().unwrap());
    let shown = world.ok::<api::DescribeNatGateways>(&cx, described).await.nat_gateways.unwrap().remove(0);
    assert_eq!(
        (shown.availability_mode.as_deref(), shown.state.as_deref()),
        (Some("zonal"), Some("available"))
    );
    let address = shown.nat_gateway_addresses.unwrap().remove(0);
    assert!(address.status.as_deref() == Some("succeeded") && address.public_ip.is_some());
    let error = world.refused::<api::DescribeNatGateways>(&cx, input_of("nat:x")).await;
    assert_eq!(error.to_string(), "NatGatewayMalformed: Invalid Nat Gateway nat:x");
    let again = world.ok::<api::CreateNatGateway>(&cx, input.clone()).await.nat_gateway.unwrap();
    assert_eq!(made.nat_gateway_id, again.nat_gateway_id);
    let other = api::CreateNatGatewayRequest { connectivity_type: Some("private".into()), ..input.clone() };
    let error = world.refused::<api::CreateNatGateway>(&cx, other).await;
    assert_eq!(error.code, "IdempotentParameterMismatch");
    let other = api::CreateNatGatewayRequest { client_token: None, ..input };
    assert_eq!(world.refused::<api::CreateNatGateway>(&cx, other).await.code, "Resource.AlreadyAssociated");
    let release = api::ReleaseAddressRequest { allocation_id: Some(allocation), ..Default::default() };
    assert_eq!(
        world.refused::<api::ReleaseAddress>(&cx, release.clone()).await.code,
        "InvalidIPAddress.InUse"
    );
    let interface = world.interfaces(&cx, &[("interface-type", "nat_gateway")]).await.remove(0);
    let held = interface.attachment.as_ref().and_then(|one| one.instance_owner_id.as_deref());
    assert_eq!(held, Some("amazon-aws"));
    assert_eq!((interface.requester_managed, interface.status.as_deref()), (Some(true), Some("in-use")));
    let gone = api::DeleteSubnetRequest { subnet_id: subnet, dry_run: None };
    assert_eq!(world.refused::<api::DeleteSubnet>(&cx, gone.clone()).await.code, "DependencyViolation");

    let id = made.nat_gateway_id.unwrap();
    let delete = api::DeleteNatGatewayRequest { nat_gateway_id: id.clone(), dry_run: None };
    world.ok::<api::DeleteNatGateway>(&cx, delete.clone()).await;
    assert_eq!(
        world.refused::<api::DeleteNatGateway>(&cx, delete).await.to_string(),
        format!("NatGatewayNotFound: NatGateway {id} was not found")
    );
    let ask = api::DescribeNatGatewaysRequest { nat_gateway_ids: Some(vec![id]), ..Default::default() };
    let shown = world.ok::<api::DescribeNatGateways>(&cx, ask).await.nat_gateways.unwrap().remove(0);
    assert_eq!(shown.state.as_deref(), Some("deleted"));
    world.ok::<api::ReleaseAddress>(&cx, release).await;
    world.ok::<api::DeleteSubnet>(&cx, gone).await;
}

#[tokio::test]
async fn an_elastic_address_leads_to_one_interface_at_a_time() {
    let world = World::new();
    let cx = world.root();
    let subnet = world.subnets(&cx).await.remove(0).subnet_id.unwrap();
    let of =
        |subnet: &str| api::CreateNetworkInterfaceRequest { subnet_id: subnet.into(), ..Default::default() };
    let one = world.create(&cx, of(&subnet)).await.network_interface_id.unwrap();
    let two = world.create(&cx, of(&subnet)).await.network_interface_id.unwrap();
    let address = world.ok::<api::AllocateAddress>(&cx, Default::default()).await;
    let associate = |interface: &str, again| api::AssociateAddressRequest {
        allocation_id: address.allocation_id.clone(),
        network_interface_id: Some(interface.into()),
        allow_reassociation: Some(again),
        ..Default::default()
    };
    world.ok::<api::AssociateAddress>(&cx, associate(&one, false)).await;
    assert_eq!(
        world.refused::<api::AssociateAddress>(&cx, associate(&two, false)).await.code,
        "Resource.AlreadyAssociated"
    );
    let moved = world.ok::<api::AssociateAddress>(&cx, associate(&two, true)).await.association_id;
    let found =
        world.interfaces(&cx, &[("association.public-ip", address.public_ip.as_ref().unwrap())]).await;
    assert_eq!((found.len(), found[0].network_interface_id.as_ref()), (1, Some(&two)));
    assert_eq!(found[0].association.as_ref().unwrap().association_id, moved);

    let ecs = world.service("ecs.amazonaws.com");
    let managed = world.create(&ecs, of(&subnet)).await.network_interface_id.unwrap();
    assert_eq!(
        world.refused::<api::AssociateAddress>(&cx, associate(&managed, true)).await.code,
        "OperationNotPermitted"
    );
    let gone = api::DeleteNetworkInterfaceRequest { network_interface_id: two, dry_run: None };
    world.ok::<api::DeleteNetworkInterface>(&cx, gone).await;
    let now = world.ok::<api::DescribeAddresses>(&cx, Default::default()).await.addresses.unwrap();
    assert_eq!((now.len(), &now[0].association_id), (1, &None));
}

#[tokio::test]
async fn a_client_token_makes_one_route_table_and_one_acl() {
    let world = World::new();
    let cx = world.root();
    let (one, two) = (world.vpc(&cx, "10.0.0.0/16").await, world.vpc(&cx, "10.1.0.0/16").await);
    let token = Some("once".to_string());
    let input = api::CreateRouteTableRequest {
        vpc_id: one.clone(),
        client_token: token.clone(),
        ..Default::default()
    };
    let made = world.ok::<api::CreateRouteTable>(&cx, input.clone()).await;
    assert_eq!(made.client_token, token);
    let again = world.ok::<api::CreateRouteTable>(&cx, input.clone()).await;
    assert_eq!(made.route_table.unwrap().route_table_id, again.route_table.unwrap().route_table_id);
    let other = api::CreateRouteTableRequest { vpc_id: two.clone(), ..input };
    let error = world.refused::<api::CreateRouteTable>(&cx, other).await;
    assert_eq!(error.code, "IdempotentParameterMismatch");

    let input = api::CreateNetworkAclRequest { vpc_id: one, client_token: token, ..Default::default() };
    let made = world.ok::<api::CreateNetworkAcl>(&cx, input.clone()).await.network_acl.unwrap();
    let again = world.ok::<api::CreateNetworkAcl>(&cx, input.clone()).await.network_acl.unwrap();
    assert_eq!(made.network_acl_id, again.network_acl_id);
    let other = api::CreateNetworkAclRequest { vpc_id: two, ..input };
    let error = world.refused::<api::CreateNetworkAcl>(&cx, other).await;
    assert_eq!(error.code, "IdempotentParameterMismatch");
}
