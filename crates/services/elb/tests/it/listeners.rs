//! Listeners and their certificates.

use gantry_api_elbv2 as api;

use crate::world::{CERTIFICATE, World, fixed, listener_input, says, to};

fn certificate(arn: &str) -> Option<Vec<api::Certificate>> {
    Some(vec![api::Certificate { certificate_arn: Some(arn.into()), is_default: None }])
}

#[tokio::test]
async fn a_listener_says_where_it_forwards_in_both_forms() {
    let world = World::new();
    let (of, group) = (world.balancer("web", "application").await, world.group("g", "HTTP").await);
    let of = of.load_balancer_arn.unwrap();
    let listener = world.listener(&of, "HTTP", 80, &group).await;
    let action = listener.default_actions.unwrap().remove(0);
    assert_eq!(action.target_group_arn.as_deref(), Some(group.as_str()));
    let config = action.forward_config.unwrap();
    assert_eq!(config.target_groups.unwrap()[0].weight, Some(1));
    assert_eq!(config.target_group_stickiness_config.unwrap().enabled, Some(false));
    let error = world.refused::<api::CreateListener>(listener_input(&of, "HTTP", 80, vec![to(&group)])).await;
    let message = format!("A listener already exists on this port for this load balancer '{of}'");
    assert_eq!(says(&error), ("DuplicateListener", message.as_str()));

    // TCP beside UDP on one port is TCP_UDP.
    let net = world.balancer("net", "network").await.load_balancer_arn.unwrap();
    let (tcp, udp) = (world.group("t", "TCP").await, world.group("u", "UDP").await);
    world.listener(&net, "UDP", 9100, &udp).await;
    let error = world.refused::<api::CreateListener>(listener_input(&net, "TCP", 9100, vec![to(&tcp)])).await;
    assert_eq!(error.code, "DuplicateListener");
}

