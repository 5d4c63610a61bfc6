//! Our own types become AWS's shapes.

use std::collections::BTreeSet;

use gantry_api_elbv2 as api;
use gantry_base::{Region, Tags};
use gantry_elb_core::action::{Action, Forward, What};
use gantry_elb_core::condition::Condition;
use gantry_elb_core::health::{Health, State};
use gantry_elb_core::name::Kind;
use gantry_elb_core::transform::{self, Transform};

use crate::tables::{Elastic, Listener, LoadBalancer, Rule, Target, TargetGroup, Zone};

/// A load balancer. `state` is `provisioning` in the answer that made it.
pub fn load_balancer(row: &LoadBalancer, domain: &str, state: &str) -> api::LoadBalancer {
    api::LoadBalancer {
        load_balancer_arn: Some(row.arn().to_string()),
        dns_name: Some(row.dns_name(domain)),
        canonical_hosted_zone_id: Some(hosted_zone(&row.region, row.kind).to_owned()),
        created_time: Some(row.created_at),
        load_balancer_name: Some(row.name.clone()),
        scheme: Some(if row.internal { "internal" } else { "internet-facing" }.to_owned()),
        vpc_id: Some(row.vpc_id.clone()),
        state: Some(api::LoadBalancerState { code: Some(state.to_owned()), ..Default::default() }),
        r#type: Some(row.kind.as_str().to_owned()),
        availability_zones: Some(zones(row)),
        security_groups: match (row.kind, row.security_groups.is_empty()) {
            (Kind::Network, true) => None,
            _ => Some(row.security_groups.clone()),
        },
        ip_address_type: Some(row.ip_address_type.clone()),
        enforce_security_group_inbound_rules_on_private_link_traffic: private_link_rules(row),
        enable_prefix_for_ipv6_source_nat: Some("off".to_owned()),
        ..Default::default()
    }
}

/// Whether the groups of a network load balancer hold for PrivateLink; of one without groups nothing is said.
pub fn private_link_rules(row: &LoadBalancer) -> Option<String> {
    let applies = row.kind == Kind::Network && !row.security_groups.is_empty();
    applies.then(|| row.private_link_rules.clone().unwrap_or_else(|| "on".to_owned()))
}

/// The zones of a load balancer.
pub fn zones(row: &LoadBalancer) -> Vec<api::AvailabilityZone> {
    let elastic = |own: &Elastic| api::LoadBalancerAddress {
        ip_address: Some(own.address.to_string()),
        allocation_id: Some(own.allocation_id.clone()),
        ..Default::default()
    };
    let private = |own: &std::net::Ipv4Addr| api::LoadBalancerAddress {
        private_i_pv4_address: Some(own.to_string()),
        ..Default::default()
    };
    let zone = |zone: &Zone| api::AvailabilityZone {
        zone_name: Some(zone.name.clone()),
        subnet_id: Some(zone.subnet_id.clone()),
        load_balancer_addresses: Some(
            zone.elastic.iter().map(elastic).chain(zone.private_ipv4.iter().map(private)).collect(),
        ),
        ..Default::default()
    };
    row.zones.iter().map(zone).collect()
}

/// The id of the hosted zone that AWS has for load balancers' names, so that what is compared with it fits.
fn hosted_zone(region: &Region, kind: Kind) -> &'static str {
    let (application, network) = match region.as_str() {
        "us-east-1" => ("Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI"),
        "us-east-2" => ("Z3AADJGX6KTTL2", "ZLMOA37VPKANP"),
        "us-west-1" => ("Z368ELLRRE2KJ0", "Z24FKFUX50B4VW"),
        "us-west-2" => ("Z1H1FL5HABSF5", "Z18D5FSROUN65G"),
        "ca-central-1" => ("ZQSVJUPU6J1EY", "Z2EPGBW3API2WT"),
        "eu-west-1" => ("Z32O12XQLNTSW2", "Z2IFOLAFXWLO4F"),
        "eu-west-2" => ("ZHURV8PSTC4K8", "ZD4D7Y8KGAS4G"),
        "eu-west-3" => ("Z3Q77PNBQS71R4", "Z1CMS0P5QUZ6D5"),
        "eu-central-1" => ("Z215JYRZR1TBD5", "Z3F0SRJ5LGBH90"),
        "eu-north-1" => ("Z23TAZ6LKFMNIO", "Z1UDT6IFJ4EJM"),
        "ap-northeast-1" => ("Z14GRHDCWA56QT", "Z31USIVHYNEOWT"),
        "ap-northeast-2" => ("ZWKZPGTI48KDX", "ZIBE1TIR4HY56"),
        "ap-southeast-1" => ("Z1LMS91P8CMLE5", "ZKVM4W9LS7TM"),
        "ap-southeast-2" => ("Z1GM3OXH4ZPM65", "ZCT6FZBF4DROD"),
        "ap-south-1" => ("ZP97RAFLXTNZK", "ZVDDRBQ08TROA"),
        "sa-east-1" => ("Z2P70J7HTTTPLU", "ZTK26PT1VY4CU"),
        _ => ("Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI"),
    };
    match kind {
        Kind::Application => application,
        Kind::Network => network,
    }
}

