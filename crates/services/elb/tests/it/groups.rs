//! Target groups and their targets.

use std::time::Duration;

use gantry_api_elbv2 as api;
use gantry_elb_core::configuration::TargetKey;
use gantry_elb_core::health::Health;

use crate::world::{World, says, target};

#[tokio::test]
async fn a_group_has_aws_defaults() {
    let world = World::new();
    let input = world.group_input("a", "HTTP").await;
    let made = world.call::<api::CreateTargetGroup>(input.clone()).await.target_groups.unwrap().remove(0);
    assert_eq!(made.health_check_path.as_deref(), Some("/"));
    assert_eq!(made.health_check_port.as_deref(), Some("traffic-port"));
    assert_eq!((made.health_check_interval_seconds, made.health_check_timeout_seconds), (Some(30), Some(5)));
    assert_eq!((made.healthy_threshold_count, made.unhealthy_threshold_count), (Some(5), Some(2)));
    assert_eq!(made.matcher.unwrap().http_code.as_deref(), Some("200"));
    assert_eq!((made.protocol_version.as_deref(), made.target_type.as_deref()), (Some("HTTP1"), Some("ip")));
    assert_eq!(made.load_balancer_arns, None);
    let again = world.call::<api::CreateTargetGroup>(input.clone()).await.target_groups.unwrap().remove(0);
    assert_eq!(again.target_group_arn, made.target_group_arn);
    let other = api::CreateTargetGroupInput { port: Some(81), ..input };
    assert_eq!(world.refused::<api::CreateTargetGroup>(other).await.code, "DuplicateTargetGroupName");

    let tcp = world.call::<api::CreateTargetGroup>(world.group_input("t", "TCP").await).await;
    let tcp = tcp.target_groups.unwrap().remove(0);
    assert_eq!(
        (tcp.health_check_protocol.as_deref(), tcp.health_check_timeout_seconds),
        (Some("TCP"), Some(10))
    );
    assert_eq!((tcp.matcher.is_none(), tcp.health_check_path, tcp.protocol_version), (true, None, None));
}

#[tokio::test]
async fn what_is_missing_is_said() {
    let world = World::new();
    let whole = world.group_input("a", "HTTP").await;
    for (input, message) in [
        (api::CreateTargetGroupInput { port: None, ..whole.clone() }, "A port must be specified"),
        (api::CreateTargetGroupInput { vpc_id: None, ..whole.clone() }, "A VPC ID must be specified"),
        (
            api::CreateTargetGroupInput { vpc_id: Some("non-existing".into()), ..whole.clone() },
            "The VPC ID 'non-existing' is not found",
        ),
        (
            api::CreateTargetGroupInput {
                health_check_interval_seconds: Some(5),
                health_check_timeout_seconds: Some(5),
                ..whole.clone()
            },
            "Health check timeout '5' must be smaller than the interval '5'",
        ),
        (
            api::CreateTargetGroupInput { health_check_enabled: Some(false), ..whole.clone() },
            "Health check enabled must be true for target groups with target type 'ip'",
        ),
        (
            api::CreateTargetGroupInput { health_check_port: Some("65536".into()), ..whole.clone() },
            "Health check port '65536' must be within '1-65535' or 'traffic-port'",
        ),
        (
            api::CreateTargetGroupInput { protocol_version: Some("HTTP/2".into()), ..whole.clone() },
            "Target group protocol version 'HTTP/2' must be one of '[HTTP2, HTTP1, GRPC]'",
        ),
        (
            api::CreateTargetGroupInput {
                protocol: Some("TCP".into()),
                health_check_path: Some("/".into()),
                ..whole.clone()
            },
            "Health check paths are not supported for TCP health checks",
        ),
        (
            api::CreateTargetGroupInput {
                matcher: Some(api::Matcher { grpc_code: Some("0".into()), http_code: None }),
                ..whole.clone()
            },
            "Health check matcher HTTP code cannot be empty",
        ),
        (
            api::CreateTargetGroupInput { name: "example.com".into(), ..whole.clone() },
            "Target group name 'example.com' can only contain characters that are alphanumeric characters or hyphens(-)",
        ),
    ] {
        assert_eq!(says(&world.refused::<api::CreateTargetGroup>(input).await), ("ValidationError", message));
    }
    let names = api::DescribeTargetGroupsInput { names: Some(vec!["invalid".into()]), ..Default::default() };
    let error = world.refused::<api::DescribeTargetGroups>(names).await;
    assert_eq!(says(&error), ("TargetGroupNotFound", "One or more target groups not found"));
}

