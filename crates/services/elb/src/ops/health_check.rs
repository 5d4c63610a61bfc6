//! Health checks of target groups: defaults and bounds.

use gantry_api_elbv2 as api;
use gantry_elb_core::matcher::Matcher;

use crate::error::ElbError;
use crate::tables::target_group::Check;

/// What a request says of a health check.
#[derive(Default)]
pub struct Given {
    pub enabled: Option<bool>,
    pub protocol: Option<String>,
    pub port: Option<String>,
    pub path: Option<String>,
    pub interval_seconds: Option<i32>,
    pub timeout_seconds: Option<i32>,
    pub healthy_threshold: Option<i32>,
    pub unhealthy_threshold: Option<i32>,
    pub matcher: Option<api::Matcher>,
}

/// The check of a group with this protocol, version and type of targets; what is not given is as it was `before`, or AWS's default.
pub fn check(
    protocol: &str,
    version: Option<&str>,
    target_type: &str,
    given: Given,
    before: Option<&Check>,
) -> Result<Check, ElbError> {
    let application = matches!(protocol, "HTTP" | "HTTPS");
    let grpc = version == Some("GRPC");
    let default = if application { "HTTP" } else { "TCP" };
    let check =
        given.protocol.or_else(|| before.map(|it| it.protocol.clone())).unwrap_or_else(|| default.into());
    let allowed: &[&str] = if application { &["HTTP", "HTTPS"] } else { &["HTTP", "HTTPS", "TCP"] };
    if !allowed.contains(&check.as_str()) {
        return Err(ElbError::validation(format!(
            "Health check protocol '{check}' must be one of '{}'",
            allowed.join(", ")
        )));
    }
    let http = check != "TCP";
    let kept = before.filter(|before| (before.protocol != "TCP") == http);
    let number = |given: Option<i32>, before: Option<u32>, default: u32| {
        given.and_then(|value| u32::try_from(value).ok()).or(before).unwrap_or(default)
    };
    let timeout = if application {
        5
    } else if http {
        6
    } else {
        10
    };
    let made = Check {
        enabled: given.enabled.or(before.map(|it| it.enabled)).unwrap_or(true),
        port: port(given.port.or_else(|| before.map(|it| it.port.clone())))?,
        path: match http {
            true => Some(path(given.path.or_else(|| kept.and_then(|it| it.path.clone())), grpc)?),
            false if given.path.is_some() => {
                return Err(ElbError::validation(
                    "Health check paths are not supported for TCP health checks",
                ));
            }
            false => None,
        },
        interval_seconds: number(given.interval_seconds, before.map(|it| it.interval_seconds), 30),
        timeout_seconds: number(given.timeout_seconds, before.map(|it| it.timeout_seconds), timeout),
        healthy_threshold: number(given.healthy_threshold, before.map(|it| it.healthy_threshold), 5),
        unhealthy_threshold: number(given.unhealthy_threshold, before.map(|it| it.unhealthy_threshold), 2),
        matcher: match (http, given.matcher) {
            (true, given) => Some(matcher(given, kept.and_then(|it| it.matcher.clone()), application, grpc)?),
            (false, Some(_)) => {
                return Err(ElbError::validation(
                    "Matcher cannot be specified for health check protocol 'TCP'",
                ));
            }
            (false, None) => None,
        },
        protocol: check,
    };
    let (timeout, interval) = (made.timeout_seconds, made.interval_seconds);
    // A network load balancer's timeout may be the whole interval.
    let bound = if application { "smaller than" } else { "smaller than or equal to" };
    if timeout > interval || application && timeout == interval {
        return Err(ElbError::validation(format!(
            "Health check timeout '{timeout}' must be {bound} the interval '{interval}'"
        )));
    }
    if !made.enabled {
        return Err(ElbError::validation(format!(
            "Health check enabled must be true for target groups with target type '{target_type}'"
        )));
    }
    Ok(made)
}

fn port(given: Option<String>) -> Result<String, ElbError> {
    let given = given.unwrap_or_else(|| "traffic-port".to_owned());
    if given == "traffic-port" || given.parse::<u16>().is_ok_and(|port| port > 0) {
        return Ok(given);
    }
    Err(ElbError::validation(format!(
        "Health check port '{given}' must be within '1-65535' or 'traffic-port'"
    )))
}

fn path(given: Option<String>, grpc: bool) -> Result<String, ElbError> {
    let given = given.unwrap_or_else(|| if grpc { "/AWS.ALB/healthcheck" } else { "/" }.to_owned());
    let printable = given.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    if !given.starts_with('/') || !printable {
        return Err(ElbError::validation(format!(
            "Health check path '{given}' must begin with '/' and be printable"
        )));
    }
    Ok(given)
}

fn matcher(
    given: Option<api::Matcher>,
    kept: Option<Matcher>,
    application: bool,
    grpc: bool,
) -> Result<Matcher, ElbError> {
    let (code, other) = match given {
        Some(given) if grpc => (given.grpc_code, given.http_code),
        Some(given) => (given.http_code, given.grpc_code),
        None => (None, None),
    };
    if other.is_some() && code.is_none() {
        let kind = if grpc { "GRPC" } else { "HTTP" };
        return Err(ElbError::validation(format!("Health check matcher {kind} code cannot be empty")));
    }
    if other.is_some() {
        return Err(ElbError::validation(if grpc {
            "You cannot specify an HTTP matcher for target groups with protocol version 'GRPC'"
        } else {
            "You can specify a gRPC matcher only for target groups with protocol version 'GRPC'"
        }));
    }
    if let (None, Some(kept)) = (&code, kept) {
        return Ok(kept);
    }
    let of = |default: &str| code.unwrap_or_else(|| default.to_owned());
    let parsed = match (grpc, application) {
        (true, _) => Matcher::parse_grpc(&of("12")),
        (false, true) => Matcher::parse(&of("200"), 200..=499),
        (false, false) => Matcher::parse(&of("200-399"), 200..=599),
    };
    parsed.map_err(Into::into)
}
