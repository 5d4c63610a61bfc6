//! Security groups and their rules.

use gantry_api_ec2 as api;
use gantry_service::Cx;

use crate::world::World;

fn permission(protocol: &str, from: i32, to: i32, cidrs: &[&str]) -> api::IpPermission {
    let range = |cidr: &&str| api::IpRange { cidr_ip: Some((*cidr).into()), description: None };
    api::IpPermission {
        ip_protocol: Some(protocol.into()),
        from_port: Some(from),
        to_port: Some(to),
        ip_ranges: Some(cidrs.iter().map(range).collect()),
        ..Default::default()
    }
}

fn ingress(group: &str, permissions: Vec<api::IpPermission>) -> api::AuthorizeSecurityGroupIngressRequest {
    api::AuthorizeSecurityGroupIngressRequest {
        group_id: Some(group.into()),
        ip_permissions: Some(permissions),
        ..Default::default()
    }
}

fn create(name: &str) -> api::CreateSecurityGroupRequest {
    api::CreateSecurityGroupRequest {
        group_name: name.into(),
        description: "for a test".into(),
        ..Default::default()
    }
}

async fn group(world: &World, cx: &Cx, name: &str) -> String {
    world.ok::<api::CreateSecurityGroup>(cx, create(name)).await.group_id.unwrap()
}

async fn describe(world: &World, cx: &Cx, id: &str) -> api::SecurityGroup {
    let input = api::DescribeSecurityGroupsRequest { group_ids: Some(vec![id.into()]), ..Default::default() };
    world.ok::<api::DescribeSecurityGroups>(cx, input).await.security_groups.unwrap().remove(0)
}

async fn rules(world: &World, cx: &Cx, group: &str) -> Vec<api::SecurityGroupRule> {
    let input = api::DescribeSecurityGroupRulesRequest {
        filters: crate::world::filter(&[("group-id", group)]),
        ..Default::default()
    };
    world.ok::<api::DescribeSecurityGroupRules>(cx, input).await.security_group_rules.unwrap()
}

#[tokio::test]
async fn a_group_lets_nothing_in_until_it_is_told_to() {
    let world = World::new();
    let cx = world.root();
    let id = group(&world, &cx, "web").await;
    let made = describe(&world, &cx, &id).await;
    assert_eq!(made.ip_permissions.unwrap().len(), 0);
    assert_eq!(made.ip_permissions_egress.unwrap()[0].ip_protocol.as_deref(), Some("-1"));

    let permissions = vec![
        permission("tcp", 80, 80, &["0.0.0.0/0", "10.1.2.3/8"]),
        permission("udp", 53, 54, &["1.2.3.4/32"]),
    ];
    let added = world.ok::<api::AuthorizeSecurityGroupIngress>(&cx, ingress(&id, permissions.clone())).await;
    let added = added.security_group_rules.unwrap();
    assert_eq!(added.len(), 3);
    assert!(added.iter().all(|rule| rule.is_egress == Some(false) && rule.group_id.as_ref() == Some(&id)));
    assert_eq!(added[1].cidr_ipv4.as_deref(), Some("10.0.0.0/8"));

    let shown = describe(&world, &cx, &id).await.ip_permissions.unwrap();
    assert_eq!(shown.len(), 2, "rules that differ only in their peer stand together");
    assert_eq!(shown[0].ip_ranges.as_ref().unwrap().len(), 2);

    let error = world.refused::<api::AuthorizeSecurityGroupIngress>(&cx, ingress(&id, permissions)).await;
    assert_eq!(
        error.to_string(),
        "InvalidPermission.Duplicate: the specified rule \"peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW\" \
         already exists"
    );
    let twice = vec![permission("tcp", 90, 90, &["1.0.0.0/8"]), permission("tcp", 90, 90, &["1.2.3.4/8"])];
    let error = world.refused::<api::AuthorizeSecurityGroupIngress>(&cx, ingress(&id, twice)).await;
    assert_eq!(
        error.to_string(),
        "InvalidParameterValue: The same permission must not appear multiple times"
    );
    let revoke = |permissions: Vec<api::IpPermission>| api::RevokeSecurityGroupIngressRequest {
        group_id: Some(id.clone()),
        ip_permissions: Some(permissions),
        ..Default::default()
    };
    let gone = vec![permission("tcp", 80, 80, &["10.0.0.0/8"])];
    world.ok::<api::RevokeSecurityGroupIngress>(&cx, revoke(gone.clone())).await;
    assert_eq!(rules(&world, &cx, &id).await.len(), 3);
    let error = world.refused::<api::RevokeSecurityGroupIngress>(&cx, revoke(gone)).await;
    assert_eq!(
        error.to_string(),
        "InvalidPermission.NotFound: The specified rule does not exist in this security group."
    );
}