#[tokio::test]
async fn targets_are_unused_initial_healthy_draining_and_gone() {
    let world = World::new();
    let group = world.group("g", "HTTP").await;
    world.register(&group, &["10.0.0.1", "172.31.0.9"]).await;
    let states = async || -> Vec<(String, Option<String>)> {
        let health = world.health(&group).await.into_iter().map(|it| it.target_health.unwrap());
        health.map(|it| (it.state.unwrap(), it.reason)).collect()
    };
    let all = |state: &str, reason: &str| vec![(state.to_owned(), Some(reason.to_owned())); 2];
    assert_eq!(states().await, all("unused", "Target.NotInUse"));
    let of = world.balancer("web", "application").await.load_balancer_arn.unwrap();
    world.listener(&of, "HTTP", 80, &group).await;
    assert_eq!(states().await, all("initial", "Elb.RegistrationInProgress"));
    let overrides = world.health(&group).await.into_iter().filter_map(|one| one.administrative_override);
    assert!(overrides.map(|one| one.state.unwrap()).eq(["no_override", "no_override"]));

    let wanted = world.configuration().await;
    let targets = &wanted.target_groups[&group].targets;
    assert_eq!(targets.len(), 2);
    assert!(
        targets.iter().any(|target| target.zone == "us-east-1a") && targets.iter().any(|it| it.zone == "all")
    );
    let known = targets.iter().map(|target| {
        (TargetKey { group: group.clone(), id: target.id.clone(), port: target.port }, Health::healthy())
    });
    world.elb.report(&known.collect()).await.unwrap();
    assert_eq!(states().await, vec![("healthy".to_owned(), None); 2]);

    let input =
        api::DeregisterTargetsInput { target_group_arn: group.clone(), targets: vec![target("10.0.0.1")] };
    world.call::<api::DeregisterTargets>(input).await;
    let draining = ("draining".to_owned(), Some("Target.DeregistrationInProgress".to_owned()));
    assert!(states().await.contains(&draining));
    assert!(world.configuration().await.target_groups[&group].targets.iter().any(|target| target.draining));
    world.clock.advance(Duration::from_secs(299));
    world.configuration().await;
    assert_eq!(states().await.len(), 2);
    world.clock.advance(Duration::from_secs(2));
    world.configuration().await;
    assert_eq!(states().await, [("healthy".to_owned(), None)]);

    let input = api::DescribeTargetHealthInput {
        target_group_arn: group.clone(),
        targets: Some(vec![target("10.0.0.1")]),
        ..Default::default()
    };
    let gone =
        world.call::<api::DescribeTargetHealth>(input).await.target_health_descriptions.unwrap().remove(0);
    assert_eq!(gone.target_health.unwrap().reason.as_deref(), Some("Target.NotRegistered"));
}

#[tokio::test]
async fn addresses_that_are_no_targets_are_refused() {
    let world = World::new();
    let group = world.group("g", "HTTP").await;
    let register = |target: api::TargetDescription| api::RegisterTargetsInput {
        target_group_arn: group.clone(),
        targets: vec![target],
    };
    for (target, code) in [
        (target("127.0.0.1"), "InvalidTarget"),
        (target("8.8.8.8"), "InvalidTarget"),
        (target("name"), "ValidationError"),
        (api::TargetDescription { id: "10.0.0.1".into(), ..Default::default() }, "InvalidTarget"),
    ] {
        let error = world.refused::<api::RegisterTargets>(register(target)).await;
        assert_eq!(error.code, code, "{error}");
    }
}

#[tokio::test]
async fn a_group_in_use_stays() {
    let world = World::new();
    let group = world.group("g", "HTTP").await;
    let of = world.balancer("web", "application").await.load_balancer_arn.unwrap();
    let listener = world.listener(&of, "HTTP", 80, &group).await;
    let delete = api::DeleteTargetGroupInput { target_group_arn: group.clone() };
    let error = world.refused::<api::DeleteTargetGroup>(delete.clone()).await;
    let message = format!("Target group '{group}' is currently in use by a listener or a rule");
    assert_eq!(says(&error), ("ResourceInUse", message.as_str()));
    let by_balancer =
        api::DescribeTargetGroupsInput { load_balancer_arn: Some(of.clone()), ..Default::default() };
    let listed = world.call::<api::DescribeTargetGroups>(by_balancer).await.target_groups.unwrap();
    assert_eq!(listed[0].load_balancer_arns, Some(vec![of.clone()]));

    let second = world.balancer("other", "application").await.load_balancer_arn.unwrap();
    let input = crate::world::listener_input(&second, "HTTP", 80, vec![crate::world::to(&group)]);
    assert_eq!(world.refused::<api::CreateListener>(input).await.code, "TargetGroupAssociationLimit");

    world
        .call::<api::DeleteListener>(api::DeleteListenerInput {
            listener_arn: listener.listener_arn.unwrap(),
        })
        .await;
    world.call::<api::DeleteTargetGroup>(delete).await;
}

#[tokio::test]
async fn what_nobody_checks_any_more_is_not_known() {
    let world = World::new();
    let group = world.group("g", "HTTP").await;
    world.register(&group, &["10.0.0.1"]).await;
    let of = world.balancer("web", "application").await.load_balancer_arn.unwrap();
    let listener = world.listener(&of, "HTTP", 80, &group).await.listener_arn.unwrap();
    let known = [(TargetKey { group: group.clone(), id: "10.0.0.1".into(), port: 80 }, Health::healthy())];
    world.elb.report(&known.into()).await.unwrap();
    let state = async || world.health(&group).await.remove(0).target_health.unwrap().state.unwrap();
    assert_eq!(state().await, "healthy");
    world.call::<api::DeleteListener>(api::DeleteListenerInput { listener_arn: listener }).await;
    world.configuration().await;
    world.listener(&of, "HTTP", 80, &group).await;
    assert_eq!(state().await, "initial");
}
