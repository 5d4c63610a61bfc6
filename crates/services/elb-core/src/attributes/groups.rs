//! Attributes of target groups. What a target group of a network load balancer has by default goes by its protocol and
//! by what its targets are.

use super::{
    Attribute, Attributes, CROSS_ZONE, DNS_FAILOVER_COUNT, DNS_FAILOVER_PERCENTAGE, OFF,
    UNHEALTHY_ROUTING_COUNT, UNHEALTHY_ROUTING_PERCENTAGE, Value, attribute,
};

/// Of a target group of an application load balancer.
pub const APPLICATION_GROUP: Attributes = &[
    attribute("deregistration_delay.timeout_seconds", "300", Value::Number(0, 3600)),
    attribute("stickiness.enabled", "false", Value::Bool),
    attribute("stickiness.type", "lb_cookie", Value::OneOf(&["lb_cookie", "app_cookie"])),
    attribute("stickiness.lb_cookie.duration_seconds", "86400", Value::Number(1, 604_800)),
    attribute("stickiness.app_cookie.cookie_name", "", Value::Text(128)),
    attribute("stickiness.app_cookie.duration_seconds", "86400", Value::Number(1, 604_800)),
    attribute("slow_start.duration_seconds", "0", Value::WordOr("0", 30, 900)),
    attribute(
        "load_balancing.algorithm.type",
        "round_robin",
        Value::OneOf(&["round_robin", "weighted_random", "least_outstanding_requests"]),
    ),
    attribute("load_balancing.algorithm.anomaly_mitigation", "off", Value::Only("off")),
    CROSS_ZONE,
    DNS_FAILOVER_COUNT,
    DNS_FAILOVER_PERCENTAGE,
    UNHEALTHY_ROUTING_COUNT,
    UNHEALTHY_ROUTING_PERCENTAGE,
];

/// Of a target group of a network load balancer.
pub const NETWORK_GROUP: Attributes = &network_group("false", PRESERVES_IF_SET);
/// The same for datagrams, whose targets always see their clients' addresses.
const DATAGRAM_GROUP: Attributes = &network_group("true", PRESERVES);
/// The same for machines, which are reached by the host's own routes.
const MACHINE_GROUP: Attributes = &network_group("false", PRESERVES_NOT);
const MACHINE_DATAGRAM_GROUP: Attributes = &network_group("true", PRESERVES_NOT);

/// Whether targets see their clients' addresses.
pub const PRESERVE_CLIENT_IP: &str = "preserve_client_ip.enabled";

const PRESERVES: Attribute = attribute(PRESERVE_CLIENT_IP, "true", Value::Bool);
const PRESERVES_IF_SET: Attribute = attribute(PRESERVE_CLIENT_IP, "false", Value::Bool);
const PRESERVES_NOT: Attribute = attribute(PRESERVE_CLIENT_IP, "false", OFF);

/// `terminates`: whether connections end with the deregistration delay where nobody has said it.
const fn network_group(terminates: &'static str, preserve_client_ip: Attribute) -> [Attribute; 13] {
    [
        attribute("deregistration_delay.timeout_seconds", "300", Value::Number(0, 3600)),
        attribute("deregistration_delay.connection_termination.enabled", terminates, Value::Bool),
        attribute("stickiness.enabled", "false", Value::Bool),
        attribute("stickiness.type", "source_ip", Value::OneOf(&["source_ip"])),
        attribute("proxy_protocol_v2.enabled", "false", Value::Bool),
        preserve_client_ip,
        attribute("target_health_state.unhealthy.connection_termination.enabled", "true", Value::Bool),
        attribute("target_health_state.unhealthy.draining_interval_seconds", "0", Value::Number(0, 360_000)),
        CROSS_ZONE,
        DNS_FAILOVER_COUNT,
        DNS_FAILOVER_PERCENTAGE,
        UNHEALTHY_ROUTING_COUNT,
        UNHEALTHY_ROUTING_PERCENTAGE,
    ]
}

/// The attributes of a target group by its protocol and the type of its targets.
pub fn of_target_group(protocol: &str, target_type: &str) -> Attributes {
    match (protocol, target_type) {
        ("HTTP" | "HTTPS", _) => APPLICATION_GROUP,
        ("UDP" | "TCP_UDP", "instance") => MACHINE_DATAGRAM_GROUP,
        ("UDP" | "TCP_UDP", _) => DATAGRAM_GROUP,
        (_, "instance") => MACHINE_GROUP,
        _ => NETWORK_GROUP,
    }
}