#[tokio::test]
async fn one_rule_in_the_older_form_and_rules_that_make_no_sense() {
    let world = World::new();
    let cx = world.root();
    let id = group(&world, &cx, "web").await;
    let plain = api::AuthorizeSecurityGroupIngressRequest {
        group_name: Some("web".into()),
        ip_protocol: Some("6".into()),
        from_port: Some(22),
        to_port: Some(22),
        cidr_ip: Some("192.0.2.0/24".into()),
        ..Default::default()
    };
    world.ok::<api::AuthorizeSecurityGroupIngress>(&cx, plain).await;
    let rule = rules(&world, &cx, &id).await.into_iter().find(|rule| rule.is_egress == Some(false)).unwrap();
    assert_eq!((rule.ip_protocol.as_deref(), rule.from_port), (Some("tcp"), Some(22)));
    for (permission, code) in [
        (permission("tcp", 80, 79, &["0.0.0.0/0"]), "InvalidParameterValue"),
        (permission("tcp", 80, 70000, &["0.0.0.0/0"]), "InvalidParameterValue"),
        (permission("carrot", 80, 80, &["0.0.0.0/0"]), "InvalidPermission.Malformed"),
        (permission("tcp", 80, 80, &["0.0.0.0"]), "InvalidParameterValue"),
        (permission("tcp", 80, 80, &["1.2.3.4/33"]), "InvalidParameterValue"),
        (permission("tcp", 80, 80, &[]), "MissingParameter"),
    ] {
        let input = ingress(&id, vec![permission]);
        assert_eq!(world.refused::<api::AuthorizeSecurityGroupIngress>(&cx, input).await.code, code);
    }
    let half = api::IpPermission { to_port: None, ..permission("tcp", 80, 80, &["0.0.0.0/0"]) };
    let error = world.refused::<api::AuthorizeSecurityGroupIngress>(&cx, ingress(&id, vec![half])).await;
    assert_eq!(
        error.to_string(),
        "InvalidParameterValue: Invalid value for portRange. Must specify both from and to ports with TCP/UDP."
    );
    assert_eq!(rules(&world, &cx, &id).await.len(), 2);
}

#[tokio::test]
async fn a_group_that_others_name_or_use_stays() {
    let world = World::new();
    let cx = world.root();
    let (web, db) = (group(&world, &cx, "web").await, group(&world, &cx, "db").await);
    let pair = api::UserIdGroupPair { group_id: Some(web.clone()), ..Default::default() };
    let mut from_web = permission("tcp", 5432, 5432, &[]);
    from_web.user_id_group_pairs = Some(vec![pair]);
    world.ok::<api::AuthorizeSecurityGroupIngress>(&cx, ingress(&db, vec![from_web])).await;
    let delete =
        |id: &str| api::DeleteSecurityGroupRequest { group_id: Some(id.into()), ..Default::default() };
    let error = world.refused::<api::DeleteSecurityGroup>(&cx, delete(&web)).await;
    assert_eq!(error.to_string(), format!("DependencyViolation: resource {web} has a dependent object"));
    world.ok::<api::DeleteSecurityGroup>(&cx, delete(&db)).await;
    world.ok::<api::DeleteSecurityGroup>(&cx, delete(&web)).await;

    let all = world.ok::<api::DescribeSecurityGroups>(&cx, Default::default()).await.security_groups.unwrap();
    assert_eq!(all.len(), 1);
    let default = all[0].group_id.as_ref().unwrap();
    let error = world.refused::<api::DeleteSecurityGroup>(&cx, delete(default)).await;
    assert_eq!(error.code, "CannotDelete");
    assert_eq!(
        error.message,
        format!("the specified group: \"{default}\" name: \"default\" cannot be deleted by a user")
    );
}

