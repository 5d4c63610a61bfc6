//! Attributes of load balancers, target groups and listeners: AWS's names, defaults and bounds.

use std::collections::BTreeMap;

use crate::Invalid;
use crate::name::Kind;

/// What an attribute may be.
#[derive(Debug, Clone, Copy)]
enum Value {
    Bool,
    /// From, to, both included.
    Number(u32, u32),
    /// The word that turns it off, or a number.
    WordOr(&'static str, u32, u32),
    OneOf(&'static [&'static str]),
    /// At most so many characters.
    Text(usize),
    /// Only this value; what it turns on is not served.
    Only(&'static str),
}

/// An attribute.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    key: &'static str,
    default: &'static str,
    value: Value,
}

/// The attributes that something has, in AWS's order.
pub type Attributes = &'static [Attribute];

/// What users set; the rest has its default.
pub type Set = BTreeMap<String, String>;

const fn attribute(key: &'static str, default: &'static str, value: Value) -> Attribute {
    Attribute { key, default, value }
}

const OFF: Value = Value::Only("false");

/// Whether an access log is kept, and where.
pub const ACCESS_LOGS: &str = "access_logs.s3.enabled";
pub const ACCESS_LOGS_BUCKET: &str = "access_logs.s3.bucket";
pub const ACCESS_LOGS_PREFIX: &str = "access_logs.s3.prefix";

/// Of an application load balancer.
pub const APPLICATION: Attributes = &[
    attribute(ACCESS_LOGS, "false", Value::Bool),
    attribute(ACCESS_LOGS_BUCKET, "", Value::Text(255)),
    attribute(ACCESS_LOGS_PREFIX, "", Value::Text(255)),
    attribute("idle_timeout.timeout_seconds", "60", Value::Number(1, 4000)),
    attribute("deletion_protection.enabled", "false", Value::Bool),
    attribute("routing.http2.enabled", "true", Value::Bool),
    attribute("routing.http.drop_invalid_header_fields.enabled", "false", Value::Bool),
    attribute("routing.http.xff_client_port.enabled", "false", Value::Bool),
    attribute("routing.http.preserve_host_header.enabled", "false", Value::Bool),
    attribute(
        "routing.http.xff_header_processing.mode",
        "append",
        Value::OneOf(&["append", "preserve", "remove"]),
    ),
    attribute("load_balancing.cross_zone.enabled", "true", Value::Only("true")),
    attribute(
        "routing.http.desync_mitigation_mode",
        "defensive",
        Value::OneOf(&["monitor", "defensive", "strictest"]),
    ),
    attribute("waf.fail_open.enabled", "false", Value::Bool),
    attribute("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", Value::Bool),
    attribute("client_keep_alive.seconds", "3600", Value::Number(60, 604_800)),
    attribute("connection_logs.s3.enabled", "false", OFF),
    attribute("connection_logs.s3.bucket", "", Value::Text(255)),
    attribute("connection_logs.s3.prefix", "", Value::Text(255)),
    attribute("health_check_logs.s3.enabled", "false", OFF),
    attribute("health_check_logs.s3.bucket", "", Value::Text(255)),
    attribute("health_check_logs.s3.prefix", "", Value::Text(255)),
    // It lets a zonal shift be begun, and nothing here begins one.
    attribute("zonal_shift.config.enabled", "false", Value::Bool),
];

