//! VPCs, subnets, network ACLs and DHCP options of the user's own.

use gantry_api_ec2 as api;

use crate::world::{World, filter};

fn delete(id: &str) -> api::DeleteVpcRequest {
    api::DeleteVpcRequest { vpc_id: id.into(), dry_run: None }
}

#[tokio::test]
async fn a_vpc_comes_with_a_group_an_acl_and_a_main_table_and_goes_with_them() {
    let world = World::new();
    let cx = world.root();
    let vpc = world.vpc(&cx, "10.0.0.7/16").await;
    let of_vpc = || filter(&[("vpc-id", &vpc)]);
    let vpcs = world
        .ok::<api::DescribeVpcs>(&cx, api::DescribeVpcsRequest { filters: of_vpc(), ..Default::default() })
        .await;
    let shown = vpcs.vpcs.unwrap().remove(0);
    assert_eq!((shown.cidr_block.as_deref(), shown.is_default), (Some("10.0.0.0/16"), Some(false)));
    assert_eq!(shown.state.as_deref(), Some("available"));
    let groups = api::DescribeSecurityGroupsRequest { filters: of_vpc(), ..Default::default() };
    let groups = world.ok::<api::DescribeSecurityGroups>(&cx, groups).await.security_groups.unwrap();
    assert_eq!(groups[0].group_name.as_deref(), Some("default"));
    let acls = api::DescribeNetworkAclsRequest {
        filters: filter(&[("vpc-id", &vpc), ("default", "true")]),
        ..Default::default()
    };
    let acl = world.ok::<api::DescribeNetworkAcls>(&cx, acls).await.network_acls.unwrap().remove(0);
    assert_eq!(acl.entries.unwrap().len(), 4);
    let tables = filter(&[("vpc-id", &vpc), ("association.main", "true")]);
    let tables = api::DescribeRouteTablesRequest { filters: tables, ..Default::default() };
    let table = world.ok::<api::DescribeRouteTables>(&cx, tables).await.route_tables.unwrap().remove(0);
    assert_eq!(table.routes.unwrap()[0].gateway_id.as_deref(), Some("local"));

    let subnet = world.subnet(&cx, &vpc, "10.0.1.0/24").await;
    let error = world.refused::<api::DeleteVpc>(&cx, delete(&vpc)).await;
    assert_eq!(
        error.to_string(),
        format!("DependencyViolation: The vpc '{vpc}' has dependencies and cannot be deleted.")
    );
    let gone = api::DeleteSubnetRequest { subnet_id: subnet, dry_run: None };
    world.ok::<api::DeleteSubnet>(&cx, gone).await;
    world.ok::<api::DeleteVpc>(&cx, delete(&vpc)).await;
    let groups = api::DescribeSecurityGroupsRequest { filters: of_vpc(), ..Default::default() };
    assert!(world.ok::<api::DescribeSecurityGroups>(&cx, groups).await.security_groups.unwrap().is_empty());
}

#[tokio::test]
async fn blocks_that_do_not_fit_are_refused() {
    let world = World::new();
    let cx = world.root();
    for (cidr, text) in [
        ("10.0.0.0/8", "InvalidVpc.Range: The CIDR '10.0.0.0/8' is invalid."),
        ("127.0.0.0/16", "InvalidVpc.Range: The CIDR '127.0.0.0/16' is invalid."),
        ("169.254.0.0/16", "InvalidVpc.Range: The CIDR '169.254.0.0/16' is invalid."),
        ("230.1.0.0/20", "InvalidVpc.Range: The CIDR '230.1.0.0/20' is invalid."),
        ("10.0.0.0/29", "InvalidVpc.Range: The CIDR '10.0.0.0/29' is invalid."),
        (
            "10.0",
            "InvalidParameterValue: Value (10.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
        ),
    ] {
        let input = api::CreateVpcRequest { cidr_block: Some(cidr.into()), ..Default::default() };
        assert_eq!(world.refused::<api::CreateVpc>(&cx, input).await.to_string(), text);
    }
    let vpc = world.vpc(&cx, "10.0.0.0/16").await;
    world.subnet(&cx, &vpc, "10.0.0.0/24").await;
    for (cidr, text) in [
        ("10.0.0.0/24", "InvalidSubnet.Conflict: The CIDR '10.0.0.0/24' conflicts with another subnet"),
        ("10.0.0.128/28", "InvalidSubnet.Conflict: The CIDR '10.0.0.128/28' conflicts with another subnet"),
        ("10.1.0.0/24", "InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid."),
    ] {
        let input = api::CreateSubnetRequest {
            vpc_id: vpc.clone(),
            cidr_block: Some(cidr.into()),
            ..Default::default()
        };
        assert_eq!(world.refused::<api::CreateSubnet>(&cx, input).await.to_string(), text);
    }
    for (ipv4, ipv6, code) in [
        (None, None, "MissingParameter"),
        (Some("10.0.1.0/24"), None, "MissingParameter"),
        (Some("10.0.1.0/24"), Some("2001:db8::/64"), "InvalidParameterCombination"),
        (None, Some("2001:db8::/64"), "UnsupportedOperation"),
    ] {
        let input = api::CreateSubnetRequest {
            vpc_id: vpc.clone(),
            ipv6_native: Some(true),
            cidr_block: ipv4.map(Into::into),
            ipv6_cidr_block: ipv6.map(Into::into),
            ..Default::default()
        };
        assert_eq!(world.refused::<api::CreateSubnet>(&cx, input).await.code, code);
    }
    let second = api::AssociateVpcCidrBlockRequest {
        vpc_id: vpc.clone(),
        cidr_block: Some("10.1.0.0/16".into()),
        ..Default::default()
    };
    let within =
        api::AssociateVpcCidrBlockRequest { cidr_block: Some("10.0.128.0/17".into()), ..second.clone() };
    let error = world.refused::<api::AssociateVpcCidrBlock>(&cx, within).await;
    assert_eq!(error.code, "CidrConflict");
    assert!(error.message.starts_with("CIDR range conflicts with 10.0.0.0/16 with association ID vpc-cidr-"));
    let added = world.ok::<api::AssociateVpcCidrBlock>(&cx, second).await.cidr_block_association.unwrap();
    world.subnet(&cx, &vpc, "10.1.0.0/24").await;
    let input = api::DisassociateVpcCidrBlockRequest { association_id: added.association_id.unwrap() };
    assert_eq!(world.refused::<api::DisassociateVpcCidrBlock>(&cx, input).await.code, "DependencyViolation");
}

