//! Policies hold for every operation.

use gantry_api_ec2 as api;
use gantry_service::Failure;

use crate::world::{World, tags};

#[tokio::test]
async fn each_listing_needs_its_own_action() {
    let world = World::new();
    let cx = world.limited(r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:DescribeVpcs","Resource":"*"}}"#);
    assert!(world.call::<api::DescribeVpcs>(&cx, Default::default()).await.is_ok());
    for denied in [
        world.call::<api::DescribeSubnets>(&cx, Default::default()).await.map(|_| ()),
        world.call::<api::DescribeSecurityGroups>(&cx, Default::default()).await.map(|_| ()),
        world.call::<api::DescribeNetworkInterfaces>(&cx, Default::default()).await.map(|_| ()),
        world.call::<api::DescribeAvailabilityZones>(&cx, Default::default()).await.map(|_| ()),
    ] {
        assert!(matches!(denied, Err(Failure::Denied(_))), "{denied:?}");
    }
}

#[tokio::test]
async fn making_an_interface_needs_subnet_group_and_tags() {
    let world = World::new();
    let subnet = world.subnets(&world.root()).await.remove(0);
    let id = subnet.subnet_id.unwrap();
    let input = api::CreateNetworkInterfaceRequest { subnet_id: id.clone(), ..Default::default() };
    let tagged =
        api::CreateNetworkInterfaceRequest { tag_specifications: tags(&[("a", "b")]), ..input.clone() };
    let allow = |resources: &str| {
        world.limited(&format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"ec2:CreateNetworkInterface","Resource":[{resources}]}}}}"#
        ))
    };
    let all = allow(r#""*""#);
    assert!(world.call::<api::CreateNetworkInterface>(&all, input.clone()).await.is_ok());
    let denied = world.call::<api::CreateNetworkInterface>(&all, tagged).await.map(|_| ());
    assert!(matches!(denied, Err(Failure::Denied(_))), "tagging needs ec2:CreateTags: {denied:?}");

    let prefix = "arn:aws:ec2:us-east-1:000000000000";
    let parts = [
        format!("\"{prefix}:subnet/{id}\""),
        format!("\"{prefix}:security-group/*\""),
        format!("\"{prefix}:network-interface/*\""),
    ];
    assert!(world.call::<api::CreateNetworkInterface>(&allow(&parts.join(",")), input.clone()).await.is_ok());
    for left_out in 0..3 {
        let some: Vec<_> = parts
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != left_out)
            .map(|(_, part)| part.clone())
            .collect();
        let denied = world
            .call::<api::CreateNetworkInterface>(&allow(&some.join(",")), input.clone())
            .await
            .map(|_| ());
        assert!(matches!(denied, Err(Failure::Denied(_))), "{denied:?}");
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_does_nothing() {
    let world = World::new();
    let subnet_id = world.subnets(&world.root()).await.remove(0).subnet_id.unwrap();
    let input = api::CreateNetworkInterfaceRequest { subnet_id, dry_run: Some(true), ..Default::default() };
    let error = world.refused::<api::CreateNetworkInterface>(&world.root(), input).await;
    assert_eq!((error.code.as_ref(), error.status), ("DryRunOperation", Some(412)));
    assert!(world.interfaces(&world.root(), &[]).await.is_empty());
}

#[tokio::test]
async fn policies_may_say_in_which_vpc_and_zone() {
    let world = World::new();
    let root = world.root();
    let (mine, other) = (world.vpc(&root, "10.0.0.0/16").await, world.vpc(&root, "10.1.0.0/16").await);
    // The VPC itself is asked for under its own id; all else under the VPC that it is in.
    let cx = world.limited(&format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:vpc/*"}},
        {{"Effect":"Allow","Action":["ec2:CreateSecurityGroup","ec2:AuthorizeSecurityGroupIngress"],"Resource":"*",
          "Condition":{{"ArnEquals":{{"ec2:Vpc":"arn:aws:ec2:us-east-1:000000000000:vpc/{mine}"}}}}}},
        {{"Effect":"Allow","Action":"ec2:CreateSubnet","Resource":"*","Condition":{{
          "ArnEquals":{{"ec2:Vpc":"arn:aws:ec2:us-east-1:000000000000:vpc/{mine}"}},
          "StringEquals":{{"ec2:AvailabilityZone":"us-east-1b"}}}}}}]}}"#
    ));
    let group = |vpc: &str| api::CreateSecurityGroupRequest {
        vpc_id: Some(vpc.into()),
        group_name: "web".into(),
        description: "web".into(),
        ..Default::default()
    };
    let open = |group: String| api::AuthorizeSecurityGroupIngressRequest {
        group_id: Some(group),
        ip_protocol: Some("tcp".into()),
        from_port: Some(80),
        to_port: Some(80),
        cidr_ip: Some("0.0.0.0/0".into()),
        ..Default::default()
    };
    let made = world.ok::<api::CreateSecurityGroup>(&cx, group(&mine)).await.group_id.unwrap();
    world.ok::<api::AuthorizeSecurityGroupIngress>(&cx, open(made)).await;
    let denied = world.call::<api::CreateSecurityGroup>(&cx, group(&other)).await.map(|_| ());
    assert!(matches!(denied, Err(Failure::Denied(_))), "{denied:?}");
    let others = world.ok::<api::CreateSecurityGroup>(&root, group(&other)).await.group_id.unwrap();
    let denied = world.call::<api::AuthorizeSecurityGroupIngress>(&cx, open(others)).await.map(|_| ());
    assert!(matches!(denied, Err(Failure::Denied(_))), "{denied:?}");

    let subnet = |vpc: &str, zone: &str| api::CreateSubnetRequest {
        vpc_id: vpc.into(),
        cidr_block: Some(if vpc == mine { "10.0.0.0/24" } else { "10.1.0.0/24" }.into()),
        availability_zone: Some(zone.into()),
        ..Default::default()
    };
    for (vpc, zone) in [(&mine, "us-east-1a"), (&other, "us-east-1b")] {
        let denied = world.call::<api::CreateSubnet>(&cx, subnet(vpc, zone)).await.map(|_| ());
        assert!(matches!(denied, Err(Failure::Denied(_))), "{denied:?}");
    }
    world.ok::<api::CreateSubnet>(&cx, subnet(&mine, "us-east-1b")).await;
}
