//! Attributes of load balancers, target groups and listeners: AWS's names, defaults and bounds.

use std::collections::BTreeMap;

use crate::Invalid;
use crate::name::Kind;

mod groups;
mod together;

pub use groups::{APPLICATION_GROUP, NETWORK_GROUP, PRESERVE_CLIENT_IP, of_target_group};
pub use together::{check_scope, check_stickiness_type, check_target_group};

/// What an attribute may be.
#[derive(Debug, Clone, Copy)]
enum Value {
    Bool,
    /// From, to, both included.
    Number(u32, u32),
    /// The word that turns it off, or a number.
    WordOr(&'static str, u32, u32),
    OneOf(&'static [&'static str]),
    /// One of these, or nothing.
    From(&'static [&'static str]),
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

const CROSS_ZONE: Attribute = attribute(
    "load_balancing.cross_zone.enabled",
    "use_load_balancer_configuration",
    Value::OneOf(&["use_load_balancer_configuration", "true", "false"]),
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
    attribute(RESPONSE_HEADERS[8].0, "", Value::From(&["nosniff"])),
    attribute("routing.http.response.x_frame_options.header_value", "", Value::From(&["DENY", "SAMEORIGIN"])),
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
            return Err(Invalid::validation(match what {
                "Target group" => format!("Target group attribute keys must be unique: '[{key}]'"),
                _ => format!("Attribute key '{key}' has been specified more than once"),
            }));
        }
        let Some(attribute) = attributes.iter().find(|it| it.key == key) else {
            let of_another = [HTTP_LISTENER, TCP_LISTENER].into_iter().any(|other| has(other, key));
            return Err(Invalid::validation(match what {
                "Listener" if of_another => "The provided listener attribute is not supported".to_owned(),
                _ => format!("{what} attribute key '{key}' is not recognized"),
            }));
        };
        attribute.check(what, value)?;
        set.insert(key.clone(), value.clone());
    }
    Ok(())
}