#[tokio::test]
async fn the_default_vpc_can_go_and_come_back() {
    let world = World::new();
    let cx = world.root();
    let error = world.refused::<api::CreateDefaultVpc>(&cx, Default::default()).await;
    assert_eq!(error.code, "DefaultVpcAlreadyExists");
    let vpcs = world.ok::<api::DescribeVpcs>(&cx, Default::default()).await.vpcs.unwrap();
    let vpc = vpcs[0].vpc_id.clone().unwrap();
    for subnet in world.subnets(&cx).await {
        let input = api::DeleteSubnetRequest { subnet_id: subnet.subnet_id.unwrap(), dry_run: None };
        world.ok::<api::DeleteSubnet>(&cx, input).await;
    }
    let gateways = world.ok::<api::DescribeInternetGateways>(&cx, Default::default()).await;
    let gateway = gateways.internet_gateways.unwrap().remove(0).internet_gateway_id.unwrap();
    let detach = api::DetachInternetGatewayRequest {
        internet_gateway_id: gateway.clone(),
        vpc_id: vpc.clone(),
        dry_run: None,
    };
    world.ok::<api::DetachInternetGateway>(&cx, detach).await;
    let gone = api::DeleteInternetGatewayRequest { internet_gateway_id: gateway, dry_run: None };
    world.ok::<api::DeleteInternetGateway>(&cx, gone).await;
    world.ok::<api::DeleteVpc>(&cx, delete(&vpc)).await;
    assert!(world.ok::<api::DescribeVpcs>(&cx, Default::default()).await.vpcs.unwrap().is_empty());
    let group = api::CreateSecurityGroupRequest {
        group_name: "a".into(),
        description: "b".into(),
        ..Default::default()
    };
    assert_eq!(world.refused::<api::CreateSecurityGroup>(&cx, group).await.code, "VPCIdNotSpecified");

    let made = world.ok::<api::CreateDefaultVpc>(&cx, Default::default()).await.vpc.unwrap();
    assert_ne!(made.vpc_id, Some(vpc));
    assert_eq!(world.subnets(&cx).await.len(), 3);
}

#[tokio::test]
async fn attributes_are_changed_one_at_a_time() {
    let world = World::new();
    let cx = world.root();
    let vpc = world.vpc(&cx, "10.0.0.0/16").await;
    let on = || Some(api::AttributeBooleanValue { value: Some(true) });
    let ask = |attribute: &str| api::DescribeVpcAttributeRequest {
        attribute: attribute.into(),
        vpc_id: vpc.clone(),
        dry_run: None,
    };
    let names = world.ok::<api::DescribeVpcAttribute>(&cx, ask("enableDnsHostnames")).await;
    assert_eq!(names.enable_dns_hostnames.unwrap().value, Some(false));
    let both = api::ModifyVpcAttributeRequest {
        vpc_id: vpc.clone(),
        enable_dns_hostnames: on(),
        enable_dns_support: on(),
        ..Default::default()
    };
    let one = api::ModifyVpcAttributeRequest { enable_dns_support: None, ..both.clone() };
    assert_eq!(world.refused::<api::ModifyVpcAttribute>(&cx, both).await.code, "InvalidParameterCombination");
    world.ok::<api::ModifyVpcAttribute>(&cx, one).await;
    let names = world.ok::<api::DescribeVpcAttribute>(&cx, ask("enableDnsHostnames")).await;
    assert_eq!(names.enable_dns_hostnames.unwrap().value, Some(true));
    assert!(names.enable_dns_support.is_none());
}

