//! Load balancers: making, listing, attributes, tags, deletion.

use gantry_api_ec2 as ec2;
use gantry_api_elbv2 as api;
use gantry_service::Failure;

use crate::world::{World, says};

#[tokio::test]
async fn a_load_balancer_is_made_once_and_listed() {
    let world = World::new();
    let made = world.balancer("web", "application").await;
    let arn = made.load_balancer_arn.clone().unwrap();
    assert!(
        arn.starts_with("arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/"),
        "{arn}"
    );
    let name = made.dns_name.clone().unwrap();
    assert!(name.starts_with("web-") && name.ends_with(".us-east-1.elb.localhost"), "{name}");
    assert_eq!(made.state.unwrap().code.as_deref(), Some("provisioning"));
    assert_eq!(
        (made.scheme.as_deref(), made.ip_address_type.as_deref()),
        (Some("internet-facing"), Some("ipv4"))
    );
    assert_eq!(made.availability_zones.unwrap().len(), 2);
    assert_eq!(made.enable_prefix_for_ipv6_source_nat.as_deref(), Some("off"));
    // The VPC's default group, where none is named.
    assert_eq!(made.security_groups.unwrap().len(), 1);

    let again = world.balancer("web", "application").await;
    assert_eq!(again.load_balancer_arn.as_deref(), Some(arn.as_str()));
    let other = api::CreateLoadBalancerInput {
        name: "web".into(),
        subnets: Some(world.subnet_ids().await),
        scheme: Some("internal".into()),
        ..Default::default()
    };
    let error = world.refused::<api::CreateLoadBalancer>(other).await;
    let message = "A load balancer with the same name 'web' exists, but with different settings";
    assert_eq!(says(&error), ("DuplicateLoadBalancerName", message));

    let network = world.balancer("net", "network").await;
    assert!(network.dns_name.unwrap().ends_with(".elb.us-east-1.localhost"));
    assert_eq!(network.security_groups, None);
    let listed = world.call::<api::DescribeLoadBalancers>(Default::default()).await.load_balancers.unwrap();
    let names: Vec<_> = listed.iter().filter_map(|it| it.load_balancer_name.as_deref()).collect();
    assert_eq!(names, ["net", "web"]);
    assert!(listed.iter().all(|it| it.state.as_ref().unwrap().code.as_deref() == Some("active")));
}

#[tokio::test]
async fn what_faces_the_internet_needs_a_gateway_and_all_need_room() {
    let world = World::new();
    let input = ec2::CreateVpcRequest { cidr_block: Some("10.9.0.0/16".into()), ..Default::default() };
    let vpc_id = world.call::<ec2::CreateVpc>(input).await.vpc.unwrap().vpc_id.unwrap();
    let subnet = async |block: &str, zone: &str| {
        let input = ec2::CreateSubnetRequest {
            vpc_id: vpc_id.clone(),
            cidr_block: Some(block.into()),
            availability_zone: Some(zone.into()),
            ..Default::default()
        };
        world.call::<ec2::CreateSubnet>(input).await.subnet.unwrap().subnet_id.unwrap()
    };
    let subnets = vec![subnet("10.9.0.0/28", "us-east-1a").await, subnet("10.9.1.0/28", "us-east-1b").await];
    let input = |name: &str, scheme: &str| api::CreateLoadBalancerInput {
        name: name.into(),
        subnets: Some(subnets.clone()),
        scheme: Some(scheme.into()),
        ..Default::default()
    };
    let error = world.refused::<api::CreateLoadBalancer>(input("web", "internet-facing")).await;
    assert_eq!(says(&error), ("InvalidSubnet", format!("VPC {vpc_id} has no internet gateway").as_str()));
    world.call::<api::CreateLoadBalancer>(input("inner", "internal")).await;

    let gateway =
        world.call::<ec2::CreateInternetGateway>(Default::default()).await.internet_gateway.unwrap();
    let attach = ec2::AttachInternetGatewayRequest {
        internet_gateway_id: gateway.internet_gateway_id.unwrap(),
        vpc_id: vpc_id.clone(),
        ..Default::default()
    };
    world.call::<ec2::AttachInternetGateway>(attach).await;
    world.call::<api::CreateLoadBalancer>(input("web", "internet-facing")).await;

    for _ in 0..4 {
        let input =
            ec2::CreateNetworkInterfaceRequest { subnet_id: subnets[1].clone(), ..Default::default() };
        world.call::<ec2::CreateNetworkInterface>(input).await;
    }
    let error = world.refused::<api::CreateLoadBalancer>(input("more", "internal")).await;
    let message = format!(
        "Not enough IP space available in {}. ELB requires at least 8 free IP addresses in each subnet.",
        subnets[1]
    );
    assert_eq!(says(&error), ("InvalidSubnet", message.as_str()));
}

