//! What is there before anything was made.

use gantry_api_ec2 as api;

use crate::world::{World, filter};

#[tokio::test]
async fn every_account_and_region_has_a_default_vpc_of_its_own() {
    let world = World::new();
    let mut seen = Vec::new();
    for (account, region) in
        [("000000000000", "us-east-1"), ("000000000000", "eu-west-1"), ("111122223333", "us-east-1")]
    {
        let cx = world.root_of(account, region);
        let vpcs = world.call::<api::DescribeVpcs>(&cx, Default::default()).await.unwrap().vpcs.unwrap();
        assert_eq!(vpcs.len(), 1);
        assert_eq!(vpcs[0].cidr_block.as_deref(), Some("172.31.0.0/16"));
        assert_eq!((vpcs[0].is_default, vpcs[0].owner_id.as_deref()), (Some(true), Some(account)));
        seen.push(vpcs[0].vpc_id.clone().unwrap());
        let subnets = world.subnets(&cx).await;
        let mut zones: Vec<_> = subnets.iter().map(|s| s.availability_zone.clone().unwrap()).collect();
        zones.sort();
        assert_eq!(zones, ["a", "b", "c"].map(|zone| format!("{region}{zone}")));
        assert!(
            subnets.iter().all(|s| s.vpc_id == vpcs[0].vpc_id && s.map_public_ip_on_launch == Some(true))
        );
        assert!(subnets.iter().all(|s| s.available_ip_address_count == Some(4091)));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3);
}