#[tokio::test]
async fn names_are_unique_in_a_vpc_and_some_are_refused() {
    let world = World::new();
    let cx = world.root();
    group(&world, &cx, "web").await;
    let error = world.refused::<api::CreateSecurityGroup>(&cx, create("web")).await;
    assert_eq!(error.code, "InvalidGroup.Duplicate");
    assert!(error.message.starts_with("The security group 'web' already exists for VPC 'vpc-"), "{error}");
    for name in ["default", "sg-web", "wéb", ""] {
        world.refused::<api::CreateSecurityGroup>(&cx, create(name)).await;
    }
    let vpc = world.vpc(&cx, "10.0.0.0/16").await;
    let elsewhere = api::CreateSecurityGroupRequest { vpc_id: Some(vpc), ..create("web") };
    world.ok::<api::CreateSecurityGroup>(&cx, elsewhere).await;
}

#[tokio::test]
async fn rules_are_changed_and_described_under_their_ids() {
    let world = World::new();
    let cx = world.root();
    let id = group(&world, &cx, "web").await;
    let added = ingress(&id, vec![permission("tcp", 80, 80, &["0.0.0.0/0"])]);
    let added = world.ok::<api::AuthorizeSecurityGroupIngress>(&cx, added).await;
    let rule_id = added.security_group_rules.unwrap().remove(0).security_group_rule_id.unwrap();
    let update = api::SecurityGroupRuleUpdate {
        security_group_rule_id: rule_id.clone(),
        security_group_rule: Some(api::SecurityGroupRuleRequest {
            ip_protocol: Some("tcp".into()),
            from_port: Some(443),
            to_port: Some(443),
            cidr_ipv4: Some("10.0.0.0/8".into()),
            description: Some("everyone".into()),
            ..Default::default()
        }),
    };
    let input = api::ModifySecurityGroupRulesRequest {
        group_id: id.clone(),
        security_group_rules: vec![update.clone()],
        dry_run: None,
    };
    world.ok::<api::ModifySecurityGroupRules>(&cx, input.clone()).await;
    let of_group = api::SecurityGroupRuleRequest {
        ip_protocol: Some("tcp".into()),
        from_port: Some(443),
        to_port: Some(443),
        referenced_group_id: Some(id.clone()),
        ..Default::default()
    };
    let update = api::SecurityGroupRuleUpdate { security_group_rule: Some(of_group), ..update };
    let input = api::ModifySecurityGroupRulesRequest { security_group_rules: vec![update], ..input };
    let error = world.refused::<api::ModifySecurityGroupRules>(&cx, input).await;
    assert_eq!(error.message, "You may not specify a referenced group id for an existing IPv4 CIDR rule.");
    let found = rules(&world, &cx, &id).await.into_iter().find(|rule| rule.is_egress == Some(false)).unwrap();
    assert_eq!(found.security_group_rule_id.as_ref(), Some(&rule_id));
    assert_eq!((found.from_port, found.cidr_ipv4.as_deref()), (Some(443), Some("10.0.0.0/8")));
    assert_eq!((found.description.as_deref(), found.cidr_ipv6), (Some("everyone"), None));
    let revoke = api::RevokeSecurityGroupIngressRequest {
        group_id: Some(id.clone()),
        security_group_rule_ids: Some(vec![rule_id]),
        ..Default::default()
    };
    let revoked = world.ok::<api::RevokeSecurityGroupIngress>(&cx, revoke.clone()).await;
    assert_eq!(revoked.revoked_security_group_rules.unwrap().len(), 1);
    let error = world.refused::<api::RevokeSecurityGroupIngress>(&cx, revoke).await;
    assert_eq!(error.code, "InvalidSecurityGroupRuleId.NotFound");
}