#[tokio::test]
async fn listings_have_pages_and_say_what_is_not_there() {
    let world = World::new();
    for name in ["a", "b", "c"] {
        world.balancer(name, "application").await;
    }
    let page = |marker: Option<String>| api::DescribeLoadBalancersInput {
        page_size: Some(2),
        marker,
        ..Default::default()
    };
    let first = world.call::<api::DescribeLoadBalancers>(page(None)).await;
    assert_eq!(first.load_balancers.unwrap().len(), 2);
    let second = world.call::<api::DescribeLoadBalancers>(page(first.next_marker)).await;
    assert_eq!((second.load_balancers.unwrap().len(), second.next_marker), (1, None));

    let named = |names: &[&str]| api::DescribeLoadBalancersInput {
        names: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        ..Default::default()
    };
    let error = world.refused::<api::DescribeLoadBalancers>(named(&["a", "nope"])).await;
    assert_eq!(says(&error), ("LoadBalancerNotFound", "Load balancers '[nope]' not found"));
    let by_arn = |arn: &str| api::DescribeLoadBalancersInput {
        load_balancer_arns: Some(vec![arn.to_owned()]),
        ..Default::default()
    };
    let error = world.refused::<api::DescribeLoadBalancers>(by_arn("not-a/real/arn")).await;
    assert_eq!(says(&error), ("ValidationError", "'not-a/real/arn' is not a valid load balancer ARN"));
}