/// A target group, with the load balancers that use it; the answer that made it says nothing of them.
pub fn target_group(row: &TargetGroup, users: Option<&BTreeSet<String>>) -> api::TargetGroup {
    let number = |value: u32| i32::try_from(value).ok();
    let grpc = row.protocol_version.as_deref() == Some("GRPC");
    let matcher = row.check.matcher.as_ref().map(|matcher| {
        let code = Some(matcher.as_str().to_owned());
        match grpc {
            true => api::Matcher { grpc_code: code, http_code: None },
            false => api::Matcher { http_code: code, grpc_code: None },
        }
    });
    api::TargetGroup {
        target_group_arn: Some(row.arn().to_string()),
        target_group_name: Some(row.name.clone()),
        protocol: Some(row.protocol.clone()),
        port: Some(row.port.into()),
        vpc_id: Some(row.vpc_id.clone()),
        health_check_protocol: Some(row.check.protocol.clone()),
        health_check_port: Some(row.check.port.clone()),
        health_check_enabled: Some(row.check.enabled),
        health_check_interval_seconds: number(row.check.interval_seconds),
        health_check_timeout_seconds: number(row.check.timeout_seconds),
        healthy_threshold_count: number(row.check.healthy_threshold),
        unhealthy_threshold_count: number(row.check.unhealthy_threshold),
        health_check_path: row.check.path.clone(),
        matcher,
        load_balancer_arns: users.map(|users| users.iter().cloned().collect()),
        target_type: Some(row.target_type.clone()),
        protocol_version: row.protocol_version.clone(),
        ip_address_type: Some("ipv4".to_owned()),
        target_control_port: None,
    }
}

/// A listener of a load balancer.
pub fn listener(of: &LoadBalancer, row: &Listener) -> api::Listener {
    let default = row.certificates.first();
    let secure = matches!(row.protocol.as_str(), "HTTPS" | "TLS");
    let off = || api::MutualAuthenticationAttributes { mode: Some("off".to_owned()), ..Default::default() };
    api::Listener {
        listener_arn: Some(of.arn_of(row.resource()).to_string()),
        load_balancer_arn: Some(of.arn().to_string()),
        port: Some(row.port.into()),
        protocol: Some(row.protocol.clone()),
        certificates: default
            .map(|arn| vec![api::Certificate { certificate_arn: Some(arn.clone()), is_default: None }]),
        ssl_policy: row.ssl_policy.clone().filter(|_| secure),
        default_actions: Some(actions(&row.actions)),
        alpn_policy: row.alpn_policy.clone().map(|policy| vec![policy]),
        mutual_authentication: (row.protocol == "HTTPS").then(off),
    }
}

/// The certificates of a listener, the default one first.
pub fn certificates(row: &Listener) -> Vec<api::Certificate> {
    let one = |(at, arn): (usize, &String)| api::Certificate {
        certificate_arn: Some(arn.clone()),
        is_default: Some(at == 0),
    };
    row.certificates.iter().enumerate().map(one).collect()
}

/// A rule of a listener.
pub fn rule(of: &LoadBalancer, listener: &Listener, row: &Rule) -> api::Rule {
    api::Rule {
        rule_arn: Some(of.arn_of(listener.rule_resource(&row.id)).to_string()),
        priority: Some(row.priority.to_string()),
        conditions: Some(row.conditions.iter().map(condition).collect()),
        actions: Some(actions(&row.actions)),
        is_default: Some(false),
        transforms: Some(row.transforms.iter().map(transform).collect()),
    }
}

/// The default rule of a listener.
pub fn default_rule(of: &LoadBalancer, listener: &Listener) -> api::Rule {
    api::Rule {
        rule_arn: Some(of.arn_of(listener.rule_resource(&listener.default_rule_id)).to_string()),
        priority: Some("default".to_owned()),
        conditions: Some(Vec::new()),
        actions: Some(actions(&listener.actions)),
        is_default: Some(true),
        transforms: Some(Vec::new()),
    }
}

fn actions(rows: &[Action]) -> Vec<api::Action> {
    rows.iter().map(action).collect()
}

fn action(row: &Action) -> api::Action {
    let mut answer = api::Action { order: row.order, ..Default::default() };
    match &row.what {
        What::Forward(forward) => {
            answer.r#type = "forward".to_owned();
            if let [one] = forward.target_groups.as_slice() {
                answer.target_group_arn = Some(one.arn.clone());
            }
            answer.forward_config = Some(forward_config(forward));
        }
        What::Redirect(redirect) => {
            answer.r#type = "redirect".to_owned();
            answer.redirect_config = Some(api::RedirectActionConfig {
                protocol: Some(redirect.protocol.clone()),
                port: Some(redirect.port.clone()),
                host: Some(redirect.host.clone()),
                path: Some(redirect.path.clone()),
                query: Some(redirect.query.clone()),
                status_code: if redirect.permanent { "HTTP_301" } else { "HTTP_302" }.to_owned(),
            });
        }
        What::FixedResponse(response) => {
            answer.r#type = "fixed-response".to_owned();
            answer.fixed_response_config = Some(api::FixedResponseActionConfig {
                message_body: response.body.clone(),
                status_code: response.status.to_string(),
                content_type: response.content_type.clone(),
            });
        }
    }
    answer
}