/// Of a network load balancer.
pub const NETWORK: Attributes = &[
    attribute(ACCESS_LOGS, "false", Value::Bool),
    attribute(ACCESS_LOGS_BUCKET, "", Value::Text(255)),
    attribute(ACCESS_LOGS_PREFIX, "", Value::Text(255)),
    attribute("deletion_protection.enabled", "false", Value::Bool),
    attribute("load_balancing.cross_zone.enabled", "false", Value::Bool),
    attribute(
        "dns_record.client_routing_policy",
        "any_availability_zone",
        Value::OneOf(&[
            "any_availability_zone",
            "availability_zone_affinity",
            "partial_availability_zone_affinity",
        ]),
    ),
    attribute("zonal_shift.config.enabled", "false", Value::Bool),
    attribute("secondary_ips.auto_assigned.per_subnet", "0", Value::Only("0")),
];

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
        Value::OneOf(&["round_robin", "least_outstanding_requests", "weighted_random"]),
    ),
    attribute("load_balancing.algorithm.anomaly_mitigation", "off", Value::Only("off")),
    CROSS_ZONE,
    DNS_FAILOVER_COUNT,
    DNS_FAILOVER_PERCENTAGE,
    UNHEALTHY_ROUTING_COUNT,
    UNHEALTHY_ROUTING_PERCENTAGE,
];

/// Of a target group of a network load balancer.
pub const NETWORK_GROUP: Attributes = &[
    attribute("deregistration_delay.timeout_seconds", "300", Value::Number(0, 3600)),
    attribute("deregistration_delay.connection_termination.enabled", "false", Value::Bool),
    attribute("stickiness.enabled", "false", Value::Bool),
    attribute("stickiness.type", "source_ip", Value::OneOf(&["source_ip"])),
    attribute("proxy_protocol_v2.enabled", "false", Value::Bool),
    attribute("preserve_client_ip.enabled", "false", OFF),
    attribute("target_health_state.unhealthy.connection_termination.enabled", "true", Value::Bool),
    attribute("target_health_state.unhealthy.draining_interval_seconds", "0", Value::Number(0, 360_000)),
    CROSS_ZONE,
    DNS_FAILOVER_COUNT,
    DNS_FAILOVER_PERCENTAGE,
    UNHEALTHY_ROUTING_COUNT,
    UNHEALTHY_ROUTING_PERCENTAGE,
];

const CROSS_ZONE: Attribute = attribute(
    "load_balancing.cross_zone.enabled",
    "use_load_balancer_configuration",
    Value::OneOf(&["true", "false", "use_load_balancer_configuration"]),
);
const DNS_FAILOVER_COUNT: Attribute = attribute(
    "target_group_health.dns_failover.minimum_healthy_targets.count",
    "1",
    Value::WordOr("off", 1, 1000),
);
const DNS_FAILOVER_PERCENTAGE: Attribute = attribute(
    "target_group_health.dns_failover.minimum_healthy_targets.percentage",
    "off",
    Value::WordOr("off", 1, 100),
);
const UNHEALTHY_ROUTING_COUNT: Attribute = attribute(
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
    "1",
    Value::Number(1, 1000),
);
const UNHEALTHY_ROUTING_PERCENTAGE: Attribute = attribute(
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
    "off",
    Value::WordOr("off", 1, 100),
);

/// Response headers that a listener can set, and the headers that they are.
pub const RESPONSE_HEADERS: [(&str, &str); 9] = [
    ("routing.http.response.strict_transport_security.header_value", "strict-transport-security"),
    ("routing.http.response.access_control_allow_origin.header_value", "access-control-allow-origin"),
    ("routing.http.response.access_control_allow_methods.header_value", "access-control-allow-methods"),
    ("routing.http.response.access_control_allow_headers.header_value", "access-control-allow-headers"),
    (
        "routing.http.response.access_control_allow_credentials.header_value",
        "access-control-allow-credentials",
    ),
    ("routing.http.response.access_control_expose_headers.header_value", "access-control-expose-headers"),
    ("routing.http.response.access_control_max_age.header_value", "access-control-max-age"),
    ("routing.http.response.content_security_policy.header_value", "content-security-policy"),
    ("routing.http.response.x_content_type_options.header_value", "x-content-type-options"),
];

