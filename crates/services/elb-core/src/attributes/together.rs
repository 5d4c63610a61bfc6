//! Which attributes a target group can have together, and which of them its protocol has.

use super::{
    APPLICATION_GROUP, NETWORK_GROUP, PRESERVE_CLIENT_IP, Set, flag, has, number, of_target_group, value,
};
use crate::Invalid;

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

/// Refuses attributes that only target groups of other protocols have, and a pair that none has.
pub fn check_scope(
    protocol: &str,
    target_type: &str,
    set: &Set,
    given: &[(String, String)],
) -> Result<(), Invalid> {
    let own = of_target_group(protocol, target_type);
    let of_another = |key: &str| {
        has(APPLICATION_GROUP, key)
            || has(NETWORK_GROUP, key)
            || key == "lambda.headers.multiple_values.enabled"
    };
    if let Some((key, _)) = given.iter().find(|(key, _)| !has(own, key) && of_another(key)) {
        return Err(Invalid::configuration(format!(
            "A target group with {protocol} protocol does not support the attribute {key}"
        )));
    }
    let wanted = |key: &str| {
        given.iter().find(|(other, _)| other == key).map_or(value(own, set, key), |(_, value)| value.as_str())
    };
    if wanted("load_balancing.algorithm.anomaly_mitigation") == "on"
        && wanted("load_balancing.algorithm.type") == "round_robin"
    {
        return Err(Invalid::configuration(
            "You cannot enable both anomaly mitigation and round robin algorithm on a target group",
        ));
    }
    Ok(())
}

/// Refuses combinations that a target group can't have.
pub fn check_target_group(protocol: &str, target_type: &str, set: &Set) -> Result<(), Invalid> {
    let attributes = of_target_group(protocol, target_type);
    let preserves = value(attributes, set, PRESERVE_CLIENT_IP);
    if matches!(protocol, "UDP" | "TCP_UDP") && target_type == "ip" && preserves == "false" {
        return Err(Invalid::configuration(
            "preserve_client_ip.enabled cannot be false if the target group protocol is UDP or TCP_UDP",
        ));
    }
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
            "You must set an application cookie name to enable stickiness of type 'app_cookie'",
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
    const TERMINATION: &str = "target_health_state.unhealthy.connection_termination.enabled";
    const DRAINING: &str = "target_health_state.unhealthy.draining_interval_seconds";
    if flag(attributes, set, TERMINATION) && number(attributes, set, DRAINING) > 0 {
        return Err(Invalid::configuration(format!(
            "You cannot have both '{TERMINATION}' and '{DRAINING}' enabled on a target group"
        )));
    }
    for unit in ["count", "percentage"] {
        let threshold = |of: &str| {
            value(attributes, set, &format!("target_group_health.{of}.minimum_healthy_targets.{unit}"))
                .parse::<u32>()
                .ok()
        };
        if let (Some(failover), Some(routing)) =
            (threshold("dns_failover"), threshold("unhealthy_state_routing"))
            && failover < routing
        {
            return Err(Invalid::configuration(
                "DNS failover threshold must be greater than or equal to unhealthy state routing threshold",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{DNS_FAILOVER_COUNT, UNHEALTHY_ROUTING_COUNT};
    use super::*;

    fn given(key: &str, value: &str) -> Vec<(String, String)> {
        vec![(key.to_owned(), value.to_owned())]
    }

    #[test]
    fn some_attributes_do_not_go_together() {
        let scope = |protocol, key, value| {
            check_scope(protocol, "ip", &Set::new(), &given(key, value)).map_err(|it| it.message)
        };
        assert_eq!(
            scope("HTTP", "preserve_client_ip.enabled", "true").unwrap_err(),
            "A target group with HTTP protocol does not support the attribute preserve_client_ip.enabled"
        );
        assert_eq!(
            scope("TCP", "slow_start.duration_seconds", "30").unwrap_err(),
            "A target group with TCP protocol does not support the attribute slow_start.duration_seconds"
        );
        assert!(scope("HTTP", "stickiness.enabled", "true").is_ok() && scope("HTTP", "x.y", "1").is_ok());
        assert_eq!(
            scope("HTTP", "load_balancing.algorithm.anomaly_mitigation", "on").unwrap_err(),
            "You cannot enable both anomaly mitigation and round robin algorithm on a target group"
        );
        let of = |pairs: &[(&str, &str)]| -> Set {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let draining = ("target_health_state.unhealthy.draining_interval_seconds", "60");
        let kept = ("target_health_state.unhealthy.connection_termination.enabled", "false");
        assert!(check_target_group("TCP", "ip", &of(&[draining])).is_err());
        assert!(check_target_group("TCP", "ip", &of(&[draining, kept])).is_ok());
        assert_eq!(
            check_target_group("HTTP", "ip", &of(&[(UNHEALTHY_ROUTING_COUNT.key, "2")])).unwrap_err().message,
            "DNS failover threshold must be greater than or equal to unhealthy state routing threshold"
        );
        let both = [(UNHEALTHY_ROUTING_COUNT.key, "2"), (DNS_FAILOVER_COUNT.key, "2")];
        assert!(check_target_group("HTTP", "ip", &of(&both)).is_ok());
    }

    #[test]
    fn slow_start_goes_with_round_robin_alone() {
        let mut set = Set::from([("slow_start.duration_seconds".to_owned(), "30".to_owned())]);
        assert!(check_target_group("HTTP", "ip", &set).is_ok());
        set.insert("load_balancing.algorithm.type".into(), "least_outstanding_requests".into());
        assert!(check_target_group("HTTP", "ip", &set).is_err());
    }

    #[test]
    fn datagrams_keep_their_senders() {
        let off = Set::from([(PRESERVE_CLIENT_IP.to_owned(), "false".to_owned())]);
        assert_eq!(
            check_target_group("TCP_UDP", "ip", &off).unwrap_err().message,
            "preserve_client_ip.enabled cannot be false if the target group protocol is UDP or TCP_UDP"
        );
        assert!(check_target_group("UDP", "ip", &Set::new()).is_ok());
        assert!(check_target_group("TLS", "ip", &off).is_ok());
        for (protocol, target_type, default) in [
            ("TCP", "ip", "false"),
            ("TLS", "ip", "false"),
            ("UDP", "ip", "true"),
            ("UDP", "instance", "false"),
        ] {
            let attributes = of_target_group(protocol, target_type);
            assert_eq!(
                value(attributes, &Set::new(), PRESERVE_CLIENT_IP),
                default,
                "{protocol} {target_type}"
            );
            let ends = flag(attributes, &Set::new(), "deregistration_delay.connection_termination.enabled");
            assert_eq!(ends, protocol == "UDP");
        }
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
        assert!(
            check_target_group("TLS", "ip", &set).is_err() && check_target_group("TCP", "ip", &set).is_ok()
        );
    }
}
