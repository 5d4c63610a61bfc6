//! Services: what may be asked for, and what is changed.

use gantry_api_servicediscovery as api;

use crate::world::{World, service};

#[tokio::test]
async fn records_go_together_as_in_aws() {
    let world = World::new();
    let id = world.private("shop.local").await;
    for (number, types) in [&["A"][..], &["AAAA"], &["A", "AAAA"], &["SRV"], &["A", "SRV"]].iter().enumerate()
    {
        let made =
            world.ok::<api::CreateService>(service(&id, &format!("s{number}"), types)).await.service.unwrap();
        assert_eq!(made.r#type.as_deref(), Some("DNS_HTTP"));
        assert_eq!(made.dns_config.unwrap().routing_policy.as_deref(), Some("MULTIVALUE"));
    }
    let refused = async |input| &*world.refused::<api::CreateService>(input).await.code == "InvalidInput";
    assert!(refused(service(&id, "bad", &["CNAME"])).await, "it needs WEIGHTED");
    assert!(refused(service(&id, "bad", &["A", "A"])).await, "twice the same");
    assert!(refused(service(&id, "not a name", &["A"])).await, "it is no name of DNS");
    assert!(refused(api::CreateServiceRequest { namespace_id: None, ..service(&id, "bad", &["A"]) }).await);
    let mut weighted = service(&id, "alias", &["CNAME"]);
    weighted.dns_config.as_mut().unwrap().routing_policy = Some("WEIGHTED".into());
    world.ok::<api::CreateService>(weighted.clone()).await;
    weighted.dns_config.as_mut().unwrap().dns_records.push(api::DnsRecord { r#type: "A".into(), ttl: 1 });
    weighted.name = "both".into();
    assert!(refused(weighted).await, "an alias stands alone");

    let check = api::HealthCheckConfig { r#type: "TCP".into(), ..Default::default() };
    let checked =
        api::CreateServiceRequest { health_check_config: Some(check), ..service(&id, "bad", &["A"]) };
    assert!(refused(checked).await, "both kinds of health checks");
    let plain = world.http("plain").await;
    let kept = world.ok::<api::CreateService>(service(&plain, "no name", &["A"])).await.service.unwrap();
    assert_eq!(kept.r#type.as_deref(), Some("HTTP"), "it is kept, and answers nothing");
    world.register(&kept.id.unwrap(), "one", &[]).await;
    let by_api = api::CreateServiceRequest { r#type: Some("HTTP".into()), ..service(&id, "bad", &["A"]) };
    assert!(refused(by_api).await, "no DNS there");
    let made = world.ok::<api::CreateService>(service(&plain, "any name", &[])).await.service.unwrap();
    assert_eq!((made.r#type.as_deref(), made.dns_config.is_none()), (Some("HTTP"), true));
}

#[tokio::test]
async fn the_same_request_makes_no_second() {
    let world = World::new();
    let id = world.private("shop.local").await;
    let input =
        api::CreateServiceRequest { creator_request_id: Some("once".into()), ..service(&id, "web", &["A"]) };
    let made = world.ok::<api::CreateService>(input.clone()).await.service.unwrap().id;
    assert_eq!(world.ok::<api::CreateService>(input.clone()).await.service.unwrap().id, made);
    let other = api::CreateServiceRequest { creator_request_id: None, name: "WEB".into(), ..input };
    let refused = world.refused::<api::CreateService>(other).await;
    assert_eq!(&*refused.code, "ServiceAlreadyExists");
    let elsewhere = world.http("plain").await;
    world.service(&elsewhere, "web", &[]).await;
    world.service(&elsewhere, "WEB", &[]).await;
}

#[tokio::test]
async fn times_change_and_types_do_not() {
    let world = World::new();
    let namespace = world.private("shop.local").await;
    let id = world.service(&namespace, "web", &["A"]).await;
    let update = |kind: &str, ttl| api::UpdateServiceRequest {
        id: id.clone(),
        service: api::ServiceChange {
            description: Some("ours".into()),
            dns_config: Some(api::DnsConfigChange {
                dns_records: vec![api::DnsRecord { r#type: kind.into(), ttl }],
            }),
            ..Default::default()
        },
    };
    let done = world.ok::<api::UpdateService>(update("A", 77)).await;
    assert_eq!(world.operation(done.operation_id).await.r#type.as_deref(), Some("UPDATE_SERVICE"));
    let shown = world.ok::<api::GetService>(api::GetServiceRequest { id: id.clone() }).await.service.unwrap();
    assert_eq!(shown.dns_config.unwrap().dns_records[0].ttl, 77);
    assert_eq!(&*world.refused::<api::UpdateService>(update("SRV", 7)).await.code, "InvalidInput");

    let change = api::ServiceChange { description: Some("mine".into()), ..Default::default() };
    let input = api::UpdateServiceRequest { id: id.clone(), service: change };
    world.ok::<api::UpdateService>(input).await;
    let shown = world.ok::<api::GetService>(api::GetServiceRequest { id: id.clone() }).await.service.unwrap();
    assert!(shown.dns_config.is_none(), "what is left out is deleted, as in AWS");

    let filter = api::ServiceFilter { name: "NAMESPACE_ID".into(), values: vec![namespace], condition: None };
    let input = api::ListServicesRequest { filters: Some(vec![filter]), ..Default::default() };
    assert_eq!(world.ok::<api::ListServices>(input).await.services.unwrap().len(), 1);
}

#[tokio::test]
async fn attributes_are_laid_over_each_other_up_to_thirty() {
    let world = World::new();
    let namespace = world.http("plain").await;
    let id = world.service(&namespace, "web", &[]).await;
    let update = |from: usize, to: usize| api::UpdateServiceAttributesRequest {
        service_id: id.clone(),
        attributes: (from..to).map(|at| (format!("k{at}"), "v".to_owned())).collect(),
    };
    world.ok::<api::UpdateServiceAttributes>(update(0, 30)).await;
    let refused = world.refused::<api::UpdateServiceAttributes>(update(30, 31)).await;
    assert_eq!(&*refused.code, "ServiceAttributesLimitExceededException");
    let input = api::DeleteServiceAttributesRequest {
        service_id: id.clone(),
        attributes: vec!["k0".into(), "never there".into()],
    };
    world.ok::<api::DeleteServiceAttributes>(input).await;
    let shown = world
        .ok::<api::GetServiceAttributes>(api::GetServiceAttributesRequest { service_id: id.clone() })
        .await;
    assert_eq!(shown.service_attributes.unwrap().attributes.unwrap().len(), 29);
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused_in_aws_words() {
    let world = World::new();
    let id = world.private("shop.local").await;
    let said = async |input| {
        let refused = world.refused::<api::CreateService>(input).await;
        assert_eq!(&*refused.code, "InvalidInput");
        refused.message
    };
    let without = api::CreateServiceRequest { namespace_id: None, ..service(&id, "web", &["A"]) };
    assert_eq!(said(without).await, "Service namespace id cannot be null");
    assert_eq!(
        said(service(&id, "web", &["CNAME"])).await,
        "WEIGHTED routing policy must be used with DNS Record Type CNAME"
    );
    assert_eq!(
        said(service(&id, "web", &["CNAME", "A"])).await,
        "DnsRecord Type CNAME cannot be combined with other types"
    );
    assert_eq!(
        said(service(&id, "web", &["A", "A"])).await,
        "Duplicate resource record typeAin DNS config is not expected"
    );
    let by_api = api::CreateServiceRequest { r#type: Some("HTTP".into()), ..service(&id, "web", &["A"]) };
    assert_eq!(
        said(by_api).await,
        "When you create a service with a type of HTTP, you can't include a DnsConfig element."
    );
    let checked = |namespace: &str, types: &[&str], path: Option<&str>| api::CreateServiceRequest {
        health_check_config: Some(api::HealthCheckConfig {
            r#type: "TCP".into(),
            resource_path: path.map(Into::into),
            failure_threshold: None,
        }),
        health_check_custom_config: None,
        ..service(namespace, "web", types)
    };
    assert_eq!(
        said(checked(&id, &["A"], None)).await,
        "Health check config cannot be applied to a service with private namespace"
    );
    let plain = world.http("plain").await;
    assert_eq!(
        said(checked(&plain, &["CNAME"], None)).await,
        "Health check config must not be used. Health checks are not supported for CNAME"
    );
    assert_eq!(
        said(checked(&plain, &["A"], Some("/"))).await,
        "TCP health checks must not have a resource path specified."
    );
}