/// Of a listener of an application load balancer.
pub const HTTP_LISTENER: Attributes = &[
    attribute("routing.http.response.server.enabled", "true", Value::Bool),
    attribute(RESPONSE_HEADERS[0].0, "", Value::Text(1024)),
    attribute(RESPONSE_HEADERS[1].0, "", Value::Text(1024)),
    attribute(RESPONSE_HEADERS[2].0, "", Value::Text(1024)),
    attribute(RESPONSE_HEADERS[3].0, "", Value::Text(1024)),
    attribute(RESPONSE_HEADERS[4].0, "", Value::Text(1024)),
    attribute(RESPONSE_HEADERS[5].0, "", Value::Text(1024)),
    attribute(RESPONSE_HEADERS[6].0, "", Value::Text(1024)),
    attribute(RESPONSE_HEADERS[7].0, "", Value::Text(1024)),
    attribute(RESPONSE_HEADERS[8].0, "", Value::Text(1024)),
    attribute("routing.http.response.x_frame_options.header_value", "", Value::Text(1024)),
];

/// Of a TCP listener of a network load balancer.
pub const TCP_LISTENER: Attributes = &[attribute("tcp.idle_timeout.seconds", "350", Value::Number(60, 6000))];

/// Of listeners that have none.
pub const NONE: Attributes = &[];

/// The attributes of a load balancer.
pub fn of_load_balancer(kind: Kind) -> Attributes {
    match kind {
        Kind::Application => APPLICATION,
        Kind::Network => NETWORK,
    }
}

/// The attributes of a target group by its protocol.
pub fn of_target_group(protocol: &str) -> Attributes {
    match protocol {
        "HTTP" | "HTTPS" => APPLICATION_GROUP,
        _ => NETWORK_GROUP,
    }
}

/// The attributes of a listener by its protocol.
pub fn of_listener(protocol: &str) -> Attributes {
    match protocol {
        "HTTP" | "HTTPS" => HTTP_LISTENER,
        "TCP" | "TCP_UDP" => TCP_LISTENER,
        _ => NONE,
    }
}

/// Every attribute with the value that it has.
pub fn all(attributes: Attributes, set: &Set) -> Vec<(&'static str, &str)> {
    attributes.iter().map(|it| (it.key, set.get(it.key).map_or(it.default, String::as_str))).collect()
}

/// The value of an attribute; empty where there is none of that name.
pub fn value<'a>(attributes: Attributes, set: &'a Set, key: &str) -> &'a str {
    let default = attributes.iter().find(|it| it.key == key).map_or("", |it| it.default);
    set.get(key).map_or(default, String::as_str)
}

/// The same as a number; zero where it is a word.
pub fn number(attributes: Attributes, set: &Set, key: &str) -> u32 {
    value(attributes, set, key).parse().unwrap_or(0)
}

/// The same as yes or no.
pub fn flag(attributes: Attributes, set: &Set, key: &str) -> bool {
    value(attributes, set, key) == "true"
}

/// Takes what a user sets into what was set before, or says why it can't be. `what` begins the refusal of an unknown
/// key: `Load balancer`.
pub fn modify(
    what: &str,
    attributes: Attributes,
    set: &mut Set,
    given: &[(String, String)],
) -> Result<(), Invalid> {
    for (at, (key, value)) in given.iter().enumerate() {
        if given[..at].iter().any(|(other, _)| other == key) {
            return Err(Invalid::validation(format!(
                "Attribute key '{key}' has been specified more than once"
            )));
        }
        let Some(attribute) = attributes.iter().find(|it| it.key == key) else {
            return Err(Invalid::validation(format!("{what} attribute key '{key}' is not recognized")));
        };
        attribute.check(what, value)?;
        set.insert(key.clone(), value.clone());
    }
    Ok(())
}