#[tokio::test]
async fn what_can_not_be_made_is_refused_in_aws_words() {
    let world = World::new();
    let subnets = world.subnet_ids().await;
    let input = |name: &str, subnets: &[String]| api::CreateLoadBalancerInput {
        name: name.into(),
        subnets: Some(subnets.to_vec()),
        ..Default::default()
    };
    for (input, code) in [
        (input("a", &subnets[..1]), "ValidationError"),
        (input("-a", &subnets), "ValidationError"),
        (input("a", &["subnet-00000000".into(), subnets[0].clone()]), "SubnetNotFound"),
        (input("a", &["10.0.0.0/24".into(), subnets[0].clone()]), "InvalidSubnet"),
        (
            api::CreateLoadBalancerInput {
                security_groups: Some(vec!["sg-00000000".into()]),
                ..input("a", &subnets)
            },
            "InvalidSecurityGroup",
        ),
        (
            api::CreateLoadBalancerInput { r#type: Some("gateway".into()), ..input("a", &subnets) },
            "OperationNotPermitted",
        ),
    ] {
        let error = world.refused::<api::CreateLoadBalancer>(input).await;
        assert_eq!(error.code, code, "{error}");
    }
    let error = world.refused::<api::CreateLoadBalancer>(input("a", &subnets[..1])).await;
    assert_eq!(error.message, "At least two subnets in two different Availability Zones must be specified");
}

#[tokio::test]
async fn attributes_are_set_and_protect_from_deletion() {
    let world = World::new();
    let arn = world.balancer("web", "application").await.load_balancer_arn.unwrap();
    let set = |key: &str, value: &str| api::ModifyLoadBalancerAttributesInput {
        load_balancer_arn: arn.clone(),
        attributes: vec![api::LoadBalancerAttribute { key: Some(key.into()), value: Some(value.into()) }],
    };
    world.call::<api::ModifyLoadBalancerAttributes>(set("idle_timeout.timeout_seconds", "600")).await;
    world.call::<api::ModifyLoadBalancerAttributes>(set("deletion_protection.enabled", "true")).await;
    let error = world.refused::<api::ModifyLoadBalancerAttributes>(set("x", "y")).await;
    assert_eq!(says(&error), ("ValidationError", "Load balancer attribute key 'x' is not recognized"));
    let input = api::DescribeLoadBalancerAttributesInput { load_balancer_arn: arn.clone() };
    let all = world.call::<api::DescribeLoadBalancerAttributes>(input).await.attributes.unwrap();
    let value =
        |key: &str| all.iter().find(|it| it.key.as_deref() == Some(key)).unwrap().value.clone().unwrap();
    assert_eq!(value("idle_timeout.timeout_seconds"), "600");
    assert_eq!(value("routing.http.desync_mitigation_mode"), "defensive");
    assert_eq!(world.configuration().await.load_balancers[0].options.idle_timeout_seconds, 600);

    let delete = api::DeleteLoadBalancerInput { load_balancer_arn: arn.clone() };
    let error = world.refused::<api::DeleteLoadBalancer>(delete.clone()).await;
    assert_eq!(error.code, "OperationNotPermitted");
    world.call::<api::ModifyLoadBalancerAttributes>(set("deletion_protection.enabled", "false")).await;
    world.call::<api::DeleteLoadBalancer>(delete.clone()).await;
    // Once more is no error.
    world.call::<api::DeleteLoadBalancer>(delete).await;
    assert!(world.configuration().await.load_balancers.is_empty());
}

#[tokio::test]
async fn tags_are_added_removed_and_asked_for_in_policies() {
    let world = World::new();
    let arn = world.balancer("web", "application").await.load_balancer_arn.unwrap();
    let tag = |key: &str, value: &str| api::Tag { key: key.into(), value: Some(value.into()) };
    let add = |tags: Vec<api::Tag>| api::AddTagsInput { resource_arns: vec![arn.clone()], tags };
    world.call::<api::AddTags>(add(vec![tag("team", "a"), tag("b", "1")])).await;
    world.call::<api::AddTags>(add(vec![tag("b", "2")])).await;
    let input = api::RemoveTagsInput { resource_arns: vec![arn.clone()], tag_keys: vec!["none".into()] };
    world.call::<api::RemoveTags>(input).await;
    let input = api::DescribeTagsInput { resource_arns: vec![arn.clone()] };
    let described = world.call::<api::DescribeTags>(input).await.tag_descriptions.unwrap().remove(0);
    let described: Vec<_> =
        described.tags.unwrap().into_iter().map(|tag| (tag.key, tag.value.unwrap())).collect();
    assert_eq!(described, [("team".to_owned(), "a".to_owned()), ("b".to_owned(), "2".to_owned())]);
    let error = world.refused::<api::AddTags>(add(vec![tag("a", "1"), tag("a", "2")])).await;
    assert_eq!(error.code, "DuplicateTagKeys");

    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"elasticloadbalancing:*",
        "Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"b"}}}}"#;
    let cx = world.limited(policy);
    let delete = api::DeleteLoadBalancerInput { load_balancer_arn: arn };
    let denied = world.handlers.call::<api::DeleteLoadBalancer>(&cx, delete).await.map(drop);
    assert!(matches!(denied, Err(Failure::Denied(_))), "{denied:?}");
}

#[tokio::test]
async fn a_network_load_balancer_with_groups_says_whether_they_hold_for_private_links() {
    let world = World::new();
    let plain = world.balancer("plain", "network").await;
    assert_eq!(plain.enforce_security_group_inbound_rules_on_private_link_traffic, None);
    let web = world.balancer("web", "application").await;
    let groups = web.security_groups.clone().unwrap();
    let made = world
        .call::<api::CreateLoadBalancer>(api::CreateLoadBalancerInput {
            name: "guarded".into(),
            subnets: Some(world.subnet_ids().await),
            r#type: Some("network".into()),
            security_groups: Some(groups.clone()),
            ..Default::default()
        })
        .await;
    let made = made.load_balancers.unwrap().remove(0);
    let rules = made.enforce_security_group_inbound_rules_on_private_link_traffic;
    assert_eq!(rules.as_deref(), Some("on"));
    let off = |arn: Option<String>| api::SetSecurityGroupsInput {
        load_balancer_arn: arn.unwrap(),
        security_groups: groups.clone(),
        enforce_security_group_inbound_rules_on_private_link_traffic: Some("off".into()),
    };
    let set = world.call::<api::SetSecurityGroups>(off(made.load_balancer_arn)).await;
    let rules = set.enforce_security_group_inbound_rules_on_private_link_traffic;
    assert_eq!(rules.as_deref(), Some("off"));
    let shown = api::DescribeLoadBalancersInput { names: Some(vec!["guarded".into()]), ..Default::default() };
    let shown = world.call::<api::DescribeLoadBalancers>(shown).await.load_balancers.unwrap().remove(0);
    let rules = shown.enforce_security_group_inbound_rules_on_private_link_traffic;
    assert_eq!(rules.as_deref(), Some("off"));
    let refused = world.refused::<api::SetSecurityGroups>(off(web.load_balancer_arn)).await;
    assert_eq!(refused.code, "InvalidConfigurationRequest");
}

#[tokio::test]
async fn what_can_be_no_name_and_arns_of_other_regions_are_refused() {
    let world = World::new();
    for (name, code, message) in [
        ("x-", "ValidationError", "The load balancer name 'x-' cannot end with a hyphen(-)"),
        ("x", "LoadBalancerNotFound", "Load balancers '[x]' not found"),
    ] {
        let input = api::DescribeLoadBalancersInput { names: Some(vec![name.into()]), ..Default::default() };
        let error = world.refused::<api::DescribeLoadBalancers>(input).await;
        assert_eq!(says(&error), (code, message));
    }
    let of = world.balancer("web", "application").await.load_balancer_arn.unwrap();
    let elsewhere = of.replace("us-east-1", "eu-west-2");
    let input =
        api::DescribeListenersInput { load_balancer_arn: Some(elsewhere.clone()), ..Default::default() };
    let error = world.refused::<api::DescribeListeners>(input).await;
    let message = format!("'{elsewhere}' is not a valid load balancer ARN");
    assert_eq!(says(&error), ("ValidationError", message.as_str()));
}