#[tokio::test]
async fn ids_that_are_unknown_or_malformed_are_refused_by_name() {
    let world = World::new();
    let cx = world.root();
    let subnet =
        |id: &str| api::DescribeSubnetsRequest { subnet_ids: Some(vec![id.into()]), ..Default::default() };
    let error = world.refused::<api::DescribeSubnets>(&cx, subnet("subnet-x")).await;
    assert_eq!(error.to_string(), "InvalidSubnetID.NotFound: The subnet ID 'subnet-x' does not exist");
    let vpc = |id: &str| api::DescribeVpcsRequest { vpc_ids: Some(vec![id.into()]), ..Default::default() };
    let error = world.refused::<api::DescribeVpcs>(&cx, vpc("vpc-01234567")).await;
    assert_eq!(error.to_string(), "InvalidVpcID.NotFound: The vpc ID 'vpc-01234567' does not exist");
    let error = world.refused::<api::DescribeVpcs>(&cx, vpc("web")).await;
    assert_eq!(error.to_string(), r#"InvalidVpcId.Malformed: Invalid id: "web" (expecting "vpc-...")"#);
    let group = |id: &str| api::DescribeSecurityGroupsRequest {
        group_ids: Some(vec![id.into()]),
        ..Default::default()
    };
    let error = world.refused::<api::DescribeSecurityGroups>(&cx, group("sg-01234567")).await;
    assert_eq!(error.to_string(), "InvalidGroup.NotFound: The security group 'sg-01234567' does not exist");
    let eni = |id: &str| api::DescribeNetworkInterfacesRequest {
        network_interface_ids: Some(vec![id.into()]),
        ..Default::default()
    };
    let error = world.refused::<api::DescribeNetworkInterfaces>(&cx, eni("eni-0123456789abcdef0")).await;
    assert_eq!(error.code, "InvalidNetworkInterfaceID.NotFound");
    assert_eq!(error.message, "The networkInterface ID 'eni-0123456789abcdef0' does not exist");
    let error = world.refused::<api::DescribeNetworkInterfaces>(&cx, eni("eni_1")).await;
    assert_eq!(error.code, "InvalidNetworkInterfaceId.Malformed");
}

#[tokio::test]
async fn filters_choose_and_unknown_ones_are_refused() {
    let world = World::new();
    let cx = world.root();
    let of = |filters: &[(&str, &str)]| api::DescribeSubnetsRequest {
        filters: filter(filters),
        ..Default::default()
    };
    let count = |input| {
        let (world, cx) = (world.clone(), cx.clone());
        async move { world.call::<api::DescribeSubnets>(&cx, input).await.unwrap().subnets.unwrap().len() }
    };
    assert_eq!(count(of(&[("availability-zone", "us-east-1a,us-east-1b")])).await, 2);
    assert_eq!(count(of(&[("availability-zone", "us-east-1?"), ("cidr-block", "*.16.0/20")])).await, 1);
    assert_eq!(count(of(&[("default-for-az", "false")])).await, 0);
    assert_eq!(count(of(&[("tag:Name", "*")])).await, 0);
    for name in ["cidr", "cidr-block", "cidrBlock"] {
        let input =
            api::DescribeVpcsRequest { filters: filter(&[(name, "172.31.0.0/16")]), ..Default::default() };
        assert_eq!(world.ok::<api::DescribeVpcs>(&cx, input).await.vpcs.unwrap().len(), 1, "{name}");
    }
    let error = world.refused::<api::DescribeSubnets>(&cx, of(&[("colour", "red")])).await;
    assert_eq!(error.to_string(), "InvalidParameterValue: The filter 'colour' is invalid");
    let many = vec!["x"; 201].join(",");
    let error = world.refused::<api::DescribeSubnets>(&cx, of(&[("vpc-id", &many)])).await;
    assert_eq!(error.code, "FilterLimitExceeded");
}

#[tokio::test]
async fn pages_follow_each_other_and_tokens_serve_their_listing_only() {
    let world = World::new();
    let cx = world.root();
    let page = |next_token: Option<String>| api::DescribeSubnetsRequest {
        max_results: Some(2),
        next_token,
        ..Default::default()
    };
    let first = world.call::<api::DescribeSubnets>(&cx, page(None)).await.unwrap();
    assert_eq!(first.subnets.unwrap().len(), 2);
    let second = world.call::<api::DescribeSubnets>(&cx, page(first.next_token.clone())).await.unwrap();
    assert_eq!((second.subnets.unwrap().len(), second.next_token), (1, None));

    let vpcs = api::DescribeVpcsRequest { next_token: first.next_token, ..Default::default() };
    assert_eq!(world.refused::<api::DescribeVpcs>(&cx, vpcs).await.code, "InvalidNextToken");
    let both = api::DescribeSubnetsRequest {
        subnet_ids: Some(vec!["subnet-1".into()]),
        max_results: Some(5),
        ..Default::default()
    };
    assert_eq!(world.refused::<api::DescribeSubnets>(&cx, both).await.code, "InvalidParameterCombination");
}

#[tokio::test]
async fn zones_are_found_by_name_id_and_filter() {
    let world = World::new();
    let cx = world.root_of("000000000000", "eu-central-1");
    let input = api::DescribeAvailabilityZonesRequest {
        zone_ids: Some(vec!["euc1-az2".into()]),
        ..Default::default()
    };
    let zones =
        world.call::<api::DescribeAvailabilityZones>(&cx, input).await.unwrap().availability_zones.unwrap();
    assert_eq!(zones[0].zone_name.as_deref(), Some("eu-central-1b"));
    assert_eq!(zones.len(), 1);
    let input = api::DescribeAvailabilityZonesRequest {
        zone_names: Some(vec!["us-east-1a".into()]),
        ..Default::default()
    };
    let error = world.refused::<api::DescribeAvailabilityZones>(&cx, input).await;
    assert_eq!(error.to_string(), "InvalidParameterValue: Invalid availability zone: [us-east-1a]");
}

#[tokio::test]
async fn the_default_group_lets_itself_in_and_everything_out() {
    let world = World::new();
    let groups = world.call::<api::DescribeSecurityGroups>(&world.root(), Default::default()).await.unwrap();
    let group = &groups.security_groups.unwrap()[0];
    let inward = &group.ip_permissions.as_ref().unwrap()[0];
    assert_eq!(inward.ip_protocol.as_deref(), Some("-1"));
    assert_eq!(inward.user_id_group_pairs.as_ref().unwrap()[0].group_id, group.group_id);
    let outward = &group.ip_permissions_egress.as_ref().unwrap()[0];
    assert_eq!(outward.ip_ranges.as_ref().unwrap()[0].cidr_ip.as_deref(), Some("0.0.0.0/0"));
}

#[tokio::test]
async fn what_is_wrong_is_said_in_awss_words() {
    let world = World::new();
    let cx = world.root();
    let rules = api::DescribeSecurityGroupRulesRequest {
        filters: filter(&[("group-id", "foobar")]),
        ..Default::default()
    };
    let error = world.refused::<api::DescribeSecurityGroupRules>(&cx, rules).await;
    assert_eq!(error.to_string(), "InvalidGroupId.Malformed: The security group ID 'foobar' is malformed");
    let error = world.refused::<api::CreateTags>(&cx, Default::default()).await;
    assert_eq!(error.to_string(), "MissingParameter: The request must contain the parameter resourceIdSet");
    let untyped = api::CreateVpcRequest {
        cidr_block: Some("10.0.0.0/16".into()),
        tag_specifications: Some(vec![Default::default()]),
        ..Default::default()
    };
    let error = world.refused::<api::CreateVpc>(&cx, untyped).await;
    assert_eq!(error.to_string(), "InvalidParameter: Tag specification resource type must have a value");
    let servers = |values: &[&str]| api::CreateDhcpOptionsRequest {
        dhcp_configurations: vec![api::NewDhcpConfiguration {
            key: Some("ntp-servers".into()),
            values: Some(values.iter().map(|value| (*value).into()).collect()),
        }],
        ..Default::default()
    };
    for bad in [&["f"][..], &["10.0.0.1"; 5]] {
        let error = world.refused::<api::CreateDhcpOptions>(&cx, servers(bad)).await;
        assert_eq!(error.code, "InvalidParameterValue");
    }
    world.ok::<api::CreateDhcpOptions>(&cx, servers(&["10.0.0.1"])).await;
    let named =
        api::DescribeRegionsRequest { region_names: Some(vec!["ap-east-1".into()]), ..Default::default() };
    let regions = world.ok::<api::DescribeRegions>(&cx, named).await.regions.unwrap();
    assert_eq!(regions[0].opt_in_status.as_deref(), Some("opted-in"));
    let tagged = api::CreateVpcRequest {
        cidr_block: Some("10.0.0.0/16".into()),
        tag_specifications: crate::world::tags(&[("team", "a")]).map(|mut tags| {
            tags[0].resource_type = Some("vpc".into());
            tags
        }),
        ..Default::default()
    };
    world.ok::<api::CreateVpc>(&cx, tagged).await;
    let by_value = api::DescribeVpcsRequest { filters: filter(&[("tag-value", "a")]), ..Default::default() };
    assert_eq!(world.ok::<api::DescribeVpcs>(&cx, by_value).await.vpcs.unwrap().len(), 1);
}