impl Attribute {
    /// Refuses a value that the attribute can't have. Of load balancers' AWS says it otherwise than of others'.
    fn check(&self, what: &str, value: &str) -> Result<(), Invalid> {
        let key = self.key;
        let of_balancer = what == "Load balancer";
        let number = |from: u32, to: u32| {
            let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
            digits && value.parse::<u32>().is_ok_and(|number| (from..=to).contains(&number))
        };
        let must = |what: String| Err(Invalid::validation(format!("'{key}' value '{value}' must be {what}")));
        let says = |text: String| Err(Invalid::validation(text));
        match self.value {
            Value::Bool if of_balancer && !matches!(value, "true" | "false") => {
                says(format!("The value of '{key}' must be 'true' or 'false', but was '{value}'"))
            }
            Value::Number(from, to) if of_balancer && !number(from, to) => {
                says(format!("The value of '{key}' must be an integer between {from} and {to}"))
            }
            Value::OneOf(words) if of_balancer && !words.contains(&value) => {
                let mut words = words.to_vec();
                words.sort_unstable();
                says(format!("'{value}' must be one of [{}]", words.join(", ")))
            }
            Value::Bool if !matches!(value, "true" | "false") => must("'true' or 'false'".into()),
            Value::Number(from, to) if !number(from, to) => must(format!("between '{from}-{to}' inclusive")),
            Value::WordOr("0", from, to) if value != "0" && !number(from, to) => {
                must(format!("between '{from}-{to}' inclusive"))
            }
            Value::WordOr(word, from, to) if value != word && !number(from, to) => {
                must(format!("'{word}' or between '{from}-{to}' inclusive"))
            }
            Value::OneOf(words) if !words.contains(&value) => must(format!("one of: [{}]", words.join(", "))),
            Value::Text(most) if value.chars().count() > most || value.chars().any(char::is_control) => {
                must(format!("at most '{most}' printable characters"))
            }
            // AWS's own rule, unlike the others'.
            Value::Only("true") if value != "true" => Err(Invalid::validation(format!(
                "The value for '{key}' must always be 'true' for an Application Load Balancer"
            ))),
            Value::Only(only) if value != only => Err(Invalid {
                code: "OperationNotPermitted",
                message: format!("'{key}' can only be '{only}': anything else is not served by Gantry"),
            }),
            _ => Ok(()),
        }
    }
}

/// Refuses a type of stickiness that target groups of this protocol can't have, in the words that AWS has for it.
pub fn check_stickiness_type(protocol: &str, given: &[(String, String)]) -> Result<(), Invalid> {
    let Some((_, kind)) = given.iter().find(|(key, _)| key == "stickiness.type") else { return Ok(()) };
    if !["app_cookie", "lb_cookie", "source_ip"].contains(&kind.as_str()) {
        return Err(Invalid::validation(
            "'Stickiness type' must be one of [app_cookie, lb_cookie, source_ip]",
        ));
    }
    let fits = matches!(protocol, "HTTP" | "HTTPS") != (kind == "source_ip");
    if fits {
        return Ok(());
    }
    Err(Invalid::validation(format!(
        "Stickiness type '{kind}' is not supported for target groups with the {protocol} protocol"
    )))
}