fn forward_config(forward: &Forward) -> api::ForwardActionConfig {
    let group = |group: &gantry_elb_core::action::Weighted| api::TargetGroupTuple {
        target_group_arn: Some(group.arn.clone()),
        weight: i32::try_from(group.weight).ok(),
    };
    let stickiness = forward.stickiness;
    api::ForwardActionConfig {
        target_groups: Some(forward.target_groups.iter().map(group).collect()),
        target_group_stickiness_config: Some(api::TargetGroupStickinessConfig {
            enabled: Some(stickiness.is_some_and(|it| it.enabled)),
            duration_seconds: stickiness
                .and_then(|it| it.duration_seconds)
                .and_then(|seconds| i32::try_from(seconds).ok()),
        }),
    }
}

fn condition(row: &Condition) -> api::RuleCondition {
    let mut answer = api::RuleCondition { field: Some(row.field().to_owned()), ..Default::default() };
    let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    match row {
        Condition::HostHeader { values, regexes } => {
            (answer.values, answer.regex_values) = (some(values), some(regexes));
            answer.host_header_config =
                Some(api::HostHeaderConditionConfig { values: some(values), regex_values: some(regexes) });
        }
        Condition::PathPattern { values, regexes } => {
            (answer.values, answer.regex_values) = (some(values), some(regexes));
            answer.path_pattern_config =
                Some(api::PathPatternConditionConfig { values: some(values), regex_values: some(regexes) });
        }
        Condition::HttpHeader { name, values, regexes } => {
            answer.http_header_config = Some(api::HttpHeaderConditionConfig {
                http_header_name: Some(name.clone()),
                values: some(values),
                regex_values: some(regexes),
            });
        }
        Condition::HttpRequestMethod { values } => {
            answer.http_request_method_config =
                Some(api::HttpRequestMethodConditionConfig { values: some(values) });
        }
        Condition::QueryString { values } => {
            let pair = |pair: &gantry_elb_core::condition::QueryPair| api::QueryStringKeyValuePair {
                key: pair.key.clone(),
                value: Some(pair.value.clone()),
            };
            answer.query_string_config =
                Some(api::QueryStringConditionConfig { values: Some(values.iter().map(pair).collect()) });
        }
        Condition::SourceIp { values } => {
            answer.source_ip_config =
                Some(api::SourceIpConditionConfig { values: some(values), ..Default::default() });
        }
    }
    answer
}

fn transform(row: &Transform) -> api::RuleTransform {
    let rewrite =
        |it: &transform::Rewrite| api::RewriteConfig { regex: it.regex.clone(), replace: it.replace.clone() };
    let rewrites = Some(row.rewrites.iter().map(rewrite).collect());
    let mut answer = api::RuleTransform { r#type: row.kind.as_str().to_owned(), ..Default::default() };
    match row.kind {
        transform::Kind::HostHeaderRewrite => {
            answer.host_header_rewrite_config = Some(api::HostHeaderRewriteConfig { rewrites });
        }
        transform::Kind::UrlRewrite => {
            answer.url_rewrite_config = Some(api::UrlRewriteConfig { rewrites });
        }
    }
    answer
}

/// A target with its health. `port` is where it is checked.
pub fn target_health(target: &Target, health: &Health, port: &str) -> api::TargetHealthDescription {
    let traffic = port == "traffic-port";
    api::TargetHealthDescription {
        target: Some(api::TargetDescription {
            id: target.id(),
            port: Some(target.port.into()),
            availability_zone: (target.zone_given || (target.instance.is_none() && target.zone != "all"))
                .then(|| target.zone.clone()),
            quic_server_id: None,
        }),
        health_check_port: Some(if traffic { target.port.to_string() } else { port.to_owned() }),
        target_health: Some(health_of(health)),
        administrative_override: matches!(health.state, State::Initial | State::Healthy | State::Unhealthy)
            .then(no_override),
        ..Default::default()
    }
}

/// What is said of targets that get requests: no zone of theirs is shifted away.
fn no_override() -> api::AdministrativeOverride {
    api::AdministrativeOverride {
        state: Some("no_override".to_owned()),
        reason: Some("AdministrativeOverride.NoOverride".to_owned()),
        description: Some("No override is currently active on target".to_owned()),
    }
}

/// Health in AWS's words.
pub fn health_of(health: &Health) -> api::TargetHealth {
    api::TargetHealth {
        state: Some(health.state.as_str().to_owned()),
        reason: health.reason.map(|reason| reason.as_str().to_owned()),
        description: health.description.clone(),
    }
}

/// Tags.
pub fn tags(tags: &Tags) -> Vec<api::Tag> {
    tags.iter().map(|(key, value)| api::Tag { key: key.to_owned(), value: Some(value.to_owned()) }).collect()
}