#[tokio::test]
async fn acls_hold_entries_and_move_between_subnets() {
    let world = World::new();
    let cx = world.root();
    let vpc = world.vpc(&cx, "10.0.0.0/16").await;
    let subnet = world.subnet(&cx, &vpc, "10.0.0.0/24").await;
    let made = api::CreateNetworkAclRequest { vpc_id: vpc.clone(), ..Default::default() };
    let acl = world.ok::<api::CreateNetworkAcl>(&cx, made).await.network_acl.unwrap();
    assert_eq!(acl.entries.unwrap().len(), 2);
    let acl = acl.network_acl_id.unwrap();
    let entry = api::CreateNetworkAclEntryRequest {
        network_acl_id: acl.clone(),
        rule_number: 100,
        protocol: "tcp".into(),
        rule_action: "allow".into(),
        egress: false,
        cidr_block: Some("0.0.0.0/0".into()),
        port_range: Some(api::PortRange { from: Some(80), to: Some(80) }),
        ..Default::default()
    };
    world.ok::<api::CreateNetworkAclEntry>(&cx, entry.clone()).await;
    let error = world.refused::<api::CreateNetworkAclEntry>(&cx, entry).await;
    assert_eq!(
        error.to_string(),
        "NetworkAclEntryAlreadyExists: The network acl entry identified by 100 already exists."
    );
    let of_subnet = api::DescribeNetworkAclsRequest {
        filters: filter(&[("association.subnet-id", &subnet)]),
        ..Default::default()
    };
    let now = world.ok::<api::DescribeNetworkAcls>(&cx, of_subnet.clone()).await.network_acls.unwrap();
    let association = now[0].associations.as_ref().unwrap()[0].network_acl_association_id.clone().unwrap();
    let replace = api::ReplaceNetworkAclAssociationRequest {
        association_id: association,
        network_acl_id: acl.clone(),
        dry_run: None,
    };
    world.ok::<api::ReplaceNetworkAclAssociation>(&cx, replace).await;
    let now = world.ok::<api::DescribeNetworkAcls>(&cx, of_subnet).await.network_acls.unwrap();
    assert_eq!(now[0].network_acl_id.as_ref(), Some(&acl));
    let gone = api::DeleteNetworkAclRequest { network_acl_id: acl, dry_run: None };
    assert_eq!(world.refused::<api::DeleteNetworkAcl>(&cx, gone).await.code, "DependencyViolation");
}

#[tokio::test]
async fn dhcp_options_that_are_used_stay() {
    let world = World::new();
    let cx = world.root();
    let vpc = world.vpc(&cx, "10.0.0.0/16").await;
    let configuration = api::NewDhcpConfiguration {
        key: Some("domain-name".into()),
        values: Some(vec!["example.org".into()]),
    };
    let input =
        api::CreateDhcpOptionsRequest { dhcp_configurations: vec![configuration], ..Default::default() };
    let options = world.ok::<api::CreateDhcpOptions>(&cx, input).await.dhcp_options.unwrap();
    let id = options.dhcp_options_id.unwrap();
    let associate = |id: &str| api::AssociateDhcpOptionsRequest {
        dhcp_options_id: id.into(),
        vpc_id: vpc.clone(),
        dry_run: None,
    };
    world.ok::<api::AssociateDhcpOptions>(&cx, associate(&id)).await;
    let gone = api::DeleteDhcpOptionsRequest { dhcp_options_id: id.clone(), dry_run: None };
    assert_eq!(world.refused::<api::DeleteDhcpOptions>(&cx, gone.clone()).await.code, "DependencyViolation");
    world.ok::<api::AssociateDhcpOptions>(&cx, associate("default")).await;
    world.ok::<api::DeleteDhcpOptions>(&cx, gone).await;
    let error = world.refused::<api::AssociateDhcpOptions>(&cx, associate(&id)).await;
    assert_eq!(
        error.to_string(),
        format!("InvalidDhcpOptionID.NotFound: The dhcpOption ID '{id}' does not exist")
    );
}

#[tokio::test]
async fn a_new_vpc_is_pending_and_has_no_blocks_of_ipv6() {
    let world = World::new();
    let cx = world.root();
    let input = api::CreateVpcRequest { cidr_block: Some("10.0.0.0/16".into()), ..Default::default() };
    let made = world.ok::<api::CreateVpc>(&cx, input).await.vpc.unwrap();
    assert_eq!(made.state.as_deref(), Some("pending"));
    assert_eq!(made.ipv6_cidr_block_association_set.map(|set| set.len()), Some(0));
}