/// Refuses combinations that a target group can't have.
pub fn check_target_group(protocol: &str, set: &Set) -> Result<(), Invalid> {
    let attributes = of_target_group(protocol);
    if protocol == "TLS" && flag(attributes, set, "stickiness.enabled") {
        return Err(Invalid::configuration(
            "You cannot enable stickiness on target groups with the TLS protocol",
        ));
    }
    let sticky = value(attributes, set, "stickiness.type") == "app_cookie"
        && flag(attributes, set, "stickiness.enabled");
    let name = value(attributes, set, "stickiness.app_cookie.cookie_name");
    if sticky && name.is_empty() {
        return Err(Invalid::configuration(
            "You must specify an application cookie name if stickiness type is 'app_cookie'",
        ));
    }
    if ["AWSALB", "AWSALBAPP", "AWSALBTG"].iter().any(|reserved| name.starts_with(reserved)) {
        return Err(Invalid::validation(format!("Cookie name '{name}' uses a reserved prefix")));
    }
    let algorithm = value(attributes, set, "load_balancing.algorithm.type");
    let slow_start = number(attributes, set, "slow_start.duration_seconds") > 0;
    if slow_start && matches!(algorithm, "least_outstanding_requests" | "weighted_random") {
        return Err(Invalid::configuration(format!(
            "Slow start mode can't be used with the '{algorithm}' load balancing algorithm"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(key: &str, value: &str) -> Vec<(String, String)> {
        vec![(key.to_owned(), value.to_owned())]
    }

    #[test]
    fn every_default_is_allowed() {
        for attributes in
            [APPLICATION, NETWORK, APPLICATION_GROUP, NETWORK_GROUP, HTTP_LISTENER, TCP_LISTENER]
        {
            for attribute in attributes {
                attribute.check("Load balancer", attribute.default).unwrap();
                attribute.check("Target group", attribute.default).unwrap();
            }
        }
    }

    #[test]
    fn values_have_bounds_and_keys_are_known() {
        let mut set = Set::new();
        let mut put =
            |key: &str, value: &str| modify("Load balancer", APPLICATION, &mut set, &given(key, value));
        assert!(put("idle_timeout.timeout_seconds", "600").is_ok());
        assert!(put("idle_timeout.timeout_seconds", "4001").is_err());
        assert!(put("idle_timeout.timeout_seconds", "+5").is_err());
        let yes = put("routing.http2.enabled", "yes").unwrap_err();
        assert_eq!(
            yes.message,
            "The value of 'routing.http2.enabled' must be 'true' or 'false', but was 'yes'"
        );
        let mode = put("routing.http.desync_mitigation_mode", "strict").unwrap_err();
        assert_eq!(mode.message, "'strict' must be one of [defensive, monitor, strictest]");
        let unknown = put("x.y", "1").unwrap_err();
        assert_eq!(unknown.message, "Load balancer attribute key 'x.y' is not recognized");
        assert_eq!(put("connection_logs.s3.enabled", "true").unwrap_err().code, "OperationNotPermitted");
        assert!(put(ACCESS_LOGS, "true").is_ok());
        assert_eq!(number(APPLICATION, &set, "idle_timeout.timeout_seconds"), 600);
        assert!(all(APPLICATION, &set).contains(&("routing.http2.enabled", "true")));
    }

    #[test]
    fn slow_start_goes_with_round_robin_alone() {
        let mut set = Set::from([("slow_start.duration_seconds".to_owned(), "30".to_owned())]);
        assert!(check_target_group("HTTP", &set).is_ok());
        set.insert("load_balancing.algorithm.type".into(), "least_outstanding_requests".into());
        assert!(check_target_group("HTTP", &set).is_err());
    }

    #[test]
    fn stickiness_fits_the_protocol() {
        for (protocol, kind, expected) in [
            ("HTTP", "lb_cookie", ""),
            ("HTTPS", "app_cookie", ""),
            ("UDP", "source_ip", ""),
            ("TLS", "source_ip", ""),
            (
                "HTTP",
                "source_ip",
                "Stickiness type 'source_ip' is not supported for target groups with the HTTP protocol",
            ),
            (
                "TCP",
                "lb_cookie",
                "Stickiness type 'lb_cookie' is not supported for target groups with the TCP protocol",
            ),
            ("TCP", "other", "'Stickiness type' must be one of [app_cookie, lb_cookie, source_ip]"),
        ] {
            let refused = check_stickiness_type(protocol, &given("stickiness.type", kind)).err();
            assert_eq!(refused.map_or(String::new(), |it| it.message), expected, "{protocol} {kind}");
        }
        let set = Set::from([("stickiness.enabled".to_owned(), "true".to_owned())]);
        assert!(check_target_group("TLS", &set).is_err() && check_target_group("TCP", &set).is_ok());
    }
}