#[tokio::test]
async fn what_a_listener_can_not_have_is_refused() {
    let world = World::new();
    let of = world.balancer("web", "application").await.load_balancer_arn.unwrap();
    let (http, tcp) = (world.group("g", "HTTP").await, world.group("t", "TCP").await);
    let https = |certificates| api::CreateListenerInput {
        certificates,
        ..listener_input(&of, "HTTPS", 443, vec![to(&http)])
    };
    let elsewhere = CERTIFICATE.replace("us-east-1", "us-west-2");
    let not_here = format!("Certificate ARN '{elsewhere}' is not valid");
    let incompatible =
        format!("The listener and the following target groups have incompatible protocols: {tcp}");
    for (input, code, message) in [
        (https(None), "ValidationError", "A certificate must be specified for HTTPS listeners"),
        (https(certificate("lalala")), "CertificateNotFound", "Certificate 'lalala' not found"),
        (https(certificate(&elsewhere)), "ValidationError", not_here.as_str()),
        (
            api::CreateListenerInput { ssl_policy: Some("x".into()), ..https(certificate(CERTIFICATE)) },
            "SSLPolicyNotFound",
            "SSL policy 'x' not found",
        ),
        (listener_input(&of, "HTTP", 80, vec![to(&tcp)]), "IncompatibleProtocols", incompatible.as_str()),
        (
            listener_input(&of, "HTTP", 80, vec![to("unknown")]),
            "ValidationError",
            "'unknown' is not a valid target group ARN",
        ),
    ] {
        assert_eq!(says(&world.refused::<api::CreateListener>(input).await), (code, message));
    }
    let network = world.balancer("net", "network").await.load_balancer_arn.unwrap();
    let input = listener_input(&network, "TCP", 80, vec![fixed("200")]);
    assert_eq!(
        says(&world.refused::<api::CreateListener>(input).await),
        (
            "InvalidLoadBalancerAction",
            "The action type 'fixed-response' is not valid with network load balancer"
        )
    );
    let input = listener_input(&network, "HTTP", 80, vec![to(&http)]);
    assert_eq!(world.refused::<api::CreateListener>(input).await.code, "ValidationError");
    let error = world.refused::<api::DescribeListeners>(Default::default()).await;
    assert_eq!(error.message, "You must specify either listener ARNs or a load balancer ARN");
    let oidc = api::Action { r#type: "authenticate-oidc".into(), ..Default::default() };
    let input = listener_input(&of, "HTTP", 80, vec![oidc, to(&http)]);
    assert_eq!(world.refused::<api::CreateListener>(input).await.code, "OperationNotPermitted");
}

#[tokio::test]
async fn a_listener_changes_and_certificates_come_and_go() {
    let world = World::new();
    let of = world.balancer("web", "application").await.load_balancer_arn.unwrap();
    let group = world.group("g", "HTTP").await;
    let arn = world.listener(&of, "HTTP", 80, &group).await.listener_arn.unwrap();
    let input = api::ModifyListenerInput {
        listener_arn: arn.clone(),
        port: Some(443),
        protocol: Some("HTTPS".into()),
        certificates: certificate(CERTIFICATE),
        ..Default::default()
    };
    let changed = world.call::<api::ModifyListener>(input).await.listeners.unwrap().remove(0);
    assert_eq!((changed.port, changed.ssl_policy.as_deref()), (Some(443), Some("ELBSecurityPolicy-2016-08")));
    assert_eq!(changed.certificates.unwrap()[0].certificate_arn.as_deref(), Some(CERTIFICATE));

    let two = CERTIFICATE.replace("/one", "/two");
    let more = certificate(&two).unwrap();
    let input = api::AddListenerCertificatesInput { listener_arn: arn.clone(), certificates: more.clone() };
    world.call::<api::AddListenerCertificates>(input).await;
    let wanted = world.configuration().await;
    let tls = wanted.load_balancers[0].listeners[0].tls.as_ref().unwrap();
    assert_eq!(tls.certificates.iter().map(|it| it.arn.as_str()).collect::<Vec<_>>(), [CERTIFICATE, &two]);
    assert_eq!(format!("{:?}", tls.certificates[0]), format!("Certificate({CERTIFICATE})"));

    let describe =
        || api::DescribeListenerCertificatesInput { listener_arn: arn.clone(), ..Default::default() };
    let all = world.call::<api::DescribeListenerCertificates>(describe()).await.certificates.unwrap();
    assert_eq!(all.iter().map(|it| it.is_default.unwrap()).collect::<Vec<_>>(), [true, false]);
    let again = api::AddListenerCertificatesInput {
        listener_arn: arn.clone(),
        certificates: certificate(CERTIFICATE).unwrap(),
    };
    world.call::<api::AddListenerCertificates>(again).await;
    let all = world.call::<api::DescribeListenerCertificates>(describe()).await.certificates.unwrap();
    let twice = all.iter().filter(|it| it.certificate_arn.as_deref() == Some(CERTIFICATE));
    assert_eq!(twice.map(|it| it.is_default.unwrap()).collect::<Vec<_>>(), [true, false]);
    let remove =
        |certificates| api::RemoveListenerCertificatesInput { listener_arn: arn.clone(), certificates };
    world.call::<api::RemoveListenerCertificates>(remove(more)).await;
    let default = remove(certificate(CERTIFICATE).unwrap());
    world.call::<api::RemoveListenerCertificates>(default.clone()).await;
    assert_eq!(world.refused::<api::RemoveListenerCertificates>(default).await.code, "OperationNotPermitted");

    let input = api::DescribeListenerAttributesInput { listener_arn: arn.clone() };
    let attributes = world.call::<api::DescribeListenerAttributes>(input).await.attributes.unwrap();
    assert!(attributes.iter().any(|it| it.key.as_deref() == Some("routing.http.response.server.enabled")));
}

#[tokio::test]
async fn a_generation_goes_up_with_changes_only() {
    let world = World::new();
    let of = world.balancer("web", "application").await.load_balancer_arn.unwrap();
    let group = world.group("g", "HTTP").await;
    world.listener(&of, "HTTP", 80, &group).await;
    let first = world.configuration().await.generation;
    assert_eq!(world.configuration().await.generation, first);
    world.register(&group, &["10.0.0.1"]).await;
    assert_eq!(world.configuration().await.generation, first + 1);
}

#[tokio::test]
async fn a_port_has_one_listener_whatever_its_protocol() {
    let world = World::new();
    let of = world.balancer("net", "network").await.load_balancer_arn.unwrap();
    let (tcp, udp) = (world.group("tcp", "TCP").await, world.group("udp", "UDP").await);
    world.listener(&of, "TCP", 9100, &tcp).await;
    let error = world.refused::<api::CreateListener>(listener_input(&of, "UDP", 9100, vec![to(&udp)])).await;
    let message = format!("A listener already exists on this port for this load balancer '{of}'");
    assert_eq!(says(&error), ("DuplicateListener", message.as_str()));
    world.listener(&of, "UDP", 9101, &udp).await;
}

#[tokio::test]
async fn there_are_no_trust_stores() {
    let world = World::new();
    assert!(
        world.call::<api::DescribeTrustStores>(Default::default()).await.trust_stores.unwrap().is_empty()
    );
    let named = api::DescribeTrustStoresInput { names: Some(vec!["x".into()]), ..Default::default() };
    assert_eq!(world.refused::<api::DescribeTrustStores>(named).await.code, "TrustStoreNotFound");
    let given = "arn:aws:elasticloadbalancing:us-east-1:000000000000:truststore/x/0123456789abcdef";
    for (given, code) in [(given, "TrustStoreNotFound"), ("x", "ValidationError")] {
        let input =
            api::DescribeTrustStoreAssociationsInput { trust_store_arn: given.into(), ..Default::default() };
        assert_eq!(world.refused::<api::DescribeTrustStoreAssociations>(input).await.code, code);
        let input =
            api::DescribeTrustStoreRevocationsInput { trust_store_arn: given.into(), ..Default::default() };
        assert_eq!(world.refused::<api::DescribeTrustStoreRevocations>(input).await.code, code);
    }
}