fn has(attributes: Attributes, key: &str) -> bool {
    attributes.iter().any(|it| it.key == key)
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
            Value::Bool if !matches!(value, "true" | "false") => {
                says(format!("The value of '{key}' must be 'true' or 'false', but was '{value}'"))
            }
            // Characters are what AWS calls them.
            Value::Number(from, to) if key == "idle_timeout.timeout_seconds" && !number(from, to) => {
                match value.parse::<i64>() {
                    Ok(seconds) if seconds > i64::from(to) => {
                        says(format!("The value of '{key}' cannot be greater than {to} characters"))
                    }
                    Ok(_) => says(format!("The value of '{key}' cannot be less than {from} characters")),
                    Err(_) => {
                        says(format!("The value of '{key}' must be an integer between {from} and {to}"))
                    }
                }
            }
            Value::Number(from, to) if of_balancer && !number(from, to) => {
                says(format!("The value of '{key}' must be an integer between {from} and {to}"))
            }
            Value::OneOf(words)
                if !words.contains(&value) && key == "routing.http.xff_header_processing.mode" =>
            {
                says(format!("'{key}' must be set as 'preserve', 'append', or 'remove'"))
            }
            Value::OneOf(words) if !words.contains(&value) && key == "dns_record.client_routing_policy" => {
                says(format!("'{value}' is not a valid value for '{key}'"))
            }
            Value::OneOf(words) if of_balancer && !words.contains(&value) => {
                let mut words = words.to_vec();
                words.sort_unstable();
                says(format!("'{value}' must be one of [{}]", words.join(", ")))
            }
            Value::Number(from, to) if !number(from, to) => must(format!("between '{from}-{to}' inclusive")),
            Value::WordOr("0", from, to) if value != "0" && !number(from, to) => {
                must(format!("between '{from}-{to}' inclusive"))
            }
            Value::WordOr(word, from, 100)
                if value != word && value.parse::<u32>().is_ok_and(|it| it > 100) =>
            {
                says(format!("'{key}' must be '{word}' or an integer from {from} to 100 inclusive"))
            }
            Value::WordOr(word, from, to) if value != word && !number(from, to) => {
                says(format!("The value of '{key}' must be '{word}' or a positive integer"))
            }
            Value::OneOf(words) if !words.contains(&value) && key == "load_balancing.algorithm.type" => {
                says(format!("'Load balancer algorithm' must be one of [{}]", words.join(", ")))
            }
            Value::OneOf(words) if !words.contains(&value) => {
                says(format!("'{key}' must be one of {}", words.join(",")))
            }
            Value::From(words) if !value.is_empty() && !words.contains(&value) => says(format!(
                "The value of '{key}' must be from the following: [{}], but was '{value}'",
                words.join(", ")
            )),
            Value::Text(most) if value.chars().count() > most || value.chars().any(char::is_control) => {
                must(format!("at most '{most}' printable characters"))
            }
            // AWS's own rule, unlike the others'.
            Value::Only("true") if value != "true" => Err(Invalid::validation(format!(
                "The value for '{key}' must always be 'true' for an Application Load Balancer"
            ))),
            Value::Only("off") if !matches!(value, "on" | "off") => {
                says(format!("'{key}' must be one of [off, on]"))
            }
            Value::Only("0") if !number(0, 7) => {
                says("Valid range for the number of secondary IP addresses is from '0-7'".to_owned())
            }
            Value::Only("false") if !matches!(value, "true" | "false") => {
                says(format!("The value of '{key}' must be 'true' or 'false', but was '{value}'"))
            }
            Value::Only(only) if value != only => Err(Invalid {
                code: "OperationNotPermitted",
                message: format!("'{key}' can only be '{only}': anything else is not served by Gantry"),
            }),
            _ => Ok(()),
        }
    }
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
    fn each_attribute_is_refused_in_aws_words() {
        let said = |what: &str, attributes, key: &str, value: &str| {
            modify(what, attributes, &mut Set::new(), &given(key, value)).unwrap_err().message
        };
        let balancer = |key, value| said("Load balancer", APPLICATION, key, value);
        let group = |key, value| said("Target group", APPLICATION_GROUP, key, value);
        let listener = |key, value| said("Listener", HTTP_LISTENER, key, value);
        assert_eq!(
            balancer("idle_timeout.timeout_seconds", "4001"),
            "The value of 'idle_timeout.timeout_seconds' cannot be greater than 4000 characters"
        );
        assert_eq!(
            balancer("idle_timeout.timeout_seconds", "0"),
            "The value of 'idle_timeout.timeout_seconds' cannot be less than 1 characters"
        );
        assert_eq!(
            balancer("routing.http.xff_header_processing.mode", "x"),
            "'routing.http.xff_header_processing.mode' must be set as 'preserve', 'append', or 'remove'"
        );
        assert_eq!(
            said("Load balancer", NETWORK, "dns_record.client_routing_policy", "zone_affinity"),
            "'zone_affinity' is not a valid value for 'dns_record.client_routing_policy'"
        );
        assert_eq!(
            group("stickiness.enabled", "1"),
            "The value of 'stickiness.enabled' must be 'true' or 'false', but was '1'"
        );
        assert_eq!(
            group("load_balancing.algorithm.type", "x"),
            "'Load balancer algorithm' must be one of [round_robin, weighted_random, least_outstanding_requests]"
        );
        assert_eq!(
            group("load_balancing.cross_zone.enabled", "x"),
            "'load_balancing.cross_zone.enabled' must be one of use_load_balancer_configuration,true,false"
        );
        assert_eq!(
            group("load_balancing.algorithm.anomaly_mitigation", "x"),
            "'load_balancing.algorithm.anomaly_mitigation' must be one of [off, on]"
        );
        let (count, share) = (DNS_FAILOVER_COUNT.key, DNS_FAILOVER_PERCENTAGE.key);
        assert_eq!(group(count, "0"), format!("The value of '{count}' must be 'off' or a positive integer"));
        assert_eq!(
            group(share, "101"),
            format!("'{share}' must be 'off' or an integer from 1 to 100 inclusive")
        );
        assert_eq!(group(share, "0"), format!("The value of '{share}' must be 'off' or a positive integer"));
        assert_eq!(
            listener("routing.http.response.x_frame_options.header_value", "ALLOW"),
            "The value of 'routing.http.response.x_frame_options.header_value' must be from the following: \
             [DENY, SAMEORIGIN], but was 'ALLOW'"
        );
        assert_eq!(
            listener("tcp.idle_timeout.seconds", "60"),
            "The provided listener attribute is not supported"
        );
        let twice = [given("stickiness.enabled", "true"), given("stickiness.enabled", "true")].concat();
        assert_eq!(
            modify("Target group", APPLICATION_GROUP, &mut Set::new(), &twice).unwrap_err().message,
            "Target group attribute keys must be unique: '[stickiness.enabled]'"
        );
    }
}
