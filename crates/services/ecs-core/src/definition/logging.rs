//! Where a container's output goes.

use super::container::wrong;
use super::{Invalid, document};
use crate::spec::LogConfiguration;

/// Drivers that Gantry runs.
const SERVED: [&str; 5] = ["awslogs", "json-file", "none", "syslog", "fluentd"];

pub(super) fn configuration(
    container: &str,
    given: &document::LogConfiguration,
    unsupported: &mut Vec<String>,
) -> Result<LogConfiguration, Invalid> {
    if !SERVED.contains(&given.log_driver.as_str()) {
        unsupported.push(format!(
            "containerDefinitions[{container}].logConfiguration.logDriver {}",
            given.log_driver
        ));
    }
    let option = |name: &str| given.options.get(name).filter(|value| !value.is_empty());
    if given.log_driver == "awslogs" {
        let missing: Vec<&str> =
            ["awslogs-region", "awslogs-group"].into_iter().filter(|name| option(name).is_none()).collect();
        if !missing.is_empty() {
            return Err(Invalid::new(format!("Log driver awslogs requires options: {}", missing.join(", "))));
        }
    }
    if let Some(known) = known_options(&given.log_driver) {
        let others: Vec<&str> =
            given.options.keys().map(String::as_str).filter(|key| !known.contains(key)).collect();
        if !others.is_empty() {
            return Err(Invalid::new(format!(
                "Log driver {} disallows options: {}",
                given.log_driver,
                others.join(", ")
            )));
        }
    }
    if given.log_driver == "awslogs" && option("awslogs-create-group").is_some_and(|create| create != "true")
    {
        return Err(Invalid::new(
            "Log driver awslogs option 'awslogs-create-group' should only be set to 'true', else omit option.",
        ));
    }
    match option("mode").map(String::as_str) {
        None | Some("blocking" | "non-blocking") => {}
        Some(other) => {
            return Err(wrong(
                container,
                format_args!("The log option 'mode' must be 'blocking' or 'non-blocking', and is '{other}'."),
            ));
        }
    }
    if option("max-buffer-size").is_some() && option("mode").is_some_and(|mode| mode == "blocking") {
        return Err(wrong(container, "The log option 'max-buffer-size' needs the mode 'non-blocking'."));
    }
    for name in ["max-buffer-size", "max-size"] {
        if let Some(text) = option(name)
            && size(text).is_none()
        {
            return Err(wrong(container, format_args!("The log option '{name}' is no size: '{text}'.")));
        }
    }
    if option("awslogs-multiline-pattern").is_some() && option("awslogs-datetime-format").is_some() {
        return Err(wrong(
            container,
            "The log options 'awslogs-datetime-format' and 'awslogs-multiline-pattern' can't be given together.",
        ));
    }
    let mut secret_options = Vec::with_capacity(given.secret_options.len());
    for secret in &given.secret_options {
        if secret.name.is_empty() || secret.value_from.is_empty() {
            return Err(wrong(container, "A secret option needs a name and a valueFrom."));
        }
        if given.options.contains_key(&secret.name) {
            return Err(wrong(
                container,
                format_args!("The log option '{}' is given twice, once as a secret.", secret.name),
            ));
        }
        secret_options.push((secret.name.clone(), secret.value_from.clone()));
    }
    Ok(LogConfiguration { driver: given.log_driver.clone(), options: given.options.clone(), secret_options })
}

/// What a driver takes, where Gantry runs it.
fn known_options(driver: &str) -> Option<&'static [&'static str]> {
    Some(match driver {
        "awslogs" => &crate::logs::OPTIONS,
        "json-file" => &[
            "compress",
            "env",
            "env-regex",
            "labels",
            "labels-regex",
            "max-buffer-size",
            "max-file",
            "max-size",
            "mode",
            "tag",
        ],
        "syslog" => &[
            "env",
            "env-regex",
            "labels",
            "labels-regex",
            "max-buffer-size",
            "mode",
            "syslog-address",
            "syslog-facility",
            "syslog-format",
            "syslog-tls-ca-cert",
            "syslog-tls-cert",
            "syslog-tls-key",
            "syslog-tls-skip-verify",
            "tag",
        ],
        "fluentd" => &[
            "env",
            "env-regex",
            "fluentd-address",
            "fluentd-async",
            "fluentd-async-connect",
            "fluentd-buffer-limit",
            "fluentd-max-retries",
            "fluentd-request-ack",
            "fluentd-retry-wait",
            "fluentd-sub-second-precision",
            "labels",
            "labels-regex",
            "max-buffer-size",
            "mode",
            "tag",
        ],
        _ => return None,
    })
}

/// A number of bytes, with `k`, `m` or `g` behind it, as Docker reads it.
pub fn size(text: &str) -> Option<u64> {
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_suffix("b").unwrap_or(&lower);
    let (digits, unit) = match lower.as_bytes().last()? {
        b'k' => (&lower[..lower.len() - 1], 1 << 10),
        b'm' => (&lower[..lower.len() - 1], 1 << 20),
        b'g' => (&lower[..lower.len() - 1], 1 << 30),
        _ => (lower, 1),
    };
    digits.trim().parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_as_docker_has_them() {
        for (text, bytes) in
            [("25m", 25 << 20), ("1g", 1 << 30), ("4096", 4096), ("10kb", 10 << 10), ("7b", 7)]
        {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in ["", "m", "-1", "x", "1t"] {
            assert_eq!(size(text), None, "{text}");
        }
    }
}
